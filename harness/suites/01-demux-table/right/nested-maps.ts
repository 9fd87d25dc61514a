/**
 * A second correct design: no hash table of its own, but Maps of Maps.
 *
 * Differs from the reference in nearly everything: a connection is an object, found by remote address, then local
 * address, then ports; its place in the list of who holds a port is the same object, so that there is one rule for
 * sockets and connections; TIME_WAIT is a field of it. V8 hashes the keys. The seed is only used to deal clients among
 * listeners and to begin the search for a port.
 */

interface Tuple {
  localAddress: Uint8Array;
  localPort: number;
  remoteAddress: Uint8Array;
  remotePort: number;
}

interface Options {
  reuseAddress?: boolean;
  reusePort?: boolean;
  ipv6Only?: boolean;
}

type Code = 'EINVAL' | 'EADDRINUSE' | 'EADDRNOTAVAIL';
/** A whole number for IPv4, eight groups in hexadecimal for IPv6. */
type Host = number | string;

const ANY4 = 0;
const ANY6 = '0:0:0:0:0:0:0:0';

/** Whoever holds a local port: a socket that is bound or listens, or a connection. */
interface Holder {
  socket: number;
  host: Host;
  port: number;
  options: Options;
  state: 'bound' | 'listening' | 'connected' | 'waiting';
}

interface Connection extends Holder {
  remote: Host;
  remotePort: number;
  until: number;
}

export class DemuxTable {
  readonly #seed: number;
  readonly #firstPort: number;
  readonly #lastPort: number;
  readonly #timeWait: number;
  readonly #bound = new Map<number, Holder>();
  /** Port → host → who is there. */
  readonly #holders = new Map<number, Map<Host, Set<Holder>>>();
  /** Port → host → who listens there. */
  readonly #listeners = new Map<number, Map<Host, Holder[]>>();
  /** Remote host → local host → both ports. */
  readonly #connections = new Map<Host, Map<Host, Map<number, Connection>>>();
  /** In the order of their ends. What is over is dropped in portions. */
  #waiting: Connection[] = [];
  #over = 0;

  constructor(options: { seed: number; firstPort?: number; lastPort?: number; timeWait?: number }) {
    this.#seed = options.seed;
    this.#firstPort = options.firstPort ?? 32_768;
    this.#lastPort = options.lastPort ?? 60_999;
    this.#timeWait = options.timeWait ?? 60_000;
  }

  bind(socket: number, address: Uint8Array, port: number, options: Options = {}): number {
    checkSocket(socket);
    checkPort(port);
    const host = hostOf(address);
    if (this.#bound.has(socket)) throw failure('EINVAL', 'bound already');
    if (options.ipv6Only && address.length === 16 && typeof host === 'number') throw failure('EINVAL', 'mapped');
    const holder: Holder = { socket, host, port, options: { ...options }, state: 'bound' };
    if (port === 0) {
      holder.port = this.#search(scatter(this.#seed, [holder.host]), (port) => {
        return ![...this.#at(port)].some((other) => overlaps(other, holder));
      });
      if (holder.port === 0) throw failure('EADDRINUSE', 'no port is left');
    } else this.#refuseConflict(holder);
    this.#bound.set(socket, holder);
    this.#hold(holder);
    return holder.port;
  }

