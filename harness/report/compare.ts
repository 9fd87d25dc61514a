/** A comparison as lines. Pure. */
import type { Comparison, Hunk } from '../compare.ts';
import { performanceLines } from './bars.ts';
import { showPath } from './failure.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';

export function comparisonLines(comparison: Comparison, paint: Paint): string[] {
  const { exercise, checked, hunks } = comparison;
  return [
    `${paint.bold(exercise.id)}  ${exercise.title}: your file and the reference`,
    '',
    ...table(sizeRows(comparison)),
    ...performanceLines(checked.performance, paint),
    '',
    ...(hunks.length === 0 ? ['The two files are the same.'] : hunks.flatMap((hunk) => hunkLines(hunk, paint))),
    '',
    `${paint.dim('why the reference is built so:')} ${paint.accent(showPath(exercise.notes))}`,
  ];
}

export function sizeRows({ mine, reference, checked, shared }: Comparison): string[][] {
  const passed = checked.cases.filter(({ status }) => status === 'passed').length;
  return [
    ['', 'YOURS', 'REFERENCE'],
    ['lines', String(mine.size.lines), String(reference.size.lines)],
    ['of code', String(mine.size.code), String(reference.size.code)],
    ['bytes', String(mine.size.bytes), String(reference.size.bytes)],
    ['cases passed', `${passed} of ${checked.cases.length}`, `${checked.cases.length} of ${checked.cases.length}`],
    ['lines in common', `${Math.round(shared * 100)} %`, ''],
  ];
}

function hunkLines({ mine, reference, lines }: Hunk, paint: Paint): string[] {
  return [
    paint.accent(`@@ yours from line ${mine}, reference from line ${reference} @@`),
    ...lines.map((line) => colored(line, paint)),
  ];
}

function colored(line: string, paint: Paint): string {
  if (line.startsWith('-')) return paint.bad(line);
  return line.startsWith('+') ? paint.good(line) : line;
}
