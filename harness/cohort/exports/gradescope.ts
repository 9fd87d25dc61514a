/**
 * What Gradescope reads as /autograder/results/results.json, for one learner: a test for each exercise, with a
 * hundred points each.
 *
 * https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format
 */
import { commandOf, entriesOf } from '../../report/entries.ts';
import { harmless } from '../../report/paint.ts';
import type { Cohort, Job } from '../results.ts';
import { isSolved, type Row, scoreOf } from '../score.ts';

const POINTS = 100;

/** Failing cases that are told; the report has all of them. */
const MOST = 10;

export function gradescope(cohort: Cohort, { learner, jobs }: Row) {
  const tests = jobs.flatMap((job, i) => test(job, cohort.exercises[i]!, i + 1));
  const ungraded = jobs.filter((job) => job && !scoreOf(job.result)).map((job) => job!.exercise);
  const notes = [
    ...(learner.problem === undefined ? [] : [learner.problem]),
    ...ungraded.map((id) => `${id} could not be graded. This is not your mistake: please ask for another run.`),
  ];
  return {
    execution_time: jobs.reduce((sum, job) => sum + (job?.result.ms ?? 0), 0) / 1000,
    ...(notes.length > 0 && { output: harmless(notes.join('\n')) }),
    output_format: 'text',
    test_output_format: 'text',
    test_name_format: 'text',
    visibility: 'visible',
    ...(tests.length === 0 && { score: 0 }),
    tests,
  };
}

/** None where there is no score. */
function test(job: Job | undefined, { id, title }: Cohort['exercises'][0], number: number): unknown[] {
  const facts = { max_score: POINTS, name: `${id}: ${title}`, number: String(number) };
  if (!job) return [{ ...facts, score: 0, status: 'failed', output: 'not handed in' }];
  const score = scoreOf(job.result);
  if (!score) return [];
  const { verdict } = job.result;
  const extra = { verdict, passed: score.passed, asked: score.asked };
  const points = Math.round(score.share * POINTS * 100) / 100;
  const status = isSolved(job.result) ? 'passed' : 'failed';
  return [{ ...facts, score: points, status, output: harmless(output(job)), extra_data: extra }];
}

function output({ exercise, result }: Job): string {
  const wrong = entriesOf(result).filter(({ status }) => status === 'failed' || status === 'error');
  const lines = wrong.slice(0, MOST).map((entry) => {
    const facts = [entry.message, entry.clause, commandOf(entry, exercise)].filter(Boolean);
    return [`✗ ${entry.title}`, ...facts.map((fact) => `  ${fact}`)].join('\n');
  });
  const rest = wrong.length > MOST ? [`… and ${wrong.length - MOST} more`] : [];
  return [`${result.verdict}: ${result.reason}`, ...lines, ...rest].join('\n\n');
}
