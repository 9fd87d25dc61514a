/**
 * What the ring costs: bytes allocated, growth with what is buffered, and the rate of a stream that comes
 * in segments of 1,500 bytes and is read 128 bytes at a time.
 */
import { RingBuffer } from '#subject/03-ring-buffer/ring-buffer.ts';
import { bytesAllocated, count, growth, ratio } from '../../kit/performance.ts';
import type { Random } from '../../kit/random.ts';

const CAPACITY = 32_768;
const WRITE = 1_500;
const READ = 128;

/** A fifth of a megabyte, so that the memory is gone round several times, in about 0.1 ms. */
const SEGMENTS = 140;

export default [
  count({
    id: 'ring-allocation',
    title: `bytes allocated per call, of writes of ${WRITE} and readInto of ${READ}`,
    unit: 'bytes',
    measure(random) {
      const [ring, source, target] = [new RingBuffer(CAPACITY), random.bytes(WRITE), new Uint8Array(READ)];
      return bytesAllocated(() => (ring.free >= WRITE ? ring.write(source) : ring.readInto(target)));
    },
  }),

  growth({
    id: 'ring-drain-growth',
    title: 'filling a ring of n bytes and draining it, 32 at a time',
    n: 16_384,
    prepare(n, random) {
      const [ring, source, target] = [new RingBuffer(n), random.bytes(32), new Uint8Array(32)];
      return () => {
        for (let round = 0; round < 8; round++) {
          while (ring.write(source) > 0);
          while (ring.readInto(target) > 0);
        }
      };
    },
  }),

  growth({
    id: 'ring-peek-growth',
    title: '1,000 looks at the first 16 bytes, with n bytes buffered',
    n: 16_384,
    prepare(n, random) {
      const ring = new RingBuffer(n);
      const source = random.bytes(256);
      while (ring.write(source) > 0);
      return () => {
        for (let i = 0; i < 1_000; i++) ring.peek(16);
      };
    },
  }),

  ratio({
    id: 'ring-transfer-rate',
    title: `a stream through a ring of ${CAPACITY}, in writes of ${WRITE} and reads of ${READ}`,
    rate: { perCall: (SEGMENTS * WRITE * 8) / 1e9, unit: 'Gbit/s' },
    prepare: (random: Random) => random.bytes(WRITE),
    work: (segment) => transfer(new RingBuffer(CAPACITY), segment),
  }),
];

/** Writes while there is room for a segment, reads while there is none. Returns a checksum of what came out. */
function transfer(ring: RingBuffer, segment: Uint8Array): number {
  const target = new Uint8Array(READ);
  let sum = 0;
  for (let sent = 0; sent < SEGMENTS; ) {
    if (ring.free >= WRITE) {
      ring.write(segment);
      sent += 1;
    } else {
      const length = ring.readInto(target);
      // One byte of each read, at a place that differs from read to read: order matters, and it costs nothing.
      sum = (Math.imul(sum, 31) + (target[sum & (READ - 1)] as number) + length) >>> 0;
    }
  }
  while (ring.readInto(target) > 0) sum = (Math.imul(sum, 31) + (target[sum & (READ - 1)] as number)) >>> 0;
  return sum;
}
