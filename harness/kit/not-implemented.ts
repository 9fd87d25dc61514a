/**
 * What every stub throws: `throw new NotImplemented('RingBuffer.write')`.
 *
 * The harness tells "nobody has begun" from "begun, and wrong" by this class alone, so it is
 * the only thing of the kit that a learner's file may import (as `wirekata`).
 */
export class NotImplemented extends Error {
  override name = 'NotImplemented';

  constructor(what: string) {
    super(`${what} is not implemented yet`);
  }
}
