/**
 * From events to a verdict: a pure function, and positive evidence only.
 *
 * Solved means: exactly the planned cases, each reported once and passed; no unhandled error; both
 * canaries failed; the “done” marker seen; the child not ended by anybody before. Whatever is missing
 * makes it something else.
 */
import type { Failure } from './kit/failure.ts';
import type { MetricResult } from './kit/performance-driver.ts';
import type { ErrorFacts, Location, RunEvent } from './run/events.ts';

export const VERDICTS = [
  'solved',
  'not-started',
  'failed',
  'slow',
  'inconclusive',
  'timed-out',
  'crashed',
  'does-not-compile',
  'refused',
  'kit-fault',
  'cancelled',
] as const;

export type VerdictName = (typeof VERDICTS)[number];

export type CaseState = 'passed' | 'failed' | 'not-implemented' | 'timed-out' | 'not-run';

export interface CaseResult {
  id: string;
  status: CaseState;
  ms: number;
  failure?: Failure;
  error?: ErrorFacts;
}

export interface Verdict {
  verdict: VerdictName;
  /** One line: what decided it. */
  reason: string;
  at?: Location;
  /** In the order of the plan. */
  cases: CaseResult[];
  performance: MetricResult[];
  /** What the subject printed, and how many characters were cut. */
  output?: { text: string; cut: number };
}

export interface Plan {
  /** Case ids in order. */
  cases: string[];
  /** How many runs it takes to get through the cases. */
  runs: number;
  /** Ids of the metrics that have gates. */
  metrics: string[];
}

type Ended<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** `performance` is absent if it was not run (conformance was not green, or it was not asked for). */
export function judge(plan: Plan, conformance: RunEvent[], performance?: RunEvent[]): Verdict {
  const cases = caseResults(plan.cases, conformance);
  const measured = (performance ?? []).filter((event) => event.type === 'measured').map((event) => event.measurement);
  const outcome =
    abnormalEnd(conformance) ??
    judgeCases(cases) ??
    evidenceMissing(plan, conformance) ??
    (performance && judgePerformance(plan.metrics, measured, performance)) ??
    ({ verdict: 'solved', reason: `all ${cases.length} cases pass` } as const);
  const output = find([...conformance, ...(performance ?? [])], 'output');
  return {
    ...outcome,
    cases,
    performance: measured,
    ...(output && { output: { text: output.text, cut: output.cut } }),
  };
}

type Outcome = Pick<Verdict, 'verdict' | 'reason' | 'at'>;

function caseResults(planned: string[], events: RunEvent[]): CaseResult[] {
  const hung = events.filter((event) => event.type === 'killed').map(({ during }) => during);
  return planned.map((id) => {
    const ended = events.find((event): event is Ended<'case-ended'> => event.type === 'case-ended' && event.id === id);
    if (!ended) return hung.includes(id) ? hungCase(id, events) : { id, status: 'not-run', ms: 0 };
    const { status, ms, failure } = ended;
    const error = ended.error && { ...ended.error, ...hungAt(id, events) };
    return { id, status, ms, ...(failure && { failure }), ...(error && { error }) };
  });
}

function hungCase(id: string, events: RunEvent[]): CaseResult {
  const { at } = hungAt(id, events);
  const error = at && { name: 'TimedOut', message: 'it did not come to an end', stack: '', at };
  return { id, status: 'timed-out', ms: 0, ...(error && { error }) };
}

/** Only the first hang of a run is looked into. */
function hungAt(id: string | undefined, events: RunEvent[]): { at?: Location } {
  return at(events.find((event): event is Ended<'hung-at'> => event.type === 'hung-at' && event.during === id) ?? {});
}

/** Ends that say more than any case does. */
function abnormalEnd(events: RunEvent[]): Outcome | undefined {
  for (const event of events) {
    const outcome = event.type === 'killed' ? killed(event, hungAt(event.during, events).at) : abnormal(event);
    if (outcome) return outcome;
  }
  return undefined;
}

