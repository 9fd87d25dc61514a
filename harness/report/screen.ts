/**
 * The screen of `watch`: what is known (a View) → at most `rows` lines of at most `columns` columns.
 *
 *     03-ring-buffer  Ring buffer                      ■◇□□□□□ 1 of 7     where one is
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
import type { Exercise } from '../manifest.ts';
import type { CaseResult } from '../verdict.ts';
import { OUTCOME, outcomeColor } from './checked.ts';
import { showPath, symbolOf } from './failure.ts';
import { feedbackLines } from './feedback.ts';
import { cut, fold, spread, widthOf } from './fit.ts';
import { harmless, type Paint } from './paint.ts';
import { isSolved, nextOf, type Pane, type View } from './view.ts';

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

/** Rows from which blank lines are affordable, and those from which all of the usual feedback fits. */
const ROOMY = 14;
const TALL = 36;

interface Frame {
  top: string[];
  body: string[];
  bottom: string[];
  room: number;
  longest: number;
}

function layOut(view: View, paint: Paint): Frame {
  const { columns, rows } = view.size;
  const roomy = rows >= ROOMY;
  const body = (view.pane ? paneLines(view.pane, paint) : feedbackLines(view, paint)).flatMap((line) =>
    fold(line, columns),
  );
  const head = [titleLine(view, paint), ...(roomy ? [fileLine(view, paint)] : []), statusLine(view, paint)];
  // A tall window shows the groups with their names.
  const strip = view.pane || rows >= TALL ? [] : stripLines(view, paint).slice(0, roomy ? 3 : 1);
  const top = [...head, ...strip, ...(roomy ? [''] : [])];
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
  if (one.exercise.id === here.id) return paint.bold(one.solved ? '◆' : '◇');
  return one.solved ? paint.good(symbol) : paint.dim(symbol);
}

function fileLine({ exercise, size, checked, polling, types }: View, paint: Paint): string {
  const parts = (checked?.parts ?? []).map((part) => `${part.exercise} (${part.whose})`).join(', ');
  const errors = types.length > 0 && `${types.length} type ${types.length === 1 ? 'error' : 'errors'}`;
  const facts = [parts && `built on ${parts}`, errors, polling && 'polling'].filter(Boolean).join('; ');
  return spread(paint.accent(showPath(exercise.learner)), paint.dim(facts), size.columns);
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
    case 'measuring': {
      const count = `${measured.length} of ${exercise.performance.length}`;
      const status = `${paint.good(`✓ all ${cases.length} cases pass`)}  ${paint.accent('▸ measuring speed')} ${count}`;
      return spread(status, time, size.columns);
    }
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
    ...(solved && nextOf(view) ? ([['n', 'next']] as [string, string][]) : []),
    ['?', 'help'],
    ['q', 'quit'],
    ['h', 'hint'],
    ['s', 'statement'],
    ['o', 'edit'],
    ['r', 'run again'],
    ['l', 'list'],
    ...(solved ? ([['c', 'compare']] as [string, string][]) : []),
    ['x', 'reset'],
  ];
}

function keysLine(view: View, paint: Paint): string {
  if (view.question) return paint.warn(`${view.question} y/n`);
  if (view.notice) return paint.accent(view.notice);
  const room = view.size.columns - 6;
  let line = '';
  for (const [key, does] of keysOf(view)) {
    const longer = `${line}${line === '' ? '' : '  '}${paint.bold(key)} ${does}`;
    if (widthOf(longer) > room && line !== '') break;
    line = longer;
  }
  return line;
}
