/**
 * A second correct design, after httpcore: no list of idle connections and no count of dials that could disagree with the
 * connections. Each event changes one of them, and one function then looks through them all and decides.
 *
 * Also different: the reader is a machine with named states, and delivers no head whose lengths it refuses; the key is
 * text with the lengths of its parts; a connection is an async loop over its socket, which takes the next chunk
 * when the last was read; and the body is an async generator. A body counts as arrived only when it was read.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type Header = [name: string, value: string];

export interface TlsIdentity {
  servername?: string;
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized?: boolean;
}

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

class PoolError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const lost = () => new PoolError('ECONNRESET', 'connection closed before the response was complete');

function targetOf(url: string, tls: TlsIdentity = {}): Target {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  switch (protocol) {
    case 'http:':
      return { scheme: 'http', host, port: port === '' ? 80 : Number(port) };
    case 'https:':
      return { scheme: 'https', host, port: port === '' ? 443 : Number(port), tls };
    default:
      throw new TypeError(`unsupported scheme ${protocol}`);
  }
}

export function originKey(url: string, tls?: TlsIdentity): string {
  const { scheme, host, port, tls: identity } = targetOf(url, tls);
  const parts: (string | undefined)[] = [scheme, host, String(port)];
  if (identity) {
    const { servername, ca, cert, key, rejectUnauthorized } = identity;
    parts.push(servername, ca, cert, key, rejectUnauthorized === false ? 'unverified' : undefined);
  }
  return parts.map((part) => (part === undefined ? '-' : `${part.length}=${part}`)).join();
}

// ── reading ──

const WS = ' \t';
const trim = (text: string): string => {
  let [a, b] = [0, text.length];
  while (a < b && WS.includes(text[a]!)) a++;
  while (b > a && WS.includes(text[b - 1]!)) b--;
  return text.slice(a, b);
};

const LINES_MAX = 20_000;
type LineState = 'status' | 'fields' | 'chunk-size' | 'chunk-end' | 'trailers';
type BodyState = 'sized' | 'chunk' | 'until-close' | 'done' | 'failed';

/** A machine whose states are named; what a line means in each stands in one table. */
export class ResponseReader {
  readonly #method: string;
  #state: LineState | BodyState = 'status';
  #line: Buffer[] = [];
  #lineBytes = 0;
  #left = 0;
  #minor = 1;
  #status = 0;
  #headers: Header[] = [];
  #dead = false;
  #parts: ResponsePart[] = [];

