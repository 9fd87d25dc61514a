/** What is measured of a frame codec: memory, growth, and time per frame. */
import { encodeFrame, FrameDecoder, type FrameEvent } from '#subject/13-h2-frames/h2-frames.ts';
import { bytesAllocated, count, growth, ratio } from '../../kit/performance.ts';
import type { Random } from '../../kit/random.ts';

const SMALL = 8;
const FRAMES = 2_000;
const DATA = 0;
const PING = 6;

/** So many frames in one chunk, their payloads and streams at random. */
function chunkOf(type: number, frames: number, size: number, random: Random): Buffer {
  const chunk = Buffer.alloc(frames * (9 + size));
  const payload = random.bytes(size);
  for (let at = 0; at < chunk.length; at += 9 + size) {
    chunk.writeUIntBE(size, at, 3);
    chunk[at + 3] = type;
    if (type === DATA) chunk.writeUInt32BE(random.int(1, 0x7fff_ffff), at + 5);
    chunk.set(payload, at + 9);
    if (size > 0) chunk[at + 9] = random.int(0, 255);
  }
  return chunk;
}

interface Small {
  streamId: number;
  endStream: boolean;
  data: Uint8Array;
}

/** Every frame has its part in it, and it costs next to nothing. */
function digest(frames: readonly unknown[]): number[] {
  let streams = 0;
  let octets = 0;
  for (const frame of frames as Small[]) {
    streams = (streams + frame.streamId) % 1_000_003;
    octets += frame.data.length + frame.data[0]! + (frame.endStream ? 1 : 0);
  }
  return [frames.length, streams, octets];
}

/**
 * The obvious decoder: `readUIntBE` for every field, `slice` for every payload and for what is left. It keeps no limit
 * and checks nothing, and its payloads are views of the chunk.
 */
function sliceDecode(chunk: Buffer): unknown[] {
  const frames: unknown[] = [];
  let rest = chunk;
  while (rest.length >= 9) {
    const length = rest.readUIntBE(0, 3);
    if (rest.length < 9 + length) break;
    const type = rest.readUIntBE(3, 1);
    const flags = rest.readUIntBE(4, 1);
    const streamId = rest.readUIntBE(5, 4) & 0x7fff_ffff;
    const payload = rest.slice(9, 9 + length);
    if (type === DATA) frames.push({ type: 'DATA', streamId, endStream: (flags & 1) !== 0, data: payload });
    rest = rest.slice(9 + length);
  }
  return frames;
}

/** One octet in each push. */
function drip(octets: Buffer): () => FrameEvent[] {
  const decoder = new FrameDecoder({ maxFrameSize: 2 ** 20 });
  return () => {
    let last: FrameEvent[] = [];
    for (let at = 0; at < octets.length; at++) last = decoder.push(octets.subarray(at, at + 1));
    return last;
  };
}

export default [
  count({
    id: 'frame-memory-kept',
    title: 'memory that one PING keeps alive out of a chunk of 64 KiB',
    unit: 'bytes',
    measure: (random) => {
      const chunk = chunkOf(PING, Math.floor(65_536 / 17), 8, random);
      const [ping] = new FrameDecoder().push(chunk);
      return ping?.type === 'PING' ? ping.opaqueData.buffer.byteLength : Number.POSITIVE_INFINITY;
    },
  }),
  count({
    id: 'frame-allocation',
    title: 'bytes allocated per frame of 8 octets',
    unit: 'bytes',
    measure: (random) => {
      const chunk = chunkOf(DATA, 100, SMALL, random);
      const decoder = new FrameDecoder();
      return bytesAllocated(() => decoder.push(chunk)) / 100;
    },
  }),
  growth({
    id: 'frame-drip-growth',
    title: 'one frame of n octets, an octet at a time',
    n: 8_192,
    prepare: (n, random) => drip(chunkOf(DATA, 1, n, random)),
  }),
  growth({
    id: 'frame-chunk-growth',
    title: 'n frames in one chunk, ten times',
    n: 500,
    prepare: (n, random) => {
      const chunk = chunkOf(DATA, n, SMALL, random);
      return () => {
        const decoder = new FrameDecoder();
        for (let i = 0; i < 10; i++) decoder.push(chunk);
      };
    },
  }),
  ratio<Buffer>({
    id: 'frame-decode-small',
    title: 'frames of 8 octets, against readUIntBE and slice',
    rate: { perCall: FRAMES / 1e6, unit: 'M frames/s' },
    prepare: (random) => chunkOf(DATA, FRAMES, SMALL, random),
    work: (chunk) => digest(new FrameDecoder().push(chunk)),
    baseline: (chunk) => digest(sliceDecode(chunk)),
  }),
  ratio<Buffer>({
    id: 'frame-decode-large',
    title: 'DATA of 16,384 octets in chunks of 64 KiB',
    rate: { perCall: (64 * 16_384 * 8) / 1e9, unit: 'Gbit/s' },
    prepare: (random) => chunkOf(DATA, 64, 16_384, random),
    work: (octets) => {
      const decoder = new FrameDecoder();
      const sums = [0, 0, 0];
      for (let at = 0; at < octets.length; at += 65_536) {
        const part = digest(decoder.push(octets.subarray(at, at + 65_536)));
        part.forEach((value, i) => {
          sums[i]! += value;
        });
      }
      return sums;
    },
  }),
  ratio<Uint8Array[]>({
    id: 'frame-encode-small',
    title: 'writing DATA of 8 octets',
    rate: { perCall: FRAMES / 1e6, unit: 'M frames/s' },
    prepare: (random) => Array.from({ length: FRAMES }, () => Uint8Array.from(random.bytes(SMALL))),
    work: (payloads) => {
      let sum = 0;
      for (const data of payloads) {
        const octets = encodeFrame({ type: 'DATA', streamId: 1 + (sum & 0xff), endStream: false, data });
        sum += octets.length + octets[8]! + octets[9]!;
      }
      return sum;
    },
  }),
];
