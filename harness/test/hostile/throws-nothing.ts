/**
 * hostile: null is thrown
 * verdict: failed
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    throw null;
  }
}
