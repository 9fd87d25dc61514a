/**
 * hostile: process.abort in a method
 * verdict: crashed
 * says: SIGABRT
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    process.abort();
  }
}
