/** Thousands of random events, and the two rules of `PoolCore` after each. */
import { type Action, PoolCore } from '#subject/11-connection-pool/connection-pool.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { fail, ok } from '../../../kit/check.ts';
import { explain } from '../../../kit/failure.ts';
import type { Random } from '../../../kit/random.ts';

const MAX = 3;
const KEYS = ['a', 'b'];

interface Known {
  key: string;
  state: 'dialing' | 'idle' | 'busy';
  request?: number;
}

/** The outside of a core: what it was told, what it said, and whether that fits together. */
class World {
  readonly core = new PoolCore({ maxPerOrigin: MAX, idleTimeout: 50, waitTimeout: 80 });
  readonly connections = new Map<number, Known>();
  /** In the order in which they came. */
  readonly waiting = new Map<number, string>();
  /** Requests that were sent once and are to be sent again. */
  readonly again = new Map<number, string>();
  readonly steps: string[] = [];
  readonly random: Random;
  now = 0;
  #lastId = 0;

  constructor(random: Random) {
    this.random = random;
  }

  step(): void {
    this.now += this.random.int(0, 6);
    this.random
      .pick([this.request, this.request, this.request, this.#progress, this.#progress, this.#progress, this.#trouble])
      .call(this);
  }

  request(): void {
    const id = ++this.#lastId;
    const key = this.random.pick(KEYS);
    this.waiting.set(id, key);
    const idempotent = this.random.int(0, 1) === 1;
    this.event(`request(r${id}, ${key})`, () => this.core.request({ id, key, idempotent }, this.now));
  }

  /** A dial succeeds, bytes come or a response ends. */
  #progress(): void {
    const [id, known] = this.#any();
    if (!known) return this.request();
    if (known.state === 'dialing') {
      known.state = 'idle';
      this.event(`connected(${id})`, () => this.core.connected(id, this.now));
    } else if (known.state === 'busy' && this.random.int(0, 3) > 0) {
      const reusable = this.random.int(0, 4) > 0;
      known.state = 'idle';
      delete known.request;
      this.event(`release(${id}, ${reusable})`, () =>
        this.core.release(id, { reusable, idleHint: Number.POSITIVE_INFINITY }, this.now),
      );
    } else {
      this.event(`received(${id})`, () => this.core.received(id));
    }
  }

  /** Something is lost, cancelled, or late. */
  #trouble(): void {
    const [id, known] = this.#any();
    const request = known?.request ?? [...this.waiting.keys(), ...this.again.keys()].at(-1);
    if (this.random.int(0, 2) === 0) {
      this.event('tick()', () => this.core.tick(this.now));
    } else if (known && this.random.int(0, 1) === 0) {
      this.connections.delete(id);
      if (known.request !== undefined) this.again.set(known.request, known.key);
      this.event(`lost(${id})`, () => this.core.lost(id, new Error('lost'), this.now));
    } else if (request !== undefined) {
      this.waiting.delete(request);
      this.again.delete(request);
      this.event(`cancel(r${request})`, () => this.core.cancel(request));
    }
  }

  event(name: string, act: () => Action[]): void {
    this.steps.push(name);
    if (this.steps.length > 40) this.steps.shift();
    const actions = act();
    this.steps[this.steps.length - 1] += ` → ${actions.map(words).join(', ') || 'nothing'}`;
    // In any order: a connection that is closed makes room, a dial takes it.
    for (const action of actions) if (action.type !== 'send') this.#apply(action);
    for (const action of actions) if (action.type === 'send') this.#apply(action);
    this.#rules();
  }

  #apply(action: Action): void {
    if (action.type === 'dial') {
      this.connections.set(action.connection, { key: action.key, state: 'dialing' });
    } else if (action.type === 'close') {
      ok(this.connections.delete(action.connection), 'only open connections are closed', words(action));
    } else if (action.type === 'fail') {
      const known = this.waiting.delete(action.request) || this.again.delete(action.request);
      ok(known, 'only requests that wait, or whose connection was lost, fail', words(action));
    } else {
      this.#send(action.request, action.connection);
    }
  }

  #send(request: number, connection: number): void {
    const known = this.connections.get(connection);
    const key = this.again.get(request) ?? this.waiting.get(request);
    ok(known?.state === 'idle', 'a request is sent on a connection that is open and free', `it is ${known?.state}`);
    ok(known.key === key, 'a request is sent to its own origin', `r${request} to ${key} went to ${known.key}`);
    if (!this.again.delete(request)) {
      const first = [...this.waiting].find(([, other]) => other === key)?.[0];
      ok(first === request, `r${first} has waited longest and is sent first`, `r${request} was sent`);
      this.waiting.delete(request);
    }
    known.state = 'busy';
    known.request = request;
  }

  #rules(): void {
    for (const key of KEYS) {
      const mine = [...this.connections.values()].filter((known) => known.key === key);
      const count = (state: string) => mine.filter((known) => known.state === state).length;
      const waiting = [...this.waiting.values()].filter((other) => other === key).length;
      const wanted = waiting + [...this.again.values()].filter((other) => other === key).length;
      ok(mine.length <= MAX, `at most ${MAX} connections to ${key}`, `there are ${mine.length}`);
      ok(waiting === 0 || count('idle') === 0, `nobody waits while a connection to ${key} is idle`, `${waiting} wait`);
      const enough = count('dialing') >= wanted || mine.length === MAX;
      ok(enough, `as many dials to ${key} as requests wait, up to the maximum`, `${count('dialing')} for ${wanted}`);
    }
  }

  #any(): [number, Known] | [0, undefined] {
    return this.connections.size === 0 ? [0, undefined] : this.random.pick([...this.connections]);
  }
}

function words(action: Action): string {
  if (action.type === 'send') return `send r${action.request} on ${action.connection}`;
  return action.type === 'fail' ? `fail r${action.request}` : `${action.type} ${action.connection}`;
}

testCase(
  {
    id: 'pool-core-model',
    title: '6,000 random events: the maximum holds, nobody is overtaken, forgotten or answered twice',
    clause: 'notes ch. 12',
    why: 'a pool lives for months: whatever can happen between two events does',
    group: 'deciding: the rules, at random',
  },
  (t: CaseContext) => {
    const world = new World(t.random);
    try {
      for (let i = 0; i < 6_000; i++) world.step();
      world.now += 100;
      world.event('tick()', () => world.core.tick(world.now));
      if (world.waiting.size + world.again.size > 0) {
        fail({ expected: 'after waitTimeout nobody waits', actual: `${world.waiting.size + world.again.size} wait` });
      }
    } catch (error) {
      throw explain(error, { steps: world.steps });
    }
  },
);
