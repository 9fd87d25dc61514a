/**
 * A keep-alive connection pool for an HTTP/1.1 client, in four parts, each of which stands without the next:
 *
 *     originKey        which requests may share a connection
 *     ResponseReader   bytes in, parts of a response out, and whether the connection can live on
 *     PoolCore         decides: events and the time in, actions out; no socket, no timer, no promise
 *     Pool             acts: owns the sockets and one timer, reports what happens, does what the core says
 *
 * HTTP/1.1 has no request id: a response belongs to a request only because it is the next thing on the connection
 * (RFC 9112 §9.2). So a connection carries one request at a time, and is kept only while it is certain where the
 * last response ended. In doubt it is closed: a new connection costs a round trip, a wrong guess costs somebody
 * else's response.
 *
 *     dial ─▶ dialing ─▶ busy ─▶ idle ─▶ busy ─▶ …      and from each state: closed
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** Received names are in lower case; fields stand in the order of the wire. */
export type Header = [name: string, value: string];

/** Who we are to the server, and whom we take it for. `ca`, `cert` and `key` are PEM text. */
export interface TlsIdentity {
  servername?: string;
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized?: boolean;
}

/** What is dialled. An IPv6 address is without brackets. */
export interface Target {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  tls?: TlsIdentity;
}

export type ResponsePart =
  | { type: 'head'; status: number; headers: Header[] }
  | { type: 'data'; bytes: Uint8Array }
  | { type: 'end' }
  | { type: 'error'; error: Error };

/** Times are in milliseconds. */
export interface PoolOptions {
  maxPerOrigin?: number;
  maxIdlePerOrigin?: number;
  idleTimeout?: number;
  waitTimeout?: number;
}

export type Action =
  | { type: 'dial'; connection: number; key: string }
  | { type: 'send'; request: number; connection: number }
  | { type: 'fail'; request: number; error: Error }
  | { type: 'close'; connection: number };

export interface Timers {
  now(): number;
  setTimer(act: () => void, ms: number): unknown;
  clearTimer(handle: unknown): void;
}

export interface ShellOptions extends PoolOptions {
  timers?: Timers;
  connect?: (target: Target) => Socket;
}

export interface PoolRequest {
  url: string;
  method?: string;
  headers?: Header[];
  body?: string | Uint8Array;
  signal?: AbortSignal;
  tls?: TlsIdentity;
}

export interface PoolResponse {
  status: number;
  headers: Header[];
  body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  discard(): void;
}

/** An error with a code to tell it by. */
function failure(code: 'ECONNRESET' | 'EPROTO' | 'ETIMEDOUT' | 'ESHUTDOWN', message: string): Error {
  return Object.assign(new Error(message), { code });
}

const incomplete = () => failure('ECONNRESET', 'the connection closed before the response was complete');
const malformed = (what: string) => failure('EPROTO', `the server sent ${what.slice(0, 80)}`);

// ───────────────────────────────────────────── the key ─────────────────────────────────────────────

/**
 * The key is the whole of what `Pool` dials with, written down in one order: what is not in it cannot make
 * two connections differ.
 */
export function originKey(url: string, tls: TlsIdentity = {}): string {
  const { protocol, hostname, port } = new URL(url); // lower-cases the host, leaves out a default port
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'http:') return JSON.stringify({ scheme: 'http', host, port: Number(port || 80) });
  if (protocol !== 'https:') throw new TypeError(`no connections for ${protocol}`);
  const { servername, ca, cert, key, rejectUnauthorized = true } = tls;
  const identity = { servername, ca, cert, key, rejectUnauthorized };
  return JSON.stringify({ scheme: 'https', host, port: Number(port || 443), tls: identity });
}

// ───────────────────────────────────────────── reading a response ─────────────────────────────────────────────

/** Most bytes of lines (status line, fields, chunk sizes, trailers) between two pieces of body. */
const MAX_LINES = 16_384;
const LF = 0x0a;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/; // RFC 9110 §5.6.2
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/; // RFC 9110 §5.5: no CR, LF, NUL; nothing that latin1 would truncate