  listen(socket: number): void {
    const holder = this.#bound.get(socket);
    if (!holder) throw failure('EINVAL', 'not bound');
    if (holder.state === 'listening') return;
    this.#refuseConflict(holder);
    holder.state = 'listening';
    const hosts = child(this.#listeners, holder.port);
    hosts.set(holder.host, [...(hosts.get(holder.host) ?? []), holder]);
  }

  unbind(socket: number): boolean {
    const holder = this.#bound.get(socket);
    if (!holder) return false;
    this.#bound.delete(socket);
    this.#letGo(holder);
    const hosts = this.#listeners.get(holder.port);
    const rest = hosts?.get(holder.host)?.filter((other) => other !== holder) ?? [];
    if (rest.length > 0) hosts?.set(holder.host, rest);
    else hosts?.delete(holder.host);
    if (hosts?.size === 0) this.#listeners.delete(holder.port);
    return true;
  }

  establish(socket: number, tuple: Tuple, options: Options = {}): number {
    checkSocket(socket);
    const remote = hostOf(tuple.remoteAddress);
    const host = localOf(tuple, remote);
    const { remotePort } = tuple;
    if (remotePort === 0) throw failure('EINVAL', 'remote port 0');
    const connection: Connection = {
      socket,
      host,
      port: tuple.localPort,
      remote,
      remotePort,
      options: { ...options },
      state: 'connected',
      until: Number.POSITIVE_INFINITY,
    };
    if (connection.port === 0) connection.port = this.#portFor(connection);
    else if (this.#find(host, connection.port, remote, remotePort)) throw failure('EADDRINUSE', 'connected already');
    child(child(this.#connections, remote), host).set(pair(connection.port, remotePort), connection);
    this.#hold(connection);
    return connection.port;
  }

  lookup(tuple: Tuple): number | 'TIME_WAIT' | 'RST' {
    const remote = hostOf(tuple.remoteAddress);
    const host = localOf(tuple, remote);
    const connection = this.#find(host, tuple.localPort, remote, tuple.remotePort);
    if (connection) return connection.state === 'waiting' ? 'TIME_WAIT' : connection.socket;
    const hosts = this.#listeners.get(tuple.localPort);
    if (!hosts) return 'RST';
    const candidates = [hosts.get(host)];
    if (typeof host === 'string') candidates.push(hosts.get(ANY6));
    else
      candidates.push(
        hosts.get(ANY4),
        hosts.get(ANY6)?.filter(({ options }) => !options.ipv6Only),
      );
    const group = candidates.find((found) => found !== undefined && found.length > 0);
    if (!group) return 'RST';
    const share = scatter(this.#seed, [host, remote, pair(tuple.localPort, tuple.remotePort)]) / 2 ** 32;
    return group[Math.floor(share * group.length)]!.socket;
  }

  remove(tuple: Tuple): boolean {
    const connection = this.#connected(tuple);
    if (connection) this.#forget(connection);
    return connection !== undefined;
  }

  timeWait(tuple: Tuple, now: number): boolean {
    const connection = this.#connected(tuple);
    if (!connection) return false;
    connection.state = 'waiting';
    connection.until = now + this.#timeWait;
    this.#waiting.push(connection);
    return true;
  }

  expire(now: number): number {
    const before = this.#over;
    while (this.#over < this.#waiting.length && this.#waiting[this.#over]!.until <= now) {
      this.#forget(this.#waiting[this.#over++]!);
    }
    const freed = this.#over - before;
    if (this.#over > 1_000 && this.#over * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#over);
      this.#over = 0;
    }
    return freed;
  }

  #connected(tuple: Tuple): Connection | undefined {
    const remote = hostOf(tuple.remoteAddress);
    const host = localOf(tuple, remote);
    const connection = this.#find(host, tuple.localPort, remote, tuple.remotePort);
    return connection?.state === 'connected' ? connection : undefined;
  }

  #find(host: Host, port: number, remote: Host, remotePort: number): Connection | undefined {
    return this.#connections.get(remote)?.get(host)?.get(pair(port, remotePort));
  }

  #portFor({ host, remote, remotePort }: Connection): number {
    const port = this.#search(scatter(this.#seed, [host, remote, remotePort]), (port) => {
      if (this.#find(host, port, remote, remotePort)) return false;
      const wanted = { host, options: {} };
      for (const at of [host, ANY4, ANY6]) {
        for (const other of this.#holders.get(port)?.get(at) ?? []) {
          const isSocket = other.state === 'bound' || other.state === 'listening';
          if (isSocket && overlaps(other, wanted)) return false;
        }
      }
      return true;
    });
    if (port === 0) throw failure('EADDRNOTAVAIL', 'no port is left');
    return port;
  }

  #search(start: number, isFree: (port: number) => boolean): number {
    const count = this.#lastPort - this.#firstPort + 1;
    for (let i = 0; i < count; i++) {
      const port = this.#firstPort + ((start + i) % count);
      if (isFree(port)) return port;
    }
    return 0;
  }

