/**
 * A second correct design: no ring at all, but a list of pages with a budget of bytes, as in a Linux pipe.
 *
 * Writes fill the last page, reads empty the first, and a page that is empty is kept for the next write.
 * `capacity` is only a number that the bytes are counted against.
 */
const PAGE = 4_096;

interface Options {
  overflow?: 'reject' | 'overwrite';
  start?: number;
}

interface Page {
  bytes: Uint8Array;
  from: number;
  to: number;
}

export class RingBuffer {
  readonly capacity: number;
  length = 0;
  readPosition: number;
  overwritten = 0;
  closed = false;
  readonly #overwrites: boolean;
  readonly #pages: Page[] = [];
  readonly #spare: Page[] = [];

  constructor(capacity: number, { overflow = 'reject', start = 0 }: Options = {}) {
    this.capacity = whole(capacity, 1);
    this.readPosition = whole(start, 0);
    this.#overwrites = overflow === 'overwrite';
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
    const accepted = this.#overwrites ? source.length : Math.min(this.free, source.length);
    for (let at = 0; at < accepted; ) at += this.#append(source, at, accepted);
    return accepted;
  }

  /** As much of source[from, to) as the last page takes. Overwriting drops the oldest bytes as it goes. */
  #append(source: Uint8Array, from: number, to: number): number {
    let page = this.#pages.at(-1);
    if (page === undefined || page.to === PAGE) {
      page = this.#spare.pop() ?? { bytes: new Uint8Array(PAGE), from: 0, to: 0 };
      page.from = page.to = 0;
      this.#pages.push(page);
    }
    const count = Math.min(to - from, PAGE - page.to);
    page.bytes.set(source.subarray(from, from + count), page.to);
    page.to += count;
    this.length += count;
    if (this.length > this.capacity) this.overwritten += this.skip(this.length - this.capacity);
    return count;
  }

  read(max?: number): Uint8Array {
    const out = this.peek(max);
    this.skip(out.length);
    return out;
  }

  readInto(target: Uint8Array): number {
    const count = Math.min(target.length, this.length);
    this.#gather(target, count);
    return this.skip(count);
  }

  peek(max: number = this.length): Uint8Array {
    const out = new Uint8Array(Math.min(whole(max, 0), this.length));
    this.#gather(out, out.length);
    return out;
  }

  #gather(out: Uint8Array, count: number): void {
    for (let at = 0, i = 0; at < count; i++) {
      const { bytes, from, to } = this.#pages[i] as Page;
      const part = bytes.subarray(from, Math.min(to, from + count - at));
      out.set(part, at);
      at += part.length;
    }
  }

  skip(count: number): number {
    const skipped = Math.min(whole(count, 0), this.length);
    for (let left = skipped; left > 0; ) {
      const page = this.#pages[0] as Page;
      const part = Math.min(left, page.to - page.from);
      page.from += part;
      left -= part;
      if (page.from === PAGE) this.#spare.push(this.#pages.shift() as Page);
    }
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
}

function whole(value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${value} is no whole number ≥ ${least}`);
  return value;
}
