/** A job: the file of one learner for one exercise, and what tells it from another. It is graded by grade-job.ts. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Exercise, findExercise, loadManifest } from '../manifest.ts';
import { plannedCases, planOf } from '../plan.ts';
import { toResult } from '../report/json.ts';
import { kitVersion, suiteHash } from '../suite.ts';
import { judge } from '../verdict.ts';
import type { Job } from './results.ts';

export interface JobSpec {
  learner: string;
  /** Its id, 03-ring-buffer. */
  exercise: string;
  /** What the learner handed in for it: a private copy, without links. */
  folder: string;
  seed: number;
  /** Hash of all that the result depends on. */
  key: string;
  /** Why the learner's file cannot be graded as it is: it is a link, for instance. */
  problem?: string;
}

export interface SubmittedFile {
  /** Relative to the exercise's folder, with slashes. */
  path: string;
  bytes: Buffer;
}

let loaded: Exercise[] | undefined;

/** Always the same objects: the runner tells a change of exercise by them. */
function exercises(): Exercise[] {
  loaded ??= loadManifest();
  return loaded;
}

/** What stands in the place of a result that could not be had. */
export function faultJob(spec: JobSpec, reason: string): Job {
  const exercise = exerciseOf(spec);
  const planned = plannedCases(exercise);
  const result = toResult({
    ...judge(planOf(exercise, planned), [{ type: 'kit-fault', message: reason }]),
    exercise,
    subject: { name: spec.learner, file: exercise.learner, sources: new Map(), parts: [], problem: undefined },
    planned,
    seed: spec.seed,
    parts: [],
    suite: suiteHash(exercise),
    startedAt: new Date(),
    ms: 0,
    whole: false,
  });
  return { learner: spec.learner, exercise: spec.exercise, key: spec.key, result };
}

/** Equal keys: equal results. Neither the learner nor the machine counts. */
export function jobKey(exercise: Exercise, files: SubmittedFile[], seed: number, problem = ''): string {
  const hash = createHash('sha256').update(JSON.stringify([rulesOf(exercise), seed, problem]));
  for (const { path: name, bytes } of files) hash.update(`\0${name}\0${bytes.length}\0`).update(bytes);
  return hash.digest('hex').slice(0, 24);
}

const rules = new Map<Exercise, string>();

/** Version of all that decides about an exercise. */
function rulesOf(exercise: Exercise): string {
  const known = rules.get(exercise);
  if (known) return known;
  const { id, exports, imports, timeLimit, memoryLimit, performance, reference } = exercise;
  const facts = [kitVersion, suiteHash(exercise), id, exports, imports, timeLimit, memoryLimit, performance];
  const hash = createHash('sha256').update(JSON.stringify(facts)).update(readFileSync(reference)).digest('hex');
  rules.set(exercise, hash);
  return hash;
}

/** All that lies in a staged folder, in a fixed order. */
export function submittedFiles(folder: string): SubmittedFile[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return files.map((file) => {
    return { path: path.relative(folder, file).split(path.sep).join('/'), bytes: readFileSync(file) };
  });
}

export function exerciseOf(spec: Pick<JobSpec, 'exercise'>): Exercise {
  return findExercise(exercises(), spec.exercise);
}
