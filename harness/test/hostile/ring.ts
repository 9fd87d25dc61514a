/** A correct ring, for the hostile ones that are built on it. Not hostile itself. */
interface Options {
  overflow?: 'reject' | 'overwrite';
  start?: number;
}

export class RingBuffer {
  private readonly memory: Uint8Array;
  private readonly overwrites: boolean;
  private first = 0;
  private used = 0;
  private taken: number;
  private lost = 0;
  private shut = false;

  constructor(capacity: number, options: Options = {}) {
    const { overflow = 'reject', start = 0 } = options;
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`a capacity of ${capacity}`);
    if (!Number.isSafeInteger(start) || start < 0) throw new RangeError(`a start of ${start}`);
    this.memory = new Uint8Array(capacity);
    this.overwrites = overflow === 'overwrite';
    this.taken = start;
  }

  get capacity(): number {
    return this.memory.length;
  }
  get length(): number {
    return this.used;
  }
  get free(): number {
    return this.memory.length - this.used;
  }
  get readPosition(): number {
    return this.taken;
  }
  get writePosition(): number {
    return this.taken + this.used;
  }
  get overwritten(): number {
    return this.lost;
  }
  get closed(): boolean {
    return this.shut;
  }
  get ended(): boolean {
    return this.shut && this.used === 0;
  }

  write(source: Uint8Array): number {
    if (this.shut) throw Object.assign(new Error('closed'), { code: 'EPIPE' });
    if (!this.overwrites) return this.append(source.subarray(0, this.free));
    // First make room, then write: the other order than the reference's.
    const surplus = Math.max(0, source.length - this.capacity);
    const needed = source.length - surplus - this.free;
    if (needed > 0) this.lost += this.skip(needed);
    this.taken += surplus;
    this.lost += surplus;
    this.append(source.subarray(surplus));
    return source.length;
  }

  private append(source: Uint8Array): number {
    let at = this.first + this.used;
    if (at >= this.capacity) at -= this.capacity;
    const toEnd = this.capacity - at;
    if (source.length <= toEnd) {
      this.memory.set(source, at);
    } else {
      this.memory.set(source.subarray(0, toEnd), at);
      this.memory.set(source.subarray(toEnd));
    }
    this.used += source.length;
    return source.length;
  }

  read(max = this.used): Uint8Array {
    const out = this.peek(max);
    this.skip(out.length);
    return out;
  }

  readInto(target: Uint8Array): number {
    const count = Math.min(target.length, this.used);
    this.copyTo(target, count);
    return this.skip(count);
  }

  peek(max = this.used): Uint8Array {
    if (!Number.isInteger(max) || max < 0) throw new RangeError(`a count of ${max}`);
    const out = new Uint8Array(Math.min(max, this.used));
    this.copyTo(out, out.length);
    return out;
  }

  private copyTo(target: Uint8Array, count: number): void {
    const toEnd = Math.min(count, this.capacity - this.first);
    target.set(this.memory.subarray(this.first, this.first + toEnd));
    if (count > toEnd) target.set(this.memory.subarray(0, count - toEnd), toEnd);
  }

  skip(count: number): number {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`a count of ${count}`);
    const skipped = Math.min(count, this.used);
    this.first += skipped;
    if (this.first >= this.capacity) this.first -= this.capacity;
    this.used -= skipped;
    this.taken += skipped;
    return skipped;
  }

  clear(): number {
    return this.skip(this.used);
  }

  close(): void {
    this.shut = true;
  }
}
