/**
 * What records cost: bytes allocated by framing, growth with the length of a line, of a chunk and of an element, and
 * the time of framing and of everything. JSON.parse takes most of it, so framing is also measured alone.
 */
import { JsonArrayParser, NdjsonParser, readNdjson } from '#subject/07-ndjson/ndjson.ts';
import { bytesAllocated, count, growth, ratio } from '../../kit/performance.ts';
import type { Random } from '../../kit/random.ts';
import { cut, letters, recordLines } from './support/records.ts';

const CHUNK = 65_536;
const MAX = 64 * 1_048_576;

interface Parser {
  push(bytes: Uint8Array): void;
  end(): void;
  next(): { type: string; value?: unknown };
}

export default [
  count({
    id: 'ndjson-memory-ahead',
    title: 'bytes asked of a source of 4 KiB chunks before the first record is out',
    unit: 'bytes',
    async measure(random) {
      let given = 0;
      const block = recordLines(random, 4_096).subarray(0, 4_096);
      const source = async function* (): AsyncGenerator<Uint8Array> {
        for (let i = 0; i < 1_000; i++) {
          given += block.length;
          yield block;
        }
      };
      const records = readNdjson(source(), { onError: 'skip' });
      await records.next();
      await records.return?.();
      return given;
    },
  }),

  count({
    id: 'ndjson-line-allocation',
    title: 'bytes allocated for a line of 64 KiB that comes in chunks of 256 bytes, per byte, without parsing',
    unit: 'bytes',
    measure(random) {
      const line = Buffer.alloc(CHUNK, `"${letters(random, 254)}`);
      line[CHUNK - 1] = 0x0a;
      const chunks = cut(line, 256);
      const parser = new NdjsonParser({ parse: (text) => text.length });
      return bytesAllocated(() => feed(parser, chunks)) / CHUNK;
    },
  }),

  growth({
    id: 'ndjson-drip-growth',
    title: 'a line of n bytes that comes byte by byte',
    n: 4_000,
    prepare(n, random) {
      const parser = new NdjsonParser({ maxLineBytes: MAX });
      const chunks = cut(Buffer.from(`"${letters(random, n)}"\n`), 1);
      return () => feed(parser, chunks);
    },
  }),

  growth({
    id: 'ndjson-line-growth',
    title: 'a line of n bytes that comes in chunks of 1 KiB',
    n: 262_144,
    prepare(n, random) {
      const parser = new NdjsonParser({ maxLineBytes: MAX });
      const chunks = cut(Buffer.from(`"${letters(random, 1_024).repeat(n / 1_024)}"\n`), 1_024);
      return () => feed(parser, chunks);
    },
  }),

  growth({
    id: 'ndjson-chunk-growth',
    title: 'one chunk of n lines',
    n: 2_000,
    prepare(n, random) {
      const parser = new NdjsonParser();
      const chunk = Buffer.from(
        `${letters(random, 10)
          .split('')
          .map((c) => `"${c}é"`)
          .join('\n')}\n`.repeat(n / 10),
      );
      return () => feed(parser, [chunk]);
    },
  }),

  growth({
    id: 'ndjson-bad-chunk-growth',
    title: 'one chunk of n lines that are skipped as no UTF-8',
    n: 1_000,
    prepare(n, random) {
      const parser = new NdjsonParser({ onError: 'skip' });
      const chunk = Buffer.from(`"${letters(random, 10)}\xff"\n`.repeat(n), 'latin1');
      return () => feed(parser, [chunk]);
    },
  }),

  growth({
    id: 'ndjson-array-growth',
    title: 'an array with one element of n bytes that comes in chunks of 64 bytes',
    n: 65_536,
    prepare(n, random) {
      const parser = new JsonArrayParser({ maxElementBytes: MAX });
      const chunks = cut(Buffer.from(`[{"text":"${letters(random, 1_024).repeat(n / 1_024)}"}]`), 64);
      return () => feed(parser, chunks);
    },
  }),

  ratio({
    id: 'ndjson-framing-rate',
    title: 'lines of a chunk of 64 KiB, cut and decoded but not parsed',
    rate: { perCall: CHUNK / 1e6, unit: 'MB/s' },
    prepare: (random: Random) => recordLines(random, CHUNK),
    work: (chunk) => digest(new NdjsonParser({ parse: (text) => text }), [chunk], (text) => (text as string).length),
  }),

  ratio({
    id: 'ndjson-parse-rate',
    title: 'records of 64 KiB in chunks of 16 KiB, against toString().split().map(JSON.parse) of the whole',
    rate: { perCall: CHUNK / 1e6, unit: 'MB/s' },
    prepare: (random: Random) => recordLines(random, CHUNK),
    work: (chunk) => digest(new NdjsonParser(), cut(chunk, 16_384), idOf),
    baseline: (chunk) => {
      const values = chunk
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((text) => JSON.parse(text) as unknown);
      return values.reduce<number>((sum, value) => (Math.imul(sum, 31) + idOf(value)) >>> 0, 0);
    },
  }),

  ratio({
    id: 'ndjson-read-rate',
    title: 'the same with for await over readNdjson',
    rate: { perCall: CHUNK / 1e6, unit: 'MB/s' },
    prepare: (random: Random) => recordLines(random, CHUNK),
    work: async (chunk) => {
      let sum = 0;
      for await (const value of readNdjson(cut(chunk, 16_384))) sum = (Math.imul(sum, 31) + idOf(value)) >>> 0;
      return sum;
    },
  }),

  ratio({
    id: 'ndjson-array-rate',
    title: 'elements of an array of 64 KiB in chunks of 16 KiB',
    rate: { perCall: CHUNK / 1e6, unit: 'MB/s' },
    prepare: (random: Random) =>
      Buffer.from(`[${recordLines(random, CHUNK).toString().trimEnd().replaceAll('\n', ',')}]`),
    work: (chunk) => digest(new JsonArrayParser(), cut(chunk, 16_384), idOf),
  }),
];

/** Takes everything; returns how many records there were. Bounded, since nobody knows what a subject does. */
function feed(parser: Parser, chunks: Buffer[]): number {
  let records = 0;
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let i = 0; i <= chunk.length && parser.next().type !== 'need-more'; i++) records += 1;
  }
  return records;
}

/** A number that depends on every value and on their order. */
function digest(parser: Parser, chunks: Buffer[], figure: (value: unknown) => number): number {
  let sum = 0;
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let i = 0; i <= chunk.length; i++) {
      const event = parser.next();
      if (event.type === 'need-more') break;
      sum = (Math.imul(sum, 31) + figure(event.value)) >>> 0;
    }
  }
  return sum;
}

function idOf(value: unknown): number {
  return (value as { id: number }).id;
}
