/**
 * Real sockets of the loopback interface for one case. Whatever it opened is closed when the case ends.
 *
 *     const net = loopback(t);
 *     const server = await net.listen();                     // 127.0.0.1, a free port
 *     const client = await net.connect(server.address);      // a scripted peer, see peer.ts
 *     const peer = await server.accept();
 *     const [a, b] = await net.pair({ family: 6 });          // both at once
 *     const address = await net.serve(subject.server);       // a net.Server of the subject's: listens, and is closed
 *     const end = net.adopt(socket, 'subject');              // a socket of the subject's, as a peer
 *     const clients = await net.swarm(server.address, 2000, { from: sourceAddress });
 *
 * `family` is 4 (127.0.0.1), 6 (::1) or `unix`. A Unix socket has a name in Linux's abstract namespace, since the
 * process that runs a suite may not write files; where there is no such namespace `hasUnix` is false and a case must
 * not ask for one.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { CaseContext } from './case.ts';
import { ok } from './check.ts';
import { before } from './deadline.ts';
import { CaseFailure } from './failure.ts';
import { keptByKit } from './making.ts';
import { Peer } from './peer.ts';

export { Peer };

export type Family = 4 | 6 | 'unix';
export type Address = { host: string; port: number } | { path: string };

/** unix(7): an abstract name begins with NUL and needs no file. */
export const hasUnix = process.platform === 'linux';

/** With the default of 511, 1,000 simultaneous connects overflow the queue and wait a second for their SYN's retry. */
const BACKLOG = 4096;
/** Connects under way at once; well below the backlog, so that none is ever dropped. */
const WAVE = 200;

/**
 * How many descriptors this process may have. A connection within it takes two; a case with thousands asks first, and
 * takes fewer where the limit is low.
 */
export function descriptorLimit(): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : Number.POSITIVE_INFINITY;
}

export interface Options {
  /** Name in the transcript. */
  who?: string;
  /** Local address to connect from: any of 127.0.0.0/8. */
  from?: string;
  /** How the bytes are decoded in a transcript. */
  protocol?: 'http1' | 'http2';
}

export interface ListenOptions extends Options {
  family?: Family;
  /** Default: go on sending after the peer's FIN. */
  allowHalfOpen?: boolean;
}

/** The `index`-th source address: 127.1.0.1, 127.1.0.2 … 254 to each third octet, no network or broadcast lookalikes. */
export function sourceAddress(index: number): string {
  const [high, low] = [Math.floor(index / 254), (index % 254) + 1];
  return `127.${1 + (high >> 8)}.${high & 255}.${low}`;
}

export function loopback(t: Pick<CaseContext, 'release' | 'transcript'>): Loopback {
  return new Loopback(t);
}

export class Loopback {
  readonly #t: Pick<CaseContext, 'release' | 'transcript'>;
  readonly #sockets = new Set<Socket>();
  readonly #servers = new Set<Server>();

  constructor(t: Pick<CaseContext, 'release' | 'transcript'>) {
    this.#t = t;
    t.release(() => this.close());
  }

  /** Listens with a scripted server. */
  async listen(options: ListenOptions = {}): Promise<Listener> {
    const { family, who = 'server', protocol, allowHalfOpen = true } = options;
    const server = createServer({ allowHalfOpen, noDelay: true });
    const listener = new Listener(server, (socket) => this.adopt(socket, who, protocol).begun('accepted'));
    listener.address = await this.serve(server, family);
    return listener;
  }

  /** Lets a server, scripted or the subject's, listen on a free port, and closes it with its connections at the end. */
  async serve(server: Server, family: Family = 4): Promise<Address> {
    this.#servers.add(server);
    server.on('connection', (socket: Socket) => this.#keep(socket));
    const ready = new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...newAddress(family), backlog: BACKLOG }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    await before(ready, { what: 'a server listens' });
    return addressOf(server);
  }

