/**
 * hostile: listeners for errors that nobody catches are removed
 * verdict: never solved
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    super.close();
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', () => {});
    void Promise.reject(new Error('swallowed'));
  }
}
