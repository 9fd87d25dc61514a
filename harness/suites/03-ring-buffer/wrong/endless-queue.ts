/**
 * wrong: endless-queue
 * bug: the capacity is a number that nothing is measured against: every byte is accepted
 * caught by: ring-socket-sender-stops
 *
 * A list of chunks without a limit is what an application gets that ignores `socket.write() === false`.
 */
export class RingBuffer {
  readonly capacity: number;
  readonly overwrites: boolean;
  readPosition: number;
  overwritten = 0;
  closed = false;
  length = 0;
  readonly chunks: Uint8Array[] = [];

  constructor(capacity: number, { overflow, start = 0 }: { overflow?: string; start?: number } = {}) {
    this.capacity = whole(capacity, 1);
    this.readPosition = whole(start, 0);
    this.overwrites = overflow === 'overwrite';
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
    if (source.length > 0) this.chunks.push(Uint8Array.prototype.slice.call(source));
    this.length += source.length;
    if (this.overwrites) this.overwritten += this.skip(Math.max(0, this.length - this.capacity));
    return source.length;
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
    const out = new Uint8Array(Math.min(whole(max, 0), this.length));
    let at = 0;
    for (const chunk of this.chunks) {
      if (at === out.length) break;
      const part = chunk.subarray(0, out.length - at);
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  skip(count: number): number {
    const skipped = Math.min(whole(count, 0), this.length);
    for (let left = skipped; left > 0; ) {
      const chunk = this.chunks[0] as Uint8Array;
      if (chunk.length > left) this.chunks[0] = chunk.subarray(left);
      else this.chunks.shift();
      left -= Math.min(left, chunk.length);
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
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${value}`);
  return value;
}
