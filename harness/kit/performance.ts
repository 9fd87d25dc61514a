/**
 * `performance.ts` of a suite declares what is measured; the manifest holds the gates; the driver
 * (`performance-driver.ts`) measures and judges.
 *
 *     import { RingBuffer } from '#subject/03-ring-buffer/ring-buffer.ts';
 *     import { bytesAllocated, count, growth, ratio } from '../../kit/performance.ts';
 *
 *     export default [
 *       count({ id: 'ring-allocation', title: 'bytes allocated per write and read', unit: 'bytes',
 *         measure: () => bytesAllocated(() => { … one operation … }) }),
 *       growth({ id: 'ring-skip-growth', title: 'skipping n bytes', n: 20_000,
 *         prepare: (n) => { const ring = …; return () => ring.skip(n); } }),
 *       ratio({ id: 'ring-transfer', title: '1 MB through 32 KiB', rate: { perCall: 8e-3, unit: 'Gbit/s' },
 *         prepare: (random) => random.bytes(1_500),
 *         work: (input) => … }),
 *     ];
 *
 * Count first, then growth, then time: a count is exact on any machine, a growth needs only a factor,
 * a ratio needs statistics. The module is loaded twice, over the subject and over the reference, and
 * each copy brings its own closures: code that V8 optimised for one side is not shared with the other.
 *
 * What varies must be drawn from the `random` that is passed in, so that a subject cannot know the
 * input and both sides get the same one.
 */
import type { Random } from './random.ts';

export { bytesAllocated } from './measure/allocation.ts';

interface MetricFacts {
  /** Slug, unique in the kit; the manifest's gates name it. */
  id: string;
  /** What is measured, as a noun phrase: "1 MB through a ring of 32 KiB". */
  title: string;
}

/** Something that is counted: bytes allocated, writes, sockets, copies. Lower is better. */
export interface CountMetric extends MetricFacts {
  kind: 'count';
  unit: string;
  measure(random: Random): number | Promise<number>;
}

/** How much longer 8n takes than n: ≈ 8 if linear, ≈ 64 if quadratic. Lower is better; the gate is 10 unless given. */
export interface GrowthMetric extends MetricFacts {
  kind: 'growth';
  /** The small size. t(n) of a good implementation should be 0.2 to 5 ms. */
  n: number;
  /**
   * Prepares one run over `n` things and returns it. Only the returned function is timed, once:
   * what it uses up is prepared again for the next run.
   */
  prepare(n: number, random: Random): () => unknown;
}

/** Speed relative to the reference, or to `baseline` where there is one: 1 = as fast, 2 = twice as fast. */
export interface RatioMetric<Input = unknown> extends MetricFacts {
  kind: 'ratio';
  /** Turns the time of a call into a figure people know: `{ perCall: 8e-3, unit: 'Gbit/s' }`. Else µs per call. */
  rate?: { perCall: number; unit: string };
  /**
   * Makes the input of `work`, untimed. Called again and again for fresh input, each time with the same
   * numbers for both sides.
   */
  prepare?(random: Random): Input;
  /**
   * One unit of work, 0.05 to 1 ms, sync or async. Its result is compared (deep equality, so return plain
   * data) with the reference's before and between timings, so it must depend on the input alone and not on how
   * often `work` was called before. Must leave the input as it was, and read what the subject returns: a lazy
   * result that nobody reads is timed as free. Where an answer could be remembered by its input, make a call
   * take near 1 ms: input is fresh for most batches, so that there is little to remember.
   */
  work(input: Input): unknown;
  /** The same job done the obvious way; must return what `work` returns. */
  baseline?(input: Input): unknown;
}

export type Metric = CountMetric | GrowthMetric | RatioMetric;

/** A metric's gates, as they stand in the manifest. Absent silver and gold equal the gate before them. */
export interface Gate {
  metric: string;
  pass: number;
  silver?: number;
  gold?: number;
}

export function count(metric: Omit<CountMetric, 'kind'>): CountMetric {
  return { kind: 'count', ...metric };
}

export function growth(metric: Omit<GrowthMetric, 'kind'>): GrowthMetric {
  return { kind: 'growth', ...metric };
}

export function ratio<Input = undefined>(metric: Omit<RatioMetric<Input>, 'kind'>): RatioMetric {
  return { kind: 'ratio', ...metric } as RatioMetric;
}
