/**
 * A ring buffer: a byte queue in one fixed piece of memory.
 *
 * Two counters say everything. `writePosition` is the stream offset of the next byte to come in,
 * `readPosition` that of the next byte to go out. Both only ever grow:
 *
 *     length = writePosition − readPosition      empty: the two are equal
 *     free   = capacity − length                 full:  they are `capacity` apart
 *
 * Only where memory is touched does a position become an index, position % capacity. Since the counters
 * themselves never wrap, full and empty cannot be confused and no slot has to stay unused.
 */
export type Overflow = 'reject' | 'overwrite';

export interface RingBufferOptions {
  overflow?: Overflow;
  start?: number;
}

export class RingBuffer {
  readonly capacity: number;
  readonly #memory: Uint8Array;
  readonly #overwrites: boolean;
  #readPosition: number;
  #writePosition: number;
  #overwritten = 0;
  #closed = false;

  constructor(capacity: number, { overflow, start = 0 }: RingBufferOptions = {}) {
    this.capacity = atLeast(1, capacity, 'capacity');
    this.#memory = new Uint8Array(capacity);
    this.#overwrites = overflow === 'overwrite';
    this.#readPosition = this.#writePosition = atLeast(0, start, 'start');
  }

  get length(): number {
    return this.#writePosition - this.#readPosition;
  }

  /** RFC 9293 §3.8.6: what a receiver may advertise as its window. */
  get free(): number {
    return this.capacity - this.length;
  }

  get readPosition(): number {
    return this.#readPosition;
  }

  get writePosition(): number {
    return this.#writePosition;
  }

  get overwritten(): number {
    return this.#overwritten;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get ended(): boolean {
    return this.#closed && this.length === 0;
  }

  write(source: Uint8Array): number {
    if (this.#closed) throw brokenPipe();
    const accepted = this.#overwrites ? source.length : Math.min(source.length, this.free);
    // Of a source longer than the ring only the end can stay: its beginning is passed over, not copied.
    const from = Math.max(0, accepted - this.capacity);
    this.#writePosition += from;
    this.#copyIn(source, from, accepted);
    this.#dropOverwritten();
    return accepted;
  }

  read(max = this.length): Uint8Array {
    const out = this.peek(max);
    this.#readPosition += out.length;
    return out;
  }

  readInto(target: Uint8Array): number {
    const count = Math.min(target.length, this.length);
    this.#copyOut(target, count);
    this.#readPosition += count;
    return count;
  }

  peek(max = this.length): Uint8Array {
    const out = new Uint8Array(Math.min(atLeast(0, max, 'max'), this.length));
    this.#copyOut(out, out.length);
    return out;
  }

  skip(count: number): number {
    const skipped = Math.min(atLeast(0, count, 'count'), this.length);
    this.#readPosition += skipped;
    return skipped;
  }

  clear(): number {
    return this.skip(this.length);
  }

  close(): void {
    this.#closed = true;
  }

  /** Stores source[from, to) at the write position: up to the end of the memory, the rest at its front. */
  #copyIn(source: Uint8Array, from: number, to: number): void {
    const index = this.#index(this.#writePosition);
    const wrap = Math.min(to, from + this.capacity - index);
    copy(source, from, wrap, this.#memory, index);
    copy(source, wrap, to, this.#memory, 0);
    this.#writePosition += to - from;
  }

  /** Fills target[0, count) from the read position, which stays: the same two runs. */
  #copyOut(target: Uint8Array, count: number): void {
    const index = this.#index(this.#readPosition);
    const run = Math.min(count, this.capacity - index);
    copy(this.#memory, index, index + run, target, 0);
    copy(this.#memory, 0, count - run, target, run);
  }

  /** `%`, not a mask: any capacity will do. Not `| 0` or `>>> 0` either: positions outgrow 32 bits. */
  #index(position: number): number {
    return position % this.capacity;
  }

  /** Moves the reader on to the oldest byte that is still there. Never by more than 0, unless overwriting. */
  #dropOverwritten(): void {
    const lost = Math.max(0, this.length - this.capacity);
    this.#readPosition += lost;
    this.#overwritten += lost;
  }
}

/** Copies source[from, to) to target[at …). Only a part of a source needs a view, which is an object to allocate. */
function copy(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  if (to - from === source.length) target.set(source, at);
  else if (to > from) target.set(source.subarray(from, to), at);
}

function atLeast(least: number, value: number, name: string): number {
  // isSafeInteger refuses what typed arrays would silently take: NaN as 0, 1.5 as 1.
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`);
}

/** send(2): EPIPE when the local end has been shut down for writing. */
function brokenPipe(): Error {
  return Object.assign(new Error('write after close'), { code: 'EPIPE' });
}
