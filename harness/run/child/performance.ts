/** What the child runs for performance: each metric a case of its own, over two copies of the suite. */
import { test } from 'vitest';
import mine from '#performance';
import reference from '#performance?reference';
import { grade, MeasureFault } from '../../kit/performance-driver.ts';
import { Random } from '../../kit/random.ts';
import { request, tell } from './channel.ts';

/** Wall time for one metric; only a measurement that cannot decide is cut short by it. */
const BUDGET_MS = 5_000;

for (const metric of mine) {
  test(metric.id, async () => {
    const gates = request.gates.filter((gate) => gate.metric === metric.id);
    const options = { random: new Random(request.seed, metric.id), budgetMs: BUDGET_MS };
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
