/**
 * A cohort from arguments to results: stage every submission, grade what was not graded before, read all back.
 *
 * Equal files are graded once: most learners have not begun with most exercises, and nobody is to be faster by chance
 * than another with the same file. Results go to the disk as they come and are not kept in memory, so a cohort of any
 * size takes no more of it while it is graded, and ends as if it had never been interrupted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Exercise } from '../manifest.ts';
import type { SandboxName } from '../run/sandbox.ts';
import { kitVersion, suiteHash } from '../suite.ts';
import { writeAtomically } from '../write.ts';
import type { GradeOptions } from './crew.ts';
import { type JobSpec, jobKey, submittedFiles } from './job.ts';
import { JobLog, openState, type State } from './log.ts';
import type { Cohort, Job } from './results.ts';
import { nameLearners, type Submission, stage } from './submissions.ts';

export interface CohortRequest {
  sources: string[];
  exercises: Exercise[];
  out: string;
  seed?: number;
  sandbox: SandboxName;
  /** Where jobs are graded: on this machine, or anywhere else. */
  grade: (specs: JobSpec[], options: GradeOptions) => Promise<void>;
  progress: Progress;
  signal: AbortSignal;
}

/** What a cohort tells while it is graded. */
export interface Progress {
  staged(submission: Submission): void;
  /** How many files were handed in, how many different ones, and how many of those an earlier run has graded. */
  begins(counts: { files: number; jobs: number; before: number }): void;
  finished(job: Job): void;
}

/** Resolves to nothing if it was interrupted; what is finished is kept. */
export async function gradeCohort(request: CohortRequest): Promise<Cohort | undefined> {
  const { out, progress, signal } = request;
  const state = openState(out, request.seed);
  const log = await JobLog.open(out);
  const stageFolder = makeStage();
  try {
    const submissions = await stageAll(request, stageFolder);
    const specs = submissions.flatMap((submission) => specsOf(submission, state.seed));
    const byKey = new Map(specs.map((spec) => [spec.key, spec]));
    const done = await finishedBefore(log, byKey);
    progress.begins({ files: specs.length, jobs: byKey.size, before: done.size });
    await request.grade(inBestOrder([...byKey.values()].filter(({ key }) => !done.has(key))), {
      signal,
      onJob: async (job) => {
        await log.add(job);
        progress.finished(job);
      },
    });
    return signal.aborted ? undefined : await readCohort(request, state, submissions, log, specs);
  } finally {
    await log.close();
    rmSync(stageFolder, { recursive: true, force: true });
  }
}

/** Private to this user; gone with this process, unless that is killed. */
function makeStage(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'wirekata-grade-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function stageAll(
  { sources, exercises, progress, signal }: CohortRequest,
  folder: string,
): Promise<Submission[]> {
  const submissions: Submission[] = [];
  for (const one of nameLearners(sources)) {
    if (signal.aborted) break;
    const submission = await stage(one, exercises, folder);
    submissions.push(submission);
    progress.staged(submission);
  }
  return submissions;
}

function specsOf({ learner, exercises }: Submission, seed: number): JobSpec[] {
  return exercises.map(({ exercise, folder, problem }) => {
    const key = jobKey(exercise, submittedFiles(folder), seed, problem);
    return { learner, exercise: exercise.id, folder, seed, key, ...(problem && { problem }) };
  });
}

/** A fault of the kit is no result: the next run tries again. */
async function finishedBefore(log: JobLog, wanted: Map<string, JobSpec>): Promise<Set<string>> {
  const done = new Set<string>();
  for await (const { key, result } of log.read()) {
    if (wanted.has(key) && result.verdict !== 'kit-fault') done.add(key);
  }
  return done;
}

/** One exercise after another: a worker then has its suite and a child of its size at hand. */
function inBestOrder(specs: JobSpec[]): JobSpec[] {
  return specs.toSorted((a, b) => (a.exercise < b.exercise ? -1 : a.exercise > b.exercise ? 1 : 0));
}

async function readCohort(
  { exercises, sandbox }: CohortRequest,
  state: State,
  submissions: Submission[],
  log: JobLog,
  specs: JobSpec[],
): Promise<Cohort> {
  const jobs = await readJobs(log, specs);
  // What nobody handed in was not set: it counts for nobody.
  const set = exercises.filter(({ id }) => jobs.some((job) => job.exercise === id));
  return {
    schema: 1,
    kit: { version: kitVersion },
    node: process.version,
    seed: state.seed,
    sandbox,
    startedAt: state.startedAt,
    ms: jobs.reduce((sum, { result }) => sum + result.ms, 0),
    exercises: set.map((exercise) => {
      return { id: exercise.id, title: exercise.title, file: exercise.file, suite: suiteHash(exercise) };
    }),
    learners: submissions.map(({ learner: id, source, problem }) => ({ id, source, ...(problem && { problem }) })),
    jobs,
  };
}

/** In the order of learners and exercises, whatever the order in which they were finished. */
async function readJobs(log: JobLog, specs: JobSpec[]): Promise<Job[]> {
  const wanted = new Set(specs.map(({ key }) => key));
  const byKey = new Map<string, Job>();
  for await (const job of log.read()) {
    if (wanted.has(job.key)) byKey.set(job.key, job);
  }
  return specs.flatMap(({ learner, key }) => {
    const job = byKey.get(key);
    return job ? { ...job, learner, result: { ...job.result, subject: learner } } : [];
  });
}

/** A job a line: as a whole it may be longer than a string can be. */
export function writeResults(cohort: Cohort, file: string): void {
  const { jobs, ...rest } = cohort;
  writeAtomically(file, parts());
  function* parts() {
    yield `${JSON.stringify(rest).slice(0, -1)},"jobs":[`;
    for (const [i, job] of jobs.entries()) yield `${i === 0 ? '' : ','}\n${JSON.stringify(job)}`;
    yield '\n]}\n';
  }
}
