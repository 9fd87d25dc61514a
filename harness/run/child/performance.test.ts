/** What the child runs for performance: each metric a case of its own, over two copies of the suite. */

import { test } from 'vitest';
import mine from '#performance';
import reference from '#performance?reference';
import { grade } from '../../kit/performance-driver.ts';
import { Random } from '../../kit/random.ts';
import { request, tell } from './channel.ts';

/** Wall time for one metric; only a measurement that cannot decide is cut short by it. */
const BUDGET_MS = 5_000;

for (const metric of mine) {
  test(metric.id, async () => {
    const gates = request.gates.filter((gate) => gate.metric === metric.id);
    const options = { random: new Random(request.seed, metric.id), budgetMs: BUDGET_MS };
    for await (const measurement of grade([metric], reference, gates, options)) {
      tell({ type: 'measured', measurement });
    }
  });
}
