/**
 * A job: the file of one learner for one exercise. From a folder to a result, in this process or in any other that
 * has the same kit.
 *
 * A job reads its staged folder (staging.ts) and nothing else of the submission. In its result the subject lies where
 * it would in the learner's own clone, so that neither the message nor the key depends on who graded it where.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { check } from '../check.ts';
import { type Exercise, findExercise, loadManifest, root } from '../manifest.ts';
import { plannedCases, planOf } from '../plan.ts';
import { type Result, toResult } from '../report/json.ts';
import type { ParentEvent } from '../run/events.ts';
import type { Runner } from '../run/run.ts';
import { type ChoosePart, readSubject, type Subject } from '../run/subject.ts';
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

/** UTF-16 units. What is longer was not written by hand, and would only be in the way of reports. */
const LONGEST_TEXT = 512 * 1024;

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

/** Rejects for faults of the kit only, whatever the subject does. */
export async function gradeJob(runner: Runner, spec: JobSpec, signal?: AbortSignal): Promise<Job> {
  const exercise = exerciseOf(spec);
  runner.warm(exercise);
  const subject = subjectOf(exercise, spec);
  const checked = await check(runner, exercise, subject, { seed: spec.seed, ...(signal && { signal }) });
  return jobOf(spec, toResult(checked), subject.sources.get(subject.file));
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
  return jobOf(spec, result);
}

/** Equal keys: the same verdict was given before. Neither machine nor Node version counts. */
export function jobKey(exercise: Exercise, files: SubmittedFile[], seed: number, problem?: string): string {
  const { timeLimit, memoryLimit, imports, performance } = exercise;
  const hash = createHash('sha256');
  const rules = { timeLimit, memoryLimit, imports, exports: exercise.exports, performance, problem };
  hash.update(JSON.stringify([kitVersion, suiteHash(exercise), seed, exercise.id, rules])).update('\0');
  hash.update(readFileSync(exercise.reference)).update('\0');
  for (const { path: name, bytes } of files) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  return hash.digest('hex').slice(0, 24);
}

/** All that lies in a staged folder, in a fixed order. */
export function submittedFiles(folder: string): SubmittedFile[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return files.map((file) => {
    return { path: path.relative(folder, file).split(path.sep).join('/'), bytes: readFileSync(file) };
  });
}

function jobOf({ learner, exercise, key }: JobSpec, result: Result, text = ''): Job {
  return { learner, exercise, key, result, ...(text !== '' && text.length <= LONGEST_TEXT && { text }) };
}

function exerciseOf(spec: JobSpec): Exercise {
  return findExercise(exercises(), spec.exercise);
}

function subjectOf(exercise: Exercise, { learner, folder, problem }: JobSpec): Subject {
  const file = path.join(folder, exercise.file);
  const subject = readSubject(exercise, { name: learner, file, choosePart: referenceOf });
  if (problem) subject.problem = { type: 'unreadable', message: problem };
  return moved(subject, folder, path.dirname(exercise.learner));
}

/** Each exercise is judged for itself: what it is built on is the reference. */
const referenceOf: ChoosePart = (id) => {
  const exercise = exercises().find((one) => one.id === id);
  return exercise && { exercise: id, file: exercise.reference, whose: 'reference' };
};

/**
 * The subject as if it lay elsewhere. Besides a message without the grader's folders this gives every learner's file
 * one name, so that vite need not transform the suite anew for each.
 */
function moved(subject: Subject, from: string, to: string): Subject {
  const move = (file: string) => file.replace(from, to);
  const { file, sources } = subject;
  return {
    ...subject,
    file: move(file),
    sources: new Map([...sources].map(([name, text]) => [move(name), text])),
    problem: subject.problem && movedProblem(subject.problem, from, to),
  };
}

function movedProblem(problem: ParentEvent, from: string, to: string): ParentEvent {
  const event = structuredClone(problem);
  if ('at' in event && event.at) event.at.file = event.at.file.replace(from, to);
  if ('message' in event) event.message = event.message.replaceAll(from, path.relative(root, to));
  return event;
}
