/**
 * hostile: a rejection that nobody handles
 * verdict: failed
 * says: nobody cares
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    super.close();
    void Promise.reject(new Error('nobody cares')); // HERE
  }
}
