/**
 * `npm run bench:cohort [-- --learners 60] [--seed 1] [--jobs N] [--sandbox bwrap|none] [--queue] [--rounds 2]
 * [--keep DIR]`: grades a made cohort and says whether every work was judged as it must be, how many jobs a minute that
 * is, how much memory the parent takes over time, and how long the same takes with `check` once per job, by hand.
 *
 * With `--queue` the jobs go over a Redis of its own to two workers, of which one is killed with SIGKILL in mid-run.
 * With `--keep` the cohort and its report stay in DIR, which must not hold one yet.
 * Exit code: 0 if every verdict is as expected.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Exercise, loadManifest } from '../harness/manifest.ts';
import { type MadeCohort, makeCohort, mismatches } from './cohort/make.ts';
import { OwnQueue } from './cohort/queue.ts';
import { type Graded, runChecks, runGrade } from './cohort/run.ts';

const { values } = parseArgs({
  options: {
    learners: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.max(1, availableParallelism() - 1)) },
    sandbox: { type: 'string', default: 'bwrap' },
    queue: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '2' },
    keep: { type: 'string' },
  },
});
/** Learners in one round of the comparison with `check`. */
const BATCH = 3;
const seed = Number(values.seed);
const folder =
  values.keep === undefined ? mkdtempSync(path.join(tmpdir(), 'wirekata-cohort-')) : path.resolve(values.keep);
const options = ['--seed', values.seed, '--sandbox', values.sandbox];
const workers = values.queue ? 2 : Number(values.jobs);

async function gradeAll(made: MadeCohort): Promise<Graded> {
  const out = path.join(folder, 'report');
  if (!values.queue) return runGrade(made.submissions, out, [...options, '--jobs', values.jobs]);
  const queue = new OwnQueue();
  const url = await queue.open(values.sandbox);
  try {
    return await runGrade(made.submissions, out, [...options, '--queue', url], (line) => {
      // Equal files are graded once, so that only `grade` knows how many jobs there are.
      const [, done, all] = /^ *(\d+) of (\d+) /.exec(line) ?? [];
      if (done === undefined || Number(done) !== Math.ceil(Number(all) / 2)) return;
      console.log(`${done} of ${all}: one worker is killed`);
      queue.killOne();
    });
  } finally {
    await queue.close();
  }
}

function report(made: MadeCohort, { cohort, ms, memory }: Graded): boolean {
  const wrong = mismatches(made, cohort);
  // Equal files are graded once.
  const jobs = new Set(cohort.jobs.map(({ key }) => key)).size;
  const rate = jobs / (ms / 60_000);
  const resident = [0, 0.25, 0.5, 0.75, 1].map((part) => memory[Math.round(part * (memory.length - 1))]?.toFixed(0));
  for (const line of wrong) console.log(`✗ ${line}`);
  console.log(`verdicts as expected: ${made.jobs.length - wrong.length} of ${made.jobs.length}`);
  console.log(
    `time: ${(ms / 60_000).toFixed(1)} min for ${jobs} different files, ${workers} workers, sandbox ${values.sandbox}`,
  );
  console.log(`jobs a minute: ${rate.toFixed(1)}, for each worker ${(rate / workers).toFixed(1)}`);
  const most = Math.max(...memory).toFixed(0);
  console.log(`parent, MB resident at 0, ¼, ½, ¾ and the end: ${resident.join(', ')}; at most ${most}`);
  return wrong.length === 0;
}

/** What lies in a folder can be checked by hand; archives cannot. */
function worksOf(submission: string, exercises: Exercise[]): { exercise: Exercise; file: string }[] {
  return exercises
    .map((exercise) => ({ exercise, file: path.join(submission, 'exercises', exercise.id, exercise.file) }))
    .filter(({ file }) => existsSync(file));
}

/** The same files in both ways, in turn, one at a time: those of a few learners, so that `grade` has something to keep. */
async function compareByHand(made: MadeCohort): Promise<void> {
  const exercises = loadManifest();
  const clones = made.submissions.filter((submission) => worksOf(submission, exercises).length > 0);
  for (let round = 0; round < Number(values.rounds); round++) {
    const some = clones.slice(round * BATCH, (round + 1) * BATCH);
    const works = some.flatMap((clone) => worksOf(clone, exercises));
    if (works.length === 0) return;
    const out = path.join(folder, `by-hand-${round}`);
    const graded = async () => (await runGrade(some, out, [...options, '--jobs', '1'])).ms;
    const checked = () => runChecks(works, seed);
    // Each goes first in every other round.
    const [first, second] = round % 2 === 0 ? [checked, graded] : [graded, checked];
    const [a, b] = [await first(), await second()];
    const [byHand, byGrade] = round % 2 === 0 ? [a, b] : [b, a];
    const seconds = (ms: number) => `${(ms / 1000 / works.length).toFixed(1)} s`;
    const ratio = (byHand / byGrade).toFixed(2);
    console.log(`${works.length} files: check ${seconds(byHand)}, grade ${seconds(byGrade)} each, ratio ${ratio}`);
  }
}

try {
  const made = await makeCohort({ out: folder, learners: Number(values.learners), seed });
  process.exitCode = report(made, await gradeAll(made)) ? 0 : 1;
  await compareByHand(made);
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
