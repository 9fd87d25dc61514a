/**
 * hostile: a timer is left running
 * verdict: failed
 * says: timer
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    super.close();
    setInterval(() => {}, 1000); // HERE
  }
}
