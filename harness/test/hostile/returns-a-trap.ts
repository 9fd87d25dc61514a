/**
 * hostile: a value that throws whatever is done to it
 * verdict: failed
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    const trap = () => { throw new Error('trap'); };
    return new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap }) as never;
  }
}
