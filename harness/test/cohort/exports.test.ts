/** Scores and exports: each format against its published description, with texts that mean harm. */
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { autogradingConfig, classroomResult, reporterEnv } from '../../cohort/exports/classroom.ts';
import { csv } from '../../cohort/exports/csv.ts';
import { exercism } from '../../cohort/exports/exercism.ts';
import { gradescope } from '../../cohort/exports/gradescope.ts';
import { cohortJunit } from '../../cohort/exports/junit.ts';
import type { Cohort, Job } from '../../cohort/results.ts';
import { meanScore, rowsOf, scoreOf } from '../../cohort/score.ts';
import { findExercise, loadManifest } from '../../manifest.ts';
import { plannedCases } from '../../plan.ts';
import { VERDICTS, type VerdictName } from '../../verdict.ts';
import {
  autogradingSchema,
  classroomResultSchema,
  exercismSchema,
  gradescopeSchema,
  junitProblems,
} from './formats.ts';
import { madeCohort } from './made-cohort.ts';

const EXERCISES = ['03-ring-buffer', '08-http1-parser'];
const cohort = madeCohort({ learners: 22, exercises: EXERCISES });
const planned = new Map(EXERCISES.map((id) => [id, plannedCases(findExercise(loadManifest(), id))]));

/** One job that ended in this way. */
function jobWith(verdict: VerdictName): Job {
  return madeCohort({ learners: 1, exercises: ['03-ring-buffer'], fates: [verdict] }).jobs[0]!;
}

function withReason(job: Job, reason: string): Job {
  return { ...job, result: { ...job.result, reason } };
}

describe('score', () => {
  const share = (verdict: VerdictName) => scoreOf(jobWith(verdict).result)?.share;

  test.each(['solved', 'inconclusive'] as const)('%s is 1', (verdict) => expect(share(verdict)).toBe(1));

  test.each(['kit-fault', 'cancelled'] as const)('%s has none', (verdict) => expect(share(verdict)).toBeUndefined());

  test.each(['refused', 'not-started', 'does-not-compile'] as const)('%s is 0', (verdict) =>
    expect(share(verdict)).toBe(0),
  );

  test('refused is 0 whatever passed before', () => {
    expect(scoreOf({ ...jobWith('solved').result, verdict: 'refused' })!.share).toBe(0);
  });

  test('only solved is 1: slow, crashed and failed are below it', () => {
    for (const verdict of ['slow', 'failed', 'crashed', 'timed-out'] as const) {
      expect(share(verdict)).toBeGreaterThan(0);
      expect(share(verdict)).toBeLessThan(1);
    }
  });

  test('a run that ended badly after its last case is not 1', () => {
    const { result } = jobWith('solved');
    expect(scoreOf({ ...result, verdict: 'failed' })!.share).toBeLessThan(1);
  });

  test('what was not handed in is 0, and a fault of the kit counts nowhere', () => {
    expect(meanScore([jobWith('solved'), undefined])).toBe(0.5);
    expect(meanScore([jobWith('solved'), jobWith('kit-fault')])).toBe(1);
    expect(meanScore([jobWith('kit-fault')])).toBeUndefined();
  });
});

