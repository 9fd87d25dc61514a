/**
 * What to do next, read off the cases: the first that does not pass in full, other failures in one
 * line each, and of those that nobody has begun with only the number. Cases stand in the order in
 * which one would solve them, so a learner at the start sees one step and not sixty red lines. Pure.
 */
import type { Checked } from '../check.ts';
import { replayToken } from '../replay-token.ts';
import type { CaseResult } from '../verdict.ts';
import { failureLines, symbolOf } from './failure.ts';
import type { Paint } from './paint.ts';

/** Other failures are listed up to this many. */
const MOST_LISTED = 12;

type Cases = Pick<Checked, 'cases' | 'planned' | 'exercise' | 'seed'>;

export function isWrong({ status }: CaseResult): boolean {
  return status !== 'passed' && status !== 'not-run';
}

export function nextStepLines({ cases, planned, exercise, seed }: Cases, paint: Paint): string[] {
  const wrong = cases.flatMap((result, i) =>
    isWrong(result) ? [{ result, facts: planned[i] as (typeof planned)[0] }] : [],
  );
  const [first, ...others] = wrong;
  if (!first) return [];
  const path = first.result.failure?.replay;
  const token = replayToken({
    exercise: exercise.id,
    caseId: first.result.id,
    seed,
    ...(path !== undefined && { path }),
  });
  const begun = others.filter(({ result }) => result.status !== 'not-implemented');
  const listed = begun
    .slice(0, MOST_LISTED)
    .map(({ result, facts }) => `${symbolOf(result, paint)} ${facts.title}  ${paint.dim(facts.id)}`);
  const more = begun.length > MOST_LISTED ? [paint.dim(`  … and ${begun.length - MOST_LISTED} more`)] : [];
  return [
    ...failureLines(first.result, first.facts, token, paint),
    ...(others.length > 0 ? [''] : []),
    ...listed,
    ...more,
    ...waiting(others.length - begun.length, paint),
  ];
}

function waiting(count: number, paint: Paint): string[] {
  if (count === 0) return [];
  return [`${paint.warn('○')} ${count} more ${count === 1 ? 'waits' : 'wait'} for code that is not written yet`];
}
