/**
 * The demultiplexer of a TCP stack: four numbers in, one socket out.
 *
 * Two kinds of thing are remembered. A *flow* is a connection, known by all four parts of its tuple. An *endpoint* is
 * one local port and address, with the sockets bound there. A segment is looked up among the flows first and only
 * then, its remote half forgotten, among the endpoints: the exact local address, the wildcard of its family, and for
 * IPv4 at last the dual-stack `::`.
 *
 * There may be a million flows, and strangers choose half of their key: they live in a `FlowTable`, rows of whole words
 * in one Int32Array under a keyed hash. Endpoints are few and chosen by us: they live in ordinary Maps.
 */

/** An IP address as it stands in a packet, network byte order: 4 bytes for IPv4, 16 for IPv6. */
export type Address = Uint8Array;

/** A connection as seen from this host: `local` is what a segment that arrives calls its destination. */
export interface Tuple {
  localAddress: Address;
  localPort: number;
  remoteAddress: Address;
  remotePort: number;
}

export interface DemuxOptions {
  /** Secret of the hash: a whole number, 0 ≤ seed < 2^32. */
  seed: number;
  /** The ephemeral ports, both ends included. 32768 and 60999 unless given. */
  firstPort?: number;
  lastPort?: number;
  /** How long a tuple stays in TIME_WAIT, in ms. 60,000 unless given. */
  timeWait?: number;
}

export interface ReuseOptions {
  reuseAddress?: boolean;
  reusePort?: boolean;
}

export interface BindOptions extends ReuseOptions {
  ipv6Only?: boolean;
}

/** The socket that gets the segment, or why none does. */
export type Verdict = number | 'TIME_WAIT' | 'RST';

export type DemuxErrorCode = 'EINVAL' | 'EADDRINUSE' | 'EADDRNOTAVAIL';

/** The widest key of a flow: two IPv6 addresses and a word with both ports. */
const KEY_WORDS = 9;

export class DemuxTable {
  readonly #flows4: FlowTable;
  readonly #flows6: FlowTable;
  /** The sockets bound, and every endpoint in use, by port and then by address. */
  readonly #bound = new Map<number, Binding>();
  readonly #ports = new Map<number, Map<AddressId, Endpoint>>();
  /** Tuples in TIME_WAIT in the order in which they end, from `#oldest` on. */
  readonly #waiting: Waiting[] = [];
  #oldest = 0;
  /** Goes up with every ephemeral port that is tried, so that a search goes on where the last one ended. */
  #tried = 0;
  readonly #firstPort: number;
  readonly #portCount: number;
  readonly #timeWait: number;
  /** The key of the tuple in hand. Every call fills it anew. */
  readonly #key = new Int32Array(KEY_WORDS);

  constructor({ seed, firstPort = 32768, lastPort = 60999, timeWait = 60_000 }: DemuxOptions) {
    this.#flows4 = new FlowTable(3, seed);
    this.#flows6 = new FlowTable(KEY_WORDS, seed);
    this.#firstPort = firstPort;
    this.#portCount = lastPort - firstPort + 1;
    this.#timeWait = timeWait;
  }

