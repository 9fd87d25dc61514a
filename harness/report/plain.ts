/**
 * Watch as lines that are only ever added: for pipes, logs, screen readers and dumb terminals. What to
 * print is the difference between two views. Pure.
 */
import type { CaseResult } from '../verdict.ts';
import { performanceLines } from './bars.ts';
import { outputLines, verdictLines } from './checked.ts';
import { showPath } from './failure.ts';
import { goneLines, solvedLines, stepLines, trimmed, typeLines, whereLines } from './feedback.ts';
import { fold } from './fit.ts';
import type { Paint } from './paint.ts';
import { isGreen, type View } from './view.ts';

export function plainLines(before: View, after: View, drawn: Paint): string[] {
  const paint = { ...drawn, bars: false };
  const lines = [
    ...noticeLines(before, after),
    ...(after.pane && after.pane !== before.pane ? ['', after.pane.title, '', ...after.pane.lines, ''] : []),
    ...runLines(before, after, paint),
  ];
  return lines.flatMap((line) => fold(line, paint.width));
}

function noticeLines(before: View, after: View): string[] {
  return [
    ...(after.notice && after.notice !== before.notice ? [`- ${after.notice}`] : []),
    ...(after.question && after.question !== before.question ? [`- ${after.question} y/n`] : []),
  ];
}

function runLines(before: View, after: View, paint: Paint): string[] {
  const isNew = after.exercise.id !== before.exercise.id || before.planned.length === 0;
  const opening = isNew && after.planned.length > 0 ? titleLines(after, paint) : [];
  if (after.phase === 'gone') return before.phase === 'gone' ? [] : goneLines(after, paint);
  const started = after.phase === 'running' && after.run !== before.run;
  if (started)
    return [...opening, '', `${after.savedAt} running ${after.planned.length} cases of ${after.exercise.id}`];
  if (after.run !== before.run) return opening;
  return [...groupsDone(before, after, paint), ...endLines(before, after, paint)];
}

function titleLines({ exercise }: View, paint: Paint): string[] {
  return ['', `${paint.bold(exercise.id)}  ${exercise.title}`, `file       ${showPath(exercise.learner)}`];
}

/** A line for each group of which the last case has just reported. */
function groupsDone(before: View, after: View, paint: Paint): string[] {
  if (before.cases === after.cases) return [];
  return groupsOf(after).flatMap(([group, results]) => {
    const isDone = (all: CaseResult[]) => results.every(({ id }) => reported(all, id));
    if (!isDone(after.cases) || isDone(before.cases)) return [];
    const passed = results.filter(({ status }) => status === 'passed').length;
    const mark = passed === results.length ? paint.good('✓') : paint.bad('✗');
    return [`  ${mark} ${group}: ${passed} of ${results.length}`];
  });
}

function groupsOf({ planned, cases }: View): [string, CaseResult[]][] {
  const groups = new Map<string, CaseResult[]>();
  for (const [i, { group }] of planned.entries()) {
    groups.set(group, [...(groups.get(group) ?? []), cases[i] as CaseResult]);
  }
  return [...groups];
}

function reported(all: CaseResult[], wanted: string): boolean {
  return all.some(({ id, status }) => id === wanted && status !== 'not-run');
}

function endLines(before: View, after: View, paint: Paint): string[] {
  const { checked, types } = after;
  if (after.phase === 'measuring' && before.phase === 'running')
    return [`  all ${after.cases.length} cases pass; measuring speed`];
  if (after.phase !== 'ended' || !checked) return [];
  if (before.phase === 'ended') return types === before.types ? [] : typeLines(after, paint);
  const green = isGreen(after);
  return [
    '',
    ...whereLines(after, paint),
    ...stepLines(after, paint),
    ...trimmed(outputLines(checked, paint)),
    ...(green ? [] : trimmed(performanceLines(checked.performance, paint))),
    ...typeLines(after, paint),
    ...(green ? [] : ['']),
    ...verdictLines(checked, paint),
    ...(green ? solvedLines(after, paint) : []),
  ];
}
