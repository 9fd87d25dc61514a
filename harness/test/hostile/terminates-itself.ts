/**
 * hostile: SIGTERM to itself
 * verdict: crashed
 * says: SIGTERM
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    process.kill(process.pid, 'SIGTERM');
    return super.clear();
  }
}
