/**
 * GitHub Classroom, both of its formats.
 *
 * - `autogradingConfig`: `.github/classroom/autograding.json`, the tests that Classroom runs in a learner's
 *   repository. One for each exercise.
 * - `classroomResult`: what a grader hands to classroom-resources/autograding-grading-reporter, as JSON; one for
 *   each learner and exercise, a point for each case and metric. The reporter wants it as base64 in an environment
 *   variable named after the runner: `reporterEnv` is a file of such variables.
 *
 * https://github.com/classroom-resources/autograding-grading-reporter
 */
import { commandOf, type Entry, entriesOf } from '../../report/entries.ts';
import type { Result } from '../../report/json.ts';
import type { Cohort, Job } from '../results.ts';
import { isSolved, scoreOf } from '../score.ts';

const POINTS = 100;

/** Characters of a message: Linux starts no program with a variable of more than 128 KiB (MAX_ARG_STRLEN in execve(2)). */
const LONGEST = 100;

/** Minutes: the unit of Classroom. */
const TIMEOUT = 10;

export function autogradingConfig({ exercises }: Cohort) {
  const tests = exercises.map(({ id, title }) => ({
    name: `${id}: ${title}`,
    setup: 'npm ci --no-audit --no-fund',
    run: `npm run check -- ${id}`,
    input: '',
    output: '',
    // What counts is the exit code; every output includes the empty one.
    comparison: 'included',
    timeout: TIMEOUT,
    points: POINTS,
  }));
  return { tests };
}

export function classroomResult({ exercise, result }: Job) {
  const score = scoreOf(result);
  const entries = entriesOf(result);
  return {
    version: 1,
    status: isSolved(result) ? 'pass' : hasRun(result) ? 'fail' : 'error',
    // 0 where there is no score: such a result counts for nothing.
    max_score: score?.asked ?? 0,
    tests: entries.map((entry) => testOf(entry, exercise, score !== undefined && score.passed > 0)),
  };
}

function hasRun({ cases }: Result): boolean {
  return cases.some(({ status }) => status !== 'not-run');
}

function testOf(entry: Entry, exercise: string, counts: boolean) {
  const { id, title, status, message, ms } = entry;
  const passed = status === 'passed' && counts;
  return {
    name: `${id}: ${title}`,
    status: passed ? 'pass' : status === 'failed' || status === 'passed' ? 'fail' : 'error',
    score: passed ? 1 : 0,
    message: message?.slice(0, LONGEST) ?? '',
    test_code: passed ? '' : commandOf(entry, exercise),
    filename: '',
    line_no: 0,
    duration: ms,
  };
}

/** The reporter asks for `${runner.toUpperCase()}_RESULTS`; a runner is named after its exercise. */
export function reporterEnv(jobs: Job[]): string {
  const lines = jobs.map((job) => {
    const encoded = Buffer.from(JSON.stringify(classroomResult(job))).toString('base64');
    return `${job.exercise.toUpperCase()}_RESULTS=${encoded}\n`;
  });
  return lines.join('');
}
