/**
 * Measurements as lines: a bar against the reference with the gates marked on it, the level reached,
 * and what the next level asks for. Pure.
 */
import type { Level, MetricResult } from '../kit/performance-driver.ts';
import type { Paint } from './paint.ts';

const WIDEST_BAR = 24;

/** Levels in order; `slow` is below all of them. */
const LADDER = ['pass', 'silver', 'gold'] as const;

export function performanceLines(measured: MetricResult[], paint: Paint): string[] {
  if (measured.length === 0) return [];
  const widest = Math.min(Math.max(...measured.map(({ title }) => title.length)), Math.max(12, paint.width - 56));
  return ['', ...measured.flatMap((one) => metricLines(one, widest, paint))];
}

function metricLines(one: MetricResult, widest: number, paint: Paint): string[] {
  const color = colorOf(one.level, paint);
  const title = one.title.length > widest ? `${one.title.slice(0, widest - 1)}…` : one.title.padEnd(widest);
  const bar = one.metric === 'ratio' && paint.width >= 60 ? `${ratioBar(one, paint)} ` : '';
  const next = nextLevel(one);
  return [
    `  ${title}  ${color(one.level.padEnd(7))} ${bar}${figures(one)}`,
    ...(next ? [paint.dim(`  ${' '.repeat(widest)}  ${next}`)] : []),
  ];
}

function colorOf(level: Level, paint: Paint): (text: string) => string {
  if (level === 'slow') return paint.bad;
  return level === 'inconclusive' ? paint.warn : paint.good;
}

/** From nothing to a little beyond the highest gate or the reference, whichever lies higher. */
function ratioBar({ ratio = 0, gate, level }: MetricResult, paint: Paint): string {
  const width = Math.min(WIDEST_BAR, Math.max(8, paint.width - 56));
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
  const { value, reference, unit, ratio = 0, against } = one;
  if (one.metric === 'ratio')
    return `${ratio.toFixed(2)}×  ${figure(value)} to ${against}'s ${figure(reference)} ${unit}`;
  if (one.metric === 'growth') return `t(8n) = ${figure(value)} t(n)`;
  return `${figure(value)} ${unit}`;
}

/** What the level above asks for, where there is one. */
function nextLevel({ gate, level, metric }: MetricResult): string | undefined {
  const reached = LADDER.indexOf(level as (typeof LADDER)[number]);
  const above = LADDER.slice(reached + 1).find((name) => gate[name] !== undefined);
  if (above === undefined) return undefined;
  return `${above}: ${metric === 'ratio' ? 'from' : 'at most'} ${figure(gate[above] as number)}${metric === 'ratio' ? '×' : ''}`;
}

function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
