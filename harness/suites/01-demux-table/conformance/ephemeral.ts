/** Port 0 asks for an ephemeral port. */
import type { DemuxTable } from '#subject/01-demux-table/demux-table.ts';
import { equal, ok, within } from '../../../kit/check.ts';
import { bindAt, demuxCase, listenAt, refuses, tuple, verdict } from './support.ts';

const group = 'ephemeral ports';
const clause = 'ip(7) ip_local_port_range';
const ten = { firstPort: 40_000, lastPort: 40_009 };
const TEN = Array.from({ length: 10 }, (_, i) => 40_000 + i);

/** Connects to a server from 10.0.0.1 and a port of the table's choice. */
function connect(table: DemuxTable, server = '10.9.9.9:80'): number {
  return table.establish(7, tuple('10.0.0.1:0', server));
}

function sorted(ports: Iterable<number>): number[] {
  return [...ports].sort((a, b) => a - b);
}

demuxCase(
  {
    id: 'demux-ephemeral',
    title: 'a connection without a local port gets one, and is found by it',
    clause,
    why: 'a client does not care which port it has, but the answers must find it',
    group,
  },
  (make) => {
    const table = make();
    const port = connect(table);
    within(port, 32_768, 60_999, 'the port');
    verdict(table, [`10.0.0.1:${port}`, '10.9.9.9:80'], 7, 'a segment of the connection');
    verdict(table, ['10.0.0.1:0', '10.9.9.9:80'], 'RST', 'a segment for port 0');
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-bounds',
    title: 'every port of the range is given out, both ends included, and none outside it',
    clause,
    why: 'a port too many may belong to a service; one too few is never used',
    group,
  },
  (make) => {
    const table = make(ten);
    equal(sorted(TEN.map(() => connect(table))), TEN, 'the ports of ten connections to one server');
    const single = make({ firstPort: 65_535, lastPort: 65_535 });
    equal(connect(single), 65_535, 'the only port of a range of one');
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-default-range',
    title: 'without firstPort and lastPort the range is Linux’s',
    clause,
    why: 'a firewall rule is written for 32768 to 60999',
    group,
  },
  (make) => {
    const table = make();
    const ports = new Set(Array.from({ length: 300 }, () => connect(table)));
    equal(ports.size, 300, 'different ports among 300 connections to one server');
    within(Math.min(...ports), 32_768, 60_999, 'the lowest');
    within(Math.max(...ports), 32_768, 60_999, 'the highest');
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-exhausted',
    title: 'when every port leads to this destination already, there is none left for one more',
    clause: 'connect(2) EADDRNOTAVAIL',
    why: 'this is what a proxy says that opens too many connections to one server',
    group,
  },
  (make) => {
    const table = make(ten);
    for (const _ of TEN) connect(table);
    refuses(() => connect(table), 'EADDRNOTAVAIL', 'the eleventh connection');
    refuses(() => connect(table), 'EADDRNOTAVAIL', 'and again');
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-per-destination',
    title: 'another destination has all the ports again',
    clause: 'connect(2)',
    why: '“64 thousand connections for each host” is a myth: it is for each pair of ends',
    group,
  },
  (make) => {
    const table = make(ten);
    for (const server of ['10.9.9.9:80', '10.9.9.9:81', '10.9.9.8:80']) {
      equal(sorted(TEN.map(() => connect(table, server))), TEN, `the ports of ten connections to ${server}`);
    }
    refuses(() => connect(table, '10.9.9.8:80'), 'EADDRNOTAVAIL', 'the eleventh to the last one');
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-freed',
    title: 'the port of a connection that is gone is free again',
    clause,
    why: 'a port that never comes back is a leak that takes days to show',
    group,
  },
  (make) => {
    const table = make(ten);
    for (const _ of TEN) connect(table);
    for (const port of [40_003, 40_009, 40_000]) {
      table.remove(tuple(`10.0.0.1:${port}`, '10.9.9.9:80'));
      equal(connect(table), port, 'the port of the next connection: only one is free');
    }
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-time-wait',
    title: 'a port whose tuple is in TIME_WAIT is not free',
    clause: 'RFC 9293 §3.6.1',
    why: 'TIME_WAIT costs ports: this is how a busy client runs out of them',
    group,
  },
  (make) => {
    const table = make(ten);
    for (const _ of TEN) connect(table);
    table.timeWait(tuple('10.0.0.1:40004', '10.9.9.9:80'), 0);
    refuses(() => connect(table), 'EADDRNOTAVAIL', 'a connection while the port waits');
    table.expire(60_000);
    equal(connect(table), 40_004, 'the port of a connection afterwards');
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-skips-bound',
    title: 'a port that a socket is bound to is not given to a connection',
    clause,
    why: 'answers would reach the connection, and the server would wonder where its clients are',
    group,
  },
  (make) => {
    const table = make(ten);
    bindAt(table, 1, '10.0.0.1:40002', { reuseAddress: true, reusePort: true });
    listenAt(table, 2, '0.0.0.0:40005', { reuseAddress: true, reusePort: true });
    listenAt(table, 3, '10.0.0.2:40007');
    const ports = TEN.slice(2).map(() => connect(table));
    equal(
      sorted(ports),
      TEN.filter((port) => port !== 40_002 && port !== 40_005),
      'the ports given to connections from 10.0.0.1; the one bound at 10.0.0.2 is free here',
    );
    refuses(() => connect(table), 'EADDRNOTAVAIL', 'one more');
  },
);

