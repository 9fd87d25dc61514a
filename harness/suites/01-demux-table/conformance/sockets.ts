/** Real connections over loopback: their tuples are read off the sockets, and the kernel is asked for its verdicts. */
import { createConnection, createServer, type Server, type Socket, type TcpNetConnectOpts } from 'node:net';
import { DemuxTable, type Tuple } from '#subject/01-demux-table/demux-table.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { before } from '../../../kit/deadline.ts';
import { sourceAddress } from '../../../kit/loopback.ts';
import { CONFLICTS, PLACES } from './ipv6.ts';
import { ip, outcome, showTuple } from './support.ts';

const group = 'real sockets';

interface Place {
  host: string;
  port?: number;
  ipv6Only?: boolean;
}

/** A kernel's server: where it listens, and the sockets that came in. */
interface Listening {
  server: Server;
  port: number;
  accepted: Socket[];
}

/** Listens, and closes at the end of the case. Rejects with the kernel's error. */
async function listen(t: CaseContext, place: Place): Promise<Listening> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket.resume());
    socket.on('error', () => {});
  });
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, backlog: 4_096, ...place }, resolve);
  });
  await before(listening, { what: `a server listens at ${place.host}` });
  t.defer(async () => {
    for (const socket of accepted) socket.destroy();
    await stop(server);
  });
  const at = server.address();
  return { server, accepted, port: typeof at === 'object' && at !== null ? at.port : 0 };
}

async function stop(server: Server): Promise<void> {
  if (server.listening) await new Promise((resolve) => void server.close(resolve));
}

/** Waits until so many have come in. */
async function arrived({ server, accepted }: Listening, count: number): Promise<void> {
  while (accepted.length < count) {
    const next = new Promise<void>((resolve) => void server.once('connection', () => resolve()));
    await before(next, { what: `${count} connections arrive`, seen: () => `${accepted.length} have` });
  }
}

/** What getsockname(2) and getpeername(2) say of a connected socket. */
function tupleOf({ localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: Socket): Tuple {
  return { localAddress: ip(localAddress), localPort, remoteAddress: ip(remoteAddress), remotePort };
}

/** So many connections can be open at once: each takes two descriptors of this one process. */
function affordable(wanted: number): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const limit = Number(report.userLimits?.open_files?.soft);
  return Number.isFinite(limit) ? Math.min(wanted, Math.floor((limit - 200) / 2)) : wanted;
}

/** Connects in waves. Bare sockets: scripted peers by the thousand would take most of the suite's time. */
async function crowd(t: CaseContext, count: number, to: (i: number) => TcpNetConnectOpts): Promise<Socket[]> {
  const sockets: Socket[] = [];
  t.defer(() => {
    for (const socket of sockets) socket.destroy();
  });
  while (sockets.length < count) {
    const from = sockets.length;
    const wave = Array.from({ length: Math.min(200, count - from) }, (_, i) => {
      const socket = createConnection(to(from + i)).resume();
      sockets.push(socket);
      return new Promise((resolve, reject) => void socket.once('connect', resolve).on('error', reject));
    });
    await before(Promise.all(wave), { what: `connections ${from} to ${from + wave.length - 1} are there` });
  }
  return sockets;
}

testCase(
  {
    id: 'demux-two-thousand-sockets',
    title: '2,000 connections to one port, from all over 127.0.0.0/8 and from ::1, are found and forgotten',
    clause: 'ip(7), ipv6(7)',
    why: 'one port serves them all: only the remote half of the tuple tells them apart',
    group,
  },
  async (t) => {
    const table = new DemuxTable({ seed: t.seed });
    const six = Math.floor(affordable(2_000) / 10);
    const listening = await listen(t, { host: '::' });
    const { port, accepted } = listening;
    table.bind(0, ip('::'), port);
    table.listen(0);
    const clients = await crowd(t, 10 * six, (i) => {
      return i < six ? { host: '::1', port } : { host: '127.0.0.1', port, localAddress: sourceAddress(i - six) };
    });
    await arrived(listening, clients.length);

    // Both ends of each connection are sockets of this host. The kernel's table holds both, and so must ours.
    const ends = [...accepted, ...clients].map((socket, i) => ({ socket, number: i + 1, tuple: tupleOf(socket) }));
    for (const { number, tuple } of ends) table.establish(number, tuple);
    lookAll(table, ends, ({ number }) => number, 'while all are open');

    const closed = ends.map(async ({ socket, tuple }) => {
      if (!socket.closed) await new Promise((resolve) => void socket.once('close', resolve));
      table.remove(tuple);
    });
    for (const client of clients) client.destroy();
    await before(Promise.all(closed), { what: 'all of them close' });
    lookAll(table, ends, ({ tuple }) => (tuple.localPort === port ? 0 : 'RST'), 'when all are closed');
  },
);

interface End {
  number: number;
  tuple: Tuple;
}

function lookAll(table: DemuxTable, ends: readonly End[], expected: (end: End) => unknown, when: string): void {
  for (const end of ends) {
    const seen = table.lookup(end.tuple);
    if (seen !== expected(end)) equal<unknown>(seen, expected(end), `${when}, a segment ${showTuple(end.tuple)}`);
  }
}