  #refuseConflict(wanted: Holder): void {
    for (const other of this.#at(wanted.port)) {
      if (other !== wanted && overlaps(other, wanted) && !share(other, wanted)) {
        throw failure('EADDRINUSE', `port ${wanted.port} is taken`);
      }
    }
  }

  *#at(port: number): Generator<Holder> {
    for (const holders of this.#holders.get(port)?.values() ?? []) yield* holders;
  }

  #hold(holder: Holder): void {
    const hosts = child(this.#holders, holder.port);
    const holders = hosts.get(holder.host);
    if (holders) holders.add(holder);
    else hosts.set(holder.host, new Set([holder]));
  }

  #letGo(holder: Holder): void {
    const hosts = this.#holders.get(holder.port)!;
    const holders = hosts.get(holder.host)!;
    holders.delete(holder);
    if (holders.size === 0) hosts.delete(holder.host);
    if (hosts.size === 0) this.#holders.delete(holder.port);
  }

  #forget(connection: Connection): void {
    const { host, port, remote, remotePort } = connection;
    const locals = this.#connections.get(remote)!;
    const ports = locals.get(host)!;
    ports.delete(pair(port, remotePort));
    if (ports.size === 0) locals.delete(host);
    if (locals.size === 0) this.#connections.delete(remote);
    this.#letGo(connection);
  }
}

/** The Map under a key, made if there is none. */
function child<K, K2, V>(map: Map<K, Map<K2, V>>, key: K): Map<K2, V> {
  const found = map.get(key);
  if (found) return found;
  const made = new Map<K2, V>();
  map.set(key, made);
  return made;
}

function pair(port: number, remotePort: number): number {
  return (port << 16) | remotePort;
}

function share(other: Holder, wanted: Holder): boolean {
  if (other.options.reusePort && wanted.options.reusePort) return true;
  return Boolean(other.options.reuseAddress && wanted.options.reuseAddress) && other.state !== 'listening';
}

function overlaps(a: Pick<Holder, 'host' | 'options'>, b: Pick<Holder, 'host' | 'options'>): boolean {
  return covers(a, b.host) || covers(b, a.host);
}

function covers({ host, options }: Pick<Holder, 'host' | 'options'>, other: Host): boolean {
  if (host === other) return true;
  if (host === ANY4) return typeof other === 'number';
  return host === ANY6 && (typeof other === 'string' || !options.ipv6Only);
}

/** Checks the tuple and returns its local host; the remote one is of the same family. */
function localOf(tuple: Tuple, remote: Host): Host {
  checkPort(tuple.localPort);
  checkPort(tuple.remotePort);
  const local = hostOf(tuple.localAddress);
  if (typeof local !== typeof remote) throw failure('EINVAL', 'two families');
  return local;
}

function hostOf(address: Uint8Array): Host {
  if (address.length === 4) return wordAt(address, 0);
  if (address.length !== 16) throw failure('EINVAL', `${address.length} bytes of address`);
  const groups = Array.from({ length: 8 }, (_, i) => ((address[2 * i]! << 8) | address[2 * i + 1]!).toString(16));
  const text = groups.join(':');
  return text.startsWith('0:0:0:0:0:ffff:') ? wordAt(address, 12) : text;
}

function wordAt(address: Uint8Array, at: number): number {
  return (address[at]! << 24) | (address[at + 1]! << 16) | (address[at + 2]! << 8) | address[at + 3]!;
}

/** A number from 0 to 2^32 − 1 that depends on every part and on the seed (the mixing step of MurmurHash3). */
function scatter(seed: number, parts: readonly Host[]): number {
  let hash = seed | 0;
  const mix = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
  };
  for (const part of parts) {
    if (typeof part === 'number') mix(part);
    else for (const group of part.split(':')) mix(Number.parseInt(group, 16));
  }
  mix(0x9e37_79b9);
  return hash >>> 0;
}

function checkPort(port: number): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw failure('EINVAL', `port ${port}`);
}

function checkSocket(socket: number): void {
  if (!Number.isInteger(socket) || socket < 0 || socket >= 2 ** 31) throw failure('EINVAL', `socket ${socket}`);
}

function failure(code: Code, message: string): Error {
  return Object.assign(new Error(message), { code });
}
