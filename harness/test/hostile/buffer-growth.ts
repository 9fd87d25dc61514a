/**
 * hostile: Buffers, which the heap limit does not bound
 * verdict: crashed
 * says: out of memory
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    const all: Buffer[] = [];
    for (;;) all.push(Buffer.alloc(1 << 20, 1));
  }
}
