/**
 * hostile: binary bytes and terminal escape sequences on standard output
 * verdict: solved
 * prints: red
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    process.stdout.write('\x1b[2J\x1b[31mred\x07\x00\xff\x1b]0;title\x07');
    return super.clear();
  }
}