/** A step of reading: suspended whenever more bytes are needed, which is the only thing it waits for. */
type Reading<T> = Generator<void, T, void>;

export class ResponseReader {
  readonly #reading: Reading<void>;
  #input: Uint8Array = new Uint8Array(0);
  #parts: ResponsePart[] = [];
  #lineBytes = 0;
  #closed = false;
  #minor = 1;
  #status = 0;
  #headers: Header[] = [];
  /** The end has come, or an error. */
  #over = false;
  #complete = false;

  constructor(method: string) {
    this.#reading = this.#response(method);
  }

  push(bytes: Uint8Array): ResponsePart[] {
    this.#input = bytes;
    this.#parts = [];
    try {
      this.#reading.next();
    } catch (error) {
      this.#fail(error as Error);
    }
    // Bytes after the end are no valid response, and message delimitation is now ambiguous (RFC 9112 §9.2).
    if (this.#input.length > 0) this.#closed = true;
    return this.#parts;
  }

  end(): ResponsePart[] {
    this.#closed = true;
    this.push(new Uint8Array(0));
    if (!this.#over) this.#fail(incomplete());
    return this.#parts;
  }

  /** RFC 9112 §9.3, in its order. */
  get reusable(): boolean {
    const options = this.#list('connection').map((option) => option.toLowerCase());
    if (!this.#complete || this.#closed || options.includes('close')) return false;
    return this.#minor === 1 || options.includes('keep-alive');
  }

  get idleHint(): number {
    for (const parameter of this.#list('keep-alive')) {
      const seconds = /^timeout=([0-9]{1,9})$/i.exec(parameter)?.[1];
      if (seconds) return Number(seconds) * 1000;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The whole of a response; how its body ends is RFC 9112 §6.3, in its order of precedence. */
  *#response(method: string): Reading<void> {
    do yield* this.#head();
    while (this.#status < 200); // interim ones precede the final one (RFC 9110 §15.2)
    this.#lineBytes = 0;
    this.#parts.push({ type: 'head', status: this.#status, headers: this.#headers });
    const codings = this.#list('transfer-encoding');
    const lengths = this.#list('content-length');
    if (method === 'HEAD' || this.#status === 204 || this.#status === 304) {
      // No body, whatever the fields say.
    } else if (codings.length > 0) {
      if (lengths.length > 0) throw malformed('both Transfer-Encoding and Content-Length'); // smuggling, §11.2
      if (codings.join().toLowerCase() !== 'chunked') throw malformed(`transfer coding ${codings}`);
      yield* this.#chunks();
    } else if (lengths.length > 0) {
      yield* this.#body(contentLength(lengths));
    } else {
      yield* this.#untilClosed();
    }
    this.#complete = this.#over = true;
    this.#parts.push({ type: 'end' });
  }

  *#head(): Reading<void> {
    const statusLine = yield* this.#line();
    const [, minor, status] = /^HTTP\/1\.([01]) ([1-9][0-9][0-9])(?: .*)?$/.exec(statusLine) ?? [];
    if (!status || status === '101') throw malformed(`status line “${statusLine}”`); // nobody asked to switch
    this.#minor = Number(minor);
    this.#status = Number(status);
    this.#headers = [];
    for (let line = yield* this.#line(); line !== ''; line = yield* this.#line()) this.#field(line);
  }

  #field(line: string): void {
    const last = this.#headers.at(-1);
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const value = trimOws(line.slice(colon + 1));
    if (/^[ \t]/.test(line) && last)
      last[1] += ` ${trimOws(line)}`; // RFC 9112 §5.2: an obs-fold counts as SP
    else if (TOKEN.test(name) && FIELD_VALUE.test(value)) this.#headers.push([name.toLowerCase(), value]);
    else throw malformed(`field line “${line}”`);
  }

  /** RFC 9112 §7.1. Trailers are dropped: they may not be merged unasked (RFC 9110 §6.5.1). */
  *#chunks(): Reading<void> {
    for (;;) {
      const line = yield* this.#line();
      const [, size] = /^([0-9A-Fa-f]{1,13})(?:[ \t]*;.*)?$/.exec(line) ?? []; // 13 digits stay below 2^53
      if (!size) throw malformed(`chunk size “${line}”`);
      this.#lineBytes = 0;
      if (Number.parseInt(size, 16) === 0) break;
      yield* this.#body(Number.parseInt(size, 16));
      if ((yield* this.#line()) !== '') throw malformed('chunk data longer than its size');
    }
    while ((yield* this.#line()) !== '');
  }

  *#body(length: number): Reading<void> {
    for (let left = length; left > 0; ) {
      if (this.#input.length === 0) yield;
      const bytes = this.#consume(Math.min(left, this.#input.length));
      if (bytes.length > 0) this.#parts.push({ type: 'data', bytes });
      left -= bytes.length;
    }
  }

  *#untilClosed(): Reading<void> {
    while (!this.#closed) {
      if (this.#input.length > 0) this.#parts.push({ type: 'data', bytes: this.#consume(this.#input.length) });
      yield;
    }
  }

  *#line(): Reading<string> {
    for (let line = ''; ; ) {
      const end = this.#input.indexOf(LF) + 1;
      const bytes = this.#consume(end || this.#input.length);
      line += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
      this.#lineBytes += bytes.length; // of interim responses too: they cannot come for ever
      if (this.#lineBytes > MAX_LINES) throw malformed(`more than ${MAX_LINES} bytes of lines`);
      if (end > 0 && !line.endsWith('\r\n')) throw malformed('a line without CR');
      if (end > 0) return line.slice(0, -2);
      yield;
    }
  }

  #fail(error: Error): void {
    this.#over = true;
    this.#parts.push({ type: 'error', error });
  }

  #consume(length: number): Uint8Array {
    const bytes = this.#input.subarray(0, length);
    this.#input = this.#input.subarray(length);
    return bytes;
  }

  /** The members of all fields of that name (RFC 9110 §5.3, §5.6.1). */
  #list(name: string): string[] {
    return this.#headers.filter(([n]) => n === name).flatMap(([, value]) => value.split(',').map(trimOws));
  }
}

/** A list is fine if all its members are the same (RFC 9112 §6.3, item 5). */
function contentLength(lengths: string[]): number {
  const [length] = lengths as [string];
  const wrong = !/^[0-9]+$/.test(length) || !Number.isSafeInteger(Number(length));
  if (wrong || lengths.some((other) => other !== length)) throw malformed(`Content-Length ${lengths}`);
  return Number(length);
}

/** Optional whitespace is SP and HTAB (RFC 9110 §5.6.3); `trim()` would also take U+00A0 and more. */
function trimOws(text: string): string {
  let from = 0;
  let to = text.length;
  while (text[from] === ' ' || text[from] === '\t') from++;
  while (text[to - 1] === ' ' || text[to - 1] === '\t') to--;
  return text.slice(from, to);
}

// ───────────────────────────────────────────── deciding ─────────────────────────────────────────────

/** The server's idle time began before ours, by the time the response travelled: stay clear of its end. */
const HINT_MARGIN = 1000;

interface Connection {
  id: number;
  origin: Origin;
  state: 'dialing' | 'busy' | 'idle';
  /** What it carries, when busy. */
  request: Request | undefined;
  /** Was open without a request at some time: the server may have closed it meanwhile. */
  reused: boolean;
  /** A byte of the response has come. */
  answered: boolean;
  /** When it must be gone, if idle. */
  expires: number;
}

/** Either waits in a queue or is on a connection. */
interface Request {
  id: number;
  idempotent: boolean;
  connection: Connection | undefined;
  queue: Queue;
  deadline: number;
  before: Request | undefined;
  after: Request | undefined;
}

interface Origin {
  key: string;
  connections: Set<Connection>;
  dialing: number;
  /** Last in, first out: the one used last is the least likely to be stale, and the surplus gets to expire. */
  idle: Connection[];
  waiting: Queue;
  /** Retries. They wait for a new connection only, and before all others. */
  retrying: Queue;
}

/** First in, first out, and out of the middle: each in constant time, for waiters are cancelled as often as served. */
class Queue {
  readonly origin: Origin;
  first: Request | undefined;
  #last: Request | undefined;
  size = 0;

  constructor(origin: Origin) {
    this.origin = origin;
  }

  push(request: Request): void {
    request.before = this.#last;
    if (this.#last) this.#last.after = request;
    else this.first = request;
    this.#last = request;
    request.queue = this;
    this.size++;
  }

  remove(request: Request): Request {
    if (request.before) request.before.after = request.after;
    else this.first = request.after;
    if (request.after) request.after.before = request.before;
    else this.#last = request.before;
    request.before = request.after = undefined;
    this.size--;
    return request;
  }
}

/**
 * After every event: nobody waits while a connection is idle, and there are as many dials under way as requests
 * that wait, if the maximum allows. An event that names something which is gone changes nothing.
 */
export class PoolCore {
  readonly #max: number;
  readonly #maxIdle: number;
  readonly #idleTimeout: number;
  readonly #waitTimeout: number;
  readonly #origins = new Map<string, Origin>();
  readonly #connections = new Map<number, Connection>();
  readonly #requests = new Map<number, Request>();
  #lastId = 0;
  #closing = false;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(options: PoolOptions = {}) {
    this.#max = options.maxPerOrigin ?? 8;
    this.#maxIdle = options.maxIdlePerOrigin ?? this.#max;
    this.#idleTimeout = options.idleTimeout ?? 4000; // below the 5 s after which Node's servers close
    this.#waitTimeout = options.waitTimeout ?? Number.POSITIVE_INFINITY;
  }

  /** Kept as a lower bound: what it was set for may be over by then, and a tick too many does no harm. */
  get wakeAt(): number {
    return this.#wakeAt;
  }

  request({ id, key, idempotent }: { id: number; key: string; idempotent: boolean }, now: number): Action[] {
    if (this.#closing) return [{ type: 'fail', request: id, error: failure('ESHUTDOWN', 'the pool is closed') }];
    const actions: Action[] = [];
    const origin = this.#origin(key);
    const request = newRequest(id, idempotent, origin.waiting);
    this.#requests.set(id, request);
    const idle = this.#takeIdle(origin, now, actions);
    if (idle) actions.push(this.#assign(idle, request));
    else this.#enqueue(request, origin.waiting, now, actions);
    return actions;
  }

  cancel(id: number): Action[] {
    const request = this.#requests.get(id);
    if (!request) return [];
    const actions: Action[] = [];
    this.#requests.delete(id);
    // What is left of a response would be taken for the next one (RFC 9112 §9.3): its connection goes too.
    if (request.connection) actions.push(this.#drop(request.connection));
    else request.queue.remove(request);
    return this.#balance(request.queue.origin, actions);
  }

  connected(id: number, now: number): Action[] {
    const connection = this.#connections.get(id);
    if (connection?.state !== 'dialing') return [];
    const { origin } = connection;
    origin.dialing--;
    return this.#free(connection, origin.retrying.first ?? origin.waiting.first, this.#idleTimeout, now);
  }

  received(id: number): Action[] {
    const connection = this.#connections.get(id);
    if (connection) connection.answered = true;
    if (connection?.state !== 'idle') return [];
    return this.#balance(connection.origin, [this.#drop(connection)]); // RFC 9112 §9.2: the answer to nothing
  }

  release(id: number, { reusable, idleHint }: { reusable: boolean; idleHint: number }, now: number): Action[] {
    const connection = this.#connections.get(id);
    if (connection?.state !== 'busy') return [];
    const { origin } = connection;
    this.#requests.delete(connection.request!.id);
    if (!reusable) return this.#balance(origin, [this.#drop(connection)]);
    connection.reused = true;
    return this.#free(connection, origin.waiting.first, Math.min(this.#idleTimeout, idleHint - HINT_MARGIN), now);
  }

  lost(id: number, error: Error, now: number): Action[] {
    const connection = this.#connections.get(id);
    if (!connection) return [];
    const { origin, state } = connection;
    const request = state === 'dialing' ? (origin.retrying.first ?? origin.waiting.first) : connection.request;
    this.#drop(connection);
    const actions: Action[] = [];
    if (request && mayRetry(connection, request)) this.#enqueue(request, origin.retrying, now, actions);
    else if (request) actions.push(this.#fail(request, error));
    return this.#balance(origin, actions);
  }

  tick(now: number): Action[] {
    const actions: Action[] = [];
    this.#wakeAt = Number.POSITIVE_INFINITY;
    for (const origin of this.#origins.values()) {
      this.#expireRequests(origin.retrying, now, actions);
      this.#expireRequests(origin.waiting, now, actions);
      for (const connection of [...origin.idle]) {
        if (connection.expires <= now) actions.push(this.#drop(connection));
        else this.#wake(connection.expires);
      }
      this.#balance(origin, actions);
    }
    return actions;
  }

  close(): Action[] {
    this.#closing = true;
    const actions: Action[] = [];
    for (const origin of this.#origins.values()) this.#balance(origin, actions);
    return actions;
  }

  destroy(error: Error): Action[] {
    this.#closing = true;
    const actions: Action[] = [];
    for (const request of this.#requests.keys()) actions.push({ type: 'fail', request, error });
    for (const connection of this.#connections.keys()) actions.push({ type: 'close', connection });
    for (const map of [this.#requests, this.#connections, this.#origins]) map.clear();
    return actions;
  }

  #origin(key: string): Origin {
    const origin = this.#origins.get(key) ?? newOrigin(key);
    this.#origins.set(key, origin);
    return origin;
  }

  /** The connection that was used last, if it is still good: expired ones go, whether `tick` was called or not. */
  #takeIdle(origin: Origin, now: number, actions: Action[]): Connection | undefined {
    for (let last = origin.idle.at(-1); last; last = origin.idle.at(-1)) {
      if (last.expires > now) return origin.idle.pop();
      actions.push(this.#drop(last));
    }
    return undefined;
  }

  #enqueue(request: Request, queue: Queue, now: number, actions: Action[]): void {
    request.connection = undefined;
    request.deadline = now + this.#waitTimeout;
    queue.push(request);
    this.#wake(request.deadline);
    this.#balance(queue.origin, actions);
  }

  #assign(connection: Connection, request: Request): Action {
    connection.state = 'busy';
    connection.answered = false;
    connection.request = request;
    request.connection = connection;
    return { type: 'send', request: request.id, connection: connection.id };
  }

  /** An open connection that carries nothing goes to `next`, else on top of the idle ones. */
  #free(connection: Connection, next: Request | undefined, idleFor: number, now: number): Action[] {
    if (next) return [this.#assign(connection, next.queue.remove(next))];
    const { origin } = connection;
    connection.state = 'idle';
    connection.request = undefined;
    connection.reused = true;
    connection.expires = now + idleFor;
    origin.idle.push(connection);
    this.#wake(connection.expires);
    const surplus = idleFor <= 0 ? connection : origin.idle.length > this.#maxIdle ? origin.idle[0] : undefined;
    return this.#balance(origin, surplus ? [this.#drop(surplus)] : []);
  }

  /** Dials for those who wait. While closing, ends what nobody waits for. Forgets an origin with nothing left. */
  #balance(origin: Origin, actions: Action[]): Action[] {
    const { connections, waiting, retrying } = origin;
    while (waiting.size + retrying.size > origin.dialing && connections.size < this.#max) {
      actions.push(this.#dial(origin));
    }
    if (this.#closing && waiting.size + retrying.size === 0) {
      for (const connection of connections) if (!connection.request) actions.push(this.#drop(connection));
    }
    if (connections.size === 0) this.#origins.delete(origin.key);
    return actions;
  }

  #dial(origin: Origin): Action {
    const connection = newConnection(++this.#lastId, origin);
    origin.dialing++;
    origin.connections.add(connection);
    this.#connections.set(connection.id, connection);
    return { type: 'dial', connection: connection.id, key: origin.key };
  }

  #drop(connection: Connection): Action {
    const { id, origin, state } = connection;
    this.#connections.delete(id);
    origin.connections.delete(connection);
    if (state === 'dialing') origin.dialing--;
    if (state === 'idle') origin.idle.splice(origin.idle.lastIndexOf(connection), 1);
    return { type: 'close', connection: id };
  }

  #fail(request: Request, error: Error): Action {
    if (!request.connection) request.queue.remove(request);
    this.#requests.delete(request.id);
    return { type: 'fail', request: request.id, error };
  }

  /** All wait equally long, so a queue is in the order of its deadlines. */
  #expireRequests(queue: Queue, now: number, actions: Action[]): void {
    for (; queue.first && queue.first.deadline <= now; ) {
      actions.push(this.#fail(queue.first, failure('ETIMEDOUT', `no connection within ${this.#waitTimeout} ms`)));
    }
    if (queue.first) this.#wake(queue.first.deadline);
  }

  #wake(at: number): void {
    if (at < this.#wakeAt) this.#wakeAt = at;
  }
}

/**
 * The race of RFC 9112 §9.3.1: the server closed an idle connection while our request was on its way. To repeat it
 * is harmless if the method is idempotent (RFC 9110 §9.2.2) and nothing has been answered. A connection straight
 * from its dial was never idle, so its failure is the answer. Nor can a retry fail into another: it is sent on such
 * a connection ("SHOULD NOT automatically retry a failed automatic retry").
 */
function mayRetry({ reused, answered }: Connection, { idempotent }: Request): boolean {
  return reused && !answered && idempotent;
}

function newOrigin(key: string): Origin {
  const origin = { key, connections: new Set<Connection>(), dialing: 0, idle: [] } as unknown as Origin;
  origin.waiting = new Queue(origin);
  origin.retrying = new Queue(origin);
  return origin;
}

function newConnection(id: number, origin: Origin): Connection {
  const expires = Number.POSITIVE_INFINITY;
  return { id, origin, state: 'dialing', request: undefined, reused: false, answered: false, expires };
}

function newRequest(id: number, idempotent: boolean, queue: Queue): Request {
  const deadline = Number.POSITIVE_INFINITY;
  return { id, idempotent, connection: undefined, queue, deadline, before: undefined, after: undefined };
}

// ───────────────────────────────────────────── acting ─────────────────────────────────────────────

/** RFC 9110 §9.2.2. Methods are case-sensitive, and one that nobody knows is not idempotent. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** RFC 9110 §8.6: these say so if they have no body. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
/** Fields by which a caller could make the server see other requests than the pool sends. */
const OURS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect']);
/** Bytes of body that may lie unread before the socket is paused. */
const UNREAD = 65_536;
/** Node turns a longer delay into 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A request, and what has come of its response. */
interface Exchange {
  id: number;
  method: string;
  bytes: Uint8Array;
  /** Where it is sent, and what is read there: both anew for a retry. */
  link: Link | undefined;
  reader: ResponseReader | undefined;
  body: Readable | undefined;
  resolve(response: PoolResponse): void;
  reject(error: unknown): void;
  /** Stops listening to the caller's signal. */
  unlisten(): void;
}

/** A socket, and the exchange on it. It is listened to once, not once per request. */
interface Link {
  id: number;
  socket: Socket;
  exchange: Exchange | undefined;
  error: Error | undefined;
}

export class Pool {
  readonly #core: PoolCore;
  readonly #timers: Timers;
  readonly #connect: (target: Target) => Socket;
  readonly #links = new Map<number, Link>();
  readonly #exchanges = new Map<number, Exchange>();
  readonly #onEmpty: (() => void)[] = [];
  #lastId = 0;
  #timer: unknown;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(options: ShellOptions = {}) {
    this.#core = new PoolCore(options);
    this.#timers = options.timers ?? realTimers;
    this.#connect = options.connect ?? connect;
  }

  async request(request: PoolRequest): Promise<PoolResponse> {
    const { url, method = 'GET', signal } = request;
    const key = originKey(url, request.tls);
    const bytes = encode(request);
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      const abort = () => this.#giveUp(exchange, signal!.reason);
      const unlisten = () => signal?.removeEventListener('abort', abort);
      const rest = { link: undefined, reader: undefined, body: undefined };
      const exchange: Exchange = { id, method, bytes, resolve, reject, unlisten, ...rest };
      this.#exchanges.set(id, exchange);
      signal?.addEventListener('abort', abort);
      this.#do(this.#core.request({ id, key, idempotent: IDEMPOTENT.has(method) }, this.#timers.now()));
    });
  }

  close(): Promise<void> {
    this.#do(this.#core.close());
    return this.#empty();
  }

  destroy(error: Error = failure('ESHUTDOWN', 'the pool was destroyed')): Promise<void> {
    this.#do(this.#core.destroy(error));
    return this.#empty();
  }

  #empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#links.size === 0) resolve();
      else this.#onEmpty.push(resolve);
    });
  }

  #do(actions: Action[]): void {
    for (const action of actions) this.#act(action);
    this.#setTimer();
  }

  #act(action: Action): void {
    switch (action.type) {
      case 'dial':
        return this.#dial(action.connection, JSON.parse(action.key));
      case 'send':
        return this.#send(this.#exchanges.get(action.request)!, this.#links.get(action.connection)!);
      case 'fail':
        return this.#settle(this.#exchanges.get(action.request)!, action.error);
      case 'close':
        this.#links.get(action.connection)?.socket.destroy();
    }
  }

  #dial(id: number, target: Target): void {
    let socket: Socket;
    try {
      socket = this.#connect(target);
    } catch (error) {
      // A certificate that cannot be read, for one. Not at once: the dial for the next waiter may fail like this one.
      return queueMicrotask(() => this.#do(this.#core.lost(id, error as Error, this.#timers.now())));
    }
    const link: Link = { id, socket, exchange: undefined, error: undefined };
    this.#links.set(id, link);
    socket.on(target.tls ? 'secureConnect' : 'connect', () => this.#do(this.#core.connected(id, this.#timers.now())));
    socket.on('data', (bytes) => this.#received(link, bytes));
    socket.on('end', () => this.#ended(link));
    socket.on('error', (error) => {
      link.error = error;
    });
    socket.on('close', () => {
      this.#links.delete(id);
      this.#lost(link);
      if (this.#links.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
    });
  }

  #send(exchange: Exchange, link: Link): void {
    link.exchange = exchange;
    exchange.link = link;
    exchange.reader = new ResponseReader(exchange.method);
    link.socket.write(exchange.bytes);
  }

  #received(link: Link, bytes: Uint8Array): void {
    this.#do(this.#core.received(link.id));
    if (link.exchange) this.#take(link, link.exchange, link.exchange.reader!.push(bytes));
  }

  /** The server's FIN: the end of the connection, and of a response that nothing else delimits. */
  #ended(link: Link): void {
    const { exchange } = link;
    const parts = exchange ? exchange.reader!.end() : [];
    if (parts.at(-1)?.type === 'end') this.#take(link, exchange!, parts);
    this.#lost(link);
    link.socket.destroy();
  }

  /** Whether that is a failure, a retry or nothing is for the core to say. */
  #lost(link: Link): void {
    this.#do(this.#core.lost(link.id, link.error ?? incomplete(), this.#timers.now()));
  }

  #take(link: Link, exchange: Exchange, parts: ResponsePart[]): void {
    for (const part of parts) {
      if (part.type === 'head') {
        exchange.body = this.#body(exchange);
        exchange.resolve(responseOf(part, exchange.body));
      } else if (part.type === 'data') {
        if (!exchange.body!.push(part.bytes)) link.socket.pause();
      } else if (part.type === 'end') {
        exchange.body!.push(null);
        this.#settle(exchange);
        this.#release(link, exchange.reader!);
      } else {
        this.#giveUp(exchange, part.error);
      }
    }
  }

  #release(link: Link, { reusable, idleHint }: ResponseReader): void {
    link.exchange = undefined;
    link.socket.resume(); // an idle connection is watched: for bytes, and for its end
    // A response that has overtaken its request: will the server read the rest (RFC 9112 §9.3, §9.5)?
    const sent = link.socket.writableLength === 0;
    this.#do(this.#core.release(link.id, { reusable: reusable && sent, idleHint }, this.#timers.now()));
  }

