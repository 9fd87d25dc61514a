/**
 * Which of two is faster, and by how much: interleaved batches, ratio by ratio.
 *
 * Whatever changes the speed of the machine (load, heat, a busy neighbour) lasts longer than two batches, so
 * it slows both of a pair alike and leaves their ratio; what hits one batch alone spoils one pair, and the
 * median ignores that pair. Times summed or taken apart have neither property: the same code then comes out
 * up to twice as slow as itself.
 *
 * The order within a pair is drawn, then mirrored in the next one (ABBA or BAAB), so that neither side
 * always runs on the other's warm cache, and a subject cannot know when its turn is.
 *
 * The interval is looked at first after `FIRST_LOOK_MS` and then at times that grow by half, so that a verdict
 * comes as soon as the ratio is clear, and the number of looks (each a chance to err) stays below ten.
 */
import type { Random } from '../random.ts';
import type { Clock } from './clock.ts';
import { type Interval, median, medianInterval } from './statistics.ts';
import { type Cost, calibrate, type Side, timeBatch, warmUp } from './timer.ts';

const CONFIDENCE = 0.998;
const FIRST_LOOK_MS = 100;
const LOOK_GROWTH = 1.5;
/** From here on the interval of the median is one. */
const MANY_PAIRS = 15;
/** Work that takes so long that fewer pairs must do is looked at after this time on the CPU, and three pairs. */
const LONG_WORK = { cpu: 400, pairs: 3 };
/** How much of the time fresh inputs may take. */
const FRESH_SHARE = 0.2;
/** CPU time does not see sleeping: a side that spends this many times more wall time on it is timed by the wall clock. */
const WAITING_LIMIT = 3;

/** Speed of the first side relative to the second: 1 = as fast, 2 = twice as fast. */
export interface Estimate extends Interval {
  ratio: number;
  pairs: number;
  clock: 'cpu' | 'wall';
  /** Median ms per call of either side. */
  first: number;
  second: number;
}

export interface Terms {
  clock: Clock;
  random: Random;
  /** Asked at each look, with the ms measured so far: is that enough? */
  enough(estimate: Estimate, elapsed: number): boolean;
  /** Gives both sides fresh input and checks them on it. Called before the first pair and between pairs. */
  freshen(): Promise<void>;
}

export async function compare(first: Side, second: Side, terms: Terms): Promise<Estimate> {
  const { clock } = terms;
  await warmUp([first, second], clock);
  const calls = [await calibrate(first, clock), await calibrate(second, clock)] as const;
  const costs: Pair[] = [];
  const nextOrder = orders(terms.random);
  const start = { wall: clock.wall(), cpu: clock.usage().cpu };
  const freshen = freshener(terms, start.wall);
  for (let look = FIRST_LOOK_MS; ; ) {
    await freshen();
    costs.push(await timePair([first, second], calls, nextOrder(), clock));
    const elapsed = clock.wall() - start.wall;
    if (elapsed < look || !isTelling(costs.length, clock.usage().cpu - start.cpu)) continue;
    const estimate = estimateOf(costs);
    if (terms.enough(estimate, elapsed)) return estimate;
    look = elapsed * LOOK_GROWTH;
  }
}

function isTelling(pairs: number, cpu: number): boolean {
  return pairs >= MANY_PAIRS || (pairs >= LONG_WORK.pairs && cpu >= LONG_WORK.cpu);
}

/** The costs of the first and of the second side. */
type Pair = readonly [Cost, Cost];

async function timePair(
  [first, second]: readonly [Side, Side],
  calls: readonly [number, number],
  firstGoesFirst: boolean,
  clock: Clock,
): Promise<Pair> {
  if (firstGoesFirst) return [await timeBatch(first, calls[0], clock), await timeBatch(second, calls[1], clock)];
  const other = await timeBatch(second, calls[1], clock);
  return [await timeBatch(first, calls[0], clock), other];
}

/** Drawn, then mirrored: ABBA or BAAB. */
function orders(random: Random): () => boolean {
  let drawn: boolean | undefined;
  return () => {
    if (drawn === undefined) {
      drawn = random.int(0, 1) === 0;
      return drawn;
    }
    const mirrored = !drawn;
    drawn = undefined;
    return mirrored;
  };
}

/** Freshens as often as it can within its share of the time. */
function freshener(terms: Terms, start: number): () => Promise<void> {
  let spent = 0;
  let last = 0;
  return async () => {
    const before = terms.clock.wall();
    if (spent + last > (before - start) * FRESH_SHARE) return;
    await terms.freshen();
    last = terms.clock.wall() - before;
    spent += last;
  };
}

function estimateOf(pairs: readonly Pair[]): Estimate {
  const clock = isWaiting(pairs) ? 'wall' : 'cpu';
  const first = pairs.map((pair) => pair[0][clock]);
  const second = pairs.map((pair) => pair[1][clock]);
  const logs = pairs.map((pair) => logRatio(pair[1][clock], pair[0][clock]));
  const { low, high } = intervalOf(logs);
  return {
    ratio: Math.exp(median(logs)),
    low: Math.exp(low),
    high: Math.exp(high),
    pairs: pairs.length,
    clock,
    first: median(first),
    second: median(second),
  };
}

/** Few pairs only decide what is plain: the range of all, and a factor of two on either side. */
function intervalOf(logs: readonly number[]): Interval {
  if (logs.length >= MANY_PAIRS) return medianInterval(logs, CONFIDENCE);
  return { low: Math.min(...logs) - Math.LN2, high: Math.max(...logs) + Math.LN2 };
}

/**
 * Whether the first side sleeps: it gives up the core in most of its batches, and then takes surely more than
 * `WAITING_LIMIT` times as much wall time for its CPU time as the other. Under load both are pushed off the
 * core alike, which is no waiting.
 */
function isWaiting(pairs: readonly Pair[]): boolean {
  if (median(pairs.map(([first]) => first.waits)) === 0) return false;
  const excess = pairs.map(([first, second]) => logRatio(first.wall, first.cpu) - logRatio(second.wall, second.cpu));
  return intervalOf(excess).low > Math.log(WAITING_LIMIT);
}

/** A ratio needs both above zero: no less than a millionth of a ms per call. */
function logRatio(a: number, b: number): number {
  return Math.log(Math.max(a, 1e-6) / Math.max(b, 1e-6));
}
