/**
 * The kit's honesty, exercise by exercise: the stub counts as not started, the reference and every
 * second correct design are accepted, every known-wrong implementation is refused by the case that it
 * names, and the files of a suite are all in use.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Checked, check, chooseSubject } from './check.ts';
import { type Exercise, root } from './manifest.ts';
import { type PlannedCase, plannedCases } from './plan.ts';
import type { Runner } from './run/run.ts';
import { alsoRight, type KnownWrong, knownWrong } from './suite.ts';
import type { CaseState } from './verdict.ts';

/** One thing that was proved, or the complaint that it does not hold. */
export interface Proof {
  exercise: string;
  column: Column;
  subject: string;
  complaint?: string;
}

export const COLUMNS = ['stub', 'reference', 'right', 'wrong', 'files'] as const;
export type Column = (typeof COLUMNS)[number];

export interface VerifyOptions {
  seeds: number[];
  columns: readonly Column[];
  /** Known-wrong implementations run the whole suite, not only the case that they name. */
  whole: boolean;
}

/** One proof to be made; independent of the others, so that several can be made at a time. */
export type Job = (runner: Runner) => Promise<Proof>;

export async function jobsFor(exercise: Exercise, { seeds, columns, whole }: VerifyOptions): Promise<Job[]> {
  const wrong = await knownWrong(exercise);
  const jobs: Record<Column, Job[]> = {
    files: [async () => proof(exercise, 'files', 'files', fileComplaint(exercise, wrong))],
    stub: [(runner) => proveStub(runner, exercise, seeds[0] as number)],
    reference: seeds.map((seed, i) => (runner) => proveRight(runner, exercise, exercise.reference, seed, i === 0)),
    right: alsoRight(exercise).flatMap((file) =>
      seeds.map(
        (seed, i): Job =>
          (runner) =>
            proveRight(runner, exercise, file, seed, i === 0),
      ),
    ),
    wrong: wrong.map((one) => (runner) => proveWrong(runner, exercise, one, seeds[0] as number, whole)),
  };
  return columns.flatMap((column) => jobs[column]);
}

async function proveStub(runner: Runner, exercise: Exercise, seed: number): Promise<Proof> {
  const checked = await check(runner, exercise, await chooseSubject(exercise, { as: 'stub' }), { seed });
  return proof(exercise, 'stub', 'stub', notStub(checked));
}

/** Performance does not depend on the seed in kind, so it is measured for one of them. */
async function proveRight(
  runner: Runner,
  exercise: Exercise,
  file: string,
  seed: number,
  performance: boolean,
): Promise<Proof> {
  const column = file === exercise.reference ? 'reference' : 'right';
  const subject = `${path.basename(file, '.ts')}, seed ${seed}`;
  const checked = await check(runner, exercise, await chooseSubject(exercise, { file }), { seed, performance });
  return proof(exercise, column, subject, notRight(checked));
}

/**
 * A known-wrong must be refused by the case it names, and must not die of something else. Each case has
 * its own seed and its own subject, so that the named one alone says the same as the whole suite, sooner.
 */
async function proveWrong(
  runner: Runner,
  exercise: Exercise,
  wrong: KnownWrong,
  seed: number,
  whole: boolean,
): Promise<Proof> {
  const measured = exercise.performance.some(({ metric }) => metric === wrong.caughtBy);
  const subject = await chooseSubject(exercise, { wrong: wrong.id });
  const alone = !measured && !whole && plannedCases(exercise, [wrong.caughtBy]).length === 1;
  const checked = await check(runner, exercise, subject, {
    seed,
    performance: measured,
    // Which line hangs is not what is proved.
    locate: false,
    ...(alone && { only: [wrong.caughtBy] }),
  });
  return proof(exercise, 'wrong', wrong.id, notRefused(checked, exercise, wrong.caughtBy));
}

/** What of a check, or of its published result, says whether it judged truly. */
export type Judged = Pick<Checked, 'verdict' | 'reason'> & {
  cases: { id: string; status: CaseState }[];
  performance: { id: string; level: string }[];
};

/** What is wrong with how a stub was judged, if anything is. */
export function notStub(checked: Judged): string | undefined {
  if (checked.verdict !== 'not-started') return said(checked);
  const elsewhere = checked.cases.find(({ status }) => status !== 'not-implemented');
  return elsewhere && `case ${elsewhere.id} ends as ${elsewhere.status}, not in NotImplemented`;
}

/** The same of a right implementation. */
export function notRight(checked: Judged): string | undefined {
  return checked.verdict === 'solved' || checked.verdict === 'inconclusive' ? undefined : said(checked);
}

/** The same of a known-wrong implementation. */
export function notRefused(checked: Judged, { performance }: Exercise, caughtBy: string): string | undefined {
  const measured = performance.some(({ metric }) => metric === caughtBy);
  return measured ? notSlow(checked, caughtBy) : notCaught(checked, caughtBy);
}

