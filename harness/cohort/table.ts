/** A graded cohort on a terminal: learners × exercises, then how often each verdict was given. Pure. */
import { OUTCOME, outcomeColor } from '../report/checked.ts';
import { harmless, type Paint } from '../report/paint.ts';
import { table } from '../report/table.ts';
import type { VerdictName } from '../verdict.ts';
import type { Cohort, Job } from './results.ts';

export function cohortLines(cohort: Cohort, paint: Paint): string[] {
  const { exercises, learners, jobs } = cohort;
  const byCell = new Map(jobs.map((job) => [`${job.learner} ${job.exercise}`, job]));
  const rows = learners.map(({ id, problem }) => {
    if (problem) return [id, `${paint.warn('!')} ${harmless(problem)}`];
    return [id, ...exercises.map((exercise) => cell(byCell.get(`${id} ${exercise.id}`), paint))];
  });
  return [
    ...table([['LEARNER', ...exercises.map(({ id }) => id.slice(0, 2))], ...rows]),
    '',
    ...countLines(jobs, paint),
  ];
}

/** A mark for the verdict; how many cases pass, where not all do. */
function cell(job: Job | undefined, paint: Paint): string {
  if (!job) return paint.dim('–');
  const { verdict, cases } = job.result;
  const passed = cases.filter(({ status }) => status === 'passed').length;
  const count = passed > 0 && passed < cases.length ? ` ${passed}/${cases.length}` : '';
  return outcomeColor(verdict, paint)(OUTCOME[verdict].slice(0, 1) + count);
}

function countLines(jobs: Job[], paint: Paint): string[] {
  const counts = new Map<VerdictName, number>();
  for (const { result } of jobs) counts.set(result.verdict, (counts.get(result.verdict) ?? 0) + 1);
  const rows = Object.keys(OUTCOME)
    .map((name) => name as VerdictName)
    .filter((name) => counts.has(name))
    .map((name) => [String(counts.get(name)).padStart(6), outcomeColor(name, paint)(OUTCOME[name])]);
  return rows.length > 0 ? table(rows) : ['nothing was graded'];
}
