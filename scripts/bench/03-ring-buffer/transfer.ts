/**
 * A stream through a byte queue of bounded size: segments of 1,500 bytes go in while there is room, 128 bytes at a
 * time come out while there is none. Loaded once for each peer (`transfer.ts?NAME`), so that the calls in the loop are
 * compiled for that peer alone.
 */
export interface ByteQueue {
  /** How many bytes may come in. */
  free(): number;
  write(segment: Buffer): void;
  /** Moves up to `target.length` bytes into `target`; returns how many. */
  readInto(target: Buffer): number;
}

export const CAPACITY = 32_768;
export const WRITE = 1_500;
export const READ = 128;
export const SEGMENTS = 140;

/** A checksum of what came out: one byte of each read, at a place that differs from read to read. */
export function transfer(queue: ByteQueue, segment: Buffer): number {
  const target = Buffer.alloc(READ);
  let sum = 0;
  let sent = 0;
  for (;;) {
    if (sent < SEGMENTS && queue.free() >= WRITE) {
      queue.write(segment);
      sent += 1;
      continue;
    }
    const length = queue.readInto(target);
    if (length === 0) return sum;
    sum = (Math.imul(sum, 31) + target[sum % READ]! + length) >>> 0;
  }
}
