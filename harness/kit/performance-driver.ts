/**
 * The driver: measures what a suite's `performance.ts` declares and says which level each metric reaches.
 *
 *     for await (const result of grade(mine, reference, gates, { random, budgetMs: 20_000 })) …
 *
 * `mine` and `reference` are the default exports of two copies of the same module, one over the subject and one
 * over the reference. Runs in the child, beside the subject: load it first, for its clocks are taken when it
 * loads.
 *
 * - A count is exact: it is compared with the gates as it is.
 * - A growth that misses its gate is measured again, up to four times more, unless it is plain; the best counts.
 * - A ratio is measured until its interval (99.8 %) straddles no gate. At 1.5 s the lower of two possible levels
 *   is given, since it is certain. Only if passing itself is in doubt does the measurement go on, while the
 *   budget lasts; after that it is `inconclusive`, which is never held against anyone.
 *
 * A subject whose work returns something else than the reference's is wrong, not slow: `CaseFailure`.
 */
import { isDeepStrictEqual } from 'node:util';
import { bytes, equal } from './check.ts';
import { explain } from './failure.ts';
import { type Clock, systemClock } from './measure/clock.ts';
import { compare, type Estimate } from './measure/compare.ts';
import { steadyCompiler } from './measure/compiler.ts';
import { measureGrowth } from './measure/growth.ts';
import type { Interval } from './measure/statistics.ts';
import type { Side } from './measure/timer.ts';
import type { CountMetric, Gate, GrowthMetric, Metric, RatioMetric } from './performance.ts';
import { Random } from './random.ts';

export type Level = 'gold' | 'silver' | 'pass' | 'slow' | 'inconclusive';

export interface MetricResult {
  id: string;
  title: string;
  metric: Metric['kind'];
  /** Unit of `value` and `reference`. */
  unit: string;
  /** The subject's own figure, and that of what it is measured against. */
  value: number;
  reference: number;
  against: 'reference' | 'baseline';
  /** Ratio metrics only: speed relative to `reference`, 1 = as fast. */
  ratio?: number;
  /** Interval of what the gates are held against: the ratio, the growth (best and worst), or the count itself. */
  low: number;
  high: number;
  level: Level;
  gate: Gate;
  /** How long it took, and how many pairs, rounds or counts were taken. */
  ms: number;
  samples: number;
  clock?: 'cpu' | 'wall';
}

export interface GradeOptions {
  random: Random;
  /** Wall time that all metrics together should take; only extensions are cut short by it. */
  budgetMs?: number;
  clock?: Clock;
}

/** A mistake in a suite, a manifest or a reference. */
export class MeasureFault extends Error {
  override name = 'MeasureFault';
}

const RATIO_CAP_MS = 1_500;
const RATIO_EXTENDED_MS = 6_000;
const GROWTH_ATTEMPTS = 5;
const GROWTH_PLAIN = 2.5;
const GROWTH_GATE = 10;
const DEFAULT_BUDGET_MS = 20_000;

interface Task {
  gate: Gate;
  random: Random;
  clock: Clock;
  /** On the wall clock. */
  deadline: number;
}

/** The part of a result that depends on the kind. */
type Measured = Pick<MetricResult, 'value' | 'reference' | 'ratio' | 'low' | 'high' | 'level' | 'samples' | 'clock'>;

export async function* grade(
  mine: readonly Metric[],
  reference: readonly Metric[],
  gates: readonly Gate[],
  { random, budgetMs = DEFAULT_BUDGET_MS, clock = systemClock }: GradeOptions,
): AsyncGenerator<MetricResult> {
  steadyCompiler();
  rejectUnknownGates(mine, gates);
  const deadline = clock.wall() + budgetMs;
  for (const metric of mine) {
    const theirs = reference.find((other) => other.id === metric.id);
    if (theirs?.kind !== metric.kind) throw new MeasureFault(`metric ${metric.id}: the reference's copy has none such`);
    const start = clock.wall();
    const task = { gate: gateOf(metric, gates), random: new Random(random.u32(), metric.id), clock, deadline };
    const measured = await measure(metric, theirs, task);
    const { id, title, kind } = metric;
    const against = kind === 'ratio' && metric.baseline ? 'baseline' : 'reference';
    const ms = clock.wall() - start;
    yield { id, title, metric: kind, unit: unitOf(metric), against, gate: task.gate, ...measured, ms };
  }
}

function rejectUnknownGates(metrics: readonly Metric[], gates: readonly Gate[]): void {
  const unknown = gates.find((gate) => !metrics.some((metric) => metric.id === gate.metric));
  if (unknown) throw new MeasureFault(`the manifest has a gate for ${unknown.metric}, but the suite no such metric`);
}

function gateOf(metric: Metric, gates: readonly Gate[]): Gate {
  const gate = gates.find((candidate) => candidate.metric === metric.id);
  if (gate) return gate;
  if (metric.kind === 'growth') return { metric: metric.id, pass: GROWTH_GATE };
  throw new MeasureFault(`metric ${metric.id} has no gate in the manifest`);
}

function unitOf(metric: Metric): string {
  if (metric.kind === 'count') return metric.unit;
  return metric.kind === 'growth' ? '×' : (metric.rate?.unit ?? 'µs');
}

