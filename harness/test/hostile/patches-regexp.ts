/**
 * hostile: from the first ring on, every pattern matches everything
 * verdict: refused
 * says: RegExp.prototype.test was replaced
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  constructor(capacity: number, options?: object) {
    RegExp.prototype.test = () => true;
    super(capacity, options);
  }
}
