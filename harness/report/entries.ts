/**
 * A result as one flat list of what was asked and how it went: a line for each case and for each measured
 * metric. JUnit, the exports and the score are made of it. Pure.
 */
import type { Result } from './json.ts';

export interface Entry {
  id: string;
  title: string;
  /** `error`: it could not be decided what the subject does, since the case hung or was never reached. */
  status: 'passed' | 'failed' | 'error' | 'not-run';
  ms: number;
  /** What was wrong; on all that did not pass. */
  message?: string;
  /** On cases only. */
  clause?: string;
  /** Token for `npm run replay`. */
  replay?: string;
}

export function entriesOf(result: Result): Entry[] {
  const all = [...result.cases.map(caseEntry), ...result.performance.map(metricEntry)];
  const { verdict, reason } = result;
  const told = verdict === 'solved' || verdict === 'inconclusive' || all.some(({ status }) => isWrong(status));
  // What ended the run by itself (a crash, a refusal …) is an entry of its own, so that it is never lost.
  return told ? all : [...all, { id: 'verdict', title: verdict, status: 'failed', ms: 0, message: reason }];
}

function isWrong(status: Entry['status']): boolean {
  return status === 'failed' || status === 'error';
}

const STATUS = {
  passed: 'passed',
  failed: 'failed',
  'not-implemented': 'failed',
  'timed-out': 'error',
  'not-run': 'not-run',
} as const satisfies Record<Result['cases'][0]['status'], Entry['status']>;

function caseEntry({ id, title, status, ms, message, clause, replay }: Result['cases'][0]): Entry {
  const facts = { id, title, status: STATUS[status], ms, clause, ...(replay !== undefined && { replay }) };
  if (status === 'passed') return facts;
  return { ...facts, message: message ?? (status === 'not-run' ? 'not run: the run had ended before' : status) };
}

function metricEntry({ id, title, level, ms }: Result['performance'][0]): Entry {
  if (level !== 'slow') return { id, title, status: 'passed', ms };
  return { id, title, status: 'failed', ms, message: 'slower than its gate' };
}

/** What runs it: exactly as it failed, if it did. */
export function commandOf({ id, clause, replay }: Entry, exercise: string): string {
  if (replay !== undefined) return `npm run replay -- ${replay}`;
  return `npm run check -- ${exercise}${clause === undefined ? '' : ` --case ${id}`}`;
}
