/**
 * A second correct design: memory of twice the capacity, in which every byte stands twice.
 *
 * Index i and index i + capacity always hold the same byte, so whatever is in the ring lies somewhere
 * in one piece: reads never wrap. Writes pay for it. (Kernels get the same by mapping a page twice.)
 */
interface Options {
  overflow?: 'reject' | 'overwrite';
  start?: number;
}

export class RingBuffer {
  #twice: Uint8Array;
  #overwrites: boolean;
  #readPosition: number;
  #writePosition: number;
  #overwritten = 0;
  #closed = false;

  constructor(capacity: number, { overflow = 'reject', start = 0 }: Options = {}) {
    if (!(Number.isInteger(capacity) && capacity > 0)) throw new RangeError('capacity');
    if (!(Number.isSafeInteger(start) && start >= 0)) throw new RangeError('start');
    this.#twice = new Uint8Array(2 * capacity);
    this.#overwrites = overflow === 'overwrite';
    this.#readPosition = start;
    this.#writePosition = start;
  }

  get capacity() {
    return this.#twice.length / 2;
  }
  get length() {
    return this.#writePosition - this.#readPosition;
  }
  get free() {
    return this.capacity - this.length;
  }
  get readPosition() {
    return this.#readPosition;
  }
  get writePosition() {
    return this.#writePosition;
  }
  get overwritten() {
    return this.#overwritten;
  }
  get closed() {
    return this.#closed;
  }
  get ended() {
    return this.#closed && this.length === 0;
  }

  write(source: Uint8Array): number {
    if (this.#closed) throw Object.assign(new Error('EPIPE: the ring is closed'), { code: 'EPIPE' });
    const kept = this.#overwrites ? source.subarray(-this.capacity) : source.subarray(0, this.free);
    const accepted = this.#overwrites ? source.length : kept.length;
    this.#writePosition += accepted - kept.length;
    const at = this.#writePosition % this.capacity;
    this.#twice.set(kept, at);
    const beyond = at + kept.length - this.capacity;
    // What went into the second half belongs at the front of the first; the rest goes into the second as well.
    if (beyond > 0) this.#twice.copyWithin(0, this.capacity, this.capacity + beyond);
    this.#twice.copyWithin(this.capacity + at, at, Math.min(at + kept.length, this.capacity));
    this.#writePosition += kept.length;
    const lost = Math.max(0, this.length - this.capacity);
    this.#overwritten += lost;
    this.#readPosition += lost;
    return accepted;
  }

  read(max?: number): Uint8Array {
    const out = this.peek(max);
    this.#readPosition += out.length;
    return out;
  }

  readInto(target: Uint8Array): number {
    const piece = this.#piece(target.length);
    target.set(piece);
    this.#readPosition += piece.length;
    return piece.length;
  }

  peek(max = this.length): Uint8Array {
    return this.#piece(check(max)).slice();
  }

  skip(count: number): number {
    const skipped = Math.min(check(count), this.length);
    this.#readPosition += skipped;
    return skipped;
  }

  clear(): number {
    return this.skip(this.length);
  }

  close(): void {
    this.#closed = true;
  }

  #piece(max: number): Uint8Array {
    const at = this.#readPosition % this.capacity;
    return this.#twice.subarray(at, at + Math.min(max, this.length));
  }
}

function check(count: number): number {
  if (Number.isInteger(count) && count >= 0) return count;
  throw new RangeError(`not a count: ${count}`);
}
