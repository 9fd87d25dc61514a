/**
 * Another second correct design: a retry is bound to the dial that is made for it, instead of waiting in a queue of its
 * own; and waiters stand in an array with a moving head, where those that left leave a hole until it is passed or
 * the holes are the majority.
 *
 * Also different: the reader takes a head at once, when its empty line is there; the shell has an object for each
 * connection; and the body is a hand-made queue that pauses the socket at one chunk. The key is a URL.
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

function coded(code: string, message: string): Error {
  const error = new Error(message);
  return Object.defineProperty(error, 'code', { value: code });
}

const gone = (): Error => coded('ECONNRESET', 'socket closed too early');

function targetOf(url: string, tls: TlsIdentity = {}): Target {
  const parsed = new URL(url);
  const host = parsed.hostname.replace('[', '').replace(']', '');
  if (parsed.protocol === 'http:') return { scheme: 'http', host, port: Number(parsed.port) || 80 };
  if (parsed.protocol === 'https:') return { scheme: 'https', host, port: Number(parsed.port) || 443, tls };
  throw new TypeError('not an http(s) URL');
}

export function originKey(url: string, tls?: TlsIdentity): string {
  const target = targetOf(url, tls);
  const key = new URL(`${target.scheme}://${new URL(url).host}/`);
  if (!target.tls) return key.href;
  const { rejectUnauthorized = true, ...names } = target.tls;
  key.searchParams.set('verified', String(rejectUnauthorized));
  for (const name of ['servername', 'ca', 'cert', 'key'] as const) {
    const value = names[name];
    if (value !== undefined) key.searchParams.set(name, value);
  }
  return key.href;
}

// ── reading ──

const LIMIT = 32_768;
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

type Mode = 'head' | 'length' | 'size' | 'chunk' | 'after-chunk' | 'trailer' | 'close' | 'over';

export class ResponseReader {
  readonly #method: string;
  #mode: Mode = 'head';
  /** What has come of a head or a line. */
  #text = '';
  #spent = 0;
  #left = 0;
  #fields = new Map<string, string[]>();
  #persistent = false;
  #finished = false;
  #spoilt = false;

  constructor(method: string) {
    this.#method = method;
  }

  get reusable(): boolean {
    return this.#finished && this.#persistent && !this.#spoilt;
  }

  get idleHint(): number {
    for (const part of this.#members('keep-alive')) {
      const [name, value = '', ...more] = part.split('=');
      const digits = [...value].length > 0 && [...value].every((digit) => digit >= '0' && digit <= '9');
      if (name?.toLowerCase() === 'timeout' && digits && more.length === 0) return Number(value) * 1000;
    }
    return Number.POSITIVE_INFINITY;
  }

  push(bytes: Uint8Array): ResponsePart[] {
    const out: ResponsePart[] = [];
    let at = 0;
    try {
      while (at < bytes.length) at += this.#step(bytes.subarray(at), out);
    } catch (error) {
      this.#mode = 'over';
      out.push({ type: 'error', error: error as Error });
    }
    return out;
  }

  end(): ResponsePart[] {
    const mode = this.#mode;
    this.#mode = 'over';
    this.#spoilt = true;
    if (mode === 'over') return [];
    if (mode !== 'close') return [{ type: 'error', error: gone() }];
    this.#finished = true;
    return [{ type: 'end' }];
  }

  #step(bytes: Uint8Array, out: ResponsePart[]): number {
    if (this.#mode === 'over') {
      this.#spoilt = true;
      return bytes.length;
    }
    if (this.#mode === 'length' || this.#mode === 'chunk' || this.#mode === 'close') {
      const most = this.#mode === 'close' ? bytes.length : Math.min(this.#left, bytes.length);
      out.push({ type: 'data', bytes: bytes.slice(0, most) });
      this.#left -= most;
      if (this.#left === 0 && this.#mode === 'length') this.#finish(out);
      if (this.#left === 0 && this.#mode === 'chunk') this.#mode = 'after-chunk';
      return most;
    }
    return this.#gather(bytes, out);
  }

  /** Up to the next line feed: enough to see whether a head or a line is whole. */
  #gather(bytes: Uint8Array, out: ResponsePart[]): number {
    const feed = bytes.indexOf(10);
    const length = feed < 0 ? bytes.length : feed + 1;
    this.#spent += length;
    if (this.#spent > LIMIT) throw coded('EPROTO', 'too long');
    this.#text += Buffer.from(bytes.subarray(0, length)).toString('latin1');
    if (feed < 0) return length;
    const { [this.#text.length - 2]: before } = this.#text;
    if (before !== '\r') throw coded('EPROTO', 'a bare line feed');
    const whole = this.#mode !== 'head' || this.#text.endsWith('\r\n\r\n') || this.#text === '\r\n';
    if (whole) {
      const text = this.#text;
      this.#text = '';
      this.#understand(text.slice(0, -2), out);
    }
    return length;
  }

  #understand(text: string, out: ResponsePart[]): void {
    if (this.#mode === 'head') return this.#head(text.split('\r\n').slice(0, -1), out);
    if (this.#mode === 'trailer') return text === '' ? this.#finish(out) : undefined;
    if (this.#mode === 'after-chunk') {
      if (text !== '') throw coded('EPROTO', 'a chunk that is too long');
      this.#mode = 'size';
      return;
    }
    const semicolon = text.indexOf(';');
    const size = semicolon < 0 ? text : ows(text.slice(0, semicolon));
    if (!/^[0-9a-fA-F]+$/.test(size) || size.length > 13) throw coded('EPROTO', 'no chunk size');
    if (semicolon >= 0 && /^[ \t]/.test(text)) throw coded('EPROTO', 'no chunk size');
    this.#left = Number(`0x${size}`);
    this.#spent = 0;
    this.#mode = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #head([statusLine = '', ...lines]: string[], out: ResponsePart[]): void {
    const match = /^HTTP\/1\.(0|1) ([1-9][0-9]{2})( .*)?$/.exec(statusLine);
    if (!match || match[2] === '101') throw coded('EPROTO', 'no status line');
    const status = Number(match[2]);
    if (status < 200) return;
    const headers: Header[] = [];
    for (const line of lines) {
      const previous = headers.at(-1);
      if ((line.startsWith(' ') || line.startsWith('\t')) && previous) previous[1] += ` ${ows(line)}`;
      else headers.push(fieldOf(line));
    }
    this.#fields = new Map();
    for (const [name, value] of headers) this.#fields.set(name, [...(this.#fields.get(name) ?? []), value]);
    out.push({ type: 'head', status, headers });
    this.#spent = 0;
    const options = this.#members('connection').map((option) => option.toLowerCase());
    this.#persistent = !options.includes('close') && (match[1] === '1' || options.includes('keep-alive'));
    this.#frame(status, out);
  }

  #frame(status: number, out: ResponsePart[]): void {
    if (this.#method === 'HEAD' || status === 204 || status === 304) return this.#finish(out);
    const coding = this.#fields.get('transfer-encoding');
    const lengths = this.#members('content-length');
    if (coding) {
      if (lengths.length > 0 || coding.length > 1 || !/^chunked$/i.test(coding[0]!)) throw coded('EPROTO', 'coding');
      this.#mode = 'size';
    } else if (lengths.length > 0) {
      const [first] = lengths as [string];
      if (!/^[0-9]+$/.test(first) || BigInt(first) > 2n ** 53n - 1n) throw coded('EPROTO', 'no length');
      if (lengths.some((length) => length !== first)) throw coded('EPROTO', 'several lengths');
      this.#left = Number(first);
      this.#mode = 'length';
      if (this.#left === 0) this.#finish(out);
    } else {
      this.#mode = 'close';
    }
  }

  #finish(out: ResponsePart[]): void {
    this.#mode = 'over';
    this.#finished = true;
    out.push({ type: 'end' });
  }

  #members(name: string): string[] {
    return (this.#fields.get(name) ?? []).flatMap((value) => value.split(',').map(ows));
  }
}

function fieldOf(line: string): Header {
  const [, name, value] = /^([^:]*):(.*)$/s.exec(line) ?? [];
  if (name === undefined || !NAME.test(name)) throw coded('EPROTO', 'no field');
  return [name.toLowerCase(), ows(value!.replace(/[\r\0]/g, ' '))];
}

function ows(text: string): string {
  const blank = (at: number) => text[at] === ' ' || text[at] === '\t';
  let [from, to] = [0, text.length];
  for (; from < to && blank(from); from++);
  for (; to > from && blank(to - 1); to--);
  return text.slice(from, to);
}

// ── deciding ──

interface Waiter {
  id: number;
  idempotent: boolean;
  pool: Host;
  until: number;
  on: Carrier | undefined;
  left: boolean;
}

interface Carrier {
  id: number;
  pool: Host;
  phase: 'dialing' | 'idle' | 'busy';
  /** Busy: what it carries. Dialing: the retry that it is reserved for. */
  waiter: Waiter | undefined;
  stale: boolean;
  heard: boolean;
  until: number;
}

class Host {
  readonly key: string;
  readonly all = new Set<Carrier>();
  readonly idle: Carrier[] = [];
  /** Dials that are reserved for nobody. */
  dials = 0;
  #queue: Waiter[] = [];
  #head = 0;
  #left = 0;

  constructor(key: string) {
    this.key = key;
  }

  get waiting(): number {
    return this.#queue.length - this.#head - this.#left;
  }

  enqueue(waiter: Waiter): void {
    this.#queue.push(waiter);
  }

  peek(): Waiter | undefined {
    for (; this.#queue[this.#head]?.left; this.#head++) this.#left--;
    return this.#queue[this.#head];
  }

  dequeue(): Waiter | undefined {
    const waiter = this.peek();
    if (waiter) this.#head++;
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) this.#compact();
    return waiter;
  }

  leave(waiter: Waiter): void {
    waiter.left = true;
    this.#left++;
    if (this.#left > 64 && this.#left * 2 > this.#queue.length) this.#compact();
  }

  #compact(): void {
    this.#queue = this.#queue.slice(this.#head).filter(({ left }) => !left);
    this.#head = this.#left = 0;
  }
}

export class PoolCore {
  readonly #max: number;
  readonly #maxIdle: number;
  readonly #idleTimeout: number;
  readonly #waitTimeout: number;
  readonly #hosts = new Map<string, Host>();
  readonly #carriers = new Map<number, Carrier>();
  readonly #waiters = new Map<number, Waiter>();
  #next = 1;
  #closing = false;
  #actions: Action[] = [];

  constructor(options: PoolOptions = {}) {
    const { maxPerOrigin = 8, idleTimeout = 4000, waitTimeout = Number.POSITIVE_INFINITY } = options;
    this.#max = maxPerOrigin;
    this.#maxIdle = options.maxIdlePerOrigin ?? maxPerOrigin;
    this.#idleTimeout = idleTimeout;
    this.#waitTimeout = waitTimeout;
  }

  get wakeAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const host of this.#hosts.values()) {
      at = Math.min(at, host.peek()?.until ?? at);
      for (const carrier of host.all) at = Math.min(at, dueOf(carrier));
    }
    return at;
  }

  request({ id, key, idempotent }: { id: number; key: string; idempotent: boolean }, now: number): Action[] {
    if (this.#closing) return [{ type: 'fail', request: id, error: coded('ESHUTDOWN', 'closed') }];
    const pool = this.#hosts.get(key) ?? new Host(key);
    this.#hosts.set(key, pool);
    const waiter: Waiter = { id, idempotent, pool, until: now + this.#waitTimeout, on: undefined, left: false };
    this.#waiters.set(id, waiter);
    while (pool.idle.length > 0 && pool.idle.at(-1)!.until <= now) this.#close(pool.idle.at(-1)!);
    const carrier = pool.idle.pop();
    if (carrier) this.#give(carrier, waiter);
    else pool.enqueue(waiter);
    return this.#done(pool);
  }

  cancel(id: number): Action[] {
    const waiter = this.#waiters.get(id);
    if (!waiter) return [];
    this.#forget(waiter);
    if (waiter.on?.phase === 'busy') this.#close(waiter.on);
    return this.#done(waiter.pool);
  }

  connected(id: number, now: number): Action[] {
    const carrier = this.#carriers.get(id);
    if (carrier?.phase !== 'dialing') return [];
    const { pool, waiter } = carrier;
    if (!waiter) pool.dials--;
    const next = waiter ?? pool.dequeue();
    if (next) this.#give(carrier, next);
    else this.#park(carrier, now + this.#idleTimeout, now);
    return this.#done(pool);
  }

  received(id: number): Action[] {
    const carrier = this.#carriers.get(id);
    if (!carrier) return [];
    carrier.heard = true;
    if (carrier.phase === 'idle') this.#close(carrier);
    return this.#done(carrier.pool);
  }

  release(id: number, { reusable, idleHint }: { reusable: boolean; idleHint: number }, now: number): Action[] {
    const carrier = this.#carriers.get(id);
    if (carrier?.phase !== 'busy') return [];
    this.#waiters.delete(carrier.waiter!.id);
    carrier.stale = true;
    const next = reusable ? carrier.pool.dequeue() : undefined;
    if (!reusable) this.#close(carrier);
    else if (next) this.#give(carrier, next);
    else this.#park(carrier, Math.min(now + this.#idleTimeout, now + idleHint - 1000), now);
    return this.#done(carrier.pool);
  }

  lost(id: number, error: Error, now: number): Action[] {
    const carrier = this.#carriers.get(id);
    if (!carrier) return [];
    const { pool, phase, waiter, stale, heard } = carrier;
    this.#remove(carrier);
    if (phase === 'busy' && waiter && stale && !heard && waiter.idempotent) {
      waiter.until = now + this.#waitTimeout;
      waiter.on = this.#dial(pool, waiter);
    } else if (waiter) {
      this.#fail(waiter, error);
    } else if (phase === 'dialing') {
      const first = pool.peek();
      if (first) this.#fail(first, error);
    }
    return this.#done(pool);
  }

  tick(now: number): Action[] {
    for (const host of [...this.#hosts.values()]) {
      for (let first = host.peek(); first && first.until <= now; first = host.peek()) this.#late(first);
      for (const carrier of host.all) {
        if (dueOf(carrier) > now) continue;
        if (carrier.phase === 'idle') this.#close(carrier);
        else this.#late(carrier.waiter!);
      }
      this.#settle(host);
    }
    return this.#take();
  }

  close(): Action[] {
    this.#closing = true;
    for (const host of [...this.#hosts.values()]) this.#settle(host);
    return this.#take();
  }

  destroy(error: Error): Action[] {
    this.#closing = true;
    for (const waiter of [...this.#waiters.values()]) this.#fail(waiter, error);
    for (const carrier of [...this.#carriers.values()]) this.#close(carrier);
    this.#hosts.clear();
    return this.#take();
  }

  #done(host: Host): Action[] {
    this.#settle(host);
    return this.#take();
  }

  #take(): Action[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #settle(host: Host): void {
    while (host.dials < host.waiting && host.all.size < this.#max) this.#dial(host, undefined);
    if (this.#closing && host.waiting === 0) {
      for (const carrier of host.all) if (!carrier.waiter) this.#close(carrier);
    }
    if (host.all.size === 0) this.#hosts.delete(host.key);
  }

  #dial(pool: Host, waiter: Waiter | undefined): Carrier {
    const id = this.#next++;
    const until = Number.POSITIVE_INFINITY;
    const carrier: Carrier = { id, pool, phase: 'dialing', waiter, stale: false, heard: false, until };
    if (!waiter) pool.dials++;
    pool.all.add(carrier);
    this.#carriers.set(id, carrier);
    this.#actions.push({ type: 'dial', connection: id, key: pool.key });
    return carrier;
  }

  #give(carrier: Carrier, waiter: Waiter): void {
    Object.assign(carrier, { phase: 'busy', waiter, heard: false });
    waiter.on = carrier;
    this.#actions.push({ type: 'send', request: waiter.id, connection: carrier.id });
  }

  #park(carrier: Carrier, until: number, now: number): void {
    Object.assign(carrier, { phase: 'idle', waiter: undefined, stale: true, until });
    const { idle } = carrier.pool;
    idle.push(carrier);
    if (until <= now) this.#close(carrier);
    if (idle.length > this.#maxIdle) this.#close(idle[0]!);
  }

  #close(carrier: Carrier): void {
    this.#remove(carrier);
    this.#actions.push({ type: 'close', connection: carrier.id });
  }

  #remove(carrier: Carrier): void {
    const { pool, phase } = carrier;
    this.#carriers.delete(carrier.id);
    pool.all.delete(carrier);
    if (phase === 'idle' && pool.idle.includes(carrier)) pool.idle.splice(pool.idle.indexOf(carrier), 1);
    if (phase === 'dialing' && !carrier.waiter) pool.dials--;
  }

  #late(waiter: Waiter): void {
    this.#fail(waiter, coded('ETIMEDOUT', 'waited too long'));
  }

  #fail(waiter: Waiter, error: Error): void {
    this.#forget(waiter);
    this.#actions.push({ type: 'fail', request: waiter.id, error });
  }

  #forget(waiter: Waiter): void {
    this.#waiters.delete(waiter.id);
    const { on, pool } = waiter;
    if (!on) {
      pool.leave(waiter);
    } else if (on.phase === 'dialing' && on.waiter === waiter) {
      on.waiter = undefined;
      if (this.#carriers.has(on.id)) pool.dials++;
    }
  }
}

function dueOf({ phase, until, waiter }: Carrier): number {
  if (phase === 'idle') return until;
  return phase === 'dialing' && waiter ? waiter.until : Number.POSITIVE_INFINITY;
}

// ── acting ──

/** What has arrived and was not read; asks for more when it is empty. */
class Body implements AsyncIterable<Uint8Array> {
  readonly #stopped: () => void;
  #chunks: Uint8Array[] = [];
  #end: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  wantsMore: (() => void) | undefined;

  constructor(stopped: () => void) {
    this.#stopped = stopped;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  finish(end: { error?: unknown }): void {
    this.#end ??= end;
    if (end.error !== undefined) this.#chunks = [];
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk) yield chunk;
        else if (this.#end?.error !== undefined) throw this.#end.error;
        else if (this.#end) return;
        else await this.#arrival();
      }
    } finally {
      this.#stopped();
    }
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.wantsMore?.();
    });
  }
}