  bind(socket: number, address: Address, port: number, options: BindOptions = {}): number {
    checkSocket(socket);
    checkPort(port);
    if (this.#bound.has(socket)) throw demuxError('EINVAL', `socket ${socket} is already bound`); // bind(2)
    const width = readAddress(address, this.#key.fill(0), 0);
    const ipv6Only = options.ipv6Only ?? false;
    // A socket that speaks IPv6 only cannot own an IPv4 address (ipv6(7), IPV6_V6ONLY).
    if (ipv6Only && width === 1 && address.length === 16) throw demuxError('EINVAL', 'IPv4-mapped, yet ipv6Only');
    const reuse = reuseBits(options);
    const binding = { socket, address: addressId(this.#key, width), port, ipv6Only, reuse, listening: false };
    if (port === 0) binding.port = this.#portForBind(binding);
    else if (this.#isTaken(binding)) throw demuxError('EADDRINUSE', `port ${port} is taken`);
    this.#bound.set(socket, binding);
    this.#endpoint(binding.port, binding.address).bound.push(binding);
    return binding.port;
  }

  listen(socket: number): void {
    const binding = this.#bound.get(socket);
    if (!binding) throw demuxError('EINVAL', `socket ${socket} is not bound`);
    if (binding.listening) return;
    // Sockets that shared the port by reuseAddress while none of them listened meet the conflict here (listen(2)).
    if (this.#isTaken(binding)) throw demuxError('EADDRINUSE', `port ${binding.port} is listened on`);
    binding.listening = true;
    this.#endpoint(binding.port, binding.address).refresh();
  }

  unbind(socket: number): boolean {
    const binding = this.#bound.get(socket);
    if (!binding) return false;
    this.#bound.delete(socket);
    const endpoint = this.#endpoint(binding.port, binding.address);
    endpoint.bound.splice(endpoint.bound.indexOf(binding), 1);
    endpoint.refresh();
    this.#release(endpoint);
    return true;
  }

  establish(socket: number, tuple: Tuple, options: ReuseOptions = {}): number {
    checkSocket(socket);
    if (tuple.remotePort === 0) throw demuxError('EINVAL', 'the remote port is 0');
    const flows = this.#read(tuple);
    const port = tuple.localPort === 0 ? this.#portForFlow(flows, tuple.remotePort) : tuple.localPort;
    // RFC 9293 §4: a pair of sockets (address and port) names one connection. TIME_WAIT counts as one.
    if (flows.find(this.#key) !== MISSING) throw demuxError('EADDRINUSE', 'the tuple is in use');
    const reuse = reuseBits(options);
    flows.add(this.#key, socket, reuse);
    this.#endpoint(port, addressId(this.#key, flows.addressWords)).flows[reuse]! += 1;
    return port;
  }

  lookup(tuple: Tuple): Verdict {
    const flows = this.#read(tuple);
    const row = flows.find(this.#key);
    if (row === MISSING) return this.#listenerFor(flows, tuple.localPort) ?? 'RST'; // RFC 9293 §3.10.7.1
    const socket = flows.socketAt(row);
    return socket === TIME_WAIT ? 'TIME_WAIT' : socket;
  }

  remove(tuple: Tuple): boolean {
    const flows = this.#read(tuple);
    const row = flows.find(this.#key);
    // TIME_WAIT ends by time alone: to end it early is what RFC 1337 warns of.
    if (row === MISSING || flows.socketAt(row) === TIME_WAIT) return false;
    this.#forget(flows, row, this.#key);
    return true;
  }

  timeWait(tuple: Tuple, now: number): boolean {
    const flows = this.#read(tuple);
    const row = flows.find(this.#key);
    if (row === MISSING || flows.socketAt(row) === TIME_WAIT) return false;
    flows.setSocketAt(row, TIME_WAIT);
    // Every wait is as long as the others and `now` never goes back: first in is first out.
    this.#waiting.push({ flows, key: this.#key.slice(0, flows.keyWords), until: now + this.#timeWait });
    return true;
  }

  expire(now: number): number {
    let freed = 0;
    for (; this.#oldest < this.#waiting.length; this.#oldest++) {
      const { flows, key, until } = this.#waiting[this.#oldest]!;
      if (until > now) break;
      this.#forget(flows, flows.find(key), key);
      freed++;
    }
    // What is done with is cut off when it is half of the list: an entry is moved once on average, not at each call.
    if (this.#oldest * 2 >= this.#waiting.length) {
      this.#waiting.splice(0, this.#oldest);
      this.#oldest = 0;
    }
    return freed;
  }

  /** Puts the tuple into `#key` as words, and says which table it belongs to. */
  #read(tuple: Tuple): FlowTable {
    const { localPort, remotePort } = tuple;
    checkPort(localPort);
    checkPort(remotePort);
    const width = readAddress(tuple.localAddress, this.#key, 0);
    const same = readAddress(tuple.remoteAddress, this.#key, width) === width;
    if (!same) throw demuxError('EINVAL', 'one address is IPv4, the other IPv6');
    this.#key[2 * width] = (localPort << 16) | remotePort;
    return width === 1 ? this.#flows4 : this.#flows6;
  }

  /** The listening socket for the segment in `#key`: one of the most specific endpoint that has any. */
  #listenerFor(flows: FlowTable, port: number): number | undefined {
    const endpoints = this.#ports.get(port);
    if (!endpoints) return undefined;
    const hash = flows.hash(this.#key, 0);
    const exact = pick(endpoints.get(addressId(this.#key, flows.addressWords))?.listeners, hash);
    if (exact !== undefined) return exact;
    if (flows === this.#flows6) return pick(endpoints.get(ANY6)?.listeners, hash);
    return pick(endpoints.get(ANY4)?.listeners, hash) ?? pick(endpoints.get(ANY6)?.dualStack, hash);
  }

  /** The endpoints that may overlap with this one: for a single address, that address and the wildcards. */
  #rivals({ port, address }: Pick<Binding, 'port' | 'address'>): Endpoint[] {
    const endpoints = this.#ports.get(port);
    if (!endpoints) return [];
    if (isAny(address)) return [...endpoints.values()];
    return [address, ANY4, ANY6].flatMap((at) => endpoints.get(at) ?? []);
  }

  /** Whether another socket or a connection stands in the way of `wanted`. */
  #isTaken(wanted: Binding): boolean {
    for (const endpoint of this.#rivals(wanted)) {
      const { bound, flows } = endpoint;
      if (bound.some((held) => held !== wanted && overlap(held, wanted) && !mayShare(held, wanted))) return true;
      if (!overlap(endpoint, wanted)) continue;
      if (flows.some((count, reuse) => count > 0 && !mayShare({ reuse, listening: false }, wanted))) return true;
    }
    return false;
  }

  /** An ephemeral port for `bind`. It is never shared, whatever the options say: hence `reuse: 0`. */
  #portForBind(wanted: Binding): number {
    const port = this.#search(this.#flows6.hash(this.#key, 0), (port) => !this.#isTaken({ ...wanted, port, reuse: 0 }));
    if (port === 0) throw demuxError('EADDRINUSE', 'no ephemeral port is free'); // bind(2)
    return port;
  }

  /** An ephemeral port for the flow in `#key`, put into the key: the tuple is new and no socket is bound there. */
  #portForFlow(flows: FlowTable, remotePort: number): number {
    const wanted = { address: addressId(this.#key, flows.addressWords), ipv6Only: false };
    const port = this.#search(flows.hash(this.#key, 0), (port) => {
      this.#key[flows.keyWords - 1] = (port << 16) | remotePort;
      if (flows.find(this.#key) !== MISSING) return false;
      return !this.#rivals({ ...wanted, port }).some(({ bound }) => bound.some((held) => overlap(held, wanted)));
    });
    if (port === 0) throw demuxError('EADDRNOTAVAIL', 'no ephemeral port is free'); // connect(2)
    return port;
  }

  /** The first free port from a secret place on, round the range (RFC 6056 §3.3.3); 0 if none is free. */
  #search(start: number, isFree: (port: number) => boolean): number {
    for (let i = 0; i < this.#portCount; i++) {
      const port = this.#firstPort + ((start + this.#tried++) % this.#portCount);
      if (isFree(port)) return port;
    }
    return 0;
  }

  /** The endpoint at this port and address, made if it is new. */
  #endpoint(port: number, address: AddressId): Endpoint {
    const endpoints = this.#ports.get(port) ?? new Map<AddressId, Endpoint>();
    const endpoint = endpoints.get(address) ?? new Endpoint(port, address);
    this.#ports.set(port, endpoints.set(address, endpoint));
    return endpoint;
  }

  /** Drops the endpoint if nothing holds it any more. */
  #release({ port, address, bound, flows }: Endpoint): void {
    if (bound.length > 0 || flows.some((count) => count > 0)) return;
    const endpoints = this.#ports.get(port)!;
    endpoints.delete(address);
    if (endpoints.size === 0) this.#ports.delete(port);
  }

  #forget(flows: FlowTable, row: number, key: Int32Array): void {
    const endpoint = this.#endpoint(key[flows.keyWords - 1]! >>> 16, addressId(key, flows.addressWords));
    endpoint.flows[flows.reuseAt(row)]! -= 1;
    flows.delete(row);
    this.#release(endpoint);
  }
}

/** An address as the key of a Map: IPv4, mapped or not, is a number and IPv6 a string. */
type AddressId = number | string;

const ANY4 = 0;
const ANY6 = '0,0,0,0';

/** A bound socket: what it holds, and with whom it will share. */
interface Binding {
  socket: number;
  address: AddressId;
  port: number;
  ipv6Only: boolean;
  /** REUSE_ADDRESS, REUSE_PORT, both or neither. */
  reuse: number;
  listening: boolean;
}

const REUSE_ADDRESS = 1;
const REUSE_PORT = 2;

/** One local port and address: the sockets bound there, and how many flows it has. */
class Endpoint {
  readonly port: number;
  readonly address: AddressId;
  /** So that flows can be asked for overlap like a binding: what is connected at `::` takes in no IPv4. */
  readonly ipv6Only = true;
  readonly bound: Binding[] = [];
  /** How many flows there are with each of the four sets of reuse bits. */
  readonly flows = [0, 0, 0, 0];
  /** Sockets that take new connections here; those of them that take IPv4 too, if this is `::`. */
  listeners: number[] = [];
  dualStack: number[] = [];

  constructor(port: number, address: AddressId) {
    this.port = port;
    this.address = address;
  }

  /** To be called when `bound` has changed, so that no lookup need filter. */
  refresh(): void {
    const listening = this.bound.filter((binding) => binding.listening);
    this.listeners = listening.map((binding) => binding.socket);
    this.dualStack = listening.filter((binding) => !binding.ipv6Only).map((binding) => binding.socket);
  }
}

/** A tuple in TIME_WAIT. */
interface Waiting {
  flows: FlowTable;
  key: Int32Array;
  until: number;
}

const MISSING = -1;
/** What stands in a row in place of a socket: nothing is here; the connection is in TIME_WAIT. */
const EMPTY = -1;
const TIME_WAIT = -2;
const SMALLEST = 16;
/** A random word for each value of each of four bytes. */
const WORDS_PER_WORD = 4 * 256;

/**
 * The flows of one address family: open addressing with linear probing. A row is the key (local address, remote
 * address, both ports), the socket and the reuse bits. At most half of the rows are in use, so that a search takes
 * 1.5 rows on average if the key is there and 2.5 if it is not (Knuth, The Art of Computer Programming, vol. 3, §6.4).
 */
class FlowTable {
  readonly keyWords: number;
  readonly addressWords: number;
  readonly #stride: number;
  /** WORDS_PER_WORD random words for each word of a key. */
  readonly #random: Int32Array;
  #rows: Int32Array;
  #mask = SMALLEST - 1;
  #used = 0;

  constructor(keyWords: number, seed: number) {
    this.keyWords = keyWords;
    this.addressWords = (keyWords - 1) / 2;
    this.#stride = keyWords + 2;
    this.#random = randomWords(keyWords * WORDS_PER_WORD, seed);
    this.#rows = new Int32Array(SMALLEST * this.#stride).fill(EMPTY);
  }

  /** Where the row of this key begins, or MISSING. Good until the next `add` or `delete`. */
  find(key: Int32Array): number {
    const rows = this.#rows;
    const { keyWords } = this;
    for (let slot = this.hash(key, 0) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = slot * this.#stride;
      if (rows[row + keyWords] === EMPTY) return MISSING;
      let i = 0;
      while (i < keyWords && rows[row + i] === key[i]) i++;
      if (i === keyWords) return row;
    }
  }

  socketAt(row: number): number {
    return this.#rows[row + this.keyWords]!;
  }

  setSocketAt(row: number, socket: number): void {
    this.#rows[row + this.keyWords] = socket;
  }

  reuseAt(row: number): number {
    return this.#rows[row + this.keyWords + 1]!;
  }

  /** Puts in a key that is not there yet. */
  add(key: Int32Array, socket: number, reuse: number): void {
    this.#used++;
    if (2 * this.#used > this.#mask) this.#grow();
    const row = this.#freeRow(key, 0);
    for (let i = 0; i < this.keyWords; i++) this.#rows[row + i] = key[i]!;
    this.#rows[row + this.keyWords] = socket;
    this.#rows[row + this.keyWords + 1] = reuse;
  }

  /**
   * Empties a row. Rows that it pushed on must move up, or a search for them would end at the hole (Knuth, §6.4,
   * Algorithm R). There are no tombstones: a table that has been in use for years is as quick as a new one.
   */
  delete(row: number): void {
    const rows = this.#rows;
    let hole = row;
    for (let next = this.#after(row); rows[next + this.keyWords] !== EMPTY; next = this.#after(next)) {
      const home = (this.hash(rows, next) & this.#mask) * this.#stride;
      // A row whose home lies behind the hole, on the way round to where it stands, was not pushed on by it.
      if (hole < next ? hole < home && home <= next : hole < home || home <= next) continue;
      this.#copy(rows, next, hole);
      hole = next;
    }
    rows[hole + this.keyWords] = EMPTY;
    this.#used--;
  }

  #grow(): void {
    const old = this.#rows;
    this.#mask = 2 * this.#mask + 1;
    this.#rows = new Int32Array(2 * old.length).fill(EMPTY);
    for (let row = 0; row < old.length; row += this.#stride) {
      if (old[row + this.keyWords] !== EMPTY) this.#copy(old, row, this.#freeRow(old, row));
    }
  }

  /** The row where the key that stands at `at` in `words` belongs. */
  #freeRow(words: Int32Array, at: number): number {
    let row = (this.hash(words, at) & this.#mask) * this.#stride;
    while (this.#rows[row + this.keyWords] !== EMPTY) row = this.#after(row);
    return row;
  }

  #after(row: number): number {
    return row + this.#stride === this.#rows.length ? 0 : row + this.#stride;
  }

  #copy(from: Int32Array, at: number, to: number): void {
    for (let i = 0; i < this.#stride; i++) this.#rows[to + i] = from[at + i]!;
  }

  /**
   * The unsigned 32-bit hash of the key that stands at `at` in `words`: each of its bytes picks a random word, and ^
   * joins them (tabulation hashing). Without the seed nobody can choose keys that pile up in one place; with linear
   * probing it keeps searches short whatever the keys are (Pătraşcu and Thorup, 2012).
   */
  hash(words: Int32Array, at: number): number {
    const random = this.#random;
    let hash = 0;
    for (let i = 0; i < this.keyWords; i++) {
      const word = words[at + i]!;
      const first = i * WORDS_PER_WORD;
      hash ^= random[first + (word & 0xff)]!;
      hash ^= random[first + 0x100 + ((word >>> 8) & 0xff)]!;
      hash ^= random[first + 0x200 + ((word >>> 16) & 0xff)]!;
      hash ^= random[first + 0x300 + (word >>> 24)]!;
    }
    return hash >>> 0;
  }
}

/** The first words of the stream that belongs to a seed (splitmix32). */
function randomWords(count: number, seed: number): Int32Array {
  const words = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const state = (seed + Math.imul(i + 1, 0x9e3779b9)) | 0;
    const half = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    const whole = Math.imul(half ^ (half >>> 15), 0x735a2d97);
    words[i] = whole ^ (whole >>> 15);
  }
  return words;
}

/** Writes an address as words from `at` on and returns how many: 1 for IPv4, mapped or not, and 4 for IPv6. */
function readAddress(address: Address, words: Int32Array, at: number): number {
  const { length } = address;
  if (length !== 4 && length !== 16) throw demuxError('EINVAL', `an address of ${length} bytes`);
  for (let i = 0; 4 * i < length; i++) words[at + i] = wordAt(address, 4 * i);
  if (length === 4) return 1;
  // ::ffff:a.b.c.d is the IPv4 host a.b.c.d (RFC 4291 §2.5.5.2).
  if (words[at] !== 0 || words[at + 1] !== 0 || words[at + 2] !== 0xffff) return 4;
  words[at] = words[at + 3]!;
  return 1;
}

/** Four bytes in network order. From 128.0.0.0 up the word is negative: no harm while every word is made here. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** The id of the address that a key begins with. */
function addressId(key: Int32Array, width: number): AddressId {
  return width === 1 ? key[0]! : `${key[0]},${key[1]},${key[2]},${key[3]}`;
}

/** One socket of the group, for the same hash always the same: the hash scaled down from 2^32 to the group's size. */
function pick(sockets: number[] | undefined, hash: number): number | undefined {
  return sockets?.[Math.floor((hash / 0x1_0000_0000) * sockets.length)];
}

/** Whether there is an address at which both would receive. */
function overlap(a: Pick<Binding, 'address' | 'ipv6Only'>, b: Pick<Binding, 'address' | 'ipv6Only'>): boolean {
  if (a.address === b.address) return true;
  if (typeof a.address === typeof b.address) return isAny(a.address) || isAny(b.address);
  const six = typeof a.address === 'string' ? a : b;
  return isAny(six.address) && !six.ipv6Only; // `::` takes in all of IPv4 unless told not to
}

/** The rule of socket(7) as Linux keeps it: both must have asked, and reuseAddress shares with nobody who listens. */
function mayShare(held: Pick<Binding, 'reuse' | 'listening'>, wanted: Pick<Binding, 'reuse'>): boolean {
  const both = held.reuse & wanted.reuse;
  return (both & REUSE_PORT) !== 0 || ((both & REUSE_ADDRESS) !== 0 && !held.listening);
}

function isAny(address: AddressId): boolean {
  return address === ANY4 || address === ANY6;
}

function reuseBits({ reuseAddress, reusePort }: ReuseOptions): number {
  return (reuseAddress ? REUSE_ADDRESS : 0) | (reusePort ? REUSE_PORT : 0);
}

function checkSocket(socket: number): void {
  if ((socket | 0) !== socket || socket < 0) throw demuxError('EINVAL', `${socket} is no socket number`);
}

function checkPort(port: number): void {
  if ((port & 0xffff) !== port) throw demuxError('EINVAL', `${port} is no port`);
}

function demuxError(code: DemuxErrorCode, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