function notCaught(checked: Judged, caughtBy: string): string | undefined {
  const named = checked.cases.find(({ id }) => id === caughtBy);
  if (!named) return `its header names “${caughtBy}”, which is no case of this suite`;
  if (named.status === 'passed') return `${caughtBy} does not catch it`;
  // In a whole suite it may also die, in a case that comes later.
  const judged = ['failed', 'timed-out'].includes(checked.verdict) || named.status === 'failed';
  return judged ? undefined : `it must fail in ${caughtBy}, but: ${said(checked)}`;
}

function notSlow(checked: Judged, caughtBy: string): string | undefined {
  if (checked.verdict !== 'slow') return `it must miss the gate of ${caughtBy}, but: ${said(checked)}`;
  const level = checked.performance.find(({ id }) => id === caughtBy)?.level;
  // One that is far too slow has no result at all.
  const hadNone = level === undefined && checked.reason.includes(`${caughtBy} had no result`);
  return level === 'slow' || hadNone ? undefined : `${caughtBy} gives it level ${level}`;
}

function said({ verdict, reason, cases }: Judged): string {
  const wrong = cases.filter(({ status }) => status !== 'passed' && status !== 'not-run').map(({ id }) => id);
  const list = verdict === 'failed' || verdict === 'timed-out' ? ` (${wrong.slice(0, 5).join(', ')})` : '';
  return `verdict ${verdict}: ${reason}${list}`;
}

function proof(exercise: Exercise, column: Column, subject: string, complaint: string | undefined): Proof {
  return { exercise: exercise.id, column, subject, ...(complaint !== undefined && { complaint }) };
}

const SUITE_ENTRIES = new Set([
  'cases.json',
  'equivalent.ts',
  'conformance',
  'conformance.test.ts',
  'performance.ts',
  'remote',
  'remote.test.ts',
  'right',
  'stub.ts',
  'support',
  'wrong',
  'wrong.ts',
]);

function fileComplaint(exercise: Exercise, wrong: KnownWrong[]): string | undefined {
  return (
    [...strayFiles(exercise), ...unusedFixtures(exercise), ...tooFew(exercise, wrong), ...sameIds(wrong)].join('; ') ||
    undefined
  );
}

function strayFiles(exercise: Exercise): string[] {
  const complaints = readdirSync(exercise.suite)
    .filter((name) => !SUITE_ENTRIES.has(name))
    .map((name) => `${name} is a stray file in the suite`);
  const listed = new Set([exercise.file, 'README.md']);
  return [
    ...complaints,
    ...readdirSync(path.dirname(exercise.reference))
      .filter((name) => name !== exercise.file && name !== 'NOTES.md')
      .map((name) => `${name} is a stray file in solutions/${exercise.id}`),
    ...[...listed]
      .filter((name) => !existsSync(path.join(path.dirname(exercise.learner), name)) && name === 'README.md')
      .map((name) => `exercises/${exercise.id}/${name} is missing`),
  ];
}

function unusedFixtures({ id, suite }: Exercise): string[] {
  const folder = path.join(root, 'fixtures', id);
  if (!existsSync(folder)) return [];
  const sources = readdirSync(suite, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
  return readdirSync(folder)
    .filter((name) => name !== 'README.md' && !sources.some((source) => source.includes(`fixtures/${id}/${name}`)))
    .map((name) => `fixture ${name} is used by nothing`);
}

function tooFew(exercise: Exercise, wrong: KnownWrong[]): string[] {
  const right = alsoRight(exercise).length;
  return [
    ...(wrong.length < 10 ? [`only ${wrong.length} known-wrong implementations, at least 10 are needed`] : []),
    ...(right < 2 ? [`only ${right} second correct designs, at least 2 are needed`] : []),
  ];
}

function sameIds(wrong: KnownWrong[]): string[] {
  const ids = wrong.map(({ id }) => id);
  return ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `two known-wrong implementations are called ${id}`);
}

/** Ids are unique in the whole kit, so that a case can be named without its exercise. */
export function duplicateCases(exercises: Exercise[]): Proof[] {
  const seen = new Map<string, string>();
  return exercises.flatMap((exercise) =>
    plannedCases(exercise).flatMap(({ id }) => {
      const before = seen.get(id);
      seen.set(id, exercise.id);
      return before === undefined ? [] : [proof(exercise, 'files', id, `case id ${id} is also used by ${before}`)];
    }),
  );
}

/** Runs the suite on the reference and writes down what cases it has. Returns a complaint if there are none. */
export async function recordCases(runner: Runner, exercise: Exercise): Promise<string | undefined> {
  const subject = await chooseSubject(exercise, { as: 'reference' });
  const cases: PlannedCase[] = [];
  for (const suite of ['conformance', ...(exercise.remote ? ['remote' as const] : [])] as const) {
    const events = await runner.run({ exercise, subject, suite, seed: 1 });
    const collected = events.find((event) => event.type === 'collected');
    if (!collected) return `the cases of ${exercise.id} could not be collected: ${JSON.stringify(events.at(-1))}`;
    cases.push(...collected.cases);
  }
  writeFileSync(exercise.cases, `${JSON.stringify(cases, null, 2)}\n`);
  return undefined;
}
