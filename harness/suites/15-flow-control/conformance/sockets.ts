/** Conversations with node:http2 over loopback sockets: megabytes, through the subject's windows and through Node's. */
import http2 from 'node:http2';
import { createConnection } from 'node:net';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal, within } from '../../../kit/check.ts';
import { before } from '../../../kit/deadline.ts';
import { loopback } from '../../../kit/loopback.ts';
import { comparePattern, Endpoint, type EndpointOptions, pattern } from '../support/endpoint.ts';

const group = 'on a socket';
const MB = 2 ** 20;
const CHUNK = 65_521;

type Serve = (stream: http2.ServerHttp2Stream, endpoint: () => Endpoint) => void;

interface Setting {
  serve: Serve;
  server?: http2.ServerOptions;
  subject?: Omit<EndpointOptions, 'role'>;
  /** The window of Node's connection, if not 65,535. */
  connectionWindow?: number;
}

/** The subject as a client of a node:http2 server. */
async function withServer(t: CaseContext, { serve, server: options = {}, subject, connectionWindow }: Setting) {
  const net = loopback(t);
  const server = http2.createServer(options);
  let endpoint: Endpoint | undefined;
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    serve(stream, () => endpoint as Endpoint);
  });
  const opened = new Promise<void>((resolve) => {
    server.on('session', (session) => {
      session.on('error', () => {});
      if (connectionWindow) session.setLocalWindowSize(connectionWindow);
      t.defer(() => session.destroy());
      resolve();
    });
  });
  const address = await net.serve(server);
  const peer = await net.connect(address, { who: 'subject', protocol: 'http2' });
  endpoint = new Endpoint(peer, { role: 'client', ...subject });
  await before(opened, { what: 'Node opens a session' });
  await endpoint.ready();
  return endpoint;
}

/** Node sends the pattern as fast as its streams take it. */
function sendContent(stream: http2.Http2Stream, octets: number): void {
  let sent = 0;
  const more = (): void => {
    while (sent < octets) {
      const chunk = pattern(sent, Math.min(CHUNK, octets - sent));
      sent += chunk.length;
      if (!stream.write(chunk)) return void stream.once('drain', more);
    }
    stream.end();
  };
  more();
}

/** Node reads a content, checks it, and says how much has come. */
class Reader {
  count = 0;
  ended = false;
  #wrong: unknown;
  readonly #poke: () => void;

  constructor(stream: http2.Http2Stream, poke: () => void) {
    this.#poke = poke;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', () => {
      this.ended = true;
      poke();
    });
  }

  /** Throws if the octets were not those that were sent. */
  isOver(): boolean {
    if (this.#wrong !== undefined) throw this.#wrong;
    return this.ended;
  }

  #take(chunk: Buffer): void {
    try {
      comparePattern(chunk, this.count, 'what Node got');
    } catch (error) {
      this.#wrong ??= error;
    }
    this.count += chunk.length;
    this.#poke();
  }
}

testCase(
  {
    id: 'window-socket-download',
    title: '64 MB from a node:http2 server, with windows of 65,535',
    clause: 'RFC 9113 §6.9',
    why: 'a thousand times the window: credit must come back again and again, at both levels',
    group,
  },
  async (t) => {
    const endpoint = await withServer(t, {
      serve(stream) {
        stream.respond({ ':status': 200 });
        sendContent(stream, 64 * MB);
      },
    });
    endpoint.request(1, '/');
    await endpoint.finished(1, '64 MB arrive');
    equal(endpoint.got.get(1), 64 * MB, 'octets that have arrived');
    within(endpoint.updates, 1_024, 8_300, 'WINDOW_UPDATE frames written, of a quarter of the window at least');
  },
);

testCase(
  {
    id: 'window-socket-upload',
    title: '64 MB to a node:http2 server, on four streams at once, with windows of 65,535',
    clause: 'RFC 9113 §6.9',
    why: 'two levels at work: each stream within its own window, and all together within the connection’s',
    group,
  },
  async (t) => {
    const readers: Reader[] = [];
    const endpoint = await withServer(t, {
      serve(stream, endpoint) {
        readers.push(new Reader(stream, () => endpoint().poke()));
      },
    });
    for (const id of [1, 3, 5, 7]) endpoint.request(id, '/', 16 * MB);
    const over = (): boolean => readers.length === 4 && readers.every((reader) => reader.isOver());
    await endpoint.until(over, 'Node gets 64 MB');
    equal(
      readers.map(({ count }) => count),
      [1, 2, 3, 4].map(() => 16 * MB),
      'octets that Node got on each stream',
    );
  },
);

