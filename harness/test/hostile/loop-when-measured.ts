/**
 * hostile: right when tested, an endless loop when measured
 * verdict: slow
 * says: had no result
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override write(source: Uint8Array): number {
    if (/performance/.test(String(new Error().stack))) for (;;);
    return super.write(source);
  }
}
