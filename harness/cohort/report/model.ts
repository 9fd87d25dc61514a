/** What the page is made of: the cohort by learner, and what the kit knows of its exercises. Pure. */
import type { PlannedCase } from '../../plan.ts';
import { OUTCOME } from '../../report/checked.ts';
import { escapeHtml } from '../../report/html.ts';
import type { VerdictName } from '../../verdict.ts';
import type { Cohort, Job } from '../results.ts';
import { isSolved, meanScore, rowsOf, scoreOf } from '../score.ts';

/** An exercise of the cohort with the texts that learners' files are compared with. */
export interface Material {
  id: string;
  title: string;
  /** Absent in an edition without them. */
  reference?: string;
  stub?: string;
  planned: PlannedCase[];
}

export interface Learner {
  name: string;
  source: string;
  problem?: string;
  /** Id of the learner's section. Names are never used as ids: they may hold anything. */
  anchor: string;
  /** In the order of the exercises; absent where nothing was handed in. */
  jobs: (Job | undefined)[];
  solved: number;
  score: number | undefined;
}

export interface Model {
  cohort: Cohort;
  exercises: Material[];
  learners: Learner[];
}

export function modelOf(cohort: Cohort, exercises: Material[]): Model {
  const learners = rowsOf(cohort).map(({ learner, jobs }, i) => ({
    name: learner.id,
    source: learner.source,
    ...(learner.problem !== undefined && { problem: learner.problem }),
    anchor: `learner-${i + 1}`,
    jobs,
    solved: jobs.filter((job) => job && isSolved(job.result)).length,
    score: meanScore(jobs),
  }));
  return { cohort, exercises, learners };
}

/** Where a learner's work on one exercise is told. */
export function anchorOf({ anchor }: Learner, exercise: string): string {
  return `${anchor}-${exercise}`;
}

export function symbolOf(verdict: VerdictName): string {
  // The hourglass of the terminal is in few fonts that browsers have.
  return verdict === 'timed-out' ? '◷' : OUTCOME[verdict].slice(0, 1);
}

export function wordOf(verdict: VerdictName): string {
  return OUTCOME[verdict].slice(2).toLowerCase();
}

export type Tone = 'good' | 'warn' | 'bad' | 'none';

/** Colour that goes with the symbol and the word; never alone. */
export function toneOf(verdict: VerdictName): Tone {
  if (verdict === 'solved') return 'good';
  if (verdict === 'not-started' || verdict === 'kit-fault' || verdict === 'cancelled') return 'none';
  return verdict === 'inconclusive' || verdict === 'slow' ? 'warn' : 'bad';
}

export function percent(share: number | undefined): string {
  if (share === undefined) return '–';
  // Only what is whole is 100 %. The space does not break.
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100}\u00a0%`;
}

export function jobPercent({ result }: Job): string {
  return percent(scoreOf(result)?.share);
}

/** A name as HTML that cannot turn what stands beside it. */
export function nameHtml({ name }: Pick<Learner, 'name'>): string {
  return `<bdi>${escapeHtml(name)}</bdi>`;
}

export function linkTo(learner: Learner, exercise?: string): string {
  const anchor = exercise === undefined ? learner.anchor : anchorOf(learner, exercise);
  return `<a href="#${anchor}">${nameHtml(learner)}</a>`;
}

/** A table that scrolls by itself where the window is narrow; reachable by keyboard for that. */
export function scrolling(label: string, table: string): string {
  return `<div class="scroll" role="region" aria-label="${escapeHtml(label)}" tabindex="0">\n${table}\n</div>`;
}