describe('CSV', () => {
  const read = (one: Cohort) =>
    parse(csv(one), { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];

  test('has a line for each learner and exercise, also for what was not handed in', () => {
    const records = read(cohort);
    expect(records).toHaveLength(22 * EXERCISES.length);
    expect(records.filter(({ verdict }) => verdict === 'absent')).toHaveLength(
      22 * EXERCISES.length - cohort.jobs.length,
    );
    expect(records.every(({ score }) => score === '' || (Number(score) >= 0 && Number(score) <= 1))).toBe(true);
  });

  test('commas, quotes and line ends stay in their cell; every line ends with CRLF', () => {
    const reason = 'a "quoted", text\r\nof two lines';
    const text = csv({ ...cohort, jobs: cohort.jobs.map((job) => withReason(job, reason)) });
    expect(text.endsWith('\r\n')).toBe(true);
    const [first] = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(first!.reason).toBe('a "quoted", text\\x0d\nof two lines');
  });

  test.each(['=HYPERLINK("http://x")', '+1+cmd', '-2', '@SUM(A1)', '\t=1', ' =1', '＝1'])(
    '%j is no formula',
    (reason) => {
      const [first] = read({ ...cohort, jobs: cohort.jobs.map((job) => withReason(job, reason)) });
      expect(first!.reason).toMatch(/^'/);
    },
  );

  test('the name of a learner is no formula either', () => {
    const one = madeCohort({ learners: 1, exercises: EXERCISES, names: ['=cmd|calc'] });
    expect(read(one)[0]!.learner).toBe("'=cmd|calc");
  });
});

describe('JUnit XML', () => {
  const xml = (one: Cohort) => [...cohortJunit(one)].join('');

  test('is what Jenkins and Surefire read: a suite for each learner and exercise', () => {
    expect(junitProblems(xml(cohort))).toEqual([]);
    expect(xml(cohort).match(/<testsuite /g)).toHaveLength(cohort.jobs.length);
  });

  test('stays well-formed whatever a subject says', () => {
    const hostile = '\x1b[31m]]> <!-- & " \x00 \ud800 \uffff </testsuites>';
    const jobs = VERDICTS.map((verdict) => withReason(jobWith(verdict), hostile));
    expect(junitProblems(xml({ ...cohort, jobs }))).toEqual([]);
  });

  test('every verdict but solved and inconclusive shows as a failure or an error', () => {
    for (const verdict of VERDICTS) {
      const wrong = /<(failure|error) /.test(xml({ ...cohort, jobs: [jobWith(verdict)] }));
      expect(wrong, verdict).toBe(verdict !== 'solved' && verdict !== 'inconclusive');
    }
  });

  test('the validator finds what is wrong', () => {
    const good = xml({ ...cohort, jobs: [jobWith('failed')] });
    expect(junitProblems(good.replace(/failures="\d+"/, 'failures="0"'))).not.toEqual([]);
    expect(junitProblems(good.replace(' classname=', ' class='))).not.toEqual([]);
    expect(() => junitProblems(good.replace('</testsuites>', ''))).toThrow();
  });
});

describe('GitHub Classroom', () => {
  test('autograding.json has a test for each exercise', () => {
    const { tests } = autogradingSchema.parse(autogradingConfig(cohort));
    expect(tests.map(({ run }) => run)).toEqual(EXERCISES.map((id) => `npm run check -- ${id}`));
  });

  test.each(VERDICTS)('the result of %s is what the reporter reads', (verdict) => {
    const result = classroomResultSchema.parse(classroomResult(jobWith(verdict)));
    expect(result.status === 'pass').toBe(verdict === 'solved' || verdict === 'inconclusive');
  });

  test('the variables of the reporter decode to the results', () => {
    const jobs = cohort.jobs.filter(({ learner }) => learner === 'ana');
    const lines = reporterEnv(jobs).trimEnd().split('\n');
    expect(lines).toHaveLength(jobs.length);
    for (const [i, line] of lines.entries()) {
      const [, name, value = ''] = /^([^=]+)_RESULTS=([\w+/=]+)$/.exec(line) ?? [];
      expect(name).toBe(jobs[i]!.exercise.toUpperCase());
      const decoded = JSON.parse(Buffer.from(value, 'base64').toString());
      expect(decoded).toEqual(JSON.parse(JSON.stringify(classroomResult(jobs[i]!))));
    }
  });

  test('a variable stays below the 128 KiB that a program can be started with, whatever failed', () => {
    const job = madeCohort({ learners: 1, exercises: ['08-http1-parser'], fates: ['failed'] }).jobs[0]!;
    const message = 'long '.repeat(2_000);
    const replay = `08-http1-parser/a-case-with-a-long-name-indeed@2147483647:${'1:'.repeat(10)}`;
    const cases = job.result.cases.map((one) => ({ ...one, status: 'failed' as const, message, replay }));
    expect(reporterEnv([{ ...job, result: { ...job.result, cases } }]).length).toBeLessThan(128 * 1024);
  });
});

describe('Gradescope', () => {
  const rows = rowsOf(cohort);

  test.each(rows.map((row) => [row.learner.id, row] as const))('%s', (_, row) => {
    const { tests = [] } = gradescopeSchema.parse(gradescope(cohort, row));
    const scored = row.jobs.filter((job) => !job || scoreOf(job.result));
    expect(tests).toHaveLength(scored.length);
    const total = tests.reduce((sum, { score = 0 }) => sum + score, 0);
    expect(total).toBeCloseTo((meanScore(row.jobs) ?? 0) * 100 * scored.length, 1);
  });

  test('tells failing cases with clause and replay, without control characters', () => {
    const row = { learner: cohort.learners[0]!, jobs: [withReason(jobWith('failed'), '\x1b[2J\u202e')] };
    const { tests } = gradescopeSchema.parse(gradescope({ ...cohort, exercises: cohort.exercises.slice(0, 1) }, row));
    expect(tests![0]!.output).toContain('\\x1b[2J\\u202e');
    expect(tests![0]!.output).toMatch(/✗ .+\n {2}.+\n {2}.+\n {2}npm run replay -- 03-ring-buffer\//);
  });

  test('a fault of the kit is told, not scored', () => {
    const row = { learner: cohort.learners[0]!, jobs: [jobWith('kit-fault')] };
    const one = gradescopeSchema.parse(gradescope({ ...cohort, exercises: cohort.exercises.slice(0, 1) }, row));
    expect(one.output).toContain('not your mistake');
    expect(one.tests).toEqual([]);
  });
});

describe('Exercism', () => {
  test.each(VERDICTS)('%s', (verdict) => {
    const job = jobWith(verdict);
    const result = exercismSchema.parse(exercism(job, planned.get(job.exercise)));
    expect(result.status === 'pass').toBe(verdict === 'solved' || verdict === 'inconclusive');
  });

  test('cases come in the order of the suite, each with the task it belongs to', () => {
    const job = jobWith('failed');
    const cases = planned.get(job.exercise)!;
    const { tests = [] } = exercismSchema.parse(exercism(job, cases));
    expect(tests.map(({ name }) => name)).toEqual(cases.map(({ title }) => title));
    const groups = [...new Set(cases.map(({ group }) => group))];
    expect(tests.map(({ task_id }) => groups[task_id! - 1])).toEqual(cases.map(({ group }) => group));
  });

  test('a reason of a megabyte is cut', () => {
    exercismSchema.parse(exercism(withReason(jobWith('does-not-compile'), 'ä€'.repeat(500_000))));
  });
});
