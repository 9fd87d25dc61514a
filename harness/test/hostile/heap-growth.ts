/**
 * hostile: a list that grows until the heap is full
 * verdict: crashed
 * says: out of memory
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    const all: unknown[] = [];
    for (;;) all.push({ a: [1, 2, 3] });
  }
}
