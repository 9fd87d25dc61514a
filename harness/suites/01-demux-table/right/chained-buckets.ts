/**
 * A second correct design: connections hang in buckets.
 *
 * Differs from the reference in these ways: connections are objects in singly linked chains; the hash mixes one word
 * after the other into the seed, as MurmurHash3 does; TIME_WAIT has a list for each moment at which it ends; who holds
 * a port is found by one rule over all its places, and what connections agreed to share is counted in a Map.
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

/** An address: a whole number for IPv4, mapped or not, and its bytes in hexadecimal for IPv6. */
type Host = number | string;

const ANY4 = 0;
const ANY6 = '0'.repeat(32);

interface Connection {
  hash: number;
  local: Host;
  remote: Host;
  ports: number;
  socket: number;
  options: Options;
  waits: boolean;
  next: Connection | undefined;
}

interface Bound {
  socket: number;
  place: Host;
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
  readonly #seed: number;
  readonly #first: number;
  readonly #ports: number;
  readonly #wait: number;
  readonly #bound = new Map<number, Bound>();
  readonly #endpoints = new Map<number, Map<Host, Endpoint>>();
  readonly #ends = new Map<number, Connection[]>();
  readonly #times: number[] = [];
  #nextTime = 0;
  /** The tuple in hand. */
  #local: Host = ANY4;
  #remote: Host = ANY4;
  #pair = 0;
  #hash = 0;
  #turn = 0;

  constructor(options: { seed: number; firstPort?: number; lastPort?: number; timeWait?: number }) {
    const { seed, firstPort = 32_768, lastPort = 60_999, timeWait = 60_000 } = options;
    this.#seed = seed | 0;
    this.#first = firstPort;
    this.#ports = lastPort - firstPort + 1;
    this.#wait = timeWait;
  }

  bind(socket: number, address: Uint8Array, port: number, options: Options = {}): number {
    checkSocket(socket);
    checkPort(port);
    const place = hostOf(address);
    if (this.#bound.has(socket)) throw invalid('the socket is bound');
    if (options.ipv6Only && address.length === 16 && typeof place === 'number')
      throw invalid('a mapped address with ipv6Only');
    const wanted: Bound = { socket, place, port, options: { ...options }, listening: false };
    if (port === 0) {
      const alone = { ...wanted, options: { ipv6Only: options.ipv6Only ?? false } };
      wanted.port = this.#choose(mix(this.#seed, address), (port) => !this.#blocked({ ...alone, port }));
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
    const place = this.#local;
    let port = tuple.localPort;
    if (port === 0) {
      port = this.#choose(this.#hash, (port) => {
        this.#read({ ...tuple, localPort: port });
        if (this.#find()) return false;
        return ![place, ANY4, ANY6].some((at) => {
          return this.#endpoints
            .get(port)
            ?.get(at)
            ?.bound.some((one) => covers(one, place));
        });
      });
      if (port === 0) throw failure('EADDRNOTAVAIL', 'every port is taken');
    }
    if (this.#find()) throw taken('the tuple is taken');
    this.#add({
      hash: this.#hash,
      local: place,
      remote: this.#remote,
      ports: this.#pair,
      socket,
      options: { ...options },
      waits: false,
      next: undefined,
    });
    const { connections } = this.#endpoint(port, place);
    const share = shareBits(options);
    connections.set(share, (connections.get(share) ?? 0) + 1);
    return port;
  }

