/**
 * A second correct design: every address is kept as IPv6, and connections hang in buckets.
 *
 * Differs from the reference in these ways: IPv4 is stored as ::ffff:a.b.c.d, so that there is one family and one kind
 * of key; connections are objects in singly linked chains; the hash is tabulation hashing (Zobrist), a table of random
 * words drawn from the seed; TIME_WAIT has a list of its own for each moment at which it ends; a port's
 * sockets are one array, found by port and address.
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

/** 16 bytes of local address, 16 of remote, two of each port, all in network order. */
const KEY_BYTES = 36;
const KEY_WORDS = 9;
const ANY4 = '00000000000000000000ffff00000000';
const ANY6 = '00000000000000000000000000000000';

interface Connection {
  key: Int32Array;
  hash: number;
  socket: number;
  options: Options;
  waits: boolean;
  next: Connection | undefined;
}

interface Bound {
  socket: number;
  /** The address in 32 hexadecimal digits. */
  place: string;
  port: number;
  options: Options;
  listening: boolean;
}

/** Who holds a local endpoint: its sockets, and its connections by what they agreed to share. */
interface Endpoint {
  bound: Bound[];
  listeners: Bound[];
  connections: Map<number, number>;
}

export class DemuxTable {
  #buckets: (Connection | undefined)[] = new Array(64);
  #count = 0;
  readonly #random: Int32Array;
  readonly #first: number;
  readonly #ports: number;
  readonly #wait: number;
  readonly #bound = new Map<number, Bound>();
  readonly #endpoints = new Map<number, Map<string, Endpoint>>();
  readonly #ends: { at: number; connections: Connection[] }[] = [];
  readonly #bytes = new Uint8Array(KEY_BYTES);
  readonly #words = new Int32Array(this.#bytes.buffer);
  #turn = 0;

