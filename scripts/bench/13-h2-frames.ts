/** The frame codec beside http2@3 (the last HTTP/2 in plain JavaScript on npm) and beside the obvious decoder. */
import type { Transform } from 'node:stream';
import { encodeFrame, FrameDecoder, type FrameEvent } from '../../solutions/13-h2-frames/h2-frames.ts';
import { chunkOf, type digest } from './13-h2-frames/digest.ts';
import { contest, type Work } from './contest.ts';

const LACKS_CHECKS = 'all checks and limits, types other than DATA, memory of its own: payloads are views of the chunk';

function decoding(chunks: number, frames: number, size: number) {
  const all = chunks * frames;
  return contest<Buffer[]>({
    id: `frame-decode-${size}`,
    title: `DATA frames of ${size} octets, in chunks of ${frames * (9 + size)}`,
    rate: size === 8 ? { perCall: all / 1e6, unit: 'M frames/s' } : { perCall: (all * size) / 1e6, unit: 'MB/s' },
    prepare: (random) => Array.from({ length: chunks }, () => chunkOf(frames, size, random.bytes(size))),
    reference: async () => {
      const decoder = new FrameDecoder();
      return summed('reference', (chunk) => decoder.push(chunk), streamId, data);
    },
    // http2 comes last: the reference is then compiled for good, whoever is measured first.
    peers: [
      {
        name: 'readUIntBE + slice',
        lacks: LACKS_CHECKS,
        make: () => summed('slices', sliceDecode, streamId, data),
      },
      {
        name: 'readUIntBE + slice, by offset',
        lacks: LACKS_CHECKS,
        make: () => summed('offsets', offsetDecode, streamId, data),
      },
      {
        name: 'http2',
        package: 'http2',
        lacks: 'field-block order and caps, SETTINGS bounds (but it is a stream, with what that costs)',
        make: async () => {
          const deserializer = new (await framer()).Deserializer(silent, 'SERVER');
          return summed('http2', (chunk) => throughStream(deserializer, chunk), stream, data);
        },
      },
    ],
  });
}

export default [
  decoding(12, 85, 8),
  decoding(12, 19, 64),
  decoding(4, 63, 1_024),
  decoding(4, 4, 16_384),
  contest<Buffer[]>({
    id: 'frame-encode-8',
    title: '1,000 DATA frames of 8 octets, written',
    rate: { perCall: 1_000 / 1e6, unit: 'M frames/s' },
    prepare: (random) => Array.from({ length: 1_000 }, () => random.bytes(8)),
    reference: () => (payloads) => {
      const written = payloads.map((payload) =>
        encodeFrame({ type: 'DATA', streamId: 1, endStream: false, data: payload }),
      );
      return sumOf(written);
    },
    peers: [
      {
        name: 'http2',
        package: 'http2',
        lacks: 'padding, one piece per frame: header and payload come out apart (and it is a stream)',
        make: async () => {
          const serializer = new (await framer()).Serializer(silent);
          return (payloads) => {
            const written: Buffer[] = [];
            for (const payload of payloads) {
              serializer.write({ type: 'DATA', flags: {}, stream: 1, data: payload });
              for (let part = serializer.read(); part !== null; part = serializer.read()) written.push(part);
            }
            return sumOf(written);
          };
        },
      },
    ],
  }),
];

interface Framer {
  Deserializer: new (log: unknown, role: string) => Transform;
  Serializer: new (log: unknown) => Transform;
}

async function framer(): Promise<Framer> {
  // @ts-expect-error: the package has no types
  return (await import('http2/lib/protocol/framer.js')).default as Framer;
}

/** http2 wants a bunyan logger. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** A Transform works synchronously: what a write completes can be read at once. */
function throughStream(deserializer: Transform, chunk: Buffer): unknown[] {
  deserializer.write(chunk);
  const frames: unknown[] = [];
  for (let frame = deserializer.read(); frame !== null; frame = deserializer.read()) frames.push(frame);
  return frames;
}

/** Cuts the frame and the rest off, as in most tutorials. */
function sliceDecode(chunk: Buffer): unknown[] {
  const frames: unknown[] = [];
  let rest = chunk;
  while (rest.length >= 9) {
    const length = rest.readUIntBE(0, 3);
    if (rest.length < 9 + length) break;
    const flags = rest.readUIntBE(4, 1);
    const payload = rest.slice(9, 9 + length);
    if (rest.readUIntBE(3, 1) === 0) frames.push(dataFrame(rest.readUIntBE(5, 4), flags, payload));
    rest = rest.slice(9 + length);
  }
  return frames;
}

/** The same with an offset instead of cutting the rest off. */
function offsetDecode(chunk: Buffer): unknown[] {
  const frames: unknown[] = [];
  for (let at = 0; chunk.length - at >= 9; ) {
    const end = at + 9 + chunk.readUIntBE(at, 3);
    if (end > chunk.length) break;
    const flags = chunk.readUIntBE(at + 4, 1);
    const payload = chunk.slice(at + 9, end);
    if (chunk.readUIntBE(at + 3, 1) === 0) frames.push(dataFrame(chunk.readUIntBE(at + 5, 4), flags, payload));
    at = end;
  }
  return frames;
}

function dataFrame(id: number, flags: number, payload: Buffer): FrameEvent {
  return { type: 'DATA', streamId: id & 0x7fff_ffff, endStream: (flags & 1) !== 0, data: payload };
}

const streamId = (frame: unknown): number => (frame as { streamId: number }).streamId;
const stream = (frame: unknown): number => (frame as { stream: number }).stream;
const data = (frame: unknown): Uint8Array => (frame as { data: Uint8Array }).data;

async function summed(
  name: string,
  decode: (chunk: Buffer) => readonly unknown[],
  streamOf: (frame: unknown) => number,
  dataOf: (frame: unknown) => Uint8Array,
): Promise<Work<Buffer[]>> {
  const own = (await import(`./13-h2-frames/digest.ts?${name}`)) as { digest: typeof digest };
  return (chunks) => chunks.map((chunk) => own.digest(decode(chunk), streamOf, dataOf));
}

/** The number of octets, and one octet of every eighth: parts may be cut differently, the octets are the same. */
function sumOf(parts: Uint8Array[]): number[] {
  let [length, sum] = [0, 0];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    for (let at = -length & 7; at < part.length; at += 8) sum = (sum + part[at]!) | 0;
    length += part.length;
  }
  return [length, sum];
}