  #body(exchange: Exchange): Readable {
    // Not called any more once the body has ended: the socket is still this exchange's.
    const read = () => void exchange.link!.socket.resume();
    // `destroy` is how a Readable says that its reader has stopped early.
    const destroy = (error: Error | null, done: (error?: Error | null) => void) => {
      this.#giveUp(exchange, error);
      done(error);
    };
    // Whoever reads the body is told of its error; without a listener it would end the process if nobody did.
    return new Readable({ highWaterMark: UNREAD, read, destroy }).on('error', () => {});
  }

  /** The exchange is over, well or with an error. */
  #settle(exchange: Exchange, error?: unknown): void {
    this.#exchanges.delete(exchange.id);
    exchange.unlisten();
    if (!error) return;
    if (exchange.body) exchange.body.destroy(error as Error);
    else exchange.reject(error);
  }

  /** Ends an exchange from this side; nothing happens if it is over, for then the core has forgotten it. */
  #giveUp(exchange: Exchange, error: unknown): void {
    this.#settle(exchange, error);
    this.#do(this.#core.cancel(exchange.id));
  }

  /** One timer for the whole pool; none without a socket, for then nothing waits. */
  #setTimer(): void {
    const at = this.#links.size === 0 ? Number.POSITIVE_INFINITY : this.#core.wakeAt;
    if (at === this.#timerAt) return;
    this.#timers.clearTimer(this.#timer);
    this.#timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    const tick = () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#do(this.#core.tick(this.#timers.now()));
    };
    this.#timer = this.#timers.setTimer(tick, Math.min(Math.max(at - this.#timers.now(), 0), LONGEST_TIMER));
  }
}

