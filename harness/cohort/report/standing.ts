/**
 * How learners' figures stand to the reference's, on one scale for all metrics: 1 is as good as the reference, 2 twice
 * as good, whether more is better (a speed) or less (memory, growth). Pure.
 */
import type { Result } from '../../report/json.ts';
import type { Learner, Model } from './model.ts';

type Measured = Result['performance'][0];

export interface Dot {
  learner: Learner;
  level: Measured['level'];
  at: number;
}

export interface Standing {
  id: string;
  title: string;
  against: Measured['against'];
  gates: { level: string; at: number }[];
  dots: Dot[];
}

/** What lies further out is drawn at the edge. */
export const EDGE = 256;

/** One for each metric of the exercise that anybody's file was measured by. */
export function standings({ learners }: Model, index: number): Standing[] {
  const found = new Map<string, Standing>();
  for (const learner of learners) {
    for (const one of learner.jobs[index]?.result.performance ?? []) {
      const { id, title, against, level } = one;
      const standing = found.get(id) ?? { id, title, against, gates: gatesOf(one), dots: [] };
      found.set(id, standing);
      standing.dots.push({ learner, level, at: standingOf(one) });
    }
  }
  return [...found.values()];
}

function standingOf({ metric, value, reference, ratio = 0 }: Measured): number {
  return clamped(metric === 'ratio' ? ratio : timesLess(value, reference));
}

function gatesOf({ metric, reference, gate }: Measured): Standing['gates'] {
  const levels = Object.entries(gate) as [string, number | undefined][];
  return levels.flatMap(([level, value]) => {
    if (value === undefined) return [];
    return [{ level, at: clamped(metric === 'ratio' ? value : timesLess(value, reference)) }];
  });
}

/** Nothing is infinitely less than something, but nothing against nothing is the same. */
function timesLess(value: number, reference: number): number {
  return value === reference ? 1 : reference / value;
}

function clamped(at: number): number {
  return Math.min(EDGE, Math.max(1 / EDGE, at));
}
