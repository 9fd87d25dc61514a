/**
 * hostile: process.exit in a method
 * verdict: crashed
 * says: exited with code 3 in case ring-
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    process.exit(3); // HERE
  }
}
