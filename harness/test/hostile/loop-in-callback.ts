/**
 * hostile: an endless loop in a callback that runs later
 * verdict: timed-out
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    super.close();
    setTimeout(() => {
      while (true) {} // HERE
    });
  }
}
