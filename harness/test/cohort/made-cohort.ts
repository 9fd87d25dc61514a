/**
 * Cohorts that nobody ran: every kind of verdict, texts from references, stubs and known designs, figures from a
 * seeded generator. Each is checked against the published schema.
 */
import { readFileSync } from 'node:fs';
import type { Cohort, Job } from '../../cohort/results.ts';
import { cohortSchema } from '../../cohort/results.ts';
import { Random } from '../../kit/random.ts';
import { type Exercise, loadManifest } from '../../manifest.ts';
import { plannedCases } from '../../plan.ts';
import { replayToken } from '../../replay-token.ts';
import type { Result } from '../../report/json.ts';
import { alsoRight, suiteHash } from '../../suite.ts';
import type { VerdictName } from '../../verdict.ts';

const NAMES = ['ana', 'bilal', 'chen', 'dora', 'emeka', 'fatima', 'goran', 'hana', 'ivan', 'jia'];

/** What becomes of the n-th file; `undefined` is not handed in. */
const FATES: (VerdictName | undefined)[] = [
  ...(['solved', 'failed', 'solved', 'failed', 'slow', 'not-started', 'failed', 'solved', 'timed-out'] as const),
  ...(['crashed', 'failed', 'does-not-compile', 'inconclusive', 'refused', 'failed', undefined] as const),
  ...(['kit-fault', 'solved', 'failed'] as const),
];

export interface Options {
  learners?: number;
  /** Ids; all if absent. */
  exercises?: string[];
  /** Names that the contract refuses: given to the first learners after the check. */
  names?: string[];
  fates?: (VerdictName | undefined)[];
  /** The n-th learner's text, where it is to be a certain one. */
  text?: (learner: number, exercise: string) => string | undefined;
}

export function madeCohort(options: Options = {}): Cohort {
  const { learners = 6, fates = FATES, names = [] } = options;
  const all = loadManifest().filter(({ id }) => options.exercises?.includes(id) ?? true);
  const people = Array.from({ length: learners }, (_, i) => ({
    id: nameOf(i),
    source: `submissions/${i}.tgz`,
  }));
  const jobs = people.flatMap(({ id }, i) =>
    all.flatMap((exercise, j) => {
      const fate = fates[(i + 5 * j) % fates.length];
      return fate ? [job(id, exercise, fate, new Random(i, exercise.id), options.text?.(i, exercise.id))] : [];
    }),
  );
  const exercises = all.map((one) => ({ id: one.id, title: one.title, file: one.file, suite: suiteHash(one) }));
  const ms = jobs.reduce((sum, { result }) => sum + result.ms, 0);
  const facts = { kit: { version: '0.1.0' }, node: 'v20.19.0', seed: 7, sandbox: 'none', startedAt: STARTED } as const;
  return renamed(cohortSchema.parse({ schema: 1, ...facts, ms, exercises, learners: people, jobs }), names);
}

function renamed(cohort: Cohort, names: string[]): Cohort {
  const now = new Map(cohort.learners.map(({ id }, i) => [id, names[i] ?? id]));
  const learners = cohort.learners.map((one) => ({ ...one, id: now.get(one.id)! }));
  return { ...cohort, learners, jobs: cohort.jobs.map((one) => ({ ...one, learner: now.get(one.learner)! })) };
}

const STARTED = '2026-01-02T03:04:05.000Z';

function nameOf(i: number): string {
  const round = Math.floor(i / NAMES.length);
  return `${NAMES[i % NAMES.length]}${round === 0 ? '' : `-${round + 1}`}`;
}

function job(learner: string, exercise: Exercise, fate: VerdictName, random: Random, text?: string): Job {
  const own = text ?? textFor(exercise, fate, random);
  return {
    learner,
    exercise: exercise.id,
    key: `${learner}/${exercise.id}`,
    result: result(exercise, fate, random),
    text: own,
  };
}

