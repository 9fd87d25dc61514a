/**
 * `npm run soak [-- --runs 200] [ID…]`: runs every suite on its reference, again and again, each time
 * with another seed and with every core kept busy, and counts what fails. A failure here is a flaky case.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { check, chooseSubject } from '../harness/check.ts';
import { findExercise, loadManifest } from '../harness/manifest.ts';
import { replayToken } from '../harness/replay-token.ts';
import { Runner } from '../harness/run/run.ts';
import { keepCoresBusy } from './load.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string' },
    performance: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const first = values.seed === undefined ? randomInt(1, 2 ** 30) : Number(values.seed);
const all = loadManifest();
const exercises = positionals.length > 0 ? positionals.map((id) => findExercise(all, id)) : all;
const load = values.quiet ? undefined : keepCoresBusy();

const runner = new Runner();
let failures = 0;
for (const exercise of exercises) {
  const times: number[] = [];
  let failed = 0;
  for (let i = 0; i < runs; i++) {
    const seed = first + i;
    const checked = await check(runner, exercise, await chooseSubject(exercise, { as: 'reference' }), {
      seed,
      performance: values.performance,
    });
    times.push(checked.ms);
    if (checked.verdict === 'solved' || checked.verdict === 'inconclusive') continue;
    failed++;
    console.log(`${exercise.id} seed ${seed}: ${checked.verdict}: ${checked.reason}`);
    for (const { id, status, failure, error } of checked.cases) {
      if (status === 'passed' || status === 'not-run') continue;
      console.log(
        `  ${replayToken({ exercise: exercise.id, caseId: id, seed })} ${status}: ${failure ? `${failure.expected}; ${failure.actual}` : error?.message}`,
      );
    }
  }
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1] ?? 0;
  console.log(`${exercise.id}: ${runs} runs, ${failed} failures, median ${median.toFixed(0)} ms (first seed ${first})`);
  failures += failed;
}
await runner.close();
load?.stop();
console.log(`${runs * exercises.length} runs, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
