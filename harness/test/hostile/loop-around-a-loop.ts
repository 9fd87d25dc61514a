/**
 * hostile: an endless loop around others that end, one of them in a method, with errors swallowed
 * verdict: timed-out
 * says: in case ring-
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override write(source: Uint8Array): number {
    let sum = 0;
    while (source.length === 0) { // HERE
      try {
        for (let i = 0; i < 10; i++) sum += this.#add(i);
      } catch {}
    }
    return super.write(source);
  }

  #add(to: number): number {
    let sum = 0;
    for (let i = 0; i < to; i++) sum += i;
    return sum;
  }
}