  /** Connects a scripted client. */
  async connect(address: Address, { who = 'client', from, protocol }: Options = {}): Promise<Peer> {
    const local = from === undefined ? {} : { localAddress: from };
    const socket = this.#keep(createConnection({ ...address, ...local, noDelay: true, allowHalfOpen: true }));
    keptByKit.add(socket);
    const what = `${who} connects to ${showAddress(address)}`;
    const connected = new Promise<void>((resolve, reject) => {
      const refused = (error: NodeJS.ErrnoException): void =>
        reject(new CaseFailure({ expected: what, actual: `it got ${error.code ?? error.message}` }, error));
      socket.once('error', refused);
      socket.once('connect', () => {
        socket.off('error', refused);
        resolve();
      });
    });
    await before(connected, { what });
    return this.adopt(socket, who, protocol).begun('connected');
  }

  /** Both ends of a new connection: `[client, server]`. */
  async pair(options: Omit<ListenOptions, 'who'> = {}): Promise<[client: Peer, server: Peer]> {
    const listener = await this.listen(options);
    const client = await this.connect(listener.address, options);
    const server = await listener.accept();
    listener.server.close();
    return [client, server];
  }

  /** Many connections to one address, in waves. */
  async swarm(
    address: Address,
    count: number,
    { from, ...options }: Omit<Options, 'from'> & { from?: (index: number) => string } = {},
  ): Promise<Peer[]> {
    const peers: Peer[] = [];
    while (peers.length < count) {
      const wave = Array.from({ length: Math.min(WAVE, count - peers.length) }, (_, i) => {
        const index = peers.length + i;
        return this.connect(address, { who: `client ${index}`, ...options, ...(from ? { from: from(index) } : {}) });
      });
      peers.push(...(await Promise.all(wave)));
    }
    return peers;
  }

  /** A connected socket of anyone's as a scripted peer. It reads from now on. */
  adopt(socket: Socket, who: string, protocol?: 'http1' | 'http2'): Peer {
    this.#keep(socket);
    return new Peer(socket, { who, transcript: this.#t.transcript, ...(protocol ? { protocol } : {}) });
  }

  /** Closes everything; called at the end of the case. Resolves when all of it is closed. */
  async close(): Promise<void> {
    const closing: Promise<unknown>[] = [];
    for (const server of this.#servers) {
      if (server.listening) closing.push(new Promise((resolve) => void server.close(resolve)));
    }
    for (const socket of this.#sockets) {
      if (!socket.closed) closing.push(new Promise((resolve) => void socket.once('close', resolve)));
      socket.destroy();
    }
    await before(Promise.all(closing), { what: 'the connections of the case are closed' });
  }

  #keep(socket: Socket): Socket {
    if (this.#sockets.has(socket)) return socket;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/** A listening scripted server: `accept()` gives its connections in the order in which they came. */
export class Listener {
  readonly server: Server;
  address!: Address;
  readonly #ready: Peer[] = [];
  readonly #waiting: ((peer: Peer) => void)[] = [];

  constructor(server: Server, adopt: (socket: Socket) => Peer) {
    this.server = server;
    server.on('connection', (socket) => {
      const peer = adopt(socket);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(peer);
      else this.#ready.push(peer);
    });
  }

  accept(what = 'a connection arrives at the server'): Promise<Peer> {
    const ready = this.#ready.shift();
    if (ready) return Promise.resolve(ready);
    return before(new Promise<Peer>((resolve) => void this.#waiting.push(resolve)), { what });
  }

  /** How many connections arrived and were not accepted yet. */
  get backlog(): number {
    return this.#ready.length;
  }
}

let names = 0;

function newAddress(family: Family): { host: string; port: number } | { path: string } {
  if (family === 4) return { host: '127.0.0.1', port: 0 };
  if (family === 6) return { host: '::1', port: 0 };
  ok(hasUnix, 'a system with abstract Unix sockets', `this is ${process.platform}`);
  return { path: `\0wirekata-${process.pid}-${++names}` };
}

function addressOf(server: Server): Address {
  const at = server.address();
  if (typeof at === 'string') return { path: at };
  if (at === null) throw new Error('the server does not listen');
  return { host: at.address, port: at.port };
}

function showAddress(address: Address): string {
  return 'path' in address ? `unix socket ${address.path.replace('\0', '@')}` : `${address.host} port ${address.port}`;
}
