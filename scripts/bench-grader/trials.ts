/**
 * One process of trials: `trials.ts WORK TIMES COUNT SEED` prints one JSON line per trial. Every trial loads the
 * work twice more, as the harness loads a suite's metrics once over the subject and once over the reference.
 */
import { grade } from '../../harness/kit/performance-driver.ts';
import { Random } from '../../harness/kit/random.ts';
import type { metrics, WorkName } from './works.ts';

const GATE = 1 / 1.5;

const [work = 'sum', times = '1', count = '1', seed = '1'] = process.argv.slice(2);
for (let trial = 0; trial < Number(count); trial++) {
  const mine = await load(`${trial}-mine`);
  const reference = await load(`${trial}-reference`);
  const gates = [{ metric: work, pass: GATE }];
  const random = new Random(Number(seed), `${trial}`);
  for await (const result of grade(
    mine.metrics(work as WorkName, Number(times)),
    reference.metrics(work as WorkName, 1),
    gates,
    { random },
  )) {
    const { level, ratio, low, high, ms, samples, clock } = result;
    console.log(JSON.stringify({ level, ratio, low, high, ms, samples, clock }));
  }
}

async function load(tag: string): Promise<{ metrics: typeof metrics }> {
  return await import(`./works.ts?${tag}`);
}
