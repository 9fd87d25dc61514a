/**
 * hostile: process.reallyExit in a method
 * verdict: crashed
 * says: exited with code 0
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    (process as any).reallyExit(0);
    return 0;
  }
}
