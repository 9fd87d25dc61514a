/**
 * `npm run cohort:make -- --out DIR [--learners 60] [--seed 1]`: makes a cohort to grade, of references, stubs,
 * known-wrong implementations, second designs and hostile files, in every form in which submissions come.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeCohort } from './cohort/make.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    learners: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.out === undefined) {
  console.error('cohort:make needs a folder: npm run cohort:make -- --out DIR');
  process.exit(2);
}
const out = path.resolve(values.out);
const { submissions, jobs } = await makeCohort({ out, learners: Number(values.learners), seed: Number(values.seed) });
console.log(`${submissions.length} submissions, ${jobs.length} jobs in ${out}/submissions`);
console.log(`Next: npm run grade -- ${out}/submissions/* --out ${out}/report`);
