/**
 * A second correct design: no ring at all, but a list of segments with a budget of bytes.
 *
 * This is closer to what Linux does: a socket's receive queue is a list of packet buffers, and
 * `capacity` is only a number that their sizes are counted against.
 */
interface Options {
  overflow?: 'reject' | 'overwrite';
  start?: number;
}

export class RingBuffer {
  readonly capacity: number;
  readonly overflow: string;
  length = 0;
  readPosition: number;
  overwritten = 0;
  closed = false;
  #segments: Uint8Array[] = [];

  constructor(capacity: number, { overflow = 'reject', start = 0 }: Options = {}) {
    this.capacity = whole(capacity, 1);
    this.readPosition = whole(start, 0);
    this.overflow = overflow;
  }

  get free() {
    return this.capacity - this.length;
  }

  get writePosition() {
    return this.readPosition + this.length;
  }

  get ended() {
    return this.closed && this.length === 0;
  }

  write(source: Uint8Array): number {
    if (this.closed) {
      const error: NodeJS.ErrnoException = new Error('the write side is closed');
      error.code = 'EPIPE';
      throw error;
    }
    const accepted = this.overflow === 'overwrite' ? source.length : Math.min(this.free, source.length);
    if (accepted === 0) return 0;
    this.#segments.push(Uint8Array.prototype.slice.call(source, 0, accepted));
    this.length += accepted;
    if (this.length > this.capacity) this.overwritten += this.skip(this.length - this.capacity);
    return accepted;
  }

  read(max?: number): Uint8Array {
    const out = this.peek(max);
    this.skip(out.length);
    return out;
  }

  readInto(target: Uint8Array): number {
    const count = Math.min(target.length, this.length);
    this.#gather(target.subarray(0, count));
    return this.skip(count);
  }

  peek(max: number = this.length): Uint8Array {
    const out = new Uint8Array(Math.min(whole(max, 0), this.length));
    this.#gather(out);
    return out;
  }

  skip(count: number): number {
    const skipped = Math.min(whole(count, 0), this.length);
    let [gone, left] = [0, skipped];
    for (const segment of this.#segments) {
      if (segment.length > left) break;
      left -= segment.length;
      gone += 1;
    }
    this.#segments.splice(0, gone);
    if (left > 0) this.#segments[0] = (this.#segments[0] as Uint8Array).subarray(left);
    this.length -= skipped;
    this.readPosition += skipped;
    return skipped;
  }

  clear(): number {
    return this.skip(this.length);
  }

  close(): void {
    this.closed = true;
  }

  #gather(out: Uint8Array): void {
    let at = 0;
    for (const segment of this.#segments) {
      if (at === out.length) return;
      out.set(segment.subarray(0, out.length - at), at);
      at += Math.min(segment.length, out.length - at);
    }
  }
}

function whole(value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${value} is no whole number ≥ ${least}`);
  return value;
}
