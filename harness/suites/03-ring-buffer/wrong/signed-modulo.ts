/**
 * wrong: signed-modulo
 * bug: the distance of two indexes is taken with %, which is negative in JavaScript once the writer has wrapped
 * caught by: ring-wrap-write
 *
 * In Python this code would be right: there, -2 % 9 is 7. Here it is -2.
 */
export class RingBuffer {
  readonly capacity: number;
  /** One slot more than the capacity, so that full and empty differ. */
  readonly memory: Uint8Array;
  head = 0;
  tail = 0;
  readPosition: number;
  writePosition: number;
  overwritten = 0;
  closed = false;

  constructor(capacity: number, { start = 0 }: { overflow?: string; start?: number } = {}) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError('capacity');
    if (!Number.isSafeInteger(start) || start < 0) throw new RangeError('start');
    this.capacity = capacity;
    this.memory = new Uint8Array(capacity + 1);
    this.readPosition = this.writePosition = start;
  }

  get length(): number {
    return (this.head - this.tail) % this.memory.length;
  }

  get free(): number {
    return this.capacity - this.length;
  }

  get ended(): boolean {
    return this.closed && this.length === 0;
  }

  write(source: Uint8Array): number {
    if (this.closed) throw Object.assign(new Error('closed'), { code: 'EPIPE' });
    const accepted = Math.min(source.length, this.free);
    for (let i = 0; i < accepted; i++) {
      this.memory[this.head] = source[i] as number;
      this.head = (this.head + 1) % this.memory.length;
    }
    this.writePosition += accepted;
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
    if (!Number.isInteger(max) || max < 0) throw new RangeError('max');
    const length = Math.min(max, this.length);
    return Uint8Array.from({ length }, (_, i) => this.memory[(this.tail + i) % this.memory.length] as number);
  }

  skip(count: number): number {
    if (!Number.isInteger(count) || count < 0) throw new RangeError('count');
    const skipped = Math.min(count, this.length);
    this.tail = (this.tail + skipped) % this.memory.length;
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
