/**
 * 03 ring-buffer: a byte queue in one fixed piece of memory.
 *
 * It stands between somebody who writes (the network) and somebody who reads (the application), each
 * at their own speed. Bytes come out in the order in which they went in, and memory never grows: a
 * writer that is too fast is told so by `write`, which accepts only what fits.
 *
 * The rule for memory: the ring and its callers never share any. `write` copies, so the caller may
 * reuse its source at once; what `read` and `peek` return belongs to the caller and never changes
 * afterwards, whatever happens to the ring.
 *
 * The statement, with pictures, is README.md next to this file.
 */
import { NotImplemented } from 'wirekata';

/** What `write` does with bytes that do not fit. */
export type Overflow = 'reject' | 'overwrite';

export interface RingBufferOptions {
  /**
   * `'reject'` (the default): bytes that do not fit are not accepted.
   * `'overwrite'`: every byte is accepted, at the expense of the oldest ones.
   */
  overflow?: Overflow;
  /**
   * Position of the first byte in its stream; 0 if absent. A TCP stream begins at a number of the
   * sender's choice (RFC 9293 §3.4.1), and a resumed download in the middle of a file.
   */
  start?: number;
}

export class RingBuffer {
  /**
   * @param capacity how many bytes the ring can hold: any whole number ≥ 1, not only powers of two.
   * @throws RangeError if `capacity` is not such a number, or `options.start` is not a whole number
   *   from 0 to 2^53 − 1.
   */
  constructor(capacity: number, options: RingBufferOptions = {}) {
    throw new NotImplemented('new RingBuffer');
  }

  /** How many bytes the ring can hold, all of which are usable. */
  get capacity(): number {
    throw new NotImplemented('RingBuffer.capacity');
  }

  /** How many bytes can be read now: 0 ≤ length ≤ capacity. */
  get length(): number {
    throw new NotImplemented('RingBuffer.length');
  }

  /**
   * How many bytes fit in now, always `capacity − length`. A TCP receiver tells this number to its
   * peer: it is the window (RFC 9293 §3.8.6).
   */
  get free(): number {
    throw new NotImplemented('RingBuffer.free');
  }

  /**
   * Position in the stream of the next byte to be read: `start` plus all bytes read, skipped, cleared
   * or overwritten so far. Exact for as long as it is below 2^53.
   */
  get readPosition(): number {
    throw new NotImplemented('RingBuffer.readPosition');
  }

  /** Position in the stream of the next byte to be written: `start` plus all bytes accepted so far. */
  get writePosition(): number {
    throw new NotImplemented('RingBuffer.writePosition');
  }

  /** How many accepted bytes were overwritten before anybody read them. 0 for ever unless `'overwrite'`. */
  get overwritten(): number {
    throw new NotImplemented('RingBuffer.overwritten');
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    throw new NotImplemented('RingBuffer.closed');
  }

  /** End of stream: closed, and nothing left to read. An empty ring that is still open has not ended. */
  get ended(): boolean {
    throw new NotImplemented('RingBuffer.ended');
  }

  /**
   * Appends a copy of `source`, or of as much of its beginning as fits.
   *
   * With `overflow: 'overwrite'` all of `source` is accepted; the oldest bytes make room, and of a
   * source longer than the ring only its last `capacity` bytes remain.
   *
   * @returns how many bytes were accepted, like write(2).
   * @throws Error with `code: 'EPIPE'` after `close`, like send(2) after shutdown(2).
   */
  write(source: Uint8Array): number {
    throw new NotImplemented('RingBuffer.write');
  }

  /**
   * Removes the oldest bytes and returns them.
   *
   * @param max at most so many: a whole number ≥ 0. All there are if absent.
   * @returns `min(max, length)` bytes in memory of their own; none if the ring is empty.
   * @throws RangeError if `max` is no such number.
   */
  read(max?: number): Uint8Array {
    throw new NotImplemented('RingBuffer.read');
  }

  /**
   * Like `read(target.length)`, but into the caller's memory, from `target[0]` on. No bytes are
   * allocated; what lies behind the last byte read is left as it was.
   *
   * @returns how many bytes were read: `min(target.length, length)`.
   */
  readInto(target: Uint8Array): number {
    throw new NotImplemented('RingBuffer.readInto');
  }

  /** Like `read`, but the bytes stay in the ring: recv(2) with MSG_PEEK. */
  peek(max?: number): Uint8Array {
    throw new NotImplemented('RingBuffer.peek');
  }

  /**
   * Removes the oldest bytes without looking at them.
   *
   * @param count at most so many: a whole number ≥ 0.
   * @returns how many bytes were removed: `min(count, length)`.
   * @throws RangeError if `count` is no such number.
   */
  skip(count: number): number {
    throw new NotImplemented('RingBuffer.skip');
  }

  /**
   * Removes all bytes. The stream goes on where it is: the next byte written has the position it
   * would have had anyway, and a closed ring stays closed.
   *
   * @returns how many bytes were removed.
   */
  clear(): number {
    throw new NotImplemented('RingBuffer.clear');
  }

  /** Says that no more bytes will be written. What is buffered can still be read. Again: no effect. */
  close(): void {
    throw new NotImplemented('RingBuffer.close');
  }
}