  constructor(options: { seed: number; firstPort?: number; lastPort?: number; timeWait?: number }) {
    const { seed, firstPort = 32_768, lastPort = 60_999, timeWait = 60_000 } = options;
    let state = seed;
    this.#random = Int32Array.from({ length: KEY_BYTES * 256 }, () => {
      state = (state + 0x9e37_79b9) | 0; // splitmix32
      let word = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a_2d97);
      return word ^ (word >>> 15);
    });
    this.#first = firstPort;
    this.#ports = lastPort - firstPort + 1;
    this.#wait = timeWait;
  }

  bind(socket: number, address: Uint8Array, port: number, options: Options = {}): number {
    checkSocket(socket);
    checkPort(port);
    this.#address(address, 0);
    const place = this.#place();
    if (this.#bound.has(socket)) throw invalid('the socket is bound');
    if (options.ipv6Only && address.length === 16 && isFour(place)) throw invalid('a mapped address with ipv6Only');
    const wanted: Bound = { socket, place, port, options: { ...options }, listening: false };
    if (port === 0) {
      this.#bytes.fill(0, 16);
      wanted.port = this.#choose(
        (port) => !this.#blocked({ ...wanted, port, options: { ipv6Only: options.ipv6Only ?? false } }),
      );
      if (wanted.port === 0) throw taken('every port is taken');
    } else if (this.#blocked(wanted)) throw taken('the port is taken');
    this.#bound.set(socket, wanted);
    this.#endpoint(wanted.port, place).bound.push(wanted);
    return wanted.port;
  }

  listen(socket: number): void {
    const bound = this.#bound.get(socket);
    if (!bound) throw invalid('the socket is not bound');
    if (bound.listening) return;
    if (this.#blocked(bound)) throw taken('somebody listens there');
    bound.listening = true;
    this.#endpoint(bound.port, bound.place).listeners.push(bound);
  }

  unbind(socket: number): boolean {
    const bound = this.#bound.get(socket);
    if (!bound) return false;
    this.#bound.delete(socket);
    const endpoint = this.#endpoint(bound.port, bound.place);
    endpoint.bound = endpoint.bound.filter((other) => other !== bound);
    endpoint.listeners = endpoint.listeners.filter((other) => other !== bound);
    this.#tidy(bound.port, bound.place);
    return true;
  }

  establish(socket: number, tuple: Tuple, options: Options = {}): number {
    checkSocket(socket);
    this.#read(tuple);
    if (tuple.remotePort === 0) throw invalid('the remote port is 0');
    const place = this.#place();
    let port = tuple.localPort;
    if (port === 0) {
      port = this.#choose((port) => {
        this.#port(32, port);
        if (this.#find(this.#hash())) return false;
        const around = [place, ANY6, ...(isFour(place) ? [ANY4] : [])];
        return !around.some((at) =>
          this.#endpoints
            .get(port)
            ?.get(at)
            ?.bound.some((one) => covers(one, place)),
        );
      });
      if (port === 0) throw failure('EADDRNOTAVAIL', 'every port is taken');
    }
    const hash = this.#hash();
    if (this.#find(hash)) throw taken('the tuple is taken');
    this.#add({ key: this.#words.slice(), hash, socket, options, waits: false, next: undefined });
    const { connections } = this.#endpoint(port, place);
    const share = shareBits(options);
    connections.set(share, (connections.get(share) ?? 0) + 1);
    return port;
  }

  lookup(tuple: Tuple): number | 'TIME_WAIT' | 'RST' {
    this.#read(tuple);
    const hash = this.#hash();
    const found = this.#find(hash);
    if (found) return found.waits ? 'TIME_WAIT' : found.socket;
    const places = this.#endpoints.get(tuple.localPort);
    if (!places) return 'RST';
    const place = this.#place();
    const exact = places.get(place)?.listeners ?? [];
    if (exact.length > 0) return one(exact, hash);
    const four = (isFour(place) && places.get(ANY4)?.listeners) || [];
    if (four.length > 0) return one(four, hash);
    const any = (places.get(ANY6)?.listeners ?? []).filter(({ options }) => !isFour(place) || !options.ipv6Only);
    return any.length > 0 ? one(any, hash) : 'RST';
  }

  remove(tuple: Tuple): boolean {
    this.#read(tuple);
    const found = this.#find(this.#hash());
    if (!found || found.waits) return false;
    this.#drop(found);
    return true;
  }

  timeWait(tuple: Tuple, now: number): boolean {
    this.#read(tuple);
    const found = this.#find(this.#hash());
    if (!found || found.waits) return false;
    found.waits = true;
    const at = now + this.#wait;
    const last = this.#ends.at(-1);
    if (last?.at === at) last.connections.push(found);
    else this.#ends.push({ at, connections: [found] });
    return true;
  }

  expire(now: number): number {
    const due = this.#ends.findIndex(({ at }) => at > now);
    const over = this.#ends.splice(0, due === -1 ? this.#ends.length : due).flatMap(({ connections }) => connections);
    for (const connection of over) {
      this.#words.set(connection.key);
      this.#drop(connection);
    }
    return over.length;
  }

  #read(tuple: Tuple): void {
    checkPort(tuple.localPort);
    checkPort(tuple.remotePort);
    this.#address(tuple.localAddress, 0);
    this.#address(tuple.remoteAddress, 16);
    this.#port(32, tuple.localPort);
    this.#port(34, tuple.remotePort);
    if (this.#hasFour(0) !== this.#hasFour(4)) throw invalid('two families');
  }

  #address(address: Uint8Array, at: number): void {
    if (address.length === 16) return this.#bytes.set(address, at);
    if (address.length !== 4) throw invalid('an address has 4 or 16 bytes');
    this.#bytes.fill(0, at, at + 10).fill(0xff, at + 10, at + 12);
    for (let i = 0; i < 4; i++) this.#bytes[at + 12 + i] = address[i]!;
  }

  #port(at: number, port: number): void {
    this.#bytes[at] = port >> 8;
    this.#bytes[at + 1] = port;
  }

  #hasFour(word: number): boolean {
    const { buffer } = this.#bytes;
    const prefix = new DataView(buffer).getInt32(4 * word + 8);
    return this.#words[word] === 0 && this.#words[word + 1] === 0 && prefix === 0xffff;
  }

  #place(): string {
    return Buffer.from(this.#bytes.buffer, 0, 16).toString('hex');
  }

  #hash(): number {
    let hash = 0;
    for (let i = 0; i < KEY_BYTES; i++) hash ^= this.#random[(i << 8) | this.#bytes[i]!]!;
    return hash >>> 0;
  }

  #find(hash: number): Connection | undefined {
    let one = this.#buckets[hash & (this.#buckets.length - 1)];
    for (; one; one = one.next) if (one.hash === hash && sameKey(one.key, this.#words)) return one;
    return undefined;
  }

  #add(connection: Connection): void {
    if (++this.#count > this.#buckets.length) {
      const all = this.#buckets.flatMap((first) => {
        const chain: Connection[] = [];
        for (let one = first; one; one = one.next) chain.push(one);
        return chain;
      });
      this.#buckets = new Array(2 * this.#buckets.length);
      for (const one of all) this.#push(one);
    }
    this.#push(connection);
  }

  #push(connection: Connection): void {
    const bucket = connection.hash & (this.#buckets.length - 1);
    connection.next = this.#buckets[bucket];
    this.#buckets[bucket] = connection;
  }

  /** Takes out the connection whose key is in hand. */
  #drop(connection: Connection): void {
    const bucket = connection.hash & (this.#buckets.length - 1);
    let before = this.#buckets[bucket];
    if (before === connection) this.#buckets[bucket] = connection.next;
    else {
      while (before!.next !== connection) before = before!.next;
      before!.next = connection.next;
    }
    this.#count--;
    const [port, place] = [(this.#bytes[32]! << 8) | this.#bytes[33]!, this.#place()];
    const { connections } = this.#endpoint(port, place);
    const share = shareBits(connection.options);
    const left = connections.get(share)! - 1;
    if (left > 0) connections.set(share, left);
    else connections.delete(share);
    this.#tidy(port, place);
  }

  #endpoint(port: number, place: string): Endpoint {
    let places = this.#endpoints.get(port);
    if (!places) {
      places = new Map();
      this.#endpoints.set(port, places);
    }
    let endpoint = places.get(place);
    if (!endpoint) {
      endpoint = { bound: [], listeners: [], connections: new Map() };
      places.set(place, endpoint);
    }
    return endpoint;
  }

  #tidy(port: number, place: string): void {
    const places = this.#endpoints.get(port)!;
    const { bound, connections } = places.get(place)!;
    if (bound.length === 0 && connections.size === 0) places.delete(place);
    if (places.size === 0) this.#endpoints.delete(port);
  }

  #blocked(wanted: Bound): boolean {
    const share = shareBits(wanted.options);
    for (const [place, endpoint] of this.#endpoints.get(wanted.port) ?? []) {
      for (const held of endpoint.bound) {
        if (held === wanted || !(covers(held, wanted.place) || covers(wanted, held.place))) continue;
        const both = shareBits(held.options) & share;
        if (both < 2 && (both === 0 || held.listening)) return true;
      }
      if (place !== wanted.place && !covers(wanted, place)) continue;
      for (const held of endpoint.connections.keys()) if ((held & share) === 0) return true;
    }
    return false;
  }

  #choose(isFree: (port: number) => boolean): number {
    const start = this.#hash();
    for (let i = 0; i < this.#ports; i++) {
      const port = this.#first + ((start + this.#turn++) % this.#ports);
      if (isFree(port)) return port;
    }
    return 0;
  }
}

