/** A whole check as lines: for terminals, pipes and files alike. Pure. */
import type { Checked } from '../check.ts';
import type { CaseResult, VerdictName } from '../verdict.ts';
import { performanceLines } from './bars.ts';
import { showLocation, showPath, symbolOf } from './failure.ts';
import { nextStepLines } from './next-step.ts';
import { harmless, type Paint, wrap } from './paint.ts';

export const OUTCOME: Record<VerdictName, string> = {
  solved: '✓ SOLVED',
  'not-started': '○ NOT STARTED',
  failed: '✗ FAILED',
  slow: '✗ SLOW',
  inconclusive: '~ INCONCLUSIVE',
  'timed-out': '⧗ TIMED OUT',
  crashed: '✗ CRASHED',
  'does-not-compile': '✗ DOES NOT COMPILE',
  refused: '✗ REFUSED',
  'kit-fault': '! FAULT OF THE KIT',
  cancelled: '· CANCELLED',
};

export function checkedLines(checked: Checked, paint: Paint): string[] {
  return [
    ...headerLines(checked, paint),
    '',
    ...groupLines(checked, paint),
    ...nextStepLines(checked, paint),
    ...performanceLines(checked.performance, paint),
    ...outputLines(checked, paint),
    '',
    ...verdictLines(checked, paint),
  ];
}

export function headerLines({ exercise, subject, parts }: Checked, paint: Paint): string[] {
  const built = parts.map(({ exercise: id, whose }) => `${id} (${whose})`).join(', ');
  return [
    `${paint.bold(exercise.id)}  ${exercise.title}`,
    `${paint.dim('subject')}  ${subject.name}  ${paint.accent(showPath(subject.file))}`,
    ...(built ? [`${paint.dim('parts')}    ${built}`] : []),
  ];
}

/** Cases by group with counts, in the order of a sensible solution. */
export function groupLines({ cases, planned }: Pick<Checked, 'cases' | 'planned'>, paint: Paint): string[] {
  if (cases.every(({ status }) => status === 'not-run')) return [];
  const groups = new Map<string, CaseResult[]>();
  for (const [i, { group }] of planned.entries()) {
    const results = groups.get(group) ?? [];
    results.push(cases[i] as CaseResult);
    groups.set(group, results);
  }
  const widest = Math.max(...[...groups.keys()].map((group) => group.length));
  const lines = [...groups].map(([group, results]) => {
    const passed = results.filter(({ status }) => status === 'passed').length;
    const count = `${passed}/${results.length}`.padStart(7);
    const marks = fitMarks(results, paint, paint.width - widest - 14);
    return `  ${group.padEnd(widest)} ${passed === results.length ? paint.good(count) : count}  ${marks}`;
  });
  return [...lines, ''];
}

function fitMarks(results: CaseResult[], paint: Paint, room: number): string {
  if (results.length <= room) return results.map((one) => symbolOf(one, paint)).join('');
  return results.every(({ status }) => status === 'passed') ? paint.good('✓') : paint.bad('✗');
}

export function outputLines({ output }: Checked, paint: Paint): string[] {
  if (!output) return [];
  const lines = harmless(output.text).trimEnd().split('\n');
  const shown = lines.slice(0, 10).map((line) => `  ${paint.dim('│')} ${line.slice(0, paint.width - 6)}`);
  const hidden = lines.length - shown.length;
  const cut = [hidden > 0 ? `${hidden} more lines` : '', output.cut > 0 ? `${output.cut} characters cut` : ''].filter(
    Boolean,
  );
  return [
    '',
    paint.dim('your file printed:'),
    ...shown,
    ...(cut.length > 0 ? [paint.dim(`  … ${cut.join(', ')}`)] : []),
  ];
}

export function outcomeColor(verdict: VerdictName, paint: Paint): (text: string) => string {
  if (verdict === 'solved') return paint.good;
  return verdict === 'not-started' || verdict === 'inconclusive' ? paint.warn : paint.bad;
}

export function verdictLines(checked: Checked, paint: Paint): string[] {
  const { verdict, reason, at, seed, ms } = checked;
  const color = outcomeColor(verdict, paint);
  const [first = '', ...rest] = wrap(harmless(reason), paint.width - 2, '');
  return [
    `${color(paint.bold(OUTCOME[verdict]))}  ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...(at ? [`  ${paint.dim('at')} ${paint.accent(showLocation(at))}`] : []),
    paint.dim(`  seed ${seed}, ${(ms / 1000).toFixed(2)} s`),
    ...(verdict === 'kit-fault' ? ['  This is not your mistake. Please report it with the lines above.'] : []),
  ];
}
