/**
 * vitest's runner inside the child: tells the parent what is under way, before and after each step.
 *
 * A spare child comes as far as `onBeforeCollect` ahead of time, with the suite kit loaded, and waits there for
 * its request. Order matters: the suite kit takes its clocks, the channel its token, and the built-ins are
 * locked, all before the first line of the subject runs.
 */

import type { RunnerTestCase, RunnerTestFile, RunnerTask as Task } from 'vitest';
import { TestRunner } from 'vitest';
import type { CaseFacts, CaseRecord } from '../../kit/case.ts';
import type { Failure } from '../../kit/failure.ts';
import { session } from '../../kit/session.ts';
import type { CaseStatus, ErrorFacts } from '../events.ts';
import { canaryFailed, isCanary } from './canary.ts';
import { receive, request, tell } from './channel.ts';
import { guard } from './guard.ts';
import { lockIntrinsics } from './lock.ts';
import './suite-kit.ts';
import { notePlaces } from './ticker.ts';
import { witness } from './witness.ts';

/** Errors that come up to this long after the last case still count. */
const GRACE_MS = 30;
/** When so many cases have waited in vain, the waits of later ones are a third as long: the learner waits for each. */
const PATIENT = 5;

const { setTimeout, performance } = globalThis;
const now = performance.now.bind(performance);
const onProcess = process.on.bind(process);
const reallyExit = (process as unknown as { reallyExit(code?: unknown): never }).reallyExit.bind(process);

export default class MarkerRunner extends TestRunner {
  #current: string | undefined;
  #startedAt = 0;
  #inVain = 0;
  #unpatched: () => string | undefined = () => undefined;
  #noteAnew: () => void = () => {};

  async onBeforeCollect(): Promise<void> {
    receive();
    setSession();
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      onProcess(event, (error: unknown) => tell({ type: 'unhandled', during: this.#current, error: facts(error) }));
    }
    process.exit = (code) => {
      tell({ type: 'exiting', stack: String(new Error('process.exit').stack) });
      return reallyExit(code);
    };
    guard((what, stack) => tell({ type: 'refused', what, stack }));
    if (request.ticks) this.#noteAnew = notePlaces(request.ticks, now, (ticks) => tell({ type: 'ticking', ticks }));
    lockIntrinsics();
    this.#unpatched = witness();
    tell({ type: 'importing' });
  }

  onCollected(files: RunnerTestFile[]): void {
    const file = files[0] as RunnerTestFile;
    const error = file.result?.errors?.[0];
    if (error) return tell({ type: 'import-failed', error: facts(error) });
    const tasks = file.tasks as RunnerTestCase[];
    for (const task of tasks) if (!wanted(task)) task.mode = 'skip';
    tell({ type: 'collected', cases: tasks.filter((task) => wanted(task) && !isCanary(task)).map(factsOf) });
  }

  // vitest would set up snapshots and module mocks here. Suites use neither, and the child may not read the folder where vitest would look for them.
  override async onBeforeRunSuite(): Promise<void> {}
  override async onAfterRunSuite(): Promise<void> {}
  override onBeforeTryTask(): void {}
  override onAfterTryTask(): void {}

  override async onBeforeRunTask(task: Task): Promise<void> {
    if (task.type === 'test' && task.mode === 'run') {
      this.#current = task.name;
      this.#startedAt = now();
      this.#noteAnew();
      if (!isCanary(task)) tell({ type: 'case-started', id: task.name });
    }
    await super.onBeforeRunTask(task);
  }

  override onAfterRunTask(task: Task): void {
    super.onAfterRunTask(task);
    if (task.type !== 'test' || task.mode !== 'run') return;
    if (isCanary(task)) return tell({ type: 'canary', failed: canaryFailed(task) });
    const status = statusOf(task);
    const ms = now() - this.#startedAt;
    const { failure = failureOf(task), error } = recordOf(task);
    if (status !== 'passed' && ms >= session.deadline && ++this.#inVain === PATIENT) session.deadline /= 3;
    const seen = status === 'passed' ? undefined : (error ?? firstError(task));
    tell({ type: 'case-ended', id: task.name, status, ms, ...(failure && { failure }), ...(seen && { error: seen }) });
  }

  override async onAfterRunFiles(): Promise<void> {
    this.#current = undefined;
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    const patched = this.#unpatched();
    tell(patched === undefined ? { type: 'done' } : { type: 'refused', what: `${patched} was replaced` });
  }
}

function setSession(): void {
  session.seed = request.seed;
  // A wait of the kit gives up first: what it waited for says more than “timed out”.
  session.deadline = 0.75 * request.timeLimit;
  if (request.path !== undefined) session.path = request.path;
}

function wanted(task: Task): boolean {
  return isCanary(task) || request.only === undefined || request.only.includes(task.name);
}

function factsOf(task: Task): CaseFacts {
  const { title = task.name, group = '', clause = '', why = '', remote } = recordOf(task);
  return { id: task.name, title, group, clause, why, ...(remote && { remote }) };
}

function recordOf(task: Task): Partial<CaseRecord> {
  return (task.meta as { record?: CaseRecord }).record ?? {};
}

/** Of a case that did not pass, by the name of its error. */
const STATUSES: Record<string, CaseStatus> = { NotImplemented: 'not-implemented', TimedOut: 'timed-out' };

function statusOf(task: Task): CaseStatus {
  if (task.result?.state === 'pass') return 'passed';
  const { finished, error = firstError(task) } = recordOf(task);
  if (!finished && /timed out in \d+ms/.test(error?.message ?? '')) return 'timed-out';
  return STATUSES[error?.name ?? ''] ?? 'failed';
}

/** The performance suite has no record: its failure is on the error itself. */
function failureOf(task: Task): Failure | undefined {
  return (task.result?.errors?.[0] as { failure?: Failure } | undefined)?.failure;
}

function firstError(task: Task): ErrorFacts | undefined {
  const error = task.result?.errors?.[0];
  return error && facts(error);
}

/** Reads an error that may be anything at all: a getter that throws, a string, null. */
function facts(error: unknown): ErrorFacts {
  try {
    const { name, message, stack } = error as Error;
    return { name: String(name ?? 'Error'), message: String(message ?? error), stack: String(stack ?? '') };
  } catch {
    return { name: 'Error', message: 'a value was thrown that cannot be read', stack: '' };
  }
}
