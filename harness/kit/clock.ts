/**
 * A clock that only moves when it is told to. Suites never wait for real seconds.
 *
 *     const clock = new Clock();                 // at 0, or new Clock({ now: 1000 })
 *     pool.tick(clock.now());                    // sans-IO subjects take the number
 *     shell({ timers: clock })                   // shells take { now, setTimer, clearTimer }
 *     clock.advance(4999);                       // fires what falls due, in order of time, then of creation
 *     await clock.settle();                      // lets promise chains started by a timer run out
 *
 * While a timer's callback runs, `now()` is the time it was due, not the end of the step: code that measures its
 * own delay sees what it would see in the world. A timer set by a callback fires in the same `advance` if it falls due.
 */
import { CaseFailure } from './failure.ts';
import { creator, real } from './origin.ts';

/** What a shell asks for instead of the global timers. The handle is opaque. */
interface Timers {
  now(): number;
  setTimer(act: () => void, ms: number): unknown;
  clearTimer(handle: unknown): void;
}

interface Pending {
  due: number;
  order: number;
  act: () => void;
  from: Error;
}

/** A timer that sets itself again with no delay would hold `advance` for ever. */
const MOST_FIRED = 10_000;

export class Clock implements Timers {
  #now: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor({ now = 0 } = {}) {
    this.#now = now;
    // Shells take these as bare functions too: `const { setTimer } = timers`.
    this.now = this.now.bind(this);
    this.setTimer = this.setTimer.bind(this);
    this.clearTimer = this.clearTimer.bind(this);
  }

  now(): number {
    return this.#now;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#pending.size;
  }

  /** When the next timer is due, or `undefined`. */
  get next(): number | undefined {
    return this.#first()?.due;
  }

  setTimer(act: () => void, ms: number): unknown {
    if (typeof act !== 'function') throw new TypeError('setTimer: the first argument is the function to call');
    // Node turns a NaN, negative or over-long delay into 1 ms; a virtual clock that did so would hide the mistake.
    if (!(ms >= 0) || ms === Number.POSITIVE_INFINITY) throw new RangeError(`setTimer: a delay of ${ms} ms`);
    const timer = { due: this.#now + ms, order: this.#order++, act, from: new Error() };
    this.#pending.add(timer);
    return timer;
  }

  /** Clearing what has fired, was cleared or never was a timer does nothing, as with the global timers. */
  clearTimer(handle: unknown): void {
    this.#pending.delete(handle as Pending);
  }

  /** Moves on by `ms` and fires every timer that falls due. Returns how many fired. */
  advance(ms: number): number {
    if (!(ms >= 0)) throw new RangeError(`a clock cannot advance by ${ms} ms`);
    const end = this.#now + ms;
    let fired = 0;
    for (let timer = this.#first(); timer && timer.due <= end; timer = this.#first()) {
      if (++fired > MOST_FIRED) throw runaway(timer);
      this.#now = timer.due;
      this.#pending.delete(timer);
      timer.act();
    }
    this.#now = end;
    return fired;
  }

  /** Moves to the next timer and fires it (and others due at that moment). Returns how many fired: 0 if none is set. */
  advanceToNext(): number {
    const next = this.next;
    return next === undefined ? 0 : this.advance(next - this.#now);
  }

  /** `advance`, timer by timer, letting the promise chains that each one starts run out before the next. */
  async advanceAsync(ms: number): Promise<number> {
    const end = this.#now + ms;
    let fired = 0;
    await this.settle();
    for (let next = this.next; next !== undefined && next <= end; next = this.next) {
      fired += this.advance(next - this.#now);
      if (fired > MOST_FIRED) throw runaway(this.#first()!);
      await this.settle();
    }
    this.#now = end;
    return fired;
  }

  /** One turn of the real event loop: whatever needs no I/O and no real time is done after it. */
  settle(): Promise<void> {
    return new Promise((resolve) => void real.setImmediate(resolve));
  }

  /** Fails if a timer is still set, and names the line that set it. */
  idle(what: string): void {
    const timer = this.#first();
    if (!timer) return;
    throw new CaseFailure({
      expected: `${what}: no timer is set`,
      actual: `${this.#pending.size} still ${this.#pending.size === 1 ? 'is' : 'are'}; the next, due in ${timer.due - this.#now} ms, was set ${creator(timer.from)}`,
    });
  }

  /** A scan, not a heap: suites hold a handful of timers, and the order of equals must be that of creation. */
  #first(): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#pending) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer;
    }
    return first;
  }
}

function runaway(timer: Pending): CaseFailure {
  return new CaseFailure({
    expected: 'timers that come to rest',
    actual: `more than ${MOST_FIRED} fired in one step of the clock; one of them was set ${creator(timer.from)}`,
  });
}
