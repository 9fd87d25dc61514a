/**
 * 01: a lookup among 100,000 and a million connections, beside the ways in which one writes it in an afternoon.
 *
 * No npm package does this job; the peers are V8's own Maps with different keys. All of them find established
 * connections only: the adapters know nothing of listeners, IPv6, TIME_WAIT or who may bind where.
 */
import type { Random } from '../../harness/kit/random.ts';
import { DemuxTable, type Tuple } from '../../solutions/01-demux-table/demux-table.ts';
import { type Contest, contest, type Peer } from './contest.ts';

const SEGMENTS = 500;
const LACKS = 'listeners, IPv6, TIME_WAIT, conflicts';

/** Connection `i` of a server: 4,096 clients in 10.0.0.0/8, and as many ports of each as it takes. */
function connection(i: number): Tuple {
  const client = Math.imul(i & 0xfff, 0x9e37_79b1) >>> 8;
  return {
    localAddress: Uint8Array.of(192, 168, 0, 1),
    localPort: 443,
    remoteAddress: Uint8Array.of(10, client >> 16, (client >> 8) & 255, client & 255),
    remotePort: 1_024 + (i >> 12),
  };
}

interface Table {
  set(tuple: Tuple, socket: number): void;
  get(tuple: Tuple): number;
}

/** Fills a table and returns the work: the sum of the sockets that 500 segments belong to. */
function fill(size: number, table: Table): (tuples: readonly Tuple[]) => number {
  for (let i = 0; i < size; i++) table.set(connection(i), i);
  return (tuples) => {
    let sum = 0;
    for (const tuple of tuples) sum += table.get(tuple);
    return sum;
  };
}

function reference(): Table {
  const table = new DemuxTable({ seed: 0x5eed });
  return {
    set: (tuple, socket) => void table.establish(socket, tuple),
    get: (tuple) => table.lookup(tuple) as number,
  };
}

function byKey<Key>(keyOf: (tuple: Tuple) => Key): Table {
  const map = new Map<Key, number>();
  return { set: (tuple, socket) => void map.set(keyOf(tuple), socket), get: (tuple) => map.get(keyOf(tuple)) ?? -1 };
}

const text = ({ localAddress: l, localPort, remoteAddress: r, remotePort }: Tuple): string =>
  `${l[0]}.${l[1]}.${l[2]}.${l[3]}:${localPort}-${r[0]}.${r[1]}.${r[2]}.${r[3]}:${remotePort}`;

const joined = ({ localAddress, localPort, remoteAddress, remotePort }: Tuple): string =>
  [localAddress.join('.'), localPort, remoteAddress.join('.'), remotePort].join(':');

const word = (a: Uint8Array): number => (a[0]! << 24) | (a[1]! << 16) | (a[2]! << 8) | a[3]!;
const ports = ({ localPort, remotePort }: Tuple): number => (localPort << 16) | remotePort;

const big = (tuple: Tuple): bigint =>
  (BigInt(word(tuple.localAddress) >>> 0) << 64n) |
  (BigInt(word(tuple.remoteAddress) >>> 0) << 32n) |
  BigInt(ports(tuple) >>> 0);

/** Remote address, then local address, then both ports: whole numbers all the way down. */
function mapOfMaps(): Table {
  const root = new Map<number, Map<number, Map<number, number>>>();
  return {
    set(tuple, socket) {
      const locals = root.get(word(tuple.remoteAddress)) ?? new Map<number, Map<number, number>>();
      const sockets = locals.get(word(tuple.localAddress)) ?? new Map<number, number>();
      root.set(word(tuple.remoteAddress), locals.set(word(tuple.localAddress), sockets.set(ports(tuple), socket)));
    },
    get: (tuple) => root.get(word(tuple.remoteAddress))?.get(word(tuple.localAddress))?.get(ports(tuple)) ?? -1,
  };
}

function peers(size: number): Peer<readonly Tuple[]>[] {
  const peer = (name: string, table: () => Table, lacks = LACKS): Peer<readonly Tuple[]> => {
    return { name, lacks, make: () => fill(size, table()) };
  };
  return [
    peer('Map, string keys', () => byKey(text)),
    peer('Map, keys by join()', () => byKey(joined)),
    peer('Map, bigint keys', () => byKey(big)),
    peer('Map of Maps, numbers', mapOfMaps, `${LACKS}, a seed of its own`),
  ];
}

function lookups(id: string, size: number): Contest {
  return contest<readonly Tuple[]>({
    id,
    title: `a lookup among ${size.toLocaleString('en')} connections`,
    rate: { perCall: SEGMENTS / 1e6, unit: 'M lookups/s' },
    prepare: (random: Random) => Array.from({ length: SEGMENTS }, () => connection(random.int(0, size - 1))),
    reference: () => fill(size, reference()),
    peers: peers(size),
  });
}

export default [lookups('demux-lookup-100k', 100_000), lookups('demux-lookup-1m', 1_000_000)];