function abnormal(event: RunEvent): Outcome | undefined {
  switch (event.type) {
    case 'refused':
      return { verdict: 'refused', reason: event.what, ...at(event) };
    case 'forged':
      return { verdict: 'refused', reason: 'something wrote to the channel of the grader', at: undefined };
    case 'canary':
      return event.failed
        ? undefined
        : { verdict: 'refused', reason: 'a case that must fail passed: the grader was tampered with' };
    case 'does-not-compile':
      return { verdict: 'does-not-compile', reason: event.message, ...at(event) };
    case 'unreadable':
      return { verdict: 'does-not-compile', reason: event.message };
    case 'import-failed':
      return codeFromText(event.error) ?? importFailed(event.error);
    case 'case-ended':
      return event.error && codeFromText(event.error);
    case 'exited':
      return { verdict: 'crashed', reason: exitReason(event), ...at(event) };
    case 'cancelled':
      return { verdict: 'cancelled', reason: 'the run was cancelled' };
    case 'kit-fault':
      return { verdict: 'kit-fault', reason: event.message };
    default:
      return undefined;
  }
}

/** What `--disallow-code-generation-from-strings` throws, however `eval` or `Function` was reached. */
function codeFromText(error: ErrorFacts): Outcome | undefined {
  if (error.name !== 'EvalError') return undefined;
  return { verdict: 'refused', reason: 'code made from text (eval, Function)', ...at(error) };
}

function importFailed(error: ErrorFacts): Outcome {
  if (error.name === 'NotImplemented') return { verdict: 'not-started', reason: error.message, ...at(error) };
  if (error.name === 'SyntaxError' || /^Transform failed/.test(error.message))
    return { verdict: 'does-not-compile', reason: error.message, ...at(error) };
  return { verdict: 'crashed', reason: `${error.name} while the file was imported: ${error.message}`, ...at(error) };
}

function killed(event: Ended<'killed'>, loop: Location | undefined): Outcome {
  const during = event.during === undefined ? '' : ` in case ${event.during}`;
  if (event.reason === 'memory') {
    return { verdict: 'crashed', reason: `out of memory: ${event.megabytes} MB resident${during}` };
  }
  if (event.deadline === 'startup') return { verdict: 'kit-fault', reason: 'the child did not start in time' };
  if (event.deadline === 'run') {
    return { verdict: 'timed-out', reason: `all cases together took too long; the run was ended${during}` };
  }
  const where = event.deadline === 'import' ? ' while the file was imported' : during;
  return {
    verdict: 'timed-out',
    reason: `no answer${where || ' after the last case'}: an endless loop${loop ? '' : ', or a wait that never ends'}`,
    ...(loop && { at: loop }),
  };
}

function exitReason({ code, signal, during, outOfMemory }: Ended<'exited'>): string {
  const where = during === undefined ? '' : ` in case ${during}`;
  if (outOfMemory) return `out of memory: the heap reached its limit${where}`;
  return signal ? `the process was ended by ${signal}${where}` : `the process exited with code ${code}${where}`;
}

function judgeCases(cases: CaseResult[]): Outcome | undefined {
  const hung = cases.find(({ status }) => status === 'timed-out');
  if (hung) return { verdict: 'timed-out', reason: `no answer in case ${hung.id}`, ...at(hung.error ?? {}) };
  const reported = cases.filter(({ status }) => status !== 'not-run');
  const open = reported.filter(({ status }) => status === 'not-implemented');
  if (open.length > 0 && open.length === reported.length) {
    return { verdict: 'not-started', reason: open[0]?.error?.message ?? 'nothing is implemented yet' };
  }
  const wrong = reported.filter(({ status }) => status !== 'passed');
  if (wrong.length === 0) return undefined;
  const first = wrong[0] as CaseResult;
  return {
    verdict: 'failed',
    reason: `${wrong.length} of ${cases.length} cases do not pass`,
    ...at(first.error ?? {}),
  };
}