testCase(
  {
    id: 'window-socket-download-1',
    title: '64 KB from a node:http2 server through windows of 1',
    clause: 'RFC 9113 §6.9.2',
    why: 'each octet needs its own credit: one that is held back as too small a piece is the end',
    group,
  },
  async (t) => {
    const streams = 16;
    const endpoint = await withServer(t, {
      serve(stream) {
        stream.respond({ ':status': 200 });
        sendContent(stream, 65_536 / streams);
      },
      subject: { initialWindow: 1 },
    });
    const ids = Array.from({ length: streams }, (_, i) => 2 * i + 1);
    for (const id of ids) endpoint.request(id, '/');
    await endpoint.until(() => endpoint.ended.size === streams, '64 KB arrive, 4 KB on each of 16 streams');
    equal(
      ids.map((id) => endpoint.got.get(id)),
      ids.map(() => 65_536 / streams),
      'octets that have arrived on each stream',
    );
    equal(endpoint.longest, 1, 'octets in the longest DATA frame');
  },
);

testCase(
  {
    id: 'window-socket-upload-1',
    title: '64 KB to a node:http2 server through windows of 1',
    clause: 'RFC 9113 §6.9.2; CVE-2019-9511',
    why: 'the slowest peer that the protocol allows: octet by octet, and not one too many',
    group,
  },
  async (t) => {
    const readers: Reader[] = [];
    const streams = 16;
    const endpoint = await withServer(t, {
      serve(stream, endpoint) {
        readers.push(new Reader(stream, () => endpoint().poke()));
      },
      server: { settings: { initialWindowSize: 1 } },
    });
    const ids = Array.from({ length: streams }, (_, i) => 2 * i + 1);
    for (const id of ids) endpoint.request(id, '/', 65_536 / streams);
    const over = (): boolean => readers.length === streams && readers.every((reader) => reader.isOver());
    await endpoint.until(over, 'Node gets 64 KB, 4 KB on each of 16 streams');
    equal(
      readers.map((reader) => reader.count),
      ids.map(() => 65_536 / streams),
      'octets that Node got on each stream',
    );
    equal(endpoint.longest, 1, 'octets in the longest DATA frame');
  },
);

testCase(
  {
    id: 'window-socket-unread',
    title: '64 MB from a node:http2 client, beside a stream that the subject never reads',
    clause: 'RFC 9113 §5.2.2',
    why: 'one request whose handler hangs must not stop the uploads of all others',
    group,
  },
  async (t) => {
    const net = loopback(t);
    const listener = await net.listen({ who: 'subject', protocol: 'http2' });
    const session = http2.connect('http://localhost', {
      createConnection: () => createConnection(listener.address as { host: string; port: number }),
    });
    session.on('error', () => {});
    t.defer(() => session.destroy());
    const endpoint = new Endpoint(await listener.accept(), { role: 'server', neglected: [1] });
    for (const octets of [100_000, 64 * MB]) {
      const stream = session.request({ ':method': 'POST' }, { endStream: false });
      stream.on('error', () => {});
      sendContent(stream, octets);
    }
    await endpoint.finished(3, '64 MB arrive on stream 3');
    equal(endpoint.got.get(3), 64 * MB, 'octets of stream 3');
    equal(endpoint.got.get(1), 65_535, 'octets of stream 1: its window, and no more');
    endpoint.attend(1);
    await endpoint.finished(1, 'the rest of stream 1 arrives, once it is read');
    equal(endpoint.got.get(1), 100_000, 'octets of stream 1');
  },
);

testCase(
  {
    id: 'window-socket-unread-there',
    title: '64 MB to a node:http2 server, beside a stream that Node never reads',
    clause: 'RFC 9113 §5.2.2',
    why: 'the sender’s part: who is blocked waits, and the others go on as the windows allow',
    group,
  },
  async (t) => {
    const readers = new Map<number, Reader>();
    const endpoint = await withServer(t, {
      serve(stream, endpoint) {
        const id = stream.id as number;
        if (id !== 1) readers.set(id, new Reader(stream, () => endpoint().poke()));
      },
      connectionWindow: MB,
    });
    endpoint.request(1, '/unread', MB);
    endpoint.request(3, '/', 64 * MB);
    await endpoint.until(() => readers.get(3)?.isOver() === true, 'Node gets 64 MB on stream 3');
    equal(readers.get(3)?.count, 64 * MB, 'octets that Node got on stream 3');
    equal(endpoint.sent.get(1), 65_535, 'octets sent on stream 1: its window, and no more');
  },
);
