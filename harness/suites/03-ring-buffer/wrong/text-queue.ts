/**
 * wrong: text-queue
 * bug: bytes are kept as UTF-8 text: what is no valid UTF-8 comes out as U+FFFD
 * caught by: ring-every-byte-value
 *
 * Every test with letters passes.
 */
export class RingBuffer {
  readonly capacity: number;
  readonly overwrites: boolean;
  readPosition: number;
  overwritten = 0;
  closed = false;
  text = '';

  constructor(capacity: number, { overflow, start = 0 }: { overflow?: string; start?: number } = {}) {
    this.capacity = whole(capacity, 1);
    this.readPosition = whole(start, 0);
    this.overwrites = overflow === 'overwrite';
  }

  get length(): number {
    return Buffer.byteLength(this.text);
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
    this.text += Buffer.from(source.subarray(0, accepted)).toString();
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
    return new Uint8Array(Buffer.from(this.text).subarray(0, whole(max, 0)));
  }

  skip(count: number): number {
    const skipped = Math.min(whole(count, 0), this.length);
    this.text = Buffer.from(this.text).subarray(skipped).toString();
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
