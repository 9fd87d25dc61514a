/**
 * hostile: results kept in a global, for the copy beside it
 * verdict: never solved
 */
import { RingBuffer as Ring } from './ring.ts';

const shared = ((globalThis as any).shared ??= new Map<number, Uint8Array>());

export class RingBuffer extends Ring {
  override read(max?: number): Uint8Array {
    const known = shared.get(this.readPosition);
    if (known) return known;
    const out = super.read(max);
    shared.set(this.readPosition, out);
    return out;
  }
}
