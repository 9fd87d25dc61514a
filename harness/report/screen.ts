/**
 * The screen of `watch`: what is known (a View) → at most `rows` lines of at most `columns` columns.
 *
 *     03-ring-buffer  Ring buffer                      ■▣□□□□□ 1 of 7     where one is
 *     exercises/03-ring-buffer/ring-buffer.ts                             what to edit
 *     ✗ FAILED  14 of 62 cases do not pass             10:15:02, 0.24 s   what came of it
 *     ✓✓✓✓✓ ✓✓✗✓✓ ○○○○○○ ○○○                                              each case, by group
 *
 *     …                                                                   what to do next; scrolls
 *
 *     h hint  l list  r run again  q quit  ? help                  ↓ 12   keys
 *
 * Pure: no clock, no terminal, no state of its own.
 */
import type { Checked } from '../check.ts';
import type { MetricResult } from '../kit/performance-driver.ts';
import type { Exercise } from '../manifest.ts';
import type { PlannedCase } from '../plan.ts';
import type { Location } from '../run/events.ts';
import type { TypeNote } from '../run/types.ts';
import type { CaseResult } from '../verdict.ts';
import { performanceLines } from './bars.ts';
import { groupLines, OUTCOME, outcomeColor, outputLines } from './checked.ts';
import { showLocation, showPath, symbolOf } from './failure.ts';
import { cut, fold, spread, widthOf } from './fit.ts';
import { isWrong, nextStepLines } from './next-step.ts';
import { harmless, type Paint, wrap } from './paint.ts';

/** A text that stands in place of the feedback until a key closes it. */
export interface Pane {
  title: string;
  lines: string[];
}

export type Phase =
  /** Before the first run. */
  | 'opening'
  /** There is no file to run. */
  | 'gone'
  | 'running'
  /** Conformance is green, performance under way. */
  | 'measuring'
  | 'ended';

export interface View {
  size: { columns: number; rows: number };
  exercise: Exercise;
  planned: PlannedCase[];
  /** All exercises in order, and whether each is solved. */
  curriculum: { exercise: Exercise; solved: boolean }[];
  phase: Phase;
  /** Number of the newest run, from 1. */
  run: number;
  seed: number;
  /** When the text under test was saved: `10:15:02`. */
  savedAt: string;
  /** Milliseconds since the run began. */
  elapsed: number;
  /** Of the newest run, in the order of the plan. */
  cases: CaseResult[];
  /** The case under way. */
  current: string | undefined;
  measured: MetricResult[];
  /** The newest verdict; that of the run before while one is under way. */
  checked: Checked | undefined;
  types: TypeNote[];
  /** Why changes are looked for instead of told, if so. */
  polling: string | undefined;
  pane: Pane | undefined;
  /** A question that y or n answers. */
  question: string | undefined;
  /** One line about the last key. */
  notice: string | undefined;
  /** First row of the middle part that is shown. */
  scroll: number;
}

export function isSolved({ curriculum, exercise }: View): boolean {
  return curriculum.some((one) => one.solved && one.exercise.id === exercise.id);
}

/** Whether the newest verdict is that of a solved exercise. */
function isGreen({ checked, phase }: View): boolean {
  return phase === 'ended' && (checked?.verdict === 'solved' || checked?.verdict === 'inconclusive');
}

/** The next exercise that is not solved: after this one, or else before it. */
export function nextOf({ curriculum, exercise }: View): Exercise | undefined {
  const here = curriculum.findIndex((one) => one.exercise.id === exercise.id);
  const others = [...curriculum.slice(here + 1), ...curriculum.slice(0, Math.max(0, here))];
  return others.find(({ solved }) => !solved)?.exercise;
}

export function screenLines(view: View, paint: Paint): string[] {
  const { columns, rows } = view.size;
  const frame = layOut(view, paint);
  const start = Math.min(view.scroll, frame.longest);
  const shown = frame.body.slice(start, start + frame.room);
  const more = frame.body.length - start - shown.length;
  const place = [start > 0 ? `↑ ${start}` : '', more > 0 ? `↓ ${more}` : ''].filter(Boolean).join(' ');
  const filler = Array.from({ length: Math.max(0, frame.room - shown.length) }, () => '');
  const bottom = frame.bottom.map((line, i) =>
    i === frame.bottom.length - 1 ? spread(line, paint.dim(place), columns) : line,
  );
  return [...frame.top, ...shown, ...filler, ...bottom].slice(0, rows).map((line) => cut(line, columns));
}