/** Connects and says what the kernel did with it: the client's tuple, or the error. */
async function knock(t: CaseContext, host: string, port: number): Promise<Tuple | string> {
  try {
    const [client] = await crowd(t, 1, () => ({ host, port }));
    return tupleOf(client!);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Asks the kernel and the table the same question: who gets a client of this host that connects there? */
async function compare(t: CaseContext, table: DemuxTable, host: string, port: number): Promise<void> {
  const client = await knock(t, host, port);
  // Refused, the client has no tuple to read: any free remote end will do.
  const at = ip(host);
  const somebody = { localAddress: at, localPort: port, remoteAddress: at, remotePort: port === 1 ? 2 : 1 };
  const seen = table.lookup(typeof client === 'string' ? somebody : reverse(client));
  const kernel = client === 'ECONNREFUSED' ? 'RST' : typeof client === 'string' ? client : 'a listener';
  equal(typeof seen === 'number' ? 'a listener' : seen, kernel, `who gets a client at ${host}, as the kernel has it`);
}

function reverse({ localAddress, localPort, remoteAddress, remotePort }: Tuple): Tuple {
  return { localAddress: remoteAddress, localPort: remotePort, remoteAddress: localAddress, remotePort: localPort };
}

for (const { slug, title, place } of [
  { slug: 'specific', title: 'a server at 127.0.0.1', place: { host: '127.0.0.1' } },
  { slug: 'wildcard', title: 'a server at 0.0.0.0', place: { host: '0.0.0.0' } },
  { slug: 'loopback6', title: 'a server at ::1', place: { host: '::1' } },
  { slug: 'dual-stack', title: 'a server at ::', place: { host: '::', ipv6Only: false } },
  { slug: 'ipv6-only', title: 'a server at :: with ipv6Only', place: { host: '::', ipv6Only: true } },
]) {
  testCase(
    {
      id: `demux-kernel-${slug}`,
      title: `${title}: the table sends clients where the kernel does`,
      clause: 'ip(7), ipv6(7)',
      why: 'the kernel is the implementation that everybody uses',
      group,
    },
    async (t) => {
      const table = new DemuxTable({ seed: t.seed });
      const { server, port } = await listen(t, place);
      table.bind(3, ip(place.host), port, { reuseAddress: true, ipv6Only: place.ipv6Only ?? false });
      table.listen(3);
      for (const host of ['127.0.0.1', '127.0.0.2', '::1']) await compare(t, table, host, port);
      server.close();
      table.unbind(3);
      for (const host of ['127.0.0.1', '::1']) await compare(t, table, host, port);
    },
  );
}

testCase(
  {
    id: 'demux-kernel-mapped',
    title: 'both ends of an IPv4 connection to a dual-stack server are the same connection, seen from either side',
    clause: 'ipv6(7)',
    why: 'the server’s socket says ::ffff:127.0.0.1 where the client’s says 127.0.0.1',
    group,
  },
  async (t) => {
    const table = new DemuxTable({ seed: t.seed });
    const listening = await listen(t, { host: '::' });
    const to = { host: '127.0.0.1', port: listening.port, localAddress: '127.0.0.9' };
    const client = tupleOf((await crowd(t, 1, () => to))[0]!);
    await arrived(listening, 1);
    const server = tupleOf(listening.accepted[0]!);
    equal([server.remoteAddress.length, client.localAddress.length], [16, 4], 'bytes in the addresses');
    table.establish(5, server);
    equal<unknown>(table.lookup(reverse(client)), 5, 'a segment as the client sends it');
    table.establish(6, client);
    equal<unknown>(table.lookup(reverse(server)), 6, 'a segment as the server sends it');
  },
);

testCase(
  {
    id: 'demux-kernel-conflicts',
    title: 'the table refuses a second server where the kernel does: all 49 pairs of places',
    clause: 'bind(2) EADDRINUSE',
    why: 'what is free in one and taken in the other is a server that does not start, or one too many',
    group,
  },
  async (t) => {
    for (const [i, one] of PLACES.entries()) {
      for (const [j, other] of PLACES.entries()) {
        let said = await bothSay(t, one, other, CONFLICTS[i]?.[j]);
        // Another process may hold the port at the other place: only what is so on several ports counts.
        for (let again = 0; again < 3 && said.table !== said.kernel; again++) {
          said = await bothSay(t, one, other, CONFLICTS[i]?.[j]);
        }
        equal(said.table, said.kernel, `${other.name} beside ${one.name}`);
      }
    }
  },
);

/** What the table and the kernel say to a second server, on a port that the kernel chose for the first. */
async function bothSay(t: CaseContext, one: Place, other: Place, recorded?: string) {
  const table = new DemuxTable({ seed: t.seed });
  const first = await listen(t, one);
  enter(table, 1, one, first.port);
  const said = {
    table: outcome(() => enter(table, 2, other, first.port)),
    kernel: await kernel(t, { ...other, port: first.port }, recorded),
  };
  await stop(first.server);
  return said;
}

/** Node sets SO_REUSEADDR on every listening socket. */
function enter(table: DemuxTable, socket: number, { host, ipv6Only = false }: Place, port: number): void {
  table.bind(socket, ip(host), port, { reuseAddress: true, ipv6Only });
  table.listen(socket);
}

/** What the kernel says to a second server. Only Linux is asked: BSD has other rules, and there the recorded ones hold. */
async function kernel(t: CaseContext, place: Place, recorded?: string): Promise<string> {
  if (process.platform !== 'linux') return recorded === 'x' ? 'EADDRINUSE' : 'ok';
  try {
    await stop((await listen(t, place)).server);
    return 'ok';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
