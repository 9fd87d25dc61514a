/**
 * hostile: a listener on process is left
 * verdict: failed
 * says: listener
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    super.close();
    process.on('SIGUSR2', () => {});
  }
}
