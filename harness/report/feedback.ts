/**
 * The feedback of a run, section by section: where it went wrong, what to do next, what the type
 * checker says, the cases by group; once it is solved, what was learnt and what comes next. Pure.
 */
import type { Checked } from '../check.ts';
import type { Level, MetricResult } from '../kit/performance-driver.ts';
import { type Exercise, REFERENCE_HELD } from '../manifest.ts';
import type { Location } from '../run/events.ts';
import { performanceLines } from './bars.ts';
import { groupLines, outputLines } from './checked.ts';
import { NARROW, showLocation, showPath } from './failure.ts';
import { isWrong, nextStepLines } from './next-step.ts';
import { harmless, type Paint, wrap } from './paint.ts';
import { isGreen, nextOf, type View } from './view.ts';

export function feedbackLines(view: View, paint: Paint): string[] {
  if (view.phase === 'gone') return goneLines(view, paint);
  const { checked } = view;
  const output = checked ? trimmed(outputLines(checked, paint)) : [];
  const types = typeLines(view, paint);
  const sections = isGreen(view)
    ? [solvedLines(view, paint), types, output]
    : [
        beginLines(view, paint),
        whereLines(view, paint),
        stepLines(view, paint),
        speedLines(view, paint),
        types,
        output,
        groupsOf(view, paint),
      ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, i) => (i === 0 ? section : ['', ...section]));
}

/** What was measured so far, or in a run that was too slow. */
function speedLines({ phase, measured, checked }: View, paint: Paint): string[] {
  if (phase === 'running') return [];
  return trimmed(performanceLines(phase === 'measuring' ? measured : (checked?.performance ?? []), paint));
}

export function trimmed(lines: string[]): string[] {
  const first = lines.findIndex((line) => line !== '');
  if (first < 0) return [];
  return lines.slice(first, lines.findLastIndex((line) => line !== '') + 1);
}

/** Before anything is written: where to begin. */
function beginLines({ checked, exercise }: View, paint: Paint): string[] {
  if (checked?.verdict !== 'not-started') return [];
  return wrap(`Begin with the statement: ${showPath(exercise.statement)}, or press s.`, paint.width);
}

export function goneLines({ exercise }: View, paint: Paint): string[] {
  return wrap(
    `${showPath(exercise.learner)} does not exist. As soon as it is there again, it is run. ` +
      `Press x to put the stub there.`,
    paint.width,
  );
}

/** Where it went wrong, if the verdict names a place and no case does. */
export function whereLines({ checked, phase }: View, paint: Paint): string[] {
  if (!checked || phase !== 'ended' || checked.cases.some(isWrong)) return [];
  const rest = wrap(harmless(checked.reason), paint.width);
  const help = HELP[checked.verdict];
  return [
    ...rest,
    ...(checked.at ? ['', `at ${paint.accent(showLocation(checked.at))}`, ...excerpt(checked, checked.at, paint)] : []),
    ...(help ? ['', ...wrap(help, paint.width)] : []),
  ];
}

const HELP: Partial<Record<Checked['verdict'], string>> = {
  'kit-fault': 'This is not your mistake. Please report it with the lines above.',
  slow: 'All cases pass: it is right, and not yet fast enough.',
};

/** The line and the two before it, with a caret under the column. */
function excerpt({ subject }: Checked, at: Location, paint: Paint): string[] {
  const lines = subject.sources.get(at.file)?.split('\n');
  if (!lines) return [];
  const from = Math.max(0, at.line - 3);
  const numbered = lines
    .slice(from, at.line)
    .map((line, i) => `${paint.dim(`${String(from + i + 1).padStart(5)} │`)} ${harmless(line.replaceAll('\t', ' '))}`);
  return ['', ...numbered, `${' '.repeat(6)}${paint.dim('│')} ${' '.repeat(at.column - 1)}${paint.bad('^')}`];
}

/**
 * The first failure of this run. Until there is one, that of the run before, unless its case has
 * meanwhile passed: the text stands still while the results come in.
 */
