/**
 * hostile: endless recursion
 * verdict: failed
 * says: RangeError
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    return this.clear(); // HERE
  }
}
