/**
 * A made cohort: submissions in every form, with works of every kind for every exercise, and a file that says how
 * each must be judged. The same seed makes the same cohort.
 *
 *     DIR/submissions/…    what `grade` is given
 *     DIR/expected.json    see `MadeCohort`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cohort } from '../../harness/cohort/results.ts';
import { Random } from '../../harness/kit/random.ts';
import { type Exercise, loadManifest } from '../../harness/manifest.ts';
import { brokenArchive, FORMS } from './forms.ts';
import { complaintAbout, type Expected, type Work, type Works, worksFor } from './works.ts';

export interface MadeJob {
  learner: string;
  exercise: string;
  work: string;
  expected: Expected;
}

export interface MadeCohort {
  /** Absolute paths. */
  submissions: string[];
  jobs: MadeJob[];
  /** Learners of whom nothing can be graded. */
  broken: string[];
}

export interface MakeOptions {
  out: string;
  learners: number;
  seed: number;
  exercises?: Exercise[];
}

/** What learners hand in, in turn. Where there is nothing hostile, a known-wrong stands in its place. */
const TURNS: Expected['as'][] = ['right', 'wrong', 'stub', 'hostile', 'right', 'wrong', 'hostile', 'wrong'];
/** So many learners have one exercise less. */
const GAP_EVERY = 7;

export async function makeCohort({
  out,
  learners,
  seed,
  exercises = loadManifest(),
}: MakeOptions): Promise<MadeCohort> {
  const home = path.join(out, 'submissions');
  const decks = await Promise.all(exercises.map((exercise) => deckFor(exercise, seed)));
  const made: MadeCohort = { submissions: [], jobs: [], broken: ['broken'] };
  const forms = Object.values(FORMS);
  for (let i = 0; i < learners; i++) {
    const learner = `learner-${String(i + 1).padStart(2, '0')}`;
    const clone = path.join(home, learner);
    exercises.forEach((exercise, j) => {
      if (exercises.length > 1 && i % GAP_EVERY === 0 && j === (i / GAP_EVERY) % exercises.length) return;
      const work = (decks[j] as Deck).deal(i + j);
      writeWork(path.join(clone, 'exercises', exercise.id), work);
      made.jobs.push({ learner, exercise: exercise.id, work: work.name, expected: work.expected });
    });
    made.submissions.push((forms[i % forms.length] as (clone: string) => string)(clone));
  }
  made.submissions.push(path.join(home, 'broken.tgz'));
  brokenArchive(path.join(home, 'broken.tgz'));
  writeFileSync(path.join(out, 'expected.json'), `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

class Deck {
  readonly #works: Works;
  readonly #dealt: Record<string, number> = {};

  constructor(works: Works) {
    this.#works = works;
  }

  /** The next work of the kind whose turn it is; when all were dealt, from the first again. */
  deal(turn: number): Work {
    const kind = TURNS[turn % TURNS.length] as Expected['as'];
    const works = this.#works[kind].length > 0 ? this.#works[kind] : this.#works.wrong;
    const dealt = this.#dealt[kind] ?? 0;
    this.#dealt[kind] = dealt + 1;
    return works[dealt % works.length] as Work;
  }
}

async function deckFor(exercise: Exercise, seed: number): Promise<Deck> {
  const works = await worksFor(exercise);
  const random = new Random(seed, exercise.id);
  return new Deck({
    stub: works.stub,
    right: random.shuffle(works.right),
    wrong: random.shuffle(works.wrong),
    hostile: random.shuffle(works.hostile),
  });
}

function writeWork(folder: string, { files }: Work): void {
  for (const [name, text] of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** One line for each job that was not judged as it must be, is missing, or was not to be. */
export function mismatches(made: MadeCohort, cohort: Cohort, exercises = loadManifest()): string[] {
  const key = ({ learner, exercise }: { learner: string; exercise: string }) => `${learner} ${exercise}`;
  const seen = new Map(cohort.jobs.map((job) => [key(job), job]));
  const wanted = new Set(made.jobs.map(key));
  const exerciseOf = (id: string) => exercises.find((one) => one.id === id) as Exercise;
  const judged = made.jobs.flatMap((job) => {
    const result = seen.get(key(job))?.result;
    const complaint = result ? complaintAbout(exerciseOf(job.exercise), job.expected, result) : 'was not graded';
    return complaint === undefined ? [] : [`${key(job)} (${job.work}): ${complaint}`];
  });
  const twice = cohort.jobs.length - seen.size;
  const problems = cohort.learners.filter(({ problem }) => problem !== undefined).map(({ id }) => id);
  return [
    ...judged,
    ...[...seen.keys()].filter((one) => !wanted.has(one)).map((one) => `${one}: was graded, but not handed in`),
    ...(twice > 0 ? [`${twice} jobs count twice`] : []),
    ...(problems.join() === made.broken.join() ? [] : [`of ${problems.join() || 'nobody'} nothing could be graded`]),
  ];
}