  lookup(tuple: Tuple): number | 'TIME_WAIT' | 'RST' {
    this.#read(tuple);
    const found = this.#find();
    if (found) return found.waits ? 'TIME_WAIT' : found.socket;
    const places = this.#endpoints.get(tuple.localPort);
    if (!places) return 'RST';
    const place = this.#local;
    const isFour = typeof place === 'number';
    const exact = places.get(place)?.listeners ?? [];
    if (exact.length > 0) return one(exact, this.#hash);
    const four = (isFour && places.get(ANY4)?.listeners) || [];
    if (four.length > 0) return one(four, this.#hash);
    const any = (places.get(ANY6)?.listeners ?? []).filter(({ options }) => !isFour || !options.ipv6Only);
    return any.length > 0 ? one(any, this.#hash) : 'RST';
  }

  remove(tuple: Tuple): boolean {
    this.#read(tuple);
    const found = this.#find();
    if (!found || found.waits) return false;
    this.#drop(found);
    return true;
  }

  timeWait(tuple: Tuple, now: number): boolean {
    this.#read(tuple);
    const found = this.#find();
    if (!found || found.waits) return false;
    found.waits = true;
    const at = now + this.#wait;
    const together = this.#ends.get(at);
    if (together) together.push(found);
    else {
      this.#times.push(at);
      this.#ends.set(at, [found]);
    }
    return true;
  }

  expire(now: number): number {
    let freed = 0;
    for (let at = this.#times[this.#nextTime]; at !== undefined && at <= now; at = this.#times[++this.#nextTime]) {
      for (const connection of this.#ends.get(at)!) {
        this.#drop(connection);
        freed++;
      }
      this.#ends.delete(at);
    }
    if (this.#nextTime * 2 > this.#times.length) this.#nextTime -= this.#times.splice(0, this.#nextTime).length;
    return freed;
  }

  #read(tuple: Tuple): void {
    checkPort(tuple.localPort);
    checkPort(tuple.remotePort);
    this.#local = hostOf(tuple.localAddress);
    this.#remote = hostOf(tuple.remoteAddress);
    if (typeof this.#local !== typeof this.#remote) throw invalid('two families');
    this.#pair = (tuple.localPort << 16) | tuple.remotePort;
    const hosts = mix(mix(this.#seed, tuple.localAddress), tuple.remoteAddress);
    this.#hash = mixWord(hosts, this.#pair) >>> 0;
  }

  #find(): Connection | undefined {
    let one = this.#buckets[this.#hash & (this.#buckets.length - 1)];
    while (one && (one.ports !== this.#pair || one.remote !== this.#remote || one.local !== this.#local))
      one = one.next;
    return one;
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

  #drop(connection: Connection): void {
    const bucket = connection.hash & (this.#buckets.length - 1);
    let before = this.#buckets[bucket];
    if (before === connection) this.#buckets[bucket] = connection.next;
    else {
      while (before!.next !== connection) before = before!.next;
      before!.next = connection.next;
    }
    this.#count--;
    const [port, place] = [connection.ports >>> 16, connection.local];
    const { connections } = this.#endpoint(port, place);
    const share = shareBits(connection.options);
    const left = connections.get(share)! - 1;
    if (left > 0) connections.set(share, left);
    else connections.delete(share);
    this.#tidy(port, place);
  }

  #endpoint(port: number, place: Host): Endpoint {
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

  #tidy(port: number, place: Host): void {
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

  #choose(from: number, isFree: (port: number) => boolean): number {
    const start = from >>> 0;
    for (let i = 0; i < this.#ports; i++) {
      const port = this.#first + ((start + this.#turn++) % this.#ports);
      if (isFree(port)) return port;
    }
    return 0;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function one(group: readonly Bound[], hash: number): number {
  return group[Math.floor((hash / 2 ** 32) * group.length)]!.socket;
}

function hostOf(address: Uint8Array): Host {
  if (address.length === 4) return wordAt(address, 0);
  if (address.length !== 16) throw invalid('an address has 4 or 16 bytes');
  if (isMapped(address)) return wordAt(address, 12);
  return Buffer.from(address).toString('hex');
}

function isMapped(address: Uint8Array): boolean {
  return wordAt(address, 0) === 0 && wordAt(address, 4) === 0 && wordAt(address, 8) === 0xffff;
}

function mix(seed: number, address: Uint8Array): number {
  if (address.length === 4) return mixWord(seed, wordAt(address, 0));
  if (isMapped(address)) return mixWord(seed, wordAt(address, 12));
  return [0, 4, 8, 12].reduce((hash, at) => mixWord(hash, wordAt(address, at)), seed);
}

/** The mixing step of MurmurHash3. */
function mixWord(seed: number, word: number): number {
  let hash = Math.imul(seed ^ word, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

function covers({ place, options }: Pick<Bound, 'place' | 'options'>, other: Host): boolean {
  if (place === other) return true;
  if (place === ANY4) return typeof other === 'number';
  return place === ANY6 && (typeof other === 'string' || !options.ipv6Only);
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
