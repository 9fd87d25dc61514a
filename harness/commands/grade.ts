/** `grade`: a whole cohort of learners, each exercise that they hand in, with what is made of the results. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { gradeLocally } from '../cohort/crew.ts';
import { type CohortRequest, gradeCohort, writeResults } from '../cohort/grade.ts';
import { ProgressReport } from '../cohort/progress.ts';
import type { Cohort } from '../cohort/results.ts';
import { cohortLines } from '../cohort/table.ts';
import { SIGNALS, UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest } from '../manifest.ts';
import { showPath } from '../report/failure.ts';
import { paintFor } from '../report/paint.ts';
import { openSandbox, SANDBOXES, type SandboxName } from '../run/sandbox.ts';
import { takeLock } from '../watch/lock.ts';
import { makeFolder } from '../write.ts';
import { readSeed } from './choice.ts';
import { type Command, EXIT, type Values } from './command.ts';

export const command: Command = {
  summary: 'grade a cohort: many learners, all that they handed in',
  usage: `npm run grade -- SUBMISSION… [options]

A submission is a learner's clone of the kit, a folder of exercises, a .tgz, .tar or .zip archive of
either, or a git repository on this disk (file:///… or the folder of a bare one). Its name without the
ending is the learner's. A learner who lacks an exercise is not graded for it.

  --out DIR        where results go (default: report). Interrupted, the same command goes on there: what
                   is graded is not graded again, unless the file, the suite or the seed has changed
  --sandbox NAME   bwrap (default; Linux with bubblewrap) or none, for code that you trust
  --jobs N         how many at a time (default: one less than there are processors)
  --queue URL      puts the jobs on a queue, a Redis (redis://…), for \`npm run grade:worker\` on any machine
  --seed N         the cohort's seed (default: by chance; kept in DIR)
  --only ID        only this exercise (may be repeated)

Exit code: 0 all was graded, whatever came of it, 2 wrong usage, 70 a fault of the kit.`,
  options: {
    out: { type: 'string' },
    sandbox: { type: 'string' },
    jobs: { type: 'string' },
    queue: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
  },
  run: async (sources, values) => {
    if (sources.length === 0) throw new UsageError(`grade: name the submissions.\n\n${command.usage}`);
    const exercises = chooseExercises(values);
    const sandbox = readSandbox(values);
    const workers = readJobs(values);
    const out = path.resolve(typeof values.out === 'string' ? values.out : 'report');
    const seed = values.seed === undefined ? undefined : readSeed(values.seed);
    // Over a queue, strangers' code runs elsewhere.
    if (values.queue === undefined) await openSandbox(sandbox);
    const release = lock(out);
    try {
      const signals = new Interruption();
      const progress = new ProgressReport(process.stdout, paintFor(process.stdout));
      const cohort = await gradeCohort({
        ...{ sources, exercises, out, sandbox, progress, signal: signals.signal, ...(seed !== undefined && { seed }) },
        grade: gradingBy(values, { workers, sandbox }, progress),
      });
      progress.end();
      return cohort ? await finish(cohort, out) : signals.explain(out);
    } finally {
      release();
    }
  },
};

/** On this machine, or by workers at a queue. */
function gradingBy(
  { queue: url }: Values,
  { workers, sandbox }: { workers: number; sandbox: SandboxName },
  progress: ProgressReport,
): CohortRequest['grade'] {
  if (typeof url !== 'string') return (specs, options) => gradeLocally(specs, { ...options, workers, sandbox });
  return async (specs, options) => {
    const { gradeOverQueue } = await import('../cohort/queue/send.ts');
    return gradeOverQueue(specs, { ...options, url, sandbox, tell: (line) => progress.note(line) });
  };
}

async function finish(cohort: Cohort, out: string): Promise<number> {
  writeResults(cohort, path.join(out, 'results.json'));
  // What the page and the exports need loads only here.
  const { writeReport } = await import('../cohort/report/index.ts');
  writeReport(cohort, out);
  console.log(`\n${cohortLines(cohort, paintFor(process.stdout)).join('\n')}\n`);
  console.log(`Report: ${showPath(path.join(out, 'index.html'))}; results.json and the exports are beside it.`);
  return cohort.jobs.some(({ result }) => result.verdict === 'kit-fault') ? EXIT.kitFault : EXIT.solved;
}

/** The first signal stops the work, the second one everything. */
class Interruption {
  readonly #abort = new AbortController();
  #code = 0;

  constructor() {
    for (const [name, code] of Object.entries(SIGNALS)) {
      process.on(name, () => {
        if (this.#abort.signal.aborted) process.exit(code);
        this.#code = code;
        this.#abort.abort();
      });
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  explain(out: string): number {
    console.error(`Interrupted. What is graded is kept in ${showPath(out)}: the same command goes on from there.`);
    return this.#code;
  }
}

function lock(out: string): () => void {
  makeFolder(out);
  const lock = takeLock(out, 'a cohort', 'grade.lock');
  if (lock.held) return lock.release;
  throw new UsageError(`${showPath(out)} is in use: process ${lock.by.pid} has graded there since ${lock.by.since}.`);
}

function chooseExercises({ only }: Values): Exercise[] {
  const all = loadManifest();
  if (!Array.isArray(only)) return all;
  const chosen = new Set(only.map((id) => findExercise(all, String(id))));
  return all.filter((exercise) => chosen.has(exercise));
}

export function readSandbox({ sandbox = 'bwrap' }: Values): SandboxName {
  const name = SANDBOXES.find((one) => one === sandbox);
  if (!name) throw new UsageError(`--sandbox takes ${SANDBOXES.join(' or ')}, not “${String(sandbox)}”.`);
  return name;
}

/** One processor is left to the parent, and to whoever looks on. */
export function readJobs({ jobs }: Values): number {
  if (jobs === undefined) return Math.max(1, availableParallelism() - 1);
  const count = Number(jobs);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new UsageError(`--jobs takes a whole number from 1, not “${String(jobs)}”.`);
}
