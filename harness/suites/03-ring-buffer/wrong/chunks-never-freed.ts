/**
 * wrong: chunks-never-freed
 * bug: chunks that were read stay in the list: only an index moves over them
 * caught by: ring-memory-steady
 *
 * shift() was slow, so the list got a head index. Nobody ever cut the list behind it.
 */
export class RingBuffer {
  readonly capacity: number;
  readonly overwrites: boolean;
  readPosition: number;
  overwritten = 0;
  closed = false;
  length = 0;
  readonly chunks: Uint8Array[] = [];
  /** The first chunk not read to its end, and how far it was read. */
  first = 0;
  offset = 0;

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
    const accepted = this.overwrites ? source.length : Math.min(source.length, this.free);
    if (accepted > 0) this.chunks.push(Uint8Array.prototype.slice.call(source, 0, accepted));
    this.length += accepted;
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
    const out = new Uint8Array(Math.min(whole(max, 0), this.length));
    let [chunk, offset] = [this.first, this.offset];
    for (let at = 0; at < out.length; chunk++, offset = 0) {
      const part = (this.chunks[chunk] as Uint8Array).subarray(offset, offset + out.length - at);
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  skip(count: number): number {
    const skipped = Math.min(whole(count, 0), this.length);
    this.offset += skipped;
    for (let size = this.chunks[this.first]?.length ?? 0; size > 0 && this.offset >= size; ) {
      this.offset -= size;
      this.first += 1;
      size = this.chunks[this.first]?.length ?? 0;
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
