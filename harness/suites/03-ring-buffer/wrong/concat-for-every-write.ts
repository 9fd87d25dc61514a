/**
 * wrong: concat-for-every-write
 * bug: each write makes a new buffer of all that is stored; right, and slow
 * caught by: ring-allocation
 *
 * Nothing that comes out is wrong. What it costs shows only in what is allocated, and in how that grows.
 */
export class RingBuffer {
  readonly capacity: number;
  readonly overwrites: boolean;
  readPosition: number;
  overwritten = 0;
  closed = false;
  content: Uint8Array = new Uint8Array(0);

  constructor(capacity: number, { overflow, start = 0 }: { overflow?: string; start?: number } = {}) {
    this.capacity = whole(capacity, 1);
    this.readPosition = whole(start, 0);
    this.overwrites = overflow === 'overwrite';
  }

  get length(): number {
    return this.content.length;
  }

  get free(): number {
    return this.capacity - this.length;
  }

  get writePosition(): number {
    return this.readPosition + this.length;
  }

  get ended(): boolean {
    return this.closed && this.length === 0;
  }

  write(source: Uint8Array): number {
    if (this.closed) throw Object.assign(new Error('closed'), { code: 'EPIPE' });
    const accepted = this.overwrites ? source.length : Math.min(source.length, this.free);
    const part = source.subarray(0, accepted);
    this.content = Buffer.concat([this.content, part]);
    this.overwritten += this.skip(Math.max(0, this.length - this.capacity));
    return accepted;
  }

  read(max = this.length): Uint8Array {
    const out = this.peek(max);
    this.skip(out.length);
    return out;
  }

  readInto(target: Uint8Array): number {
    const out = this.read(target.length);
    target.set(out);
    return out.length;
  }

  peek(max = this.length): Uint8Array {
    return Uint8Array.prototype.slice.call(this.content, 0, whole(max, 0));
  }

  skip(count: number): number {
    const skipped = Math.min(whole(count, 0), this.length);
    this.content = this.content.subarray(skipped);
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
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${value}`);
  return value;
}