function measure(mine: Metric, theirs: Metric, task: Task): Promise<Measured> {
  if (mine.kind === 'count') return measureCount(mine, theirs as CountMetric, task);
  if (mine.kind === 'growth') return measureGrowths(mine, theirs as GrowthMetric, task);
  return measureRatio(mine, theirs as RatioMetric, task);
}

async function measureCount(mine: CountMetric, theirs: CountMetric, { gate, random }: Task): Promise<Measured> {
  const seed = random.u32();
  const reference = await theirs.measure(new Random(seed));
  const value = await mine.measure(new Random(seed));
  return { value, reference, low: value, high: value, level: levelBelow(value, gate), samples: 1 };
}

async function measureGrowths(mine: GrowthMetric, theirs: GrowthMetric, task: Task): Promise<Measured> {
  const { gate, random, clock, deadline } = task;
  const seed = random.u32();
  const run = (metric: GrowthMetric) => measureGrowth((n) => metric.prepare(n, new Random(seed)), metric.n, clock);
  const seen: number[] = [];
  let samples = 0;
  do {
    const { growth, runs } = await run(mine);
    seen.push(growth);
    samples += runs;
  } while (isDoubtful(seen.at(-1)!, gate) && seen.length < GROWTH_ATTEMPTS && clock.wall() < deadline);
  const value = Math.min(...seen);
  const reference = (await run(theirs)).growth;
  return { value, reference, low: value, high: Math.max(...seen), level: levelBelow(value, gate), samples };
}

/** Missed, but not by so much that no noise explains it. */
function isDoubtful(growth: number, gate: Gate): boolean {
  return growth > gate.pass && growth < GROWTH_PLAIN * gate.pass;
}

async function measureRatio(mine: RatioMetric, theirs: RatioMetric, task: Task): Promise<Measured> {
  const { gate, random, clock, deadline } = task;
  const subject: Side = { input: undefined, work: (input) => mine.work(input) };
  const other: Side = { input: undefined, work: (input) => theirs.work(input) };
  if (theirs.baseline) other.work = (input) => theirs.baseline?.(input);
  const freshen = () => freshInput(mine, theirs, [subject, other], random);
  await freshen();
  const enough = (estimate: Estimate, elapsed: number) => {
    if (isSettled(estimate, gate)) return true;
    if (elapsed < RATIO_CAP_MS) return false;
    return levelOf(estimate, gate) !== 'inconclusive' || elapsed >= RATIO_EXTENDED_MS || clock.wall() >= deadline;
  };
  const estimate = await compare(subject, other, { clock, random, enough, freshen });
  const { ratio, low, high, pairs, first, second } = estimate;
  const value = figure(first, mine);
  const reference = figure(second, mine);
  return { value, reference, ratio, low, high, level: levelOf(estimate, gate), samples: pairs, clock: estimate.clock };
}

/** Fresh and equal input for both sides, and a check that they answer it alike. */
async function freshInput(
  mine: RatioMetric,
  theirs: RatioMetric,
  [subject, other]: readonly [Side, Side],
  random: Random,
): Promise<void> {
  const seed = random.u32();
  other.input = theirs.prepare?.(new Random(seed));
  const expected = await theirs.work(other.input);
  if (theirs.baseline && !isDeepStrictEqual(await theirs.baseline(other.input), expected)) {
    throw new MeasureFault(`metric ${mine.id}: the baseline returns something else than the reference`);
  }
  subject.input = mine.prepare?.(new Random(seed));
  const actual = await mine.work(subject.input);
  try {
    const what = `${mine.title}: what one unit of work returns`;
    if (expected instanceof Uint8Array) bytes(actual as Uint8Array, expected, what);
    else equal(actual, expected, what);
  } catch (error) {
    throw explain(error, { notes: [`metric ${mine.id}: results are compared with the reference's before timing`] });
  }
}

/** µs per call, or the rate that the metric names. */
function figure(msPerCall: number, metric: RatioMetric): number {
  return metric.rate ? metric.rate.perCall / (msPerCall / 1_000) : msPerCall * 1_000;
}

type Reached = Exclude<Level, 'inconclusive'>;

/** Whether the whole interval lies on one level. */
export function isSettled({ low, high }: Interval, gate: Gate): boolean {
  return levelAbove(low, gate) === levelAbove(high, gate);
}

/** The level that a speed ratio is sure to reach; `inconclusive` where not even passing or failing is sure. */
export function levelOf({ low, high }: Interval, gate: Gate): Level {
  const certain = levelAbove(low, gate);
  return certain === 'slow' && levelAbove(high, gate) !== 'slow' ? 'inconclusive' : certain;
}

/** For ratios: more is better. An absent gate equals the one before it. */
function levelAbove(value: number, { pass, silver = pass, gold = silver }: Gate): Reached {
  if (value < pass) return 'slow';
  if (value < silver) return 'pass';
  return value < gold ? 'silver' : 'gold';
}

/** For counts and growth: less is better. */
export function levelBelow(value: number, { pass, silver = pass, gold = silver }: Gate): Reached {
  if (!(value <= pass)) return 'slow';
  if (value > silver) return 'pass';
  return value > gold ? 'silver' : 'gold';
}