/** How far the middle part can be scrolled. */
export function scrollRange(view: View, paint: Paint): { longest: number; page: number } {
  const { longest, room } = layOut(view, paint);
  return { longest, page: Math.max(1, room - 1) };
}

interface Frame {
  top: string[];
  body: string[];
  bottom: string[];
  room: number;
  longest: number;
}

function layOut(view: View, paint: Paint): Frame {
  const { columns, rows } = view.size;
  const roomy = rows >= 14;
  const body = (view.pane ? paneLines(view.pane, paint) : bodyLines(view, paint)).flatMap((line) =>
    fold(line, columns),
  );
  const head = [titleLine(view, paint), ...(roomy ? [fileLine(view, paint)] : []), statusLine(view, paint)];
  const top = [...head, ...(view.pane ? [] : stripLines(view, paint)).slice(0, roomy ? 3 : 1), ...(roomy ? [''] : [])];
  const bottom = [...(roomy ? [''] : []), keysLine(view, paint)];
  const room = Math.max(0, rows - top.length - bottom.length);
  return { top, body, bottom, room, longest: Math.max(0, body.length - room) };
}

function titleLine({ exercise, curriculum, size }: View, paint: Paint): string {
  const done = curriculum.filter(({ solved }) => solved).length;
  const marks = curriculum.map((one) => markOf(one, exercise, paint)).join('');
  const title = `${paint.bold(exercise.id)}  ${exercise.title}`;
  const count = `${done} of ${curriculum.length} solved`;
  const right = `${marks} ${count}`;
  return spread(title, widthOf(title) + widthOf(right) + 2 <= size.columns ? right : count, size.columns);
}

function markOf(one: View['curriculum'][0], here: Exercise, paint: Paint): string {
  const symbol = one.solved ? '■' : '□';
  if (one.exercise.id === here.id) return paint.bold(one.solved ? '▣' : '▢');
  return one.solved ? paint.good(symbol) : paint.dim(symbol);
}

function fileLine({ exercise, size, checked }: View, paint: Paint): string {
  const parts = (checked?.parts ?? []).map((part) => `${part.exercise} (${part.whose})`).join(', ');
  return spread(paint.accent(showPath(exercise.learner)), parts && paint.dim(`built on ${parts}`), size.columns);
}

function statusLine(view: View, paint: Paint): string {
  const { phase, cases, planned, measured, exercise, checked, size } = view;
  const done = cases.filter(({ status }) => status !== 'not-run').length;
  const time = paint.dim(timeOf(view));
  switch (phase) {
    case 'opening':
      return 'starting …';
    case 'gone':
      return paint.warn(`! ${exercise.file} is gone: waiting for it to come back`);
    case 'running':
      return spread(
        `${paint.accent('▸ running')}  ${done} of ${planned.length} cases${slowCase(view)}`,
        time,
        size.columns,
      );
    case 'measuring':
      return spread(
        `${paint.accent('▸ measuring speed')}  ${measured.length} of ${exercise.performance.length}`,
        time,
        size.columns,
      );
    case 'ended': {
      if (!checked) return '';
      const outcome = outcomeColor(checked.verdict, paint)(paint.bold(OUTCOME[checked.verdict]));
      return spread(`${outcome}  ${harmless(checked.reason)}`, time, size.columns);
    }
  }
}