const realTimers: Timers = {
  now: () => performance.now(),
  setTimer: (act, ms) => setTimeout(act, ms),
  clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
};

function connect({ host, port, tls }: Target): Socket {
  return tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port });
}

function responseOf({ status, headers }: { status: number; headers: Header[] }, body: Readable): PoolResponse {
  const text = async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  return { status, headers, body, text, discard: () => void body.destroy() };
}

/** The bytes of a request (RFC 9112 §3). Refuses what a server would read as another one. */
function encode({ url, method = 'GET', headers = [], body }: PoolRequest): Uint8Array {
  if (!TOKEN.test(method) || method === 'CONNECT') throw new TypeError(`method ${JSON.stringify(method)}`);
  const { host, pathname, search } = new URL(url);
  const lines = [`${method} ${pathname}${search} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of headers) {
    if (!TOKEN.test(name) || OURS.has(name.toLowerCase())) throw new TypeError(`header ${JSON.stringify(name)}`);
    if (!FIELD_VALUE.test(value)) throw new TypeError(`value of header ${name}`);
    lines.push(`${name}: ${value}`);
  }
  const content = typeof body === 'string' ? Buffer.from(body) : body;
  if (content || WITH_BODY.has(method)) lines.push(`Content-Length: ${content?.length ?? 0}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return content ? Buffer.concat([head, content]) : head;
}
