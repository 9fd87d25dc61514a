/**
 * What the table costs: bytes for each connection, growth with what is in it, and lookups beside the obvious Map.
 *
 * All connections are those of one server: many clients, each with many ports. The addresses of a segment that is
 * looked up lie in memory of their own, as those of a packet do.
 */
import { DemuxTable, type Tuple } from '#subject/01-demux-table/demux-table.ts';
import { count, growth, ratio } from '../../kit/performance.ts';
import type { Random } from '../../kit/random.ts';
import { collisionFamilies } from './conformance/collisions.ts';
import { inUse } from './support/memory.ts';

const CONNECTIONS = 100_000;
const SEGMENTS = 500;
/** For a growth, so many that one run takes about a millisecond. */
const GROWTH_LOOKUPS = 20 * SEGMENTS;

/** Connection `i`: 4,096 clients in 10.0.0.0/8, and as many ports of each as it takes. */
function connection(i: number): Tuple {
  const client = Math.imul(i & 0xfff, 0x9e37_79b1) >>> 8;
  return {
    localAddress: Uint8Array.of(192, 168, 0, 1),
    localPort: 443,
    remoteAddress: Uint8Array.of(10, client >> 16, (client >> 8) & 255, client & 255),
    remotePort: 1_024 + (i >> 12),
  };
}

/** A table with so many of them. Looking up changes nothing, so one serves all measurements. */
const tables = new Map<number, DemuxTable>();
function tableOf(size: number): DemuxTable {
  const found = tables.get(size);
  if (found) return found;
  const table = new DemuxTable({ seed: 0x5eed });
  for (let i = 0; i < size; i++) table.establish(i, connection(i));
  tables.set(size, table);
  return table;
}

function segments(random: Random, size: number): Tuple[] {
  return Array.from({ length: SEGMENTS }, () => connection(random.int(0, size - 1)));
}

function lookAll(table: DemuxTable, tuples: readonly Tuple[]): number {
  let sum = 0;
  for (const tuple of tuples) sum += table.lookup(tuple) as number;
  return sum;
}

function repeat(lookAll: () => number): void {
  for (let done = 0; done < GROWTH_LOOKUPS; done += SEGMENTS) lookAll();
}

/** Every second listener at another address of port 443, every second at another port of one address. */
function listener(i: number): { localAddress: Uint8Array; localPort: number } {
  if (i % 2 === 1) return { localAddress: Uint8Array.of(10, 1, i >> 8, i & 255), localPort: 443 };
  return { localAddress: Uint8Array.of(10, 0, 0, 1), localPort: 1_024 + i };
}

const listening = new Map<number, DemuxTable>();
function listeners(count: number): DemuxTable {
  const found = listening.get(count);
  if (found) return found;
  const table = new DemuxTable({ seed: 0x5eed });
  for (let i = 0; i < count; i++) {
    const { localAddress, localPort } = listener(i);
    table.bind(i, localAddress, localPort);
    table.listen(i);
  }
  listening.set(count, table);
  return table;
}

/** The obvious way: the tuple as text, the text as the key of a Map. */
const byText = new Map<string, number>();
function textOf({ localAddress: l, localPort, remoteAddress: r, remotePort }: Tuple): string {
  return `${l[0]}.${l[1]}.${l[2]}.${l[3]}:${localPort}-${r[0]}.${r[1]}.${r[2]}.${r[3]}:${remotePort}`;
}

function lookAllByText(tuples: readonly Tuple[]): number {
  if (byText.size === 0) for (let i = 0; i < CONNECTIONS; i++) byText.set(textOf(connection(i)), i);
  let sum = 0;
  for (const tuple of tuples) sum += byText.get(textOf(tuple)) ?? 0;
  return sum;
}

/** Bytes that are in use because of what `build` returns, on the heap and in array buffers. */
async function retained(build: () => unknown): Promise<number> {
  const before = await inUse();
  const kept = [build()];
  const after = await inUse();
  // The table is emptied only now, so that nothing can take it for garbage before.
  kept.pop();
  return after - before;
}

export default [
  count({
    id: 'demux-bytes-per-connection',
    title: `bytes for each of ${CONNECTIONS.toLocaleString('en')} connections`,
    unit: 'bytes',
    measure: async () => {
      const build = (size: number): DemuxTable => {
        const table = new DemuxTable({ seed: 0x5eed });
        for (let i = 0; i < size; i++) table.establish(i, connection(i));
        return table;
      };
      build(1_000); // what is compiled and cached on the way is not the table's
      return Math.round((await retained(() => build(CONNECTIONS))) / CONNECTIONS);
    },
  }),

  growth({
    id: 'demux-lookup-growth',
    title: `${GROWTH_LOOKUPS.toLocaleString('en')} lookups among n connections`,
    n: 16_384,
    prepare(n, random) {
      const [table, tuples] = [tableOf(n), segments(random, n)];
      return () => repeat(() => lookAll(table, tuples));
    },
  }),

  growth({
    id: 'demux-listener-growth',
    title: `${GROWTH_LOOKUPS.toLocaleString('en')} first segments among n listeners, at as many addresses and ports`,
    n: 512,
    prepare(n, random) {
      const table = listeners(n);
      const remote = { remoteAddress: Uint8Array.of(10, 9, 9, 9), remotePort: 51_000 };
      const tuples = Array.from({ length: SEGMENTS }, () => ({ ...listener(random.int(0, n - 1)), ...remote }));
      return () => repeat(() => lookAll(table, tuples));
    },
  }),

  growth({
    id: 'demux-establish-growth',
    title: 'n connections come and go',
    n: 2_048,
    prepare(n, random) {
      const [table, tuples] = [
        new DemuxTable({ seed: random.u32() }),
        Array.from({ length: n }, (_, i) => connection(i)),
      ];
      return () => {
        for (const [i, tuple] of tuples.entries()) table.establish(i, tuple);
        for (const tuple of tuples) table.remove(tuple);
      };
    },
  }),

  growth({
    id: 'demux-time-wait-growth',
    title: 'n tuples in TIME_WAIT, of which one ends each millisecond',
    n: 512,
    prepare(n, random) {
      const table = new DemuxTable({ seed: random.u32() });
      for (let i = 0; i < n; i++) {
        table.establish(i, connection(i));
        table.timeWait(connection(i), i);
      }
      return () => {
        for (let now = 60_000; now < 60_000 + n; now++) table.expire(now);
      };
    },
  }),

  growth({
    id: 'demux-attack-growth',
    title: 'n connections chosen to collide come, and a segment arrives for each',
    n: 1_024,
    prepare(n, random) {
      const crowds = collisionFamilies.map(({ tuples }) => tuples(n / 4, random));
      const fresh = crowds.map((tuples) => ({ table: new DemuxTable({ seed: random.u32() }), tuples }));
      return () => {
        for (const { table, tuples } of fresh) {
          for (const [i, tuple] of tuples.entries()) table.establish(i, tuple);
          lookAll(table, tuples);
        }
      };
    },
  }),

  ratio({
    id: 'demux-lookup-rate',
    title: `a lookup among ${CONNECTIONS.toLocaleString('en')} connections, beside a Map with strings as keys`,
    rate: { perCall: SEGMENTS / 1e6, unit: 'M lookups/s' },
    prepare: (random: Random) => segments(random, CONNECTIONS),
    work: (tuples: Tuple[]) => lookAll(tableOf(CONNECTIONS), tuples),
    baseline: lookAllByText,
  }),
];
