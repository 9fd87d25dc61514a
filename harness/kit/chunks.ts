/**
 * One feeding of a byte stream: an iterable of chunks that can be gone through once.
 *
 * Each chunk is a view into memory that also holds foreign bytes before and after it, as the chunks of a pooled
 * allocator do. With `reuse`, a chunk is overwritten as soon as the next one is asked for.
 */

/** Bytes of nobody's between two chunks. */
const GAP = 3;
/** No protocol here has meaning for it: not ASCII, not the start of a UTF-8 sequence that ends well. */
const FOREIGN = 0xee;
/** What a reader that reuses its buffer leaves in it. */
const OVERWRITTEN = 0xdb;

export class Chunks implements Iterable<Buffer> {
  readonly #arena: Buffer;
  readonly #places: [from: number, to: number][] = [];
  readonly #reuse: boolean;
  #taken = false;

  constructor(input: Uint8Array, cuts: readonly number[], reuse: boolean) {
    this.#reuse = reuse;
    this.#arena = Buffer.alloc(input.length + (cuts.length + 2) * GAP, FOREIGN);
    let from = 0;
    let place = GAP;
    for (let i = 0; i <= cuts.length; i++) {
      const to = cuts[i] ?? input.length;
      this.#arena.set(input.subarray(from, to), place);
      this.#places.push([place, place + to - from]);
      place += to - from + GAP;
      from = to;
    }
  }

  *[Symbol.iterator](): Generator<Buffer> {
    if (this.#taken) throw new Error('the chunks of a replay can be gone through once');
    this.#taken = true;
    for (const [from, to] of this.#places) {
      const chunk = this.#arena.subarray(from, to);
      yield chunk;
      if (this.#reuse) chunk.fill(OVERWRITTEN);
    }
  }

  /** What is left once the outcome is known: a subject that stopped early has not had its last chunk overwritten. */
  wipe(): void {
    if (this.#reuse) this.#arena.fill(OVERWRITTEN);
  }
}
