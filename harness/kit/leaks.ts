/**
 * The watch for leaks: after a case that passed, nothing it opened may still be there.
 *
 * Counted are sockets, servers, child processes and other handles of the event loop; timers and intervals, unref'd
 * ones too (they keep their closure alive and fire into the next case); listeners on `process`. Not counted are what
 * was there before the case, the kit's own deadlines, what libraries do for themselves, and immediates, which are
 * over after one turn. For listeners on an emitter that outlives its user there is `listenersStay`.
 *
 * Connections that the case made itself (not those it accepted) are asked about twice. The first time is before the kit
 * closes its own ends: its FIN would close a forgotten client socket at the other end and so hide it.
 *
 * What is about to close gets its time: a socket that has sent or got its FIN, a timer that is due soon. The watch waits
 * for their `close`, not longer than `GRACE_MS`; what is not about to close fails at once. The failure names the
 * line that made the thing. Then everything found is closed, so that one leak fails one case and not the next.
 */
import { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Server, Socket } from 'node:net';
import type { CaseContext } from './case.ts';
import { turn } from './deadline.ts';
import { CaseFailure } from './failure.ts';
import { keptByKit, type Listener, type Made, type Making, Timer, watchMaking } from './making.ts';
import { creator, originOf, real } from './origin.ts';

/** For what is about to close. Loopback closes in a few turns; this is for a machine with no processor to spare. */
const GRACE_MS = 100;
/** A timer due within this counts as about to be over. */
const SOON_MS = 50;
/** Turns of the event loop in which a FIN that is under way arrives and is answered. */
const TURNS = 3;
/** Leaks named in one failure. */
const NAMED = 5;

type Listeners = Map<string | symbol, Listener[]>;

/** What one case has opened so far. */
export class Watch {
  readonly #handles = new Set<unknown>(activeHandles());
  readonly #listeners: Listeners = processListeners();
  readonly #making: Making = watchMaking();

  /** Whether the case made anything at all: most cases of a sans-IO subject do not. */
  get madeAnything(): boolean {
    return this.#making.made.size > 0 || this.open().length > 0;
  }

  /** What is open now and was not when the case began. */
  open(): Made[] {
    const made = this.#making.made;
    const found = [...made.values()].filter((one) => isOpen(one.thing) && !isLibrarys(one));
    // A net under the wrapped functions: handles that came to life another way have no line, but are seen.
    for (const thing of activeHandles()) {
      if (!this.#handles.has(thing) && !made.has(thing) && isOpen(thing)) found.push({ thing });
    }
    return found;
  }

  /** Listeners on `process` that were not there. */
  listeners(): { name: string | symbol; listener: Listener; from?: Error }[] {
    const found = [];
    for (const [name, now] of processListeners()) {
      const then = this.#listeners.get(name) ?? [];
      for (const listener of now) {
        if (then.includes(listener)) continue;
        const from = this.#making.listeners.get(listener);
        found.push({ name, listener, ...(from ? { from } : {}) });
      }
    }
    return found;
  }

  /** Ends the watch and closes what is left. */
  stop(): void {
    this.#making.stop();
    for (const { thing } of this.open()) close(thing);
    for (const { name, listener } of this.listeners()) process.removeListener(name, listener as () => void);
  }
}

/** Call before a case. */
export function watchLeaks(): Watch {
  return new Watch();
}

/** Call while the kit's ends are still open: throws if a connection that the case made is, and nobody began to close it. */
export async function clientsClosed(watch: Watch): Promise<void> {
  const forgotten = (): Made[] => watch.open().filter((made) => isForgottenClient(made));
  if (forgotten().length === 0) return;
  throwIfAny((await settled(forgotten, () => true)).map(line));
}

/** Call after the case: throws a `CaseFailure` that names what is left, after it has been closed. */
export async function leaksSince(watch: Watch): Promise<void> {
  try {
    // Even if nothing seems open: a server that was told to listen does so in the next turn.
    const open = watch.madeAnything ? await settled(() => watch.open(), isClosing) : [];
    const listeners = watch.listeners();
    throwIfAny([
      ...open.map(line),
      ...listeners.map(({ name, from }) => `a listener for “${String(name)}” is on process, ${origin({ from })}`),
    ]);
  } finally {
    watch.stop();
  }
}

function throwIfAny(found: string[]): void {
  if (found.length === 0) return;
  const more = found.length > NAMED ? [`and ${found.length - NAMED} more`] : [];
  const notes = [...found.slice(1, NAMED), ...more];
  throw new CaseFailure({
    expected: 'after the case, everything it opened is closed',
    actual: found[0] as string,
    ...(notes.length > 0 ? { notes } : {}),
  });
}

/**
 * Fails at the end of the case if `emitter` has more listeners than now, and names the event and the line.
 * For emitters that outlive their users: a pooled socket, a signal shared by many requests.
 */
export function listenersStay(t: Pick<CaseContext, 'defer'>, emitter: NodeJS.EventEmitter, what: string): void {
  const before = new Map(emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]));
  const added = new Map<string | symbol, Error>();
  const note = (name: string | symbol): void => void added.set(name, new Error());
  emitter.on('newListener', note);
  t.defer(() => {
    emitter.off('newListener', note);
    for (const name of emitter.eventNames()) {
      const extra = emitter.listenerCount(name) - (before.get(name) ?? 0);
      if (extra <= 0) continue;
      const from = added.get(name);
      throw new CaseFailure({
        expected: `${what} has as many listeners as before`,
        actual: `${extra} more for “${String(name)}”, the last added ${from ? creator(from) : 'out of sight'}`,
      });
    }
  });
}

