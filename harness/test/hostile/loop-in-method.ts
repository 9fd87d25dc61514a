/**
 * hostile: an endless loop in a hot method, for one input
 * verdict: timed-out
 * says: in case ring-
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override write(source: Uint8Array): number {
    while (source.length === 0) {} // HERE
    return super.write(source);
  }
}