demuxCase(
  {
    id: 'demux-ephemeral-seed',
    title: 'where the search begins depends on the seed',
    clause: 'RFC 6056 §3.3',
    why: 'who can guess the port can forge a segment: a counter from 32768 up is no secret',
    group,
  },
  (make) => {
    const first = (seed: number): number => connect(make({ seed }));
    const ports = new Set(Array.from({ length: 32 }, (_, i) => first((1 + Math.imul(i, 0x9e3779b1)) >>> 0)));
    ok(ports.size >= 16, 'at least 16 different first ports among 32 seeds', `${ports.size} different ones`);
    equal(first(7), first(7), 'the first port with the same seed');
  },
);

demuxCase(
  {
    id: 'demux-bind-ephemeral',
    title: 'bind with port 0 returns a free port of the range and binds to it',
    clause: 'bind(2)',
    why: 'every test server asks for port 0',
    group,
  },
  (make) => {
    const table = make(ten);
    const port = bindAt(table, 1, '10.0.0.1:0');
    within(port, 40_000, 40_009, 'the port');
    table.listen(1);
    verdict(table, [`10.0.0.1:${port}`, '10.9.9.9:51000'], 1, 'a segment for it');
    refuses(() => bindAt(table, 2, `10.0.0.1:${port}`), 'EADDRINUSE', 'the same port once more');
    equal(table.unbind(1), true, 'whether it could be unbound');
    verdict(table, [`10.0.0.1:${port}`, '10.9.9.9:51000'], 'RST', 'a segment afterwards');
    equal(bindAt(table, 2, `10.0.0.1:${port}`), port, 'the port can be bound afterwards');
  },
);

demuxCase(
  {
    id: 'demux-bind-ephemeral-exhausted',
    title: 'bind has another error than connect when no port is left',
    clause: 'bind(2) EADDRINUSE',
    why: 'ip(7) BUGS: which error means exhaustion depends on the call',
    group,
  },
  (make) => {
    const table = make(ten);
    equal(sorted(TEN.map((_, i) => bindAt(table, i, '10.0.0.1:0'))), TEN, 'the ports of ten sockets');
    refuses(() => bindAt(table, 10, '10.0.0.1:0'), 'EADDRINUSE', 'the eleventh');
    refuses(() => bindAt(table, 10, '0.0.0.0:0'), 'EADDRINUSE', 'at the wildcard');
    within(bindAt(table, 10, '10.0.0.2:0'), 40_000, 40_009, 'at another address');
  },
);

demuxCase(
  {
    id: 'demux-bind-ephemeral-not-shared',
    title: 'a port that bind chooses is never a shared one, even if both would share',
    clause: 'ip(7) ip_local_port_range',
    why: 'who asks for any port does not expect to find somebody there',
    group,
  },
  (make) => {
    const both = { reuseAddress: true, reusePort: true };
    const table = make(ten);
    for (const _ of TEN.slice(5)) table.establish(7, tuple('10.0.0.1:0', '10.9.9.9:80'), both);
    const ports = TEN.slice(5).map((_, i) => bindAt(table, i, '10.0.0.1:0', both));
    for (const port of ports) {
      verdict(table, [`10.0.0.1:${port}`, '10.9.9.9:80'], 'RST', 'a connection at the port of a bound socket');
    }
    refuses(() => bindAt(table, 10, '10.0.0.1:0', both), 'EADDRINUSE', 'one more than there are ports');
  },
);