function timeOf({ phase, savedAt, checked, elapsed }: View): string {
  const ms = phase === 'ended' ? (checked?.ms ?? 0) : elapsed;
  return phase !== 'ended' && ms < 1_000 ? savedAt : `${savedAt}, ${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}

/** A case that takes long is named, so that one sees what is being waited for. */
function slowCase({ current, elapsed, planned }: View): string {
  const facts = planned.find(({ id }) => id === current);
  return facts && elapsed >= 1_000 ? `, now “${facts.title}”` : '';
}

/** One mark for each case, with a gap between groups; broken at groups. */
function stripLines({ cases, planned, size }: View, paint: Paint): string[] {
  if (cases.every(({ status }) => status === 'not-run')) return [''];
  const groups = new Map<string, CaseResult[]>();
  for (const [i, { group }] of planned.entries()) {
    groups.set(group, [...(groups.get(group) ?? []), cases[i] as CaseResult]);
  }
  const lines: string[] = [];
  for (const results of groups.values()) {
    const marks = results.map((one) => symbolOf(one, paint)).join('');
    const last = lines.at(-1);
    const fits = last !== undefined && widthOf(last) + 1 + results.length <= size.columns;
    if (fits) lines[lines.length - 1] = `${last} ${marks}`;
    else lines.push(marks);
  }
  return lines.flatMap((line) => fold(line, size.columns));
}

function paneLines({ title, lines }: Pane, paint: Paint): string[] {
  return [paint.bold(title), '', ...lines];
}

function bodyLines(view: View, paint: Paint): string[] {
  if (view.phase === 'gone') return goneLines(view, paint);
  const sections = isGreen(view)
    ? [solvedLines(view, paint), typeLines(view, paint)]
    : [whereLines(view, paint), stepLines(view, paint), typeLines(view, paint), groupsOf(view, paint)];
  const { checked, phase, measured } = view;
  const speed =
    phase === 'measuring' ? measured : isGreen(view) ? [] : phase === 'ended' ? (checked?.performance ?? []) : [];
  return [...sections, trimmed(performanceLines(speed, paint)), trimmed(checked ? outputLines(checked, paint) : [])]
    .filter((section) => section.length > 0)
    .flatMap((section, i) => (i === 0 ? section : ['', ...section]));
}

function trimmed(lines: string[]): string[] {
  const first = lines.findIndex((line) => line !== '');
  if (first < 0) return [];
  return lines.slice(first, lines.findLastIndex((line) => line !== '') + 1);
}

function goneLines({ exercise }: View, paint: Paint): string[] {
  return wrap(
    `${showPath(exercise.learner)} does not exist. As soon as it is there again, it is run. ` +
      `Press x to put the stub there.`,
    paint.width,
  );
}

/** Where it went wrong, if the verdict names a place and no case does. */
function whereLines({ checked, phase }: View, paint: Paint): string[] {
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
function stepLines(view: View, paint: Paint): string[] {
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

function typeLines({ types }: View, paint: Paint): string[] {
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
function solvedLines(view: View, paint: Paint): string[] {
  const { exercise, checked, curriculum } = view;
  const next = nextOf(view);
  const users = curriculum.filter((one) => one.exercise.requires.includes(exercise.slug)).map((one) => one.exercise.id);
  const say = (label: string, text: string) => labelled(label, text, paint);
  return [
    ...say('built', exercise.summary),
    ...say('now yours', exercise.clauses.join(', ')),
    ...(users.length > 0 ? say('used by', users.join(', ')) : []),
    ...say('read', `${showPath(exercise.reference)} and ${showPath(exercise.notes)}; c compares them with yours`),
    ...performanceLines(checked?.performance ?? [], paint),
    '',
    ...(next
      ? say('next', `${next.id}  ${next.title}, about ${next.hours} ${next.hours === 1 ? 'hour' : 'hours'}: press n`)
      : say('next', `nothing: all ${curriculum.length} exercises are solved`)),
  ];
}

function labelled(label: string, text: string, paint: Paint): string[] {
  const [first = '', ...rest] = wrap(text, Math.max(10, paint.width - 13));
  return [`  ${paint.dim(label.padEnd(11))}${first}`, ...rest.map((line) => `${' '.repeat(13)}${line}`)];
}

/** Keys that do something now; those that matter most stand first, and what does not fit falls off. */
export function keysOf(view: View): [key: string, does: string][] {
  if (view.pane)
    return [
      ['↑↓ space', 'scroll'],
      ['esc', 'back'],
      ['q', 'quit'],
    ];
  const solved = isSolved(view);
  return [
    ...(solved ? ([['n', 'next']] as [string, string][]) : []),
    ['?', 'help'],
    ['q', 'quit'],
    ['h', 'hint'],
    ['s', 'statement'],
    ['r', 'run again'],
    ['l', 'list'],
    ...(solved ? ([['c', 'compare']] as [string, string][]) : []),
    ['x', 'reset'],
  ];
}

function keysLine(view: View, paint: Paint): string {
  if (view.question) return paint.warn(`${view.question} y/n`);
  if (view.notice) return paint.accent(view.notice);
  const room = view.size.columns - 10;
  let line = '';
  for (const [key, does] of keysOf(view)) {
    const longer = `${line}${line === '' ? '' : '  '}${paint.bold(key)} ${does}`;
    if (widthOf(longer) > room && line !== '') break;
    line = longer;
  }
  return line;
}