/** What is still open once everything worth waiting for has had its time. */
async function settled(look: () => Made[], worthWaiting: (made: Made) => boolean): Promise<Made[]> {
  const until = performance.now() + GRACE_MS;
  for (;;) {
    for (let i = 0; i < TURNS; i++) await turn();
    const open = look();
    const closing = open.filter(worthWaiting);
    const left = until - performance.now();
    if (closing.length === 0 || left <= 0) return open;
    await firstGone(closing, left);
  }
}

function firstGone(closing: Made[], within: number): Promise<unknown> {
  const stop = new AbortController();
  const sooner = Math.min(within, ...closing.map(({ thing }) => (thing instanceof Timer ? thing.left + 1 : within)));
  const events = closing.map(async ({ thing }) => {
    if (!(thing instanceof Socket || thing instanceof ChildProcess)) return new Promise(() => {});
    return once(thing, thing instanceof Socket ? 'close' : 'exit', { signal: stop.signal });
  });
  const deadline = new Promise((resolve) => void real.setTimeout(resolve, sooner));
  return Promise.race([deadline, ...events]).then(
    () => stop.abort(),
    () => stop.abort(),
  );
}

function isOpen(thing: unknown): boolean {
  if (thing instanceof Timer) return thing.pending;
  if (thing instanceof Socket) return !thing.destroyed;
  if (thing instanceof Server) return thing.listening;
  if (thing instanceof ChildProcess) return thing.exitCode === null && thing.signalCode === null;
  return activeHandles().includes(thing);
}

/** vitest and its like set timers of their own while a case runs. */
function isLibrarys({ thing, from }: Made): boolean {
  return thing instanceof Timer && (from === undefined || originOf(from) === undefined);
}

/** A connection made during the case, not by the kit, that neither side has begun to close. */
function isForgottenClient(made: Made): boolean {
  const { thing, from, server } = made;
  return thing instanceof Socket && from !== undefined && !server && !keptByKit.has(thing) && !isClosing(made);
}

/** Whether it will be gone soon without anyone doing anything more about it. */
function isClosing({ thing }: Made): boolean {
  if (thing instanceof Timer) return thing.left <= SOON_MS;
  if (thing instanceof Socket) return thing.writableEnded || thing.readableEnded;
  return thing instanceof ChildProcess && thing.killed;
}

function close(thing: unknown): void {
  if (thing instanceof Timer) thing.clear();
  else if (thing instanceof Socket) thing.destroy();
  else if (thing instanceof Server) thing.close();
  else if (thing instanceof ChildProcess) thing.kill('SIGKILL');
  else (thing as { close?: () => void }).close?.();
}

function describe(thing: unknown): string {
  if (thing instanceof Timer) return thing.name;
  if (thing instanceof Socket) return `a socket${tuple(thing)}`;
  if (thing instanceof Server) return `a server${place(thing)}`;
  if (thing instanceof ChildProcess) return `a child process (${thing.spawnfile})`;
  return `a ${(thing as object).constructor?.name ?? 'handle'}`;
}

function tuple({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  if (localPort === undefined) return '';
  return ` from ${localAddress} port ${localPort} to ${remoteAddress} port ${remotePort}`;
}

function place(server: Server): string {
  const at = server.address();
  return typeof at === 'object' && at !== null ? ` on ${at.address} port ${at.port}` : '';
}

function line(made: Made): string {
  return `${describe(made.thing)} is ${made.thing instanceof Timer ? 'set' : 'open'}, ${origin(made)}`;
}

function origin({ from, server }: Partial<Made>): string {
  const how = server ? 'accepted by the server that was made' : 'made';
  return from ? `${how} ${creator(from)}` : 'made out of sight';
}

/** Undocumented, but there since 0.x, used by everyone who looks for this, and the only list of the very handles. */
function activeHandles(): unknown[] {
  return (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
}

function processListeners(): Listeners {
  return new Map(process.eventNames().map((name) => [name, process.listeners(name as 'exit')]));
}
