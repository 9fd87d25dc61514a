/**
 * Measurements as lines: a bar against the reference with the gates marked on it, the level reached,
 * and what the next level asks for. Pure.
 */
import type { Level, MetricResult } from '../kit/performance-driver.ts';
import type { Paint } from './paint.ts';

const WIDEST_BAR = 24;

/** Levels in order; `slow` is below all of them. */
const LADDER = ['pass', 'silver', 'gold'] as const;

/** Columns that level, bar and figures need; titles stand beside them where there is room, else above. */
const FIGURES = 72;

export function performanceLines(measured: MetricResult[], paint: Paint): string[] {
  if (measured.length === 0) return [];
  const widest = Math.max(...measured.map(({ title }) => title.length));
  const beside = widest + 4 + FIGURES <= paint.width;
  return ['', ...measured.flatMap((one) => metricLines(one, beside ? widest : undefined, paint))];
}

function metricLines(one: MetricResult, beside: number | undefined, paint: Paint): string[] {
  const bar = one.metric === 'ratio' && paint.width >= 50 && paint.bars !== false ? `${ratioBar(one, paint)}  ` : '';
  const next = nextLevel(one);
  const level = colorOf(one.level, paint)(one.level.padEnd(7));
  const facts = `${level} ${bar}${figures(one)}${next ? paint.dim(`  (${next})`) : ''}`;
  if (beside === undefined) return [`  ${one.title}`, `    ${facts}`];
  return [`  ${one.title.padEnd(beside)}  ${facts}`];
}

function colorOf(level: Level, paint: Paint): (text: string) => string {
  if (level === 'slow') return paint.bad;
  return level === 'inconclusive' ? paint.warn : paint.good;
}

/** From nothing to a little beyond the highest gate or the reference, whichever lies higher. */
function ratioBar({ ratio = 0, gate, level }: MetricResult, paint: Paint): string {
  const width = Math.min(WIDEST_BAR, Math.max(8, paint.width - 50));
  const gates = LADDER.flatMap((name) => gate[name] ?? []);
  const full = Math.max(1, ...gates) * 1.2;
  const cell = (value: number) => Math.min(width - 1, Math.floor((value / full) * width));
  const filled = Math.min(width, Math.round((ratio / full) * width));
  const cells = Array.from({ length: width }, (_, i) => {
    if (gates.some((one) => cell(one) === i)) return '│';
    return i < filled ? colorOf(level, paint)('█') : paint.dim('░');
  });
  return cells.join('');
}

function figures(one: MetricResult): string {
  const { value, reference, unit, ratio = 0 } = one;
  if (one.metric === 'ratio') return `${ratio.toFixed(2)}×  ${figure(value)} against ${figure(reference)} ${unit}`;
  if (one.metric === 'growth') return `t(8n) = ${figure(value)} t(n)`;
  return `${figure(value)} ${unit}`;
}

/** What the level above asks for, where there is one; and if that seems to be reached, what is certain. */
function nextLevel({ gate, level, metric, ratio = 0, low }: MetricResult): string | undefined {
  const reached = LADDER.indexOf(level as (typeof LADDER)[number]);
  const above = LADDER.slice(reached + 1).find((name) => gate[name] !== undefined);
  if (above === undefined) return undefined;
  const asked = gate[above] as number;
  if (metric !== 'ratio') return `${above}: at most ${figure(asked)}`;
  return `${above}: from ${figure(asked)}×${ratio >= asked ? `; certain is ${figure(low)}×` : ''}`;
}

export function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
