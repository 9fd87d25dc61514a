/**
 * What a job is worth, defined here and nowhere else: the share of what was asked (planned cases, and
 * metrics once they are measured) that passed, from 0 to 1.
 *
 * - Solved is 1, and only solved: a slow file lacks its gates, and a run that ended badly after its last
 *   case lacks that end. `inconclusive` counts as solved, since noise is never held against anyone.
 * - Refused is 0: what passed before tampering says nothing.
 * - An exercise that was not handed in is 0.
 * - A fault of the kit, or a job that was cancelled, has no score and counts in no average.
 */
import { entriesOf } from '../report/entries.ts';
import type { Result } from '../report/json.ts';
import type { Cohort, Job } from './results.ts';

export interface Score {
  passed: number;
  asked: number;
  /** From 0 to 1. */
  share: number;
}

export function scoreOf(result: Result): Score | undefined {
  const { verdict } = result;
  if (verdict === 'kit-fault' || verdict === 'cancelled') return undefined;
  const entries = entriesOf(result);
  const asked = entries.length;
  const passed = verdict === 'refused' ? 0 : entries.filter(({ status }) => status === 'passed').length;
  return { passed, asked, share: passed / Math.max(1, asked) };
}

export function isSolved({ verdict }: Result): boolean {
  return verdict === 'solved' || verdict === 'inconclusive';
}

/** The mean over all exercises of the cohort that have a score for this learner. */
export function meanScore(jobs: (Job | undefined)[]): number | undefined {
  const shares = jobs.flatMap((job) => {
    if (!job) return [0];
    const score = scoreOf(job.result);
    return score ? [score.share] : [];
  });
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

export interface Row {
  learner: Cohort['learners'][0];
  /** One for each exercise of the cohort, in its order; absent where nothing was handed in. */
  jobs: (Job | undefined)[];
}

/** The cohort by learner. */
export function rowsOf({ learners, exercises, jobs }: Cohort): Row[] {
  const byKey = new Map(jobs.map((job) => [JSON.stringify([job.learner, job.exercise]), job]));
  return learners.map((learner) => {
    return { learner, jobs: exercises.map(({ id }) => byKey.get(JSON.stringify([learner.id, id]))) };
  });
}
