/**
 * What HTTP clients do with servers that close, reset, send too much or nothing. Each cell is one run of the client against
 * a scripted server on the loopback interface: what is written in it was seen.
 */
import { turn } from '../../../harness/kit/deadline.ts';
import { type Listener, type Loopback, loopback, type Peer } from '../../../harness/kit/loopback.ts';
import { Transcript } from '../../../harness/kit/transcript.ts';
import { versionOf } from '../contest.ts';
import type { Table } from '../table.ts';
import { CLIENTS, type Client, type Options } from './clients.ts';

interface Scene {
  net: Loopback;
  server: Listener;
  /** Sends a request to the server; resolves to what came of it, an error's code included. */
  send(path: string, options?: Options): Promise<string>;
}

interface Behaviour {
  name: string;
  max?: number;
  /** What is right, as `run` would say it. */
  good: string;
  run(scene: Scene): Promise<string>;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const ok = (body: string, fields = '') => `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
/** Longer than any exchange here takes; shorter than a reader's patience. */
const PATIENCE = 1_000;

const BEHAVIOURS: Behaviour[] = [
  {
    name: '100 requests in a row: connections',
    good: '1',
    async run({ server, send }) {
      const connections = serveAll(server);
      for (let i = 0; i < 100; i++) {
        await send(`/${i}`);
        await settle();
      }
      return String(connections());
    },
  },
  {
    name: '10 requests at once, maximum 3: connections',
    max: 3,
    good: '3',
    async run({ server, send }) {
      const connections = serveAll(server);
      await Promise.all(Array.from({ length: 10 }, (_, i) => send(`/${i}`)));
      return String(connections());
    },
  },
  ...(['reset', 'FIN'] as const).map(
    (how): Behaviour => ({
      name: `GET on a kept connection that ends by ${how}`,
      good: '200 again',
      async run({ server, send }) {
        const peer = await exchange(server, send('/1'));
        const second = send('/2');
        await peer.until('\r\n\r\n');
        how === 'reset' ? peer.reset() : peer.end();
        await settle();
        if (server.backlog > 0) await answerNext(server, ok('again'));
        return second;
      },
    }),
  ),
  {
    name: 'POST on a kept connection that is reset',
    good: 'ECONNRESET, sent 1×',
    async run({ server, send }) {
      const peer = await exchange(server, send('/1'));
      const second = send('/2', { method: 'POST' });
      await peer.until('\r\n\r\n');
      peer.reset();
      await settle();
      return `${await second}, sent ${1 + server.backlog}×`;
    },
  },
  {
    name: 'GET on a new connection that is reset',
    good: 'ECONNRESET, sent 1×',
    async run({ server, send }) {
      const first = send('/1');
      const peer = await server.accept();
      await peer.until('\r\n\r\n');
      peer.reset();
      await settle();
      return `${await first}, sent ${1 + server.backlog}×`;
    },
  },
  {
    name: 'a forged response behind the real one',
    good: '200 own',
    run: ({ server, send }) => poisoned(server, send, async (first) => exchange(server, first, ok('one') + ok('evil'))),
  },
  {
    name: 'a forged response on the idle connection',
    good: '200 own',
    run: ({ server, send }) =>
      poisoned(server, send, async (first) => {
        const peer = await exchange(server, first);
        await peer.send(ok('evil'));
        return peer;
      }),
  },
  {
    name: 'an unsolicited 408 on the idle connection, and FIN',
    good: '200 own',
    run: ({ server, send }) =>
      poisoned(server, send, async (first) => {
        const peer = await exchange(server, first);
        await peer.send('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        peer.end();
        return peer;
      }),
  },
  {
    name: 'FIN on the idle connection, then POST',
    good: '200 own',
    run: ({ server, send }) =>
      poisoned(
        server,
        (path) => send(path, { method: 'POST' }),
        async (first) => {
          const peer = await exchange(server, first);
          peer.end();
          return peer;
        },
      ),
  },
  {
    name: 'an HTTP/1.0 response: connection kept',
    good: 'no',
    run: ({ server, send }) => kept(server, send, OK.replace('1.1', '1.0')),
  },
  {
    name: 'Transfer-Encoding and Content-Length together',
    good: 'refused',
    async run({ server, send }) {
      const first = send('/1');
      const peer = await server.accept();
      await peer.until('\r\n\r\n');
      await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
      return (await first) === '200 ok' ? 'accepted' : 'refused';
    },
  },
  {
    name: 'Keep-Alive: timeout=2: closed by the client before that',
    good: 'yes',
    async run({ server, send }) {
      const peer = await exchange(server, send('/1'), ok('one', 'Keep-Alive: timeout=2\r\n'));
      return (await within(2_000, gone(peer))) ? 'yes' : 'no';
    },
  },
  {
    name: 'of two idle connections, the one used last is used first',
    max: 2,
    good: 'yes',
    async run({ server, send }) {
      const both = [send('/1'), send('/2')];
      const peers = [await server.accept(), await server.accept()] as const;
      for (const [i, peer] of peers.entries())
        await answered(peer, Promise.race(both), i === 0 ? ok('first') : ok('last'));
      await Promise.all(both);
      void send('/3');
      await settle();
      return peers[1].unread.length > 0 ? 'yes' : 'no';
    },
  },
  {
    name: 'a waiter leaves: the others in order, connections',
    max: 1,
    good: '/3 /4, 1',
    async run({ server, send }) {
      const leaving = new AbortController();
      const order: string[] = [];
      let answerFirst = () => {};
      const connections = serveAll(server, (path, answer) => {
        if (path === '/1') answerFirst = answer;
        else if (order.push(path)) answer();
      });
      const first = send('/1');
      await settle();
      const rest = [send('/2', { signal: leaving.signal }), send('/3'), send('/4')];
      leaving.abort();
      await settle();
      answerFirst();
      await Promise.all([first, ...rest]);
      return `${order.join(' ')}, ${connections()}`;
    },
  },
  {
    name: 'maximum 1, nobody listens: 3 requests at once',
    max: 1,
    good: '3× ECONNREFUSED',
    async run({ server, send }) {
      await new Promise((resolve) => void server.server.close(resolve));
      const results = await Promise.all([send('/1'), send('/2'), send('/3')]);
      return new Set(results).size === 1 ? `3× ${results[0]}` : results.join(', ');
    },
  },
  {
    name: 'maximum 1, a body is given up: the next request',
    max: 1,
    good: '200 own',
    async run({ server, send }) {
      const first = send('/1', { discard: true });
      const peer = await server.accept();
      await peer.until('\r\n\r\n');
      const second = send('/2');
      await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nbegin');
      await first;
      const next = await server.accept();
      await answered(next, second, ok('own'));
      return second;
    },
  },
  {
    name: 'a response before the body was read (413), then GET',
    good: '200 own',
    async run({ server, send }) {
      const upload = send('/1', { method: 'PUT', body: Buffer.alloc(16 * 1024 * 1024) });
      const peer = await server.accept();
      await peer.until('\r\n\r\n');
      peer.stall();
      await peer.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig');
      await upload;
      const second = send('/2');
      await settle();
      if (server.backlog > 0) await answerNext(server, ok('own'));
      return second;
    },
  },
];

/** Each behaviour of each client. */
export async function behaviours(): Promise<Table> {
  const rows = [];
  for (const behaviour of BEHAVIOURS) {
    const seen = await Promise.all(CLIENTS.map(async ({ open }) => observe(behaviour, await open(behaviour.max ?? 8))));
    rows.push({ name: behaviour.name, cells: seen.map((text) => ({ seen: text, good: text === behaviour.good })) });
  }
  const columns = CLIENTS.map(({ name, ...peer }) =>
    peer.package ? `${name} ${versionOf({ ...peer } as never)}` : name,
  );
  return { id: 'pool-behaviours', title: `what clients do (node ${process.versions.node})`, columns, rows };
}

async function observe(behaviour: Behaviour, client: Client): Promise<string> {
  const undo: (() => void | Promise<void>)[] = [];
  const net = loopback({ release: (act) => void undo.push(act), transcript: new Transcript() });
  const server = await net.listen({ allowHalfOpen: false });
  const { host, port } = server.address as { host: string; port: number };
  const send = (path: string, options?: Options): Promise<string> =>
    client.send(`http://${host}:${port}${path}`, options).catch(nameOf);
  try {
    const seen = behaviour.run({ net, server, send });
    return (await within(4 * PATIENCE, seen)) ? await seen : 'hangs';
  } catch (error) {
    return `hangs (${error instanceof Error ? error.message.slice(0, 40) : error})`;
  } finally {
    await client.end().catch(() => {});
    for (const act of undo) await act();
  }
}

