/**
 * hostile: a correct ring that passes everything through an array, a byte at a time
 * verdict: slow
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override readInto(target: Uint8Array): number {
    const bytes: number[] = [];
    while (bytes.length < target.length && this.length > 0) bytes.push(...super.read(1));
    target.set(bytes);
    return bytes.length;
  }
}