/** A stub, or a design with some lines lost: what learners hand in differs from the reference all over. */
function textFor(exercise: Exercise, fate: VerdictName, random: Random): string {
  if (fate === 'not-started') return readFileSync(exercise.stub, 'utf8');
  const designs = [exercise.reference, ...alsoRight(exercise)];
  const lines = readFileSync(random.pick(designs), 'utf8').split('\n');
  return lines.filter(() => random.int(1, 30) > 1).join('\n');
}

function result(exercise: Exercise, verdict: VerdictName, random: Random): Result {
  const cases = casesFor(exercise, verdict, random);
  const measured = verdict === 'solved' || verdict === 'slow' || verdict === 'inconclusive';
  const wrong = cases.filter(({ status }) => status === 'failed').length;
  return {
    schema: 1,
    exercise: exercise.id,
    subject: 'learner',
    verdict,
    reason: verdict === 'failed' ? `${wrong} of ${cases.length} cases do not pass` : `because it is ${verdict}`,
    seed: 7,
    cases,
    performance: measured
      ? exercise.performance.map((gate, i) => metric(gate, verdict === 'slow' && i === 0, random))
      : [],
    parts: [],
    kit: { version: '0.1.0', suite: suiteHash(exercise) },
    node: 'v20.19.0',
    startedAt: STARTED,
    ms: random.int(400, 4_000),
  };
}

function casesFor(exercise: Exercise, verdict: VerdictName, random: Random): Result['cases'] {
  const planned = plannedCases(exercise);
  const ended = verdict === 'timed-out' || verdict === 'crashed' ? random.int(3, planned.length - 3) : planned.length;
  const strength = random.int(3, 20);
  return planned.map(({ id, title, clause }, i) => {
    const facts = { id, title, clause, ms: random.int(0, 40) / 10 };
    const replay = replayToken({ exercise: exercise.id, caseId: id, seed: 7 });
    if (NOTHING_RAN.has(verdict) || i > ended) return { ...facts, status: 'not-run' };
    if (verdict === 'not-started') return { ...facts, status: 'not-implemented', message: 'not implemented', replay };
    if (i === ended)
      return { ...facts, status: verdict === 'timed-out' ? 'timed-out' : 'not-run', message: 'no answer', replay };
    // The same cases are hard for most.
    const hard = i % 7 === 3 ? 2 : 20;
    if (verdict !== 'failed' || (random.int(1, strength * hard) > 8 && i !== 5)) return { ...facts, status: 'passed' };
    return { ...facts, status: 'failed', ...failureOf(i), replay };
  });
}

const NOTHING_RAN = new Set<VerdictName>(['does-not-compile', 'refused', 'kit-fault', 'cancelled']);

function failureOf(i: number) {
  return {
    message: 'the bytes read back are 48 65 6c 6c 6f; they differ from the third on',
    at: `exercises/an-exercise/file.ts:${i + 10}:7`,
    ...(i % 2 === 0 && { schedule: 'passes whole; fails when split between CR and LF at byte 37' }),
    ...(i % 3 === 0 && { bytes: { expected: '48656c6c6f20776f726c64', actual: '48655c6c6f20776f726c64', at: 2 } }),
  };
}

function metric(
  { metric: id, pass, silver, gold }: Exercise['performance'][0],
  slow: boolean,
  random: Random,
): Result['performance'][0] {
  const isRatio = id.endsWith('-rate');
  const better = slow ? 0.6 : random.int(105, 400) / 100;
  const value = isRatio ? pass * better : pass / better;
  return {
    id,
    title: id.replaceAll('-', ' '),
    metric: isRatio ? 'ratio' : id.endsWith('-growth') ? 'growth' : 'count',
    unit: isRatio ? 'MB/s' : id.endsWith('-growth') ? '×' : 'bytes',
    value: isRatio ? value * 100 : value,
    reference: isRatio ? 100 : pass / 3,
    against: 'reference',
    ...(isRatio && { ratio: value }),
    low: value * 0.95,
    high: value * 1.05,
    level: slow ? 'slow' : 'pass',
    gate: { pass, ...(silver !== undefined && { silver }), ...(gold !== undefined && { gold }) },
    ms: 20,
  };
}
