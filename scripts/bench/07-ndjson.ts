/** Records beside split2, ndjson and the obvious way; framing beside JSON.parse; and one line of up to 64 MB. */
import { Readable, type Transform } from 'node:stream';
import { cut, recordLines } from '../../harness/suites/07-ndjson/support/records.ts';
import { NdjsonParser, readNdjson } from '../../solutions/07-ndjson/ndjson.ts';
import { contest, type Work } from './contest.ts';
import type { Table } from './table.ts';

const SIZE = 131_072;
const CHUNK = 16_384;
const RATE = { perCall: SIZE / 1e6, unit: 'MB/s' };
const LACKS_LIMITS = 'line numbers, a limit that holds by default, faults of UTF-8, policies';

export default [
  contest<Buffer[]>({
    id: 'ndjson-records',
    title: 'records of about 150 bytes from a stream of 16 KiB chunks, with for await',
    rate: RATE,
    prepare: (random) => cut(recordLines(random, SIZE), CHUNK),
    reference: () => (chunks) => idsOf(readNdjson(Readable.from(chunks))),
    peers: [
      {
        name: 'split2',
        package: 'split2',
        lacks: LACKS_LIMITS,
        make: async () => {
          const split = await load<Split>('split2');
          return piped(() => split(JSON.parse));
        },
      },
      {
        name: 'ndjson',
        package: 'ndjson',
        lacks: LACKS_LIMITS,
        make: async () => {
          const ndjson = await load<Ndjson>('ndjson');
          return piped(() => ndjson.parse());
        },
      },
      {
        name: 'toString, split, map',
        lacks: 'everything but the values: no record before the end, all of the stream in memory',
        make: () => async (chunks) => {
          const parts: Buffer[] = [];
          for await (const chunk of Readable.from(chunks)) parts.push(chunk as Buffer);
          const lines = Buffer.concat(parts).toString().split('\n').filter(Boolean);
          return lines.map((line) => JSON.parse(line) as unknown).reduce<number>(mix, 0);
        },
      },
    ],
  }),

  contest<Buffer[]>({
    id: 'ndjson-framing',
    title: 'lines found and decoded, not parsed: how many times as long JSON.parse takes for them',
    rate: RATE,
    prepare: (random) => cut(recordLines(random, SIZE), CHUNK),
    reference: () => (chunks) => {
      const parser = new NdjsonParser({ parse: (text) => text });
      let sum = 0;
      for (const chunk of chunks) {
        parser.push(chunk);
        for (let event = parser.next(); event.type === 'record'; event = parser.next()) {
          sum += (event.value as string).length;
        }
      }
      return sum;
    },
    peers: [
      {
        name: 'JSON.parse alone, of lines cut before',
        lacks: 'framing: this is what framing is compared with',
        make: () => parseOnly(),
      },
      {
        name: 'split2 without JSON.parse',
        package: 'split2',
        lacks: LACKS_LIMITS,
        make: async () => {
          const split = await load<Split>('split2');
          return async (chunks) => {
            let sum = 0;
            for await (const line of Readable.from(chunks).pipe(split())) sum += (line as string).length;
            return sum;
          };
        },
      },
    ],
  }),
];

type Split = (map?: (line: string) => unknown) => Transform;
type Ndjson = { parse(): Transform };

/** Neither package brings types. */
async function load<T>(name: string): Promise<T> {
  return ((await import(name)) as { default: T }).default;
}

/** Cuts the lines once for each input, which comes again and again, and then only parses. */
function parseOnly(): Work<Buffer[]> {
  const cache = new WeakMap<Buffer[], string[]>();
  return (chunks) => {
    let lines = cache.get(chunks);
    if (!lines) {
      lines = Buffer.concat(chunks).toString().split('\n').filter(Boolean);
      cache.set(chunks, lines);
    }
    let sum = 0;
    // The value must be looked at, or the call might be left out.
    for (const line of lines) sum += JSON.parse(line) === undefined ? 0 : line.length;
    return sum;
  };
}

function piped(make: () => Transform): Work<Buffer[]> {
  return (chunks) => idsOf(Readable.from(chunks).pipe(make()));
}

async function idsOf(records: AsyncIterable<unknown>): Promise<number> {
  let sum = 0;
  for await (const value of records) sum = mix(sum, value);
  return sum;
}

function mix(sum: number, value: unknown): number {
  return (Math.imul(sum, 31) + (value as { id: number }).id) >>> 0;
}

/** One line of 8 and of 64 MB in chunks of 64 KiB: linear is 8 times as long. Processor time, the least of three. */
export async function table(): Promise<Table> {
  const split = await load<Split>('split2');
  const ndjson = await load<Ndjson>('ndjson');
  const readers: [string, (chunks: Buffer[]) => AsyncIterable<unknown>][] = [
    ['reference', (chunks) => readNdjson(Readable.from(chunks), { maxLineBytes: 128 * 1_048_576 })],
    ['split2', (chunks) => Readable.from(chunks).pipe(split(JSON.parse))],
    ['ndjson', (chunks) => Readable.from(chunks).pipe(ndjson.parse())],
  ];
  const rows: Table['rows'] = [];
  for (const [name, read] of readers) {
    const [small, large] = [await least(read, 8), await least(read, 64)];
    const seen = [`${small.toFixed(0)} ms`, `${large.toFixed(0)} ms`, `${(large / small).toFixed(1)} times`];
    // Linear is 8, and a little over 10 where 64 MB are in no cache any more; quadratic lies near 64.
    rows.push({ name, cells: seen.map((cell) => ({ seen: cell, good: large / small < 16 })) });
  }
  const title = 'one line in chunks of 64 KiB, from a stream, with for await; processor time';
  return { id: 'ndjson-long-line', title, columns: ['8 MB', '64 MB', 'growth'], rows };
}

async function least(read: (chunks: Buffer[]) => AsyncIterable<unknown>, megabytes: number): Promise<number> {
  const line = Buffer.alloc(megabytes * 1_048_576, 'x');
  line[0] = line[line.length - 2] = 0x22;
  line[line.length - 1] = 0x0a;
  const chunks = cut(line, 65_536);
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage();
    for await (const value of read(chunks)) if ((value as string).length !== line.length - 3) throw new Error(`${i}`);
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1_000);
  }
  return Math.min(...times);
}
