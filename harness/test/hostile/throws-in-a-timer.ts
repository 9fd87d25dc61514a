/**
 * hostile: an error in a timer, after the case has ended
 * verdict: failed
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    super.close();
    setTimeout(() => {
      throw new Error('late');
    }, 5);
  }
}
