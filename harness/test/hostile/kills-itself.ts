/**
 * hostile: SIGKILL to itself
 * verdict: crashed
 * says: SIGKILL
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    process.kill(process.pid, 'SIGKILL');
    return 0;
  }
}