  readonly #onLine: Record<LineState, (line: string) => LineState | BodyState> = {
    status: (line) => {
      const [, minor, status] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/.exec(line) ?? [];
      if (!status || status === '101') throw new PoolError('EPROTO', 'no status line');
      [this.#minor, this.#status, this.#headers] = [Number(minor), Number(status), []];
      return 'fields';
    },
    fields: (line) => (line === '' ? this.#headDone() : this.#field(line)),
    'chunk-size': (line) => {
      const [, size] = /^([\da-f]{1,13})([ \t]*;.*)?$/i.exec(line) ?? [];
      if (!size) throw new PoolError('EPROTO', 'no chunk size');
      this.#lineBytes = 0;
      this.#left = Number.parseInt(size, 16);
      return this.#left === 0 ? 'trailers' : 'chunk';
    },
    'chunk-end': (line) => {
      if (line !== '') throw new PoolError('EPROTO', 'chunk too long');
      return 'chunk-size';
    },
    trailers: (line) => (line === '' ? 'done' : 'trailers'),
  };

  constructor(method: string) {
    this.#method = method;
  }

  push(bytes: Uint8Array): ResponsePart[] {
    this.#parts = [];
    let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      while (rest.length > 0) rest = rest.subarray(this.#take(rest));
    } catch (error) {
      this.#state = 'failed';
      this.#parts.push({ type: 'error', error: error as Error });
    }
    return this.#parts;
  }

  end(): ResponsePart[] {
    const state = this.#state;
    this.#dead = true;
    if (state === 'done' || state === 'failed') return [];
    this.#state = state === 'until-close' ? 'done' : 'failed';
    return [state === 'until-close' ? { type: 'end' } : { type: 'error', error: lost() }];
  }

  get reusable(): boolean {
    if (this.#state !== 'done' || this.#dead) return false;
    const options = this.#list('connection').map((option) => option.toLowerCase());
    return !options.includes('close') && (this.#minor === 1 || options.includes('keep-alive'));
  }

  get idleHint(): number {
    const hint = this.#list('keep-alive').find((parameter) => /^timeout=\d{1,9}$/i.test(parameter));
    return hint ? 1000 * Number(hint.slice(8)) : Number.POSITIVE_INFINITY;
  }

  #take(rest: Buffer): number {
    switch (this.#state) {
      case 'done':
      case 'failed':
        this.#dead = true;
        return rest.length;
      case 'sized':
      case 'chunk':
      case 'until-close':
        return this.#takeBody(rest);
      default:
        return this.#takeLine(rest, this.#onLine[this.#state]);
    }
  }

  #takeBody(rest: Buffer): number {
    const bytes = this.#state === 'until-close' ? rest : rest.subarray(0, this.#left);
    this.#parts.push({ type: 'data', bytes });
    this.#left -= bytes.length;
    if (this.#state !== 'until-close' && this.#left === 0) this.#enter(this.#state === 'chunk' ? 'chunk-end' : 'done');
    return bytes.length;
  }

  #takeLine(rest: Buffer, meaning: (line: string) => LineState | BodyState): number {
    const stop = rest.indexOf(10);
    const bytes = stop === -1 ? rest : rest.subarray(0, stop + 1);
    this.#line.push(Buffer.from(bytes));
    this.#lineBytes += bytes.length;
    if (this.#lineBytes > LINES_MAX) throw new PoolError('EPROTO', 'lines too long');
    if (stop === -1) return bytes.length;
    const line = Buffer.concat(this.#line).toString('latin1');
    this.#line = [];
    if (!line.endsWith('\r\n')) throw new PoolError('EPROTO', 'line feed without CR');
    this.#enter(meaning(line.slice(0, -2)));
    return bytes.length;
  }

  #enter(state: LineState | BodyState): void {
    this.#state = state;
    if (state === 'done') this.#parts.push({ type: 'end' });
  }

  #field(line: string): LineState {
    const last = this.#headers[this.#headers.length - 1];
    if (last && WS.includes(line[0]!)) {
      last[1] = `${last[1]} ${trim(line)}`;
      return 'fields';
    }
    const match = /^([\w!#$%&'*+.^`|~-]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
    if (!match) throw new PoolError('EPROTO', 'no field line');
    this.#headers.push([match[1]!.toLowerCase(), trim(match[2]!)]);
    return 'fields';
  }

  /** Looks at the lengths before it says anything: a head that is refused is not delivered. */
  #headDone(): LineState | BodyState {
    if (this.#status < 200) return 'status';
    const next = this.#framing();
    this.#parts.push({ type: 'head', status: this.#status, headers: this.#headers });
    this.#lineBytes = 0;
    return next;
  }

  #framing(): LineState | BodyState {
    if (this.#method === 'HEAD' || this.#status === 204 || this.#status === 304) return 'done';
    const codings = this.#list('transfer-encoding');
    const lengths = [...new Set(this.#list('content-length'))];
    if (codings.length > 0) {
      const fine = lengths.length === 0 && codings.join().toLowerCase() === 'chunked';
      if (!fine) throw new PoolError('EPROTO', 'transfer coding');
      return 'chunk-size';
    }
    if (lengths.length === 0) return 'until-close';
    this.#left = Number(lengths[0]);
    const fine = lengths.length === 1 && /^\d+$/.test(lengths[0]!) && this.#left <= Number.MAX_SAFE_INTEGER;
    if (!fine) throw new PoolError('EPROTO', 'content length');
    return this.#left === 0 ? 'done' : 'sized';
  }

  #list(name: string): string[] {
    return this.#headers.flatMap(([other, value]) => (other === name ? value.split(',').map(trim) : []));
  }
}

// ── deciding ──

interface Conn {
  id: number;
  place: Place;
  state: 'dialing' | 'idle' | 'busy' | 'closed';
  request?: Req | undefined;
  used: boolean;
  answered: boolean;
  /** Counts up: who became idle later. */
  turn: number;
  until: number;
}

interface Req {
  id: number;
  place: Place;
  idempotent: boolean;
  conn?: Conn | undefined;
  /** Was sent before, and waits for a new connection. */
  again: boolean;
  gone: boolean;
  until: number;
}

/** All that concerns one origin. The connections are few, so they are looked through; the requests may be many. */
interface Place {
  key: string;
  conns: Conn[];
  again: Line;
  fresh: Line;
}

/** Those who wait. Who has gone is stepped over when his turn comes. */
class Line {
  #reqs: Req[] = [];
  #at = 0;
  length = 0;

  add(req: Req): void {
    this.#reqs.push(req);
    this.length++;
  }

  first(): Req | undefined {
    while (this.#at < this.#reqs.length && (this.#reqs[this.#at]!.gone || this.#reqs[this.#at]!.conn)) this.#at++;
    if (this.#at > 4096) this.#reqs = this.#reqs.slice(this.#at);
    else if (this.#at === this.#reqs.length) this.#reqs.length = 0;
    else return this.#reqs[this.#at];
    this.#at = 0;
    return this.#reqs[0];
  }
}

export class PoolCore {
  readonly #options: Required<PoolOptions>;
  readonly #places = new Map<string, Place>();
  readonly #conns = new Map<number, Conn>();
  readonly #reqs = new Map<number, Req>();
  #ids = 0;
  #turns = 0;
  #closing = false;

  constructor({ maxPerOrigin = 8, maxIdlePerOrigin = maxPerOrigin, ...times }: PoolOptions = {}) {
    const { idleTimeout = 4000, waitTimeout = Number.POSITIVE_INFINITY } = times;
    this.#options = { maxPerOrigin, maxIdlePerOrigin, idleTimeout, waitTimeout };
  }

  get wakeAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const { conns, again, fresh } of this.#places.values()) {
      for (const { state, until } of conns) if (state === 'idle') at = Math.min(at, until);
      for (const line of [again, fresh]) at = Math.min(at, line.first()?.until ?? at);
    }
    return at;
  }

  request({ id, key, idempotent }: { id: number; key: string; idempotent: boolean }, now: number): Action[] {
    if (this.#closing) return [{ type: 'fail', request: id, error: new PoolError('ESHUTDOWN', 'pool closed') }];
    const place = this.#places.get(key) ?? { key, conns: [], again: new Line(), fresh: new Line() };
    this.#places.set(key, place);
    const until = now + this.#options.waitTimeout;
    const req: Req = { id, place, idempotent, conn: undefined, again: false, gone: false, until };
    this.#reqs.set(id, req);
    place.fresh.add(req);
    return this.#decide(place, this.#expireIdle(place, now));
  }

  cancel(id: number): Action[] {
    const req = this.#reqs.get(id);
    if (!req) return [];
    this.#forget(req);
    return this.#decide(req.place, req.conn ? [this.#close(req.conn)] : []);
  }

  connected(id: number, now: number): Action[] {
    const conn = this.#conns.get(id);
    if (conn?.state !== 'dialing') return [];
    const { place } = conn;
    this.#idle(conn, now + this.#options.idleTimeout);
    const next = place.again.first() ?? place.fresh.first();
    if (next) return [this.#send(conn, next)];
    conn.used = true;
    return this.#decide(place, this.#surplus(place));
  }

  received(id: number): Action[] {
    const conn = this.#conns.get(id);
    if (!conn) return [];
    conn.answered = true;
    return conn.state === 'idle' ? this.#decide(conn.place, [this.#close(conn)]) : [];
  }

  release(id: number, { reusable, idleHint }: { reusable: boolean; idleHint: number }, now: number): Action[] {
    const conn = this.#conns.get(id);
    if (conn?.state !== 'busy') return [];
    const { place } = conn;
    this.#forget(conn.request!);
    if (!reusable) return this.#decide(place, [this.#close(conn)]);
    conn.used = true;
    this.#idle(conn, now + Math.min(this.#options.idleTimeout, idleHint - 1000));
    const next = place.fresh.first();
    if (next) return [this.#send(conn, next)];
    return this.#decide(place, [...this.#expireIdle(place, now), ...this.#surplus(place)]);
  }

  lost(id: number, error: Error, now: number): Action[] {
    const conn = this.#conns.get(id);
    if (!conn) return [];
    const { state, request, used, answered, place } = conn;
    this.#close(conn);
    if (state === 'dialing') {
      const first = place.again.first() ?? place.fresh.first();
      return this.#decide(place, first ? [this.#fail(first, error)] : []);
    }
    if (!request) return this.#decide(place, []);
    if (!used || answered || !request.idempotent) return this.#decide(place, [this.#fail(request, error)]);
    Object.assign(request, { conn: undefined, again: true, until: now + this.#options.waitTimeout });
    place.again.add(request);
    return this.#decide(place, []);
  }

  tick(now: number): Action[] {
    const actions: Action[] = [];
    for (const place of this.#places.values()) {
      for (const line of [place.again, place.fresh]) {
        for (let first = line.first(); first && first.until <= now; first = line.first()) {
          actions.push(this.#fail(first, new PoolError('ETIMEDOUT', 'no connection in time')));
        }
      }
      actions.push(...this.#expireIdle(place, now));
      this.#decide(place, actions);
    }
    return actions;
  }

  close(): Action[] {
    this.#closing = true;
    const actions: Action[] = [];
    for (const place of this.#places.values()) this.#decide(place, actions);
    return actions;
  }

  destroy(error: Error): Action[] {
    this.#closing = true;
    const failed = [...this.#reqs.values()].map((req) => this.#fail(req, error));
    return [...failed, ...[...this.#conns.values()].map((conn) => this.#close(conn))];
  }

  /** Gives idle connections to waiters, dials for the rest and, at the end of the pool, closes what is left. */
  #decide(place: Place, actions: Action[]): Action[] {
    const { again, fresh, conns } = place;
    for (let req = fresh.first(); req; req = fresh.first()) {
      const conn = latest(conns);
      if (!conn) break;
      actions.push(this.#send(conn, req));
    }
    const waiting = again.length + fresh.length;
    let dials = 0;
    for (const { state } of place.conns) if (state === 'dialing') dials++;
    for (; dials < waiting && place.conns.length < this.#options.maxPerOrigin; dials++) {
      actions.push(this.#dial(place));
    }
    if (this.#closing && waiting === 0) {
      for (const conn of [...place.conns]) if (conn.state !== 'busy') actions.push(this.#close(conn));
    }
    if (place.conns.length === 0) this.#places.delete(place.key);
    return actions;
  }

  #dial(place: Place): Action {
    const id = ++this.#ids;
    const until = Number.POSITIVE_INFINITY;
    const conn: Conn = {
      id,
      place,
      state: 'dialing',
      request: undefined,
      used: false,
      answered: false,
      turn: 0,
      until,
    };
    place.conns.push(conn);
    this.#conns.set(id, conn);
    return { type: 'dial', connection: id, key: place.key };
  }

  #send(conn: Conn, req: Req): Action {
    this.#leaveLine(req);
    req.conn = conn;
    conn.state = 'busy';
    conn.request = req;
    conn.answered = false;
    return { type: 'send', request: req.id, connection: conn.id };
  }

  #idle(conn: Conn, until: number): void {
    conn.state = 'idle';
    conn.request = undefined;
    conn.until = until;
    conn.turn = ++this.#turns;
  }

  #expireIdle({ conns }: Place, now: number): Action[] {
    const actions: Action[] = [];
    for (let i = conns.length - 1; i >= 0; i--) {
      const conn = conns[i]!;
      if (conn.state === 'idle' && conn.until <= now) actions.push(this.#close(conn));
    }
    return actions;
  }

  #surplus({ conns }: Place): Action[] {
    if (conns.length <= this.#options.maxIdlePerOrigin) return [];
    const idle = conns.filter(({ state }) => state === 'idle').sort((a, b) => b.turn - a.turn);
    return idle.slice(this.#options.maxIdlePerOrigin).map((conn) => this.#close(conn));
  }

  #close(conn: Conn): Action {
    const { conns } = conn.place;
    conn.state = 'closed';
    conns.splice(conns.indexOf(conn), 1);
    this.#conns.delete(conn.id);
    return { type: 'close', connection: conn.id };
  }

  #fail(req: Req, error: Error): Action {
    this.#forget(req);
    return { type: 'fail', request: req.id, error };
  }

  #forget(req: Req): void {
    if (!req.conn) this.#leaveLine(req);
    req.gone = true;
    this.#reqs.delete(req.id);
  }

  #leaveLine({ again, place }: Req): void {
    (again ? place.again : place.fresh).length--;
  }
}

/** The idle connection that was used last. */
function latest(conns: Conn[]): Conn | undefined {
  let found: Conn | undefined;
  for (const conn of conns) if (conn.state === 'idle' && (!found || conn.turn > found.turn)) found = conn;
  return found;
}

// ── acting ──

type Deferred<T> = { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void };

function deferred<T>(): Deferred<T> {
  const out = {} as Deferred<T>;
  out.promise = new Promise<T>((resolve, reject) => Object.assign(out, { resolve, reject }));
  out.promise.catch(() => {});
  return out;
}

/** One piece of body at a time: `put` waits until it was taken. */
class Slot {
  #piece: Uint8Array | undefined;
  #over: { error?: unknown } | undefined;
  #change = deferred<void>();

  async put(piece: Uint8Array): Promise<void> {
    this.#piece = piece;
    this.#wake();
    while (this.#piece && !this.#over) await this.#change.promise;
  }

  finish(error?: unknown): void {
    this.#over ??= error === undefined ? {} : { error };
    this.#wake();
  }

  async take(): Promise<Uint8Array | undefined> {
    while (!this.#piece && !this.#over) await this.#change.promise;
    if (this.#over?.error !== undefined) throw this.#over.error;
    const piece = this.#piece;
    this.#piece = undefined;
    this.#wake();
    return piece;
  }

  #wake(): void {
    const { resolve } = this.#change;
    this.#change = deferred();
    resolve();
  }
}

class Job {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly method: string;
  reader: ResponseReader;
  readonly answer = deferred<PoolResponse>();
  readonly slot = new Slot();
  over = false;
  cleanup: () => void = () => {};

  constructor(id: number, bytes: Uint8Array, method: string) {
    this.id = id;
    this.bytes = bytes;
    this.method = method;
    this.reader = new ResponseReader(method);
  }

  finish(error?: unknown): void {
    if (this.over) return;
    this.over = true;
    this.cleanup();
    if (error !== undefined) this.answer.reject(error);
    this.slot.finish(error);
  }
}

export class Pool {
  readonly #core: PoolCore;
  readonly #timers: Timers;
  readonly #open: (target: Target) => Socket;
  readonly #targets = new Map<string, Target>();
  readonly #sockets = new Map<number, Socket>();
  readonly #jobs = new Map<number, Job>();
  readonly #current = new Map<number, Job>();
  #ids = 0;
  /** Loops that run, each with a socket or about to open one. */
  #running = 0;
  #timer: { at: number; handle: unknown } | undefined;
  #empty = deferred<void>();

  constructor({ timers, connect, ...options }: ShellOptions = {}) {
    this.#core = new PoolCore(options);
    this.#open = connect ?? dial;
    this.#timers = timers ?? {
      now: () => performance.now(),
      setTimer: setTimeout,
      clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout),
    };
  }

  async request(request: PoolRequest): Promise<PoolResponse> {
    const { url, method = 'GET', signal, tls } = request;
    const key = originKey(url, tls);
    const job = new Job(++this.#ids, serialize(request), method);
    if (signal?.aborted) throw signal.reason;
    this.#targets.set(key, targetOf(url, tls));
    this.#jobs.set(job.id, job);
    const onAbort = () => this.#abandon(job, signal!.reason);
    signal?.addEventListener('abort', onAbort);
    job.cleanup = () => signal?.removeEventListener('abort', onAbort);
    const idempotent = /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/.test(method);
    this.#perform(this.#core.request({ id: job.id, key, idempotent }, this.#timers.now()));
    return job.answer.promise;
  }

  close(): Promise<void> {
    this.#perform(this.#core.close());
    return this.#whenEmpty();
  }

  destroy(error: Error = new PoolError('ESHUTDOWN', 'pool destroyed')): Promise<void> {
    this.#perform(this.#core.destroy(error));
    return this.#whenEmpty();
  }

  #whenEmpty(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : this.#empty.promise;
  }

  #abandon(job: Job, reason: unknown): void {
    if (job.over) return;
    this.#jobs.delete(job.id);
    job.finish(reason);
    this.#perform(this.#core.cancel(job.id));
  }

  #perform(actions: Action[]): void {
    for (const action of actions) {
      if (action.type === 'dial') void this.#run(action.connection, this.#targets.get(action.key)!);
      if (action.type === 'close') this.#sockets.get(action.connection)?.destroy();
      if (action.type === 'send') {
        const job = this.#jobs.get(action.request)!;
        this.#current.set(action.connection, job);
        job.reader = new ResponseReader(job.method);
        this.#sockets.get(action.connection)!.write(job.bytes);
      }
      if (action.type === 'fail') {
        this.#jobs.get(action.request)?.finish(action.error);
        this.#jobs.delete(action.request);
      }
    }
    this.#arm();
  }

  /** The life of a connection. */
  async #run(id: number, target: Target): Promise<void> {
    let reason: Error = lost();
    this.#running++;
    try {
      await null;
      const socket = this.#open(target);
      this.#sockets.set(id, socket);
      socket.on('error', (error) => {
        reason = error;
      });
      const gone = new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
      });
      socket.once(target.tls ? 'secureConnect' : 'connect', () =>
        this.#perform(this.#core.connected(id, this.#timers.now())),
      );
      await this.#read(id, socket).catch(() => {});
      socket.destroy();
      this.#report(id, reason);
      await gone;
      this.#sockets.delete(id);
    } catch (error) {
      reason = error as Error;
    }
    this.#report(id, reason);
    this.#running--;
    if (this.#running > 0) return;
    this.#empty.resolve();
    this.#empty = deferred();
    this.#arm();
  }

  #report(id: number, reason: Error): void {
    this.#current.delete(id);
    this.#perform(this.#core.lost(id, reason, this.#timers.now()));
  }

  async #read(id: number, socket: Socket): Promise<void> {
    for await (const chunk of socket) {
      this.#perform(this.#core.received(id));
      const job = this.#current.get(id);
      if (job) await this.#deliver(id, job, job.reader.push(chunk), socket);
    }
    const job = this.#current.get(id);
    const parts = job?.reader.end() ?? [];
    if (parts.at(-1)?.type === 'end') await this.#deliver(id, job!, parts, socket);
  }

  async #deliver(id: number, job: Job, parts: ResponsePart[], socket: Socket): Promise<void> {
    for (const part of parts) {
      if (job.over) return;
      if (part.type === 'head') job.answer.resolve(this.#response(job, part));
      if (part.type === 'data') await job.slot.put(part.bytes);
      if (part.type === 'error') this.#abandon(job, part.error);
      if (part.type === 'end' && !job.over) {
        this.#current.delete(id);
        this.#jobs.delete(job.id);
        job.finish();
        const { idleHint } = job.reader;
        const reusable = job.reader.reusable && socket.writableLength === 0;
        this.#perform(this.#core.release(id, { reusable, idleHint }, this.#timers.now()));
      }
    }
  }

  #response(job: Job, { status, headers }: { status: number; headers: Header[] }): PoolResponse {
    const discard = () => this.#abandon(job, new PoolError('ECANCELED', 'the body was given up'));
    async function* read(): AsyncGenerator<Uint8Array> {
      try {
        for (let piece = await job.slot.take(); piece; piece = await job.slot.take()) yield piece;
      } finally {
        discard();
      }
    }
    const body = read();
    const text = async () => {
      const decoder = new TextDecoder();
      let out = '';
      for await (const piece of body) out += decoder.decode(piece, { stream: true });
      return out + decoder.decode();
    };
    return { status, headers, body, text, discard };
  }

  #arm(): void {
    const at = this.#running === 0 ? Number.POSITIVE_INFINITY : this.#core.wakeAt;
    if (this.#timer?.at === at) return;
    if (this.#timer) this.#timers.clearTimer(this.#timer.handle);
    this.#timer = undefined;
    if (at === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(2_147_483_647, Math.max(0, at - this.#timers.now()));
    const handle = this.#timers.setTimer(() => {
      this.#timer = undefined;
      this.#perform(this.#core.tick(this.#timers.now()));
    }, delay);
    this.#timer = { at, handle };
  }
}

function dial({ host, port, tls }: Target): Socket {
  return tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port });
}

function serialize({ url, method = 'GET', headers = [], body }: PoolRequest): Uint8Array {
  const token = /^[\w!#$%&'*+.^`|~-]+$/;
  const forbidden = /^(host|connection|content-length|transfer-encoding|upgrade|expect)$/i;
  if (!token.test(method) || method === 'CONNECT') throw new TypeError('bad method');
  const { host, pathname, search } = new URL(url);
  let head = `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n`;
  for (const [name, value] of headers) {
    if (!token.test(name) || forbidden.test(name)) throw new TypeError('bad header name');
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new TypeError('bad header value');
    head += `${name}: ${value}\r\n`;
  }
  const content = body === undefined ? undefined : Buffer.from(body as string);
  if (content || /^(POST|PUT|PATCH)$/.test(method)) head += `Content-Length: ${content?.length ?? 0}\r\n`;
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), content ?? Buffer.alloc(0)]);
}
