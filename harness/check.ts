/**
 * One exercise, one subject, one verdict: conformance first, and only if it is green, performance.
 *
 * Every command that grades goes through here.
 */
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { UsageError } from './errors.ts';
import { type Exercise, REFERENCE_HELD } from './manifest.ts';
import { conformanceRuns, type PlannedCase, plannedCases, planOf } from './plan.ts';
import type { RunEvent, Suite } from './run/events.ts';
import { whereItHangs } from './run/hang.ts';
import type { Runner } from './run/run.ts';
import { type ChoosePart, type Part, readSubject, type Subject } from './run/subject.ts';
import { knownWrong, suiteHash } from './suite.ts';
import { judge, type Verdict } from './verdict.ts';

export interface CheckOptions {
  seed?: number;
  /** Case ids; all if absent. */
  only?: string[];
  performance?: boolean;
  /** After an endless loop, a second look to learn its line. Default: yes. */
  locate?: boolean;
  path?: string;
  onEvent?: (event: RunEvent) => void;
  signal?: AbortSignal;
}

/** A verdict and all that is needed to report, compare and repeat it. */
export interface Checked extends Verdict {
  exercise: Exercise;
  subject: Subject;
  planned: PlannedCase[];
  seed: number;
  parts: Part[];
  suite: string;
  startedAt: Date;
  ms: number;
  /** Whether all cases, with performance, were asked for: only then can an exercise be solved for good. */
  whole: boolean;
}

export async function check(
  runner: Runner,
  exercise: Exercise,
  subject: Subject,
  options: CheckOptions = {},
): Promise<Checked> {
  const { only, signal, onEvent, path: replayPath } = options;
  const startedAt = new Date();
  const start = performance.now();
  const seed = options.seed ?? randomInt(1, 2 ** 31);
  const request = {
    exercise,
    subject,
    seed,
    ...(only && { only }),
    ...(replayPath !== undefined && { path: replayPath }),
  };
  const run = (suite: Suite, cases = only) =>
    runner.run(
      { ...request, suite, ...(cases && { only: cases }) },
      { ...(onEvent && { onEvent }), ...(signal && { signal }) },
    );
  const planned = plannedCases(exercise, only);
  const plan = planOf(exercise, planned);
  const conformance: RunEvent[] = [];
  for (const { suite, cases } of conformanceRuns(planned)) {
    const events = await run(suite);
    if (isOnSockets(exercise)) events.push(...(await afterHangs(events, cases, (left) => run(suite, left))));
    if (options.locate !== false) {
      const hungAt = await whereItHangs(runner, { ...request, suite }, events, signal);
      if (hungAt) events.push(hungAt);
    }
    conformance.push(...events);
    // What ended this run would end the next one.
    if (!events.some(({ type }) => type === 'done')) break;
  }
  let verdict = judge(plan, conformance);
  const measure = options.performance !== false && plan.metrics.length > 0 && !only;
  if (verdict.verdict === 'solved' && measure) verdict = judge(plan, conformance, await run('performance'));
  return {
    ...verdict,
    exercise,
    subject,
    planned,
    seed,
    parts: subject.parts,
    suite: suiteHash(exercise),
    startedAt,
    ms: performance.now() - start,
    whole: !only && (measure || plan.metrics.length === 0),
  };
}

/** The subject is a client or a server. */
function isOnSockets({ imports }: Exercise): boolean {
  return imports.includes('node:net');
}

/** How many hangs one check gets over: each costs a time limit. */
const HANGS = 3;

/** A hang fails one case, not the rest: a fresh child goes on after the case that hung. */
async function afterHangs(
  first: RunEvent[],
  cases: string[],
  run: (cases: string[]) => Promise<RunEvent[]>,
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  let ran = first;
  for (let hangs = 0; hangs < HANGS; hangs++) {
    const hung = ran.find((event) => event.type === 'killed' && event.reason === 'deadline')?.during;
    const left = hung === undefined ? [] : cases.slice(cases.indexOf(hung) + 1);
    if (left.length === 0) break;
    ran = await run(left);
    events.push(...ran);
  }
  return events;
}

/** Which implementation to grade. */
export type Choice = { as: 'learner' | 'reference' | 'stub' } | { wrong: string } | { file: string };

export async function chooseSubject(exercise: Exercise, choice: Choice, choosePart?: ChoosePart): Promise<Subject> {
  const common = choosePart ? { choosePart } : {};
  if ('file' in choice) return readSubject(exercise, { name: choice.file, file: path.resolve(choice.file), ...common });
  if ('wrong' in choice) return chooseWrong(exercise, choice.wrong, common);
  if (choice.as === 'reference' && exercise.packed) throw new UsageError(REFERENCE_HELD);
  const file = { learner: exercise.learner, reference: exercise.reference, stub: exercise.stub }[choice.as];
  return readSubject(exercise, { name: choice.as, file, ...common });
}

async function chooseWrong(exercise: Exercise, id: string, common: { choosePart?: ChoosePart }): Promise<Subject> {
  const wrong = (await knownWrong(exercise)).find((one) => one.id === id);
  if (!wrong)
    throw new UsageError(
      `${exercise.id} has no known-wrong “${id}”. \`npm run check -- ${exercise.id} --list-wrong\` lists them.`,
    );
  const name = `wrong:${id}`;
  if ('file' in wrong) return readSubject(exercise, { name, file: wrong.file, ...common });
  return readSubject(exercise, { name, file: exercise.reference, edit: wrong, ...common });
}
