/**
 * The cohort as CSV (RFC 4180): a line for each learner and exercise, for spreadsheets and grade books.
 *
 * A spreadsheet takes a cell that begins with = + - @ for a formula, whoever wrote it. Such texts get an
 * apostrophe in front, which spreadsheets read as “this is text”. Pure.
 */
import { harmless } from '../../report/paint.ts';
import type { Cohort, Job } from '../results.ts';
import { type Row, rowsOf, scoreOf } from '../score.ts';

const COLUMNS = ['learner', 'exercise', 'verdict', 'score', 'passed', 'asked', 'levels', 'reason', 'seed', 'ms'];

export function csv(cohort: Cohort): string {
  const records = rowsOf(cohort).flatMap((row) => row.jobs.map((job, i) => record(row, job, cohort.exercises[i]!.id)));
  // RFC 4180 §2: lines end with CRLF, the last one too.
  return [COLUMNS, ...records].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function record({ learner }: Row, job: Job | undefined, exercise: string): (string | number)[] {
  if (!job) return [learner.id, exercise, 'absent', 0, 0, '', '', learner.problem ?? 'not handed in', '', ''];
  const { verdict, reason, seed, ms, performance } = job.result;
  const score = scoreOf(job.result);
  const levels = performance.map(({ id, level }) => `${id}: ${level}`).join('; ');
  const points = score ? [score.share.toFixed(4), score.passed, score.asked] : ['', '', ''];
  return [learner.id, exercise, verdict, ...points, levels, reason, seed, Math.round(ms)];
}

const FORMULA = /^\s*[=+\-@＝＋－＠]/;

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = harmless(FORMULA.test(value) ? `'${value}` : value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
