/**
 * What the cases of the pool share.
 *
 * `coreCase` gives a case a desk: a core whose events are written down, whose connections are numbered in the order of
 * their dials, and whose actions read as words:
 *
 *     desk.request(1).gives('dial c1');
 *     desk.connected(1).gives('send r1 on c1');
 *     desk.release(1).gives();                      // nothing to do
 *
 * `poolOn` gives a case on sockets its pool, whose time is a virtual clock's.
 */
import {
  type Action,
  Pool,
  PoolCore,
  type PoolOptions,
  type PoolRequest,
  type PoolResponse,
  type ShellOptions,
} from '#subject/11-connection-pool/connection-pool.ts';
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { fail, ok, rejects } from '../../../kit/check.ts';
import { Clock } from '../../../kit/clock.ts';
import { before } from '../../../kit/deadline.ts';
import { explain } from '../../../kit/failure.ts';
import type { Listener, Peer } from '../../../kit/loopback.ts';
import { show } from '../../../kit/show.ts';
import { OK, requestLine, urlOf } from '../support/origin.ts';

/** A case about decisions, whose failure shows every event up to the wrong one. */
export function coreCase(
  facts: CaseFacts,
  body: (open: (options?: PoolOptions) => Desk, t: CaseContext) => void,
): void {
  testCase(facts, (t) => {
    const steps: string[] = [];
    try {
      body((options) => new Desk(steps, options), t);
    } catch (error) {
      throw steps.length > 0 ? explain(error, { steps }) : error;
    }
  });
}

/** What one event gave. */
export class Given {
  readonly actions: string[];
  readonly #event: string;

  constructor(event: string, actions: string[]) {
    this.#event = event;
    this.actions = actions;
  }

  /** Exactly these actions, in any order. */
  gives(...expected: string[]): void {
    const [want, got] = [[...expected].sort().join(', '), [...this.actions].sort().join(', ')];
    if (want !== got) {
      fail({ expected: `${this.#event} gives: ${want || 'nothing to do'}`, actual: `it gave: ${got || 'nothing'}` });
    }
  }
}

export class Desk {
  readonly core: PoolCore;
  now = 0;
  readonly #steps: string[];
  /** The core's number of the n-th dial, and back. */
  readonly #ids: number[] = [];
  readonly #names = new Map<number, string>();

  constructor(steps: string[], options?: PoolOptions) {
    this.#steps = steps;
    steps.push(`core = new PoolCore(${options ? show(options) : ''})`);
    this.core = new PoolCore(options);
  }

  request(id: number, { key = 'a', idempotent = true } = {}): Given {
    const facts = `${key === 'a' ? '' : `, key ${key}`}${idempotent ? '' : ', not idempotent'}`;
    return this.#event(`request(r${id}${facts})`, () => this.core.request({ id, key, idempotent }, this.now));
  }

  cancel(id: number): Given {
    return this.#event(`cancel(r${id})`, () => this.core.cancel(id));
  }

  connected(connection: number): Given {
    return this.#event(`connected(c${connection})`, () => this.core.connected(this.#id(connection), this.now));
  }

  received(connection: number): Given {
    return this.#event(`received(c${connection})`, () => this.core.received(this.#id(connection)));
  }

  release(connection: number, { reusable = true, idleHint = Number.POSITIVE_INFINITY } = {}): Given {
    const facts = `${reusable ? '' : ', not reusable'}${idleHint === Number.POSITIVE_INFINITY ? '' : `, hint ${idleHint}`}`;
    const response = { reusable, idleHint };
    return this.#event(`release(c${connection}${facts})`, () =>
      this.core.release(this.#id(connection), response, this.now),
    );
  }

  lost(connection: number, code = 'ECONNRESET'): Given {
    const error = Object.assign(new Error('the connection was lost'), { code });
    return this.#event(`lost(c${connection}, ${code})`, () => this.core.lost(this.#id(connection), error, this.now));
  }

  tick(): Given {
    return this.#event('tick()', () => this.core.tick(this.now));
  }

  close(): Given {
    return this.#event('close()', () => this.core.close());
  }

  destroy(code: string): Given {
    return this.#event(`destroy(${code})`, () => this.core.destroy(Object.assign(new Error('the end'), { code })));
  }

