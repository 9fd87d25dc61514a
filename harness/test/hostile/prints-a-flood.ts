/**
 * hostile: megabytes on standard output
 * verdict: solved
 * prints: x
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    console.log('x'.repeat(20_000));
    return super.clear();
  }
}