function nameOf(error: { code?: string; name?: string }): string {
  return error.code ?? error.name ?? String(error);
}

/** A first request there and back; returns its connection. */
async function exchange(server: Listener, first: Promise<string>, reply = OK): Promise<Peer> {
  const peer = await server.accept();
  await answered(peer, first, reply);
  return peer;
}

async function answered(peer: Peer, response: Promise<string>, reply = OK): Promise<void> {
  await peer.until('\r\n\r\n');
  await peer.send(reply);
  await response;
  await settle();
}

/** Answers every request on every connection, unless told when; the result tells how many connections there were. */
function serveAll(
  { server }: Listener,
  on: (path: string, answer: () => void) => void = (_, answer) => answer(),
): () => number {
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    socket.on('data', (data) => on(String(data).split(' ')[1]!, () => void socket.write(OK)));
  });
  return () => connections;
}

async function answerNext(server: Listener, reply: string): Promise<void> {
  const peer = await server.accept();
  await peer.until('\r\n\r\n');
  await peer.send(reply);
}

/** After `spoil`, what does the next request get? On a new connection it is answered with “own”. */
async function poisoned(
  server: Listener,
  send: (path: string) => Promise<string>,
  spoil: (first: Promise<string>) => Promise<Peer>,
): Promise<string> {
  const peer = await spoil(send('/1'));
  await settle();
  const second = send('/2');
  await settle();
  if (server.backlog > 0) await answerNext(server, ok('own'));
  else if (peer.unread.length > 0) await peer.send(ok('own'));
  return second;
}

async function kept(server: Listener, send: (path: string) => Promise<string>, reply: string): Promise<string> {
  const peer = await exchange(server, send('/1'), reply);
  void send('/2');
  await settle();
  return server.backlog === 0 && peer.unread.length > 0 ? 'yes' : 'no';
}

function gone({ socket }: Peer): Promise<void> {
  if (socket.readableEnded || socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve());
  });
}

async function within(ms: number, event: Promise<unknown>): Promise<boolean> {
  const late = new Promise<false>((resolve) => void setTimeout(resolve, ms, false).unref());
  return Promise.race([event.then(() => true), late]);
}

/** What is under way on the loopback interface has arrived: nothing is measured here, so a few turns more do no harm. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await turn();
}