interface Call {
  id: number;
  method: string;
  bytes: Uint8Array;
  resolve: (response: PoolResponse) => void;
  reject: (error: unknown) => void;
  body?: Body;
  wire?: Wire;
  release: () => void;
}

/** A socket and what is on it. */
class Wire {
  readonly id: number;
  readonly socket: Socket;
  call: Call | undefined;
  reader: ResponseReader | undefined;
  error: Error = gone();

  constructor(id: number, socket: Socket) {
    this.id = id;
    this.socket = socket;
  }

  begin(call: Call): void {
    this.call = call;
    this.reader = new ResponseReader(call.method);
    call.wire = this;
    this.socket.write(call.bytes);
  }
}

export class Pool {
  readonly #core: PoolCore;
  readonly #options: ShellOptions;
  readonly #targets = new Map<string, Target>();
  readonly #wires = new Map<number, Wire>();
  readonly #calls = new Map<number, Call>();
  #ended: (() => void)[] = [];
  #id = 0;
  #timers: unknown[] = [];
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(options: ShellOptions = {}) {
    this.#options = options;
    this.#core = new PoolCore(options);
  }

  get #now(): number {
    return this.#options.timers?.now() ?? performance.now();
  }

  async request(request: PoolRequest): Promise<PoolResponse> {
    const { url, method = 'GET', signal } = request;
    const key = originKey(url, request.tls);
    const bytes = bytesOf(request);
    if (signal?.aborted) throw signal.reason;
    this.#targets.set(key, targetOf(url, request.tls));
    const id = ++this.#id;
    return new Promise<PoolResponse>((resolve, reject) => {
      const abort = () => this.#quit(id, signal!.reason);
      signal?.addEventListener('abort', abort);
      const release = () => signal?.removeEventListener('abort', abort);
      this.#calls.set(id, { id, method, bytes, resolve, reject, release });
      const idempotent = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].includes(method);
      this.#run(this.#core.request({ id, key, idempotent }, this.#now));
    });
  }

  async close(): Promise<void> {
    this.#run(this.#core.close());
    if (this.#wires.size > 0) await new Promise<void>((resolve) => this.#ended.push(resolve));
  }

  async destroy(error: Error = coded('ESHUTDOWN', 'destroyed')): Promise<void> {
    this.#run(this.#core.destroy(error));
    if (this.#wires.size > 0) await new Promise<void>((resolve) => this.#ended.push(resolve));
  }

  #run(actions: Action[]): void {
    for (const action of actions) {
      if (action.type === 'dial') this.#dial(action.connection, this.#targets.get(action.key)!);
      else if (action.type === 'send') this.#wires.get(action.connection)!.begin(this.#calls.get(action.request)!);
      else if (action.type === 'close') this.#wires.get(action.connection)?.socket.destroy();
      else this.#over(this.#calls.get(action.request)!, { error: action.error });
    }
    this.#schedule();
  }

  #dial(id: number, target: Target): void {
    let socket: Socket;
    try {
      socket = (this.#options.connect ?? open)(target);
    } catch (error) {
      process.nextTick(() => this.#run(this.#core.lost(id, error as Error, this.#now)));
      return;
    }
    const wire = new Wire(id, socket);
    this.#wires.set(id, wire);
    const lose = () => this.#run(this.#core.lost(id, wire.error, this.#now));
    socket
      .on(target.scheme === 'https' ? 'secureConnect' : 'connect', () => this.#run(this.#core.connected(id, this.#now)))
      .on('data', (bytes) => this.#data(wire, bytes))
      .on('error', (error) => {
        wire.error = error;
      })
      .on('end', () => {
        const parts = wire.call ? wire.reader!.end() : [];
        if (parts[0]?.type === 'end') this.#parts(wire, parts);
        lose();
        socket.destroy();
      })
      .on('close', () => {
        this.#wires.delete(id);
        lose();
        if (this.#wires.size === 0) for (const resolve of this.#ended.splice(0)) resolve();
      });
  }

  #data(wire: Wire, bytes: Uint8Array): void {
    this.#run(this.#core.received(wire.id));
    if (wire.call) this.#parts(wire, wire.reader!.push(bytes));
  }

  #parts(wire: Wire, parts: ResponsePart[]): void {
    const call = wire.call!;
    for (const part of parts) {
      if (part.type === 'head') this.#head(wire, call, part);
      if (part.type === 'error') this.#quit(call.id, part.error);
      if (part.type === 'data') {
        call.body!.add(part.bytes);
        wire.socket.pause();
      }
      if (part.type === 'end') this.#end(wire, call);
    }
  }

  #head(wire: Wire, call: Call, { status, headers }: { status: number; headers: Header[] }): void {
    const discard = () => this.#quit(call.id, coded('ECANCELED', 'given up'));
    const body = new Body(discard);
    body.wantsMore = () => wire.socket.resume();
    call.body = body;
    const text = async () => {
      const all: Uint8Array[] = [];
      for await (const chunk of body) all.push(chunk);
      return Buffer.concat(all).toString();
    };
    call.resolve({ status, headers, body, text, discard });
  }

  #end(wire: Wire, call: Call): void {
    const { reusable, idleHint } = wire.reader!;
    wire.call = undefined;
    this.#over(call, {});
    wire.socket.resume();
    const all = wire.socket.writableLength === 0;
    this.#run(this.#core.release(wire.id, { reusable: reusable && all, idleHint }, this.#now));
  }

  #over(call: Call, end: { error?: unknown }): void {
    this.#calls.delete(call.id);
    call.release();
    if (call.body) {
      delete call.body.wantsMore;
      call.body.finish(end);
    } else {
      call.reject(end.error);
    }
  }

  #quit(id: number, error: unknown): void {
    const call = this.#calls.get(id);
    if (!call) return;
    if (call.wire) call.wire.call = undefined;
    this.#over(call, { error });
    this.#run(this.#core.cancel(id));
  }

  #schedule(): void {
    const at = this.#wires.size > 0 ? this.#core.wakeAt : Number.POSITIVE_INFINITY;
    if (at === this.#timerAt) return;
    const { timers } = this.#options;
    for (const timer of this.#timers.splice(0))
      timers ? timers.clearTimer(timer) : clearTimeout(timer as NodeJS.Timeout);
    this.#timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    const ring = () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#run(this.#core.tick(this.#now));
    };
    const delay = Math.max(0, Math.min(at - this.#now, 1e9));
    this.#timers.push(timers ? timers.setTimer(ring, delay) : setTimeout(ring, delay));
  }
}

function open({ host, port, tls }: Target): Socket {
  return tls ? connectTls({ ...tls, host, port }) : connectTcp(port, host);
}

function bytesOf({ url, method = 'GET', headers = [], body }: PoolRequest): Uint8Array {
  const ours = ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect'];
  if (method === 'CONNECT' || !NAME.test(method)) throw new TypeError('method');
  const { host, pathname, search } = new URL(url);
  const all: Header[] = [['Host', host]];
  for (const [name, value] of headers) {
    const fine = NAME.test(name) && !ours.includes(name.toLowerCase());
    if (!fine || [...value].some((c) => (c < ' ' && c !== '\t') || c === '\x7f' || c > '\xff'))
      throw new TypeError(name);
    all.push([name, value]);
  }
  const content = Buffer.from(body ?? '');
  if (body !== undefined || ['POST', 'PUT', 'PATCH'].includes(method))
    all.push(['Content-Length', `${content.length}`]);
  const fields = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${pathname}${search} HTTP/1.1\r\n${fields}\r\n`, 'latin1'), content]);
}
