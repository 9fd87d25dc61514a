/**
 * hostile: process.exit(0) when nearly all has passed
 * verdict: crashed
 * says: exited with code 0
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override close(): void {
    process.exit(0); // HERE
  }
}
