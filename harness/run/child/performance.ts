/** What the child runs for performance: each metric a case of its own, over two copies of the suite. */
import { test } from 'vitest';
import mine from '#performance';
import reference from '#performance?reference';
import { type Clock, systemClock } from '../../kit/measure/clock.ts';
import type { Metric } from '../../kit/performance.ts';
import { grade, MeasureFault } from '../../kit/performance-driver.ts';
import { Random } from '../../kit/random.ts';
import { request, tell } from './channel.ts';

/** Wall time for one metric; only a measurement that cannot decide is cut short by it. */
const BUDGET_MS = 5_000;

/** Milliseconds between signs of life. */
const BEAT_MS = 250;

let beatAt = 0;

/** Tells the parent that the measurement goes on; called between what is timed. */
function beat(): void {
  const now = systemClock.wall();
  if (now < beatAt + BEAT_MS) return;
  beatAt = now;
  tell({ type: 'measuring' });
}

/** Read before each stretch of a comparison. */
const clock: Clock = {
  ...systemClock,
  wall() {
    beat();
    return systemClock.wall();
  },
};

/** A growth prepares all its runs by itself. */
function beating(metric: Metric): Metric {
  if (metric.kind !== 'growth') return metric;
  const prepare: typeof metric.prepare = (n, random) => {
    beat();
    return metric.prepare(n, random);
  };
  return { ...metric, prepare };
}

for (const metric of mine.map(beating)) {
  test(metric.id, async () => {
    const gates = request.gates.filter((gate) => gate.metric === metric.id);
    const options = { random: new Random(request.seed, metric.id), budgetMs: BUDGET_MS, clock };
    try {
      for await (const measurement of grade([metric], reference, gates, options)) {
        tell({ type: 'measured', measurement });
      }
    } catch (error) {
      throw isOurs(error) ? new MeasureFault(`${metric.id}: the reference failed: ${String(error)}`) : error;
    }
  });
}

/** Whether it was thrown by the reference, or by the suite while it drove the reference. */
function isOurs(error: unknown): boolean {
  const frames = String((error as Error | undefined)?.stack ?? '').match(/\?(subject|reference):\d+:\d+/);
  return frames?.[1] === 'reference';
}