export function stepLines(view: View, paint: Paint): string[] {
  const { cases, planned, exercise, seed, checked, phase } = view;
  if (cases.some(isWrong)) return nextStepLines({ cases, planned, exercise, seed }, paint);
  const before = checked?.cases.find(isWrong);
  if (phase !== 'running' || !checked || !before) return [];
  const now = cases.find(({ id }) => id === before.id);
  return now?.status === 'not-run' ? nextStepLines(checked, paint) : [];
}

function groupsOf({ cases, planned }: View, paint: Paint): string[] {
  return trimmed(groupLines({ cases, planned }, paint));
}

const MOST_NOTES = 4;

export function typeLines({ types }: Pick<View, 'types'>, paint: Paint): string[] {
  if (types.length === 0) return [];
  const notes = types
    .slice(0, MOST_NOTES)
    .flatMap(({ at, code, message }) => [
      `  ${paint.accent(showLocation(at))} ${paint.dim(code)}`,
      ...wrap(harmless(message), paint.width - 4).map((line) => `    ${line}`),
    ]);
  const more = types.length > MOST_NOTES ? [`  … and ${types.length - MOST_NOTES} more: \`npx tsc\``] : [];
  const count = `${types.length} type ${types.length === 1 ? 'error' : 'errors'}`;
  return [`${paint.warn('note')}  ${count}; types are erased before a run, so the verdict stands`, ...notes, ...more];
}

/** What was learnt, how fast it is against the reference, and what comes next. */
export function solvedLines(view: View, paint: Paint): string[] {
  const { exercise, checked, curriculum } = view;
  const next = nextOf(view);
  const users = curriculum.filter((one) => one.exercise.requires.includes(exercise.slug)).map((one) => one.exercise.id);
  const say = (label: string, text: string) => labelled(label, text, paint);
  return [
    ...say('built', exercise.summary),
    ...say('clauses', exercise.clauses.join(', ')),
    ...speedOf(checked?.performance ?? []).flatMap((speed) => say('speed', speed)),
    ...(users.length > 0 ? say('used by', users.join(', ')) : []),
    ...say('read', toRead(exercise)),
    ...say(
      'next',
      next ? `${next.id}  ${next.title}, about ${hours(next)}: n, or \`npm run next\`` : 'every exercise is solved',
    ),
    ...performanceLines(checked?.performance ?? [], paint),
  ];
}

/** The lowest level, and how fast it is against the reference. */
function speedOf(measured: MetricResult[]): string[] {
  const level = LEVELS.find((one) => measured.some((metric) => metric.level === one));
  const ratios = measured.flatMap(({ metric, ratio, against }) =>
    metric === 'ratio' && against === 'reference' ? [ratio ?? 0] : [],
  );
  if (level === undefined) return [];
  const [least, most] = [Math.min(...ratios).toFixed(2), Math.max(...ratios).toFixed(2)];
  if (ratios.length === 0) return [level];
  return [`${level}; ${least === most ? '' : `${least}× to `}${most}× of the reference’s rate`];
}

const LEVELS: Level[] = ['inconclusive', 'pass', 'silver', 'gold'];

function toRead({ packed, reference, notes }: Exercise): string {
  return packed ? REFERENCE_HELD : `${showPath(reference)} and ${showPath(notes)}; c compares them with yours`;
}

function hours({ hours }: Exercise): string {
  return hours === 1 ? 'an hour' : `${hours} hours`;
}

function labelled(label: string, text: string, paint: Paint): string[] {
  if (paint.width < NARROW) {
    return [`  ${paint.dim(label)}`, ...wrap(text, paint.width - 4).map((line) => `    ${line}`)];
  }
  const [first = '', ...rest] = wrap(text, Math.max(10, paint.width - 13));
  return [`  ${paint.dim(label.padEnd(11))}${first}`, ...rest.map((line) => `${' '.repeat(13)}${line}`)];
}
