/**
 * Timing of one side: a unit of work, called in batches of about a millisecond.
 *
 * A batch is long beside the clock's step (1 µs) and its cost (0.5 µs), and short beside a scheduler's slice,
 * so that most batches are not interrupted and the two of a pair see the same machine.
 *
 * The closures are each side's own, but the loop that calls them is shared: V8 can then not inline the work into
 * it and drop what it thinks unused. It costs 6 to 9 ns a call (measured), nothing beside work of 50 µs or more.
 */
import type { Clock } from './clock.ts';

export interface Side<Input = unknown> {
  input: Input;
  work(input: Input): unknown;
}

/** What one call cost on average over a batch, in ms on either clock, and how often it waited. */
export interface Cost {
  cpu: number;
  wall: number;
  waits: number;
}

export const BATCH_MS = 1;
/** Above this many calls of nothing at all the unit of work is too small to be timed. */
const MOST_CALLS = 1 << 20;
const CALIBRATION_TRIES = 5;

/** Holds the last result, so that no call is dead code. */
export const sink: { last: unknown } = { last: undefined };

export async function timeBatch(side: Side, calls: number, clock: Clock): Promise<Cost> {
  const wall = clock.wall();
  const before = clock.usage();
  const pending = callMany(side, calls);
  if (pending) await pending;
  const after = clock.usage();
  return {
    cpu: (after.cpu - before.cpu) / calls,
    wall: (clock.wall() - wall) / calls,
    waits: (after.waits - before.waits) / calls,
  };
}

/** Returns a promise only if the work does, so that work without promises is timed without any. */
function callMany(side: Side, calls: number): Promise<void> | undefined {
  for (let i = 0; i < calls; i++) {
    sink.last = side.work(side.input);
    if (isThenable(sink.last)) return awaitMany(side, calls - i - 1, sink.last);
  }
  return undefined;
}

async function awaitMany(side: Side, calls: number, first: PromiseLike<unknown>): Promise<void> {
  sink.last = await first;
  for (let i = 0; i < calls; i++) sink.last = await side.work(side.input);
}

/** Anything that `await` would wait for: work put off behind a `then` must be paid for, too. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** V8 has compiled most work within a dozen calls and 20 ms of CPU; under load the wall clock runs ahead of that. */
const WARM_MS = { wall: 150, cpu: 60, most: 1_500 };
const WARM_CALLS = 20;

/** Both sides in turn, until V8 has compiled what they use. */
export async function warmUp(sides: readonly Side[], clock: Clock): Promise<void> {
  const start = { cpu: clock.usage().cpu, wall: clock.wall() };
  for (let calls = 1; ; calls++) {
    for (const side of sides) await timeBatch(side, 1, clock);
    const [cpu, wall] = [clock.usage().cpu - start.cpu, clock.wall() - start.wall];
    if (wall >= WARM_MS.most) return;
    if (wall >= WARM_MS.wall && cpu >= WARM_MS.cpu && calls >= WARM_CALLS) return;
  }
}

/** How many calls take about `BATCH_MS`; 1 for work that takes longer. */
export async function calibrate(side: Side, clock: Clock): Promise<number> {
  for (let calls = 1; ; ) {
    const ms = (await quickest(side, calls, clock)) * calls;
    if (ms > BATCH_MS / 2 || calls >= MOST_CALLS) return Math.max(1, Math.round((calls * BATCH_MS) / ms));
    calls *= ms < BATCH_MS / 20 ? 4 : 2;
  }
}

/** The minimum of five, since whatever disturbs only adds. One try does where it was plainly long enough. */
async function quickest(side: Side, calls: number, clock: Clock): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CALIBRATION_TRIES; i++) {
    const { cpu } = await timeBatch(side, calls, clock);
    least = Math.min(least, Math.max(cpu, Number.MIN_VALUE));
    if (least * calls > 8 * BATCH_MS) break;
  }
  return least;
}