function evidenceMissing({ cases: planned, runs }: Plan, events: RunEvent[]): Outcome | undefined {
  const unhandled = find(events, 'unhandled');
  if (unhandled) {
    const during = unhandled.during === undefined ? 'after the last case' : `in case ${unhandled.during}`;
    const { name, message } = unhandled.error;
    return {
      verdict: 'failed',
      reason: `an error nobody caught, ${during}: ${name}: ${message}`,
      ...at(unhandled.error),
    };
  }
  const fault = (reason: string): Outcome => ({ verdict: 'kit-fault', reason });
  const collected = events.flatMap((event) => (event.type === 'collected' ? event.cases.map(({ id }) => id) : []));
  const ended = events.filter((event) => event.type === 'case-ended').map(({ id }) => id);
  if (collected.join() !== planned.join())
    return fault(`the suite's cases are not the planned ones: run \`npm run verify -- --update\``);
  if (ended.join() !== planned.join()) return fault('not every planned case reported exactly once');
  const count = (type: RunEvent['type']) => events.filter((event) => event.type === type).length;
  if (count('canary') !== 2 * runs) return fault('a canary did not report');
  if (count('done') !== runs) return fault('a “done” marker is missing');
  return undefined;
}

function judgePerformance(metrics: string[], measured: MetricResult[], events: RunEvent[]): Outcome | undefined {
  const unimported = find(events, 'import-failed');
  // The subject itself could be imported a moment before.
  if (unimported && !unimported.error.at)
    return { verdict: 'kit-fault', reason: `the performance suite cannot be imported: ${unimported.error.message}` };
  const late = find(events, 'killed');
  // All its cases passed a moment ago: what does not end with a hundred times as much is slow rather than stuck.
  if (late?.reason === 'deadline' && late.during !== undefined)
    return {
      verdict: 'slow',
      reason: `correct, but far too slow: ${late.during} had no result when its time was over`,
    };
  const abnormal = abnormalEnd(events);
  if (abnormal) return { ...abnormal, reason: `${abnormal.reason} (while performance was measured)` };
  const wrong = events.find(
    (event): event is Ended<'case-ended'> => event.type === 'case-ended' && event.status !== 'passed',
  );
  if (wrong?.error?.name === 'MeasureFault') {
    return { verdict: 'kit-fault', reason: `while “${wrong.id}” was measured: ${wrong.error.message}` };
  }
  if (wrong) {
    const message = wrong.failure ? `${wrong.failure.expected}; ${wrong.failure.actual}` : wrong.error?.message;
    const verdict = wrong.status === 'timed-out' ? 'timed-out' : 'failed';
    return {
      verdict,
      reason: `while “${wrong.id}” was measured: ${message ?? 'it did not end in time'}`,
      ...at(wrong.error ?? {}),
    };
  }
  if (!find(events, 'done'))
    return { verdict: 'kit-fault', reason: 'the “done” marker of the performance suite is missing' };
  const absent = metrics.filter((id) => measured.filter((one) => one.id === id).length !== 1);
  if (absent.length > 0) return { verdict: 'kit-fault', reason: `not measured exactly once: ${absent.join(', ')}` };
  const slow = measured.filter(({ level }) => level === 'slow');
  if (slow.length > 0)
    return { verdict: 'slow', reason: `correct, but ${slow.map(({ id }) => id).join(', ')} missed the gate` };
  const unclear = measured.filter(({ level }) => level === 'inconclusive');
  if (unclear.length === 0) return undefined;
  return {
    verdict: 'inconclusive',
    reason: `correct; the machine is too noisy to decide ${unclear.map(({ id }) => id).join(', ')}`,
  };
}

function find<T extends RunEvent['type']>(events: RunEvent[], type: T): Ended<T> | undefined {
  return events.find((event): event is Ended<T> => event.type === type);
}

function at(from: { at?: Location }): { at?: Location } {
  return from.at ? { at: from.at } : {};
}