  /** Request `id` goes there and back on a connection that is dialled for it. */
  dialled(id: number, connection: number, response?: { reusable?: boolean; idleHint?: number }): void {
    this.request(id).gives(`dial c${connection}`);
    this.connected(connection).gives(`send r${id} on c${connection}`);
    this.received(connection).gives();
    this.release(connection, response).gives();
  }

  #event(name: string, act: () => Action[]): Given {
    const event = `${name}${this.now > 0 ? ` at ${this.now} ms` : ''}`;
    this.#steps.push(event);
    const actions = act();
    ok(Array.isArray(actions), `${event} returns a list of actions`, `it returned ${show(actions)}`);
    const words = actions.map((action) => this.#words(action));
    this.#steps[this.#steps.length - 1] += ` → ${words.join(', ') || 'nothing'}`;
    return new Given(event, words);
  }

  #words(action: Action): string {
    switch (action.type) {
      case 'dial':
        this.#ids.push(action.connection);
        this.#names.set(action.connection, `c${this.#ids.length}`);
        return `dial c${this.#ids.length}${action.key === 'a' ? '' : ` to ${action.key}`}`;
      case 'send':
        return `send r${action.request} on ${this.#name(action.connection)}`;
      case 'fail':
        return `fail r${action.request} ${(action.error as { code?: string }).code}`;
      case 'close':
        return `close ${this.#name(action.connection)}`;
      default:
        return `an action of no known type: ${show(action)}`;
    }
  }

  #id(connection: number): number {
    // The case names a connection that the subject has not dialled: an event about something unknown.
    return this.#ids[connection - 1] ?? -connection;
  }

  #name(id: number): string {
    return this.#names.get(id) ?? `a connection ${id} that was never dialled`;
  }
}

export interface OnSockets {
  pool: Pool;
  clock: Clock;
}

const transcripts = new WeakMap<Pool, CaseContext['transcript']>();

/** A pool that is destroyed when the case ends, and whose requests stand in the transcript. */
export function poolOn(t: CaseContext, options: ShellOptions = {}): OnSockets {
  const clock = new Clock();
  const pool = new Pool({ timers: clock, ...options });
  transcripts.set(pool, t.transcript);
  t.defer(() => before(pool.destroy(), { what: 'destroy() resolves: every socket is closed' }));
  return { pool, clock };
}

/** A request under way. A rejection that the case has not come to yet is no error of the process. */
export function start(pool: Pool, request: PoolRequest): Promise<PoolResponse> {
  const name = `${request.method ?? 'GET'} ${request.url.replace(/^\w+:\/\/[^/]*/, '')}`;
  const note = (what: string) => transcripts.get(pool)?.note({ who: 'caller' }, what, name);
  note('requests');
  const response = pool.request(request);
  if (!(response instanceof Promise)) return response;
  response.then(
    ({ status }) => note(`got a ${status} for`),
    (error: { code?: string; name?: string }) => note(`got ${error?.code ?? error?.name} for`),
  );
  return response;
}

/** The response, or the end of the case with words. */
export function answer(response: Promise<PoolResponse>, what = 'the request is answered'): Promise<PoolResponse> {
  return before(worded(response, what), { what });
}

/** The whole body. */
export async function textOf(response: Promise<PoolResponse>, what?: string): Promise<string> {
  const answered = await answer(response, what);
  const ends = 'the body of the response ends';
  return before(worded(answered.text(), ends), { what: ends });
}

/** A rejection that the case does not expect is a failure of the case, not an error in it. */
async function worded<T>(promise: Promise<T>, what: string): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotImplemented') throw error;
    const { code } = error as { code?: string };
    return fail({ expected: what, actual: `it failed${code ? ` with ${code}` : ''}: ${show(String(error))}` });
  }
}

/** One request there and back, on the server's next connection; returns that. */
export async function firstExchange(pool: Pool, server: Listener, reply: string = OK): Promise<Peer> {
  const response = start(pool, { url: urlOf(server) });
  const peer = await server.accept();
  await requestLine(peer);
  await peer.send(reply);
  await textOf(response);
  return peer;
}

/** The request fails with this code. */
export function failsWith(response: Promise<unknown>, code: string, what: string): Promise<Error> {
  return before(rejects(response, { code }, what), { what: `${what}: it fails with ${code}` });
}
