/**
 * hostile: microtasks that never let the event loop go on
 * verdict: timed-out
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    const again = (): void => void Promise.resolve().then(again);
    again();
  }
}