function sameKey(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < KEY_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}

function one(group: readonly Bound[], hash: number): number {
  return group[Math.floor((hash / 2 ** 32) * group.length)]!.socket;
}

function isFour(place: string): boolean {
  return place.startsWith('00000000000000000000ffff');
}

function covers({ place, options }: Pick<Bound, 'place' | 'options'>, other: string): boolean {
  if (place === other) return true;
  if (place === ANY4) return isFour(other);
  return place === ANY6 && !(isFour(other) && options.ipv6Only);
}

/** 1: reuseAddress. 2: reusePort. */
function shareBits({ reuseAddress, reusePort }: Options): number {
  return Number(reuseAddress ?? false) + 2 * Number(reusePort ?? false);
}

function checkPort(port: number): void {
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) throw invalid(`no port: ${port}`);
}

function checkSocket(socket: number): void {
  if (!(Number.isInteger(socket) && socket >= 0 && socket < 2 ** 31)) throw invalid(`no socket: ${socket}`);
}

function invalid(message: string): Error {
  return failure('EINVAL', message);
}

function taken(message: string): Error {
  return failure('EADDRINUSE', message);
}

function failure(code: 'EINVAL' | 'EADDRINUSE' | 'EADDRNOTAVAIL', message: string): Error {
  return Object.assign(new Error(message), { code });
}
