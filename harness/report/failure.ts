/**
 * One failing case as lines, always in this order: what was expected, what happened, the bytes, the
 * schedule, the steps and the transcript, the clause, where, and how to see it again.
 */
import path from 'node:path';
import type { Failure } from '../kit/failure.ts';
import { root } from '../manifest.ts';
import type { PlannedCase } from '../plan.ts';
import type { Location } from '../run/events.ts';
import type { CaseResult } from '../verdict.ts';
import { differenceLines } from './bytes.ts';
import { harmless, type Paint, wrap } from './paint.ts';
import { transcriptLines } from './transcript.ts';

const LABEL = 10;
/** In fewer columns than this, labels stand above their texts. */
export const NARROW = 44;

export function failureLines(result: CaseResult, planned: PlannedCase, replay: string, paint: Paint): string[] {
  const { failure, error } = result;
  return [
    `${symbolOf(result, paint)} ${paint.bold(planned.title)}  ${paint.dim(planned.id)}`,
    ...labelled('expected', failure?.expected ?? expectedWithout(result), paint),
    ...labelled('but', failure?.actual ?? actualWithout(result), paint, paint.bad),
    ...(failure ? detailLines(failure, paint) : []),
    ...labelled('clause', planned.clause, paint),
    ...labelled('why', planned.why, paint),
    ...(error?.at ? labelled('at', showLocation(error.at), paint, paint.accent) : []),
    ...labelled('replay', `npm run replay -- ${replay}`, paint, paint.dim),
  ];
}

export function symbolOf({ status }: CaseResult, paint: Paint): string {
  if (status === 'passed') return paint.good('✓');
  if (status === 'not-implemented') return paint.warn('○');
  if (status === 'not-run') return paint.dim('·');
  return paint.bad(status === 'timed-out' ? '⧗' : '✗');
}

/** `exercises/03-ring-buffer/ring-buffer.ts:42:11`: what editors and terminals make a link of. */
export function showLocation({ file, line, column }: Location): string {
  return `${showPath(file)}:${line}:${column}`;
}

export function showPath(file: string): string {
  const relative = path.relative(root, file);
  return relative.startsWith('..') ? file : relative;
}

function detailLines(failure: Failure, paint: Paint): string[] {
  return [
    ...(failure.bytes ? block('bytes', differenceLines(failure.bytes), paint) : []),
    ...(failure.schedule ? labelled('schedule', failure.schedule, paint) : []),
    ...(failure.steps ?? []).flatMap((step, i) => labelled(i === 0 ? 'steps' : '', step, paint)),
    ...(failure.transcript ? block('transcript', transcriptLines(failure.transcript), paint) : []),
    ...(failure.notes ?? []).flatMap((note) => labelled('note', note, paint)),
  ];
}

function expectedWithout({ status }: CaseResult): string {
  if (status === 'not-implemented') return 'your code where the stub throws NotImplemented';
  return status === 'timed-out' ? 'the case to come to an end' : 'no error';
}

function actualWithout({ status, error }: CaseResult): string {
  if (status === 'timed-out')
    return `it did not: an endless loop${error?.at ? '' : ', or a promise that never settles'}`;
  if (status === 'not-implemented') return error?.message ?? 'it is not implemented yet';
  return error ? `${error.name}: ${error.message}` : 'it was not run';
}

/** Lines that are drawn: never wrapped, since columns matter. */
function block(label: string, lines: string[], paint: Paint): string[] {
  return [`    ${paint.dim(label)}`, ...lines.map((line) => `      ${harmless(line)}`)];
}

function labelled(
  label: string,
  text: string,
  paint: Paint,
  color: (text: string) => string = (same) => same,
): string[] {
  if (paint.width < NARROW) {
    const lines = wrap(harmless(text), paint.width - 4);
    return [...(label ? [`  ${paint.dim(label)}`] : []), ...lines.map((line) => `    ${color(line)}`)];
  }
  const [first = '', ...rest] = wrap(harmless(text), Math.max(20, paint.width - LABEL - 4), '');
  return [
    `    ${paint.dim(label.padEnd(LABEL))}${color(first)}`,
    ...rest.map((line) => `${' '.repeat(LABEL + 4)}${color(line)}`),
  ];
}
