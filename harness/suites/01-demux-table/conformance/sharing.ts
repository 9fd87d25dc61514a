/** Several listeners at one address and port: reusePort. */
import type { DemuxTable } from '#subject/01-demux-table/demux-table.ts';
import { DemuxTable as Table } from '#subject/01-demux-table/demux-table.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok, within } from '../../../kit/check.ts';
import { bindAt, demuxCase, listenAt, tuple, verdict } from './support.ts';

const group = 'sharing a port';
const clause = 'socket(7) SO_REUSEPORT';
const shared = { reusePort: true };

/** Who gets each of these clients' first segments. */
function deal(table: DemuxTable, remotes: readonly string[]): unknown[] {
  return remotes.map((remote) => table.lookup(tuple('10.0.0.1:80', remote)));
}

function clients(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `10.9.${i >> 8}.${i & 255}:${40_000 + (i % 20_000)}`);
}

demuxCase(
  {
    id: 'demux-group-only-members',
    title: 'every segment goes to one of the sockets that listen',
    clause,
    why: 'one worker for each core, all at one port',
    group,
  },
  (make) => {
    const table = make();
    for (const socket of [5, 6, 7]) listenAt(table, socket, '10.0.0.1:80', shared);
    bindAt(table, 8, '10.0.0.1:80', shared);
    const seen = new Set(deal(table, clients(200)));
    equal([...seen].sort(), [5, 6, 7], 'who got the first segments of 200 clients; socket 8 is only bound');
  },
);

demuxCase(
  {
    id: 'demux-group-is-stable',
    title: 'the same tuple gets the same socket, whatever happened in between',
    clause,
    why: 'the segments of one handshake must not meet different sockets',
    group,
  },
  (make) => {
    const table = make();
    for (const socket of [1, 2, 3, 4]) listenAt(table, socket, '10.0.0.1:80', shared);
    const before = deal(table, clients(100));
    equal(deal(table, clients(100)), before, 'the same hundred again');
    equal(deal(table, clients(100).reverse()).reverse(), before, 'the same hundred in reverse order');
    for (let i = 0; i < 100; i++) table.establish(100 + i, tuple('10.0.0.1:80', `10.7.7.7:${1000 + i}`));
    equal(deal(table, clients(100)), before, 'the same hundred beside a hundred connections');
  },
);

/** Ways in which clients differ in practice: address and port of the i-th. */
const CROWDS: readonly [string, (i: number) => [number[], number]][] = [
  ['one client, counting its ports up', (i) => [[10, 9, 9, 9], 10_000 + i]],
  ['clients at one port, counting their addresses up', (i) => [[10, 9, i >> 8, i & 255], 40_000]],
  ['clients that differ in the first byte and the port', (i) => [[1 + (i % 200), 0, 0, 1], 1_024 + 64 * (i >> 8)]],
];

testCase(
  {
    id: 'demux-group-is-even',
    title: 'each socket gets its share of 8,000 clients, ± 20 %',
    clause,
    why: 'otherwise one core is busy and the others idle',
    group,
  },
  (t) => {
    const table = new Table({ seed: t.seed });
    for (const socket of [0, 1, 2, 3]) listenAt(table, socket, '10.0.0.1:80', shared);
    for (const [name, remote] of CROWDS) {
      const counts = [0, 0, 0, 0];
      const one = tuple('10.0.0.1:80', '10.9.9.9:1');
      for (let i = 0; i < 8_000; i++) {
        const [address, remotePort] = remote(i);
        one.remoteAddress.set(address);
        counts[Number(table.lookup({ ...one, remotePort }))]!++;
      }
      counts.forEach((count, socket) => {
        within(count, 1_600, 2_400, `clients of socket ${socket}, of 8,000 among four; ${name}`);
      });
    }
  },
);

demuxCase(
  {
    id: 'demux-group-of-three-is-even',
    title: 'the same among three, which divides no power of two',
    clause,
    why: 'a remainder or a mask that is a little off leaves one socket with nothing',
    group,
  },
  (make) => {
    const table = make();
    for (const socket of [0, 1, 2]) listenAt(table, socket, '10.0.0.1:80', shared);
    const counts = [0, 0, 0];
    for (const socket of deal(table, clients(6_000))) counts[Number(socket)]!++;
    for (const [socket, count] of counts.entries()) {
      within(count, 1_600, 2_400, `clients of socket ${socket}, of 6,000 among three`);
    }
  },
);

demuxCase(
  {
    id: 'demux-group-depends-on-seed',
    title: 'with another seed the clients are dealt otherwise',
    clause: 'statement: seed',
    why: 'who knows the rule could send all the load to one worker',
    group,
  },
  (make) => {
    const [one, again, other] = [make({ seed: 1 }), make({ seed: 1 }), make({ seed: 2 })];
    for (const table of [one, again, other]) {
      for (const socket of [1, 2, 3, 4]) listenAt(table, socket, '10.0.0.1:80', shared);
    }
    const dealt = deal(one, clients(200));
    equal(deal(again, clients(200)), dealt, 'who gets 200 clients, the seed being the same');
    const same = deal(other, clients(200)).filter((socket, i) => socket === dealt[i]).length;
    ok(same < 120, 'of 200 clients about 50 stay where they were', `${same} did`);
  },
);

demuxCase(
  {
    id: 'demux-group-shrinks',
    title: 'when a member is unbound the others take over',
    clause,
    why: 'a worker that is restarted must not leave a hole',
    group,
  },
  (make) => {
    const table = make();
    for (const socket of [1, 2, 3]) listenAt(table, socket, '10.0.0.1:80', shared);
    table.unbind(2);
    equal([...new Set(deal(table, clients(200)))].sort(), [1, 3], 'who gets clients');
    table.unbind(1);
    equal([...new Set(deal(table, clients(200)))], [3], 'who gets clients');
    table.unbind(3);
    equal([...new Set(deal(table, clients(200)))], ['RST'], 'what clients get');
  },
);

demuxCase(
  {
    id: 'demux-group-change-keeps-connections',
    title: 'connections stay with their socket when the group changes',
    clause,
    why: 'only new clients may be dealt anew',
    group,
  },
  (make) => {
    const table = make();
    for (const socket of [1, 2]) listenAt(table, socket, '10.0.0.1:80', shared);
    for (let i = 0; i < 50; i++) table.establish(100 + i, tuple('10.0.0.1:80', `10.9.9.9:${51_000 + i}`), shared);
    listenAt(table, 3, '10.0.0.1:80', shared);
    table.unbind(1);
    for (let i = 0; i < 50; i++) verdict(table, ['10.0.0.1:80', `10.9.9.9:${51_000 + i}`], 100 + i, `connection ${i}`);
  },
);
