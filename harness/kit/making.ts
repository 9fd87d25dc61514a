/**
 * Who made what: the stack of every socket, server, child process, timer and `process` listener made during a case.
 *
 * Node has no hook for this that would be cheap enough (async_hooks slows down every promise), so `connect`, `listen`
 * and the timer functions are wrapped, once, when this module loads; accepted sockets and child processes
 * are announced by diagnostics channels. It must load before the runner locks the built-ins. Outside a case the
 * wrappers only pass on. A stack is kept as an Error, which costs about 3 µs; it is turned into text for a failure only.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import { Server, Socket } from 'node:net';
import timers from 'node:timers';
import timerPromises from 'node:timers/promises';
import { promisify } from 'node:util';

/** Something made during a case. */
export interface Made {
  thing: unknown;
  /** Where. */
  from?: Error;
  /** For an accepted socket: the server that accepted it; `from` is then where that was made to listen. */
  server?: Server;
}

export type Listener = (...args: never[]) => unknown;

export interface Making {
  made: Map<unknown, Made>;
  listeners: Map<Listener, Error>;
  stop(): void;
}

/** Frames kept: a connect through http.Agent has about fifteen of Node's own above the subject's. */
const FRAMES = 25;
/** A case that sets timers by the thousand does not keep those that are over. */
const PRUNE_AT = 4096;

/** Connections that the kit's own peers made, and will close. */
export const keptByKit = new WeakSet<object>();

/** What is being recorded; cases run one after another. */
let current: Making | undefined;

/** Starts recording. */
export function watchMaking(): Making {
  const mine: Making = {
    made: new Map(),
    listeners: new Map(),
    stop: () => {
      if (current === mine) current = undefined;
    },
  };
  current = mine;
  return mine;
}

/** A timer of any kind, set during a case. */
export class Timer {
  readonly #name: string;
  readonly #ms: number;
  readonly #since = performance.now();
  readonly #pending: () => boolean;
  readonly clear: () => void;

  constructor(name: string, ms: number, pending: () => boolean, clear: () => void) {
    this.#name = name;
    // As Node does: what is no delay is 1 ms (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args).
    this.#ms = ms >= 1 && ms < 2 ** 31 ? ms : 1;
    this.#pending = pending;
    this.clear = clear;
  }

  get name(): string {
    return `${this.#name} of ${this.#ms} ms`;
  }

  get pending(): boolean {
    return this.#pending();
  }

  /** Until it is due. An interval never comes to its end. */
  get left(): number {
    if (this.#name === 'an interval') return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#since + this.#ms - performance.now());
  }
}

function here(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const error = new Error();
  Error.stackTraceLimit = limit;
  return error;
}

function remember(thing: unknown, from = here(), server?: Server): void {
  const made = current?.made;
  if (!made) return;
  made.set(thing, { thing, from, ...(server ? { server } : {}) });
}

wrapSockets();
wrapTimers();
process.on('newListener', (_name, listener: Listener) => void current?.listeners.set(listener, here()));

function wrapSockets(): void {
  for (const [prototype, name] of [
    [Socket.prototype, 'connect'],
    [Server.prototype, 'listen'],
  ] as const) {
    const original = (prototype as unknown as Record<typeof name, (...args: unknown[]) => unknown>)[name];
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      if (current) remember(this);
      return Reflect.apply(original, this, args);
    };
    Object.defineProperty(prototype, name, { value: wrapped, writable: true, configurable: true });
  }
  subscribe('net.server.socket', (message) => {
    if (!current) return;
    const { socket } = message as { socket: Socket & { server?: Server } };
    const listening = current.made.get(socket.server);
    remember(socket, listening?.from, socket.server);
  });
  subscribe('child_process', (message) => {
    if (current) remember((message as { process: ChildProcess }).process);
  });
}

type SetTimer = (this: unknown, ...args: unknown[]) => NodeJS.Timeout;

function wrapTimers(): void {
  for (const [name, label] of [
    ['setTimeout', 'a timer'],
    ['setInterval', 'an interval'],
  ] as const) {
    const original = timers[name] as unknown as SetTimer;
    const wrapped: SetTimer = function (...args) {
      const timer = Reflect.apply(original, this, args);
      if (current) rememberTimer(label, Number(args[1]), timer);
      return timer;
    };
    // `promisify(setTimeout)` must go on giving the promise version, and that one is watched too.
    Object.defineProperty(wrapped, promisify.custom, { get: () => timerPromises[name] });
    Object.assign(globalThis, { [name]: wrapped });
    Object.assign(timers, { [name]: wrapped });
  }
  const sleep = timerPromises.setTimeout as (...args: unknown[]) => Promise<unknown>;
  timerPromises.setTimeout = ((...args: unknown[]) => {
    const slept = sleep(...args);
    if (current) rememberSleep(Number(args[0]), slept);
    return slept;
  }) as typeof timerPromises.setTimeout;
  // Named imports of these modules see the wrappers from now on.
  syncBuiltinESMExports();
}

function rememberTimer(label: string, ms: number, timer: NodeJS.Timeout): void {
  prune();
  // Every way to end a timer sets this: clearTimeout with the object or its number, close(), dispose, firing.
  const state = timer as unknown as { _destroyed: boolean };
  remember(
    new Timer(
      label,
      ms,
      () => !state._destroyed,
      () => clearTimeout(timer),
    ),
  );
}

function rememberSleep(ms: number, slept: Promise<unknown>): void {
  let pending = true;
  const over = (): void => {
    pending = false;
  };
  slept.then(over, over);
  remember(new Timer('a timer', ms, () => pending, over));
}

let pruneAt = PRUNE_AT;

function prune(): void {
  const made = current?.made;
  if (!made || made.size < pruneAt) return;
  for (const thing of made.keys()) if (thing instanceof Timer && !thing.pending) made.delete(thing);
  pruneAt = Math.max(PRUNE_AT, made.size * 2);
}
