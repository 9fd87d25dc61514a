/**
 * From a job to its result, in this process or in any other that has the same kit.
 *
 * A job reads its staged folder (submissions.ts) and nothing else of the submission. In its result the subject lies
 * where it would in the learner's own clone, so that no message depends on who graded it where.
 */
import path from 'node:path';
import { check } from '../check.ts';
import { type Exercise, root } from '../manifest.ts';
import { toResult } from '../report/json.ts';
import type { ParentEvent } from '../run/events.ts';
import type { Runner } from '../run/run.ts';
import { type ChoosePart, readSubject, type Subject } from '../run/subject.ts';
import { exerciseOf, type JobSpec } from './job.ts';
import type { Job } from './results.ts';

/** UTF-16 units. What is longer was not written by hand, and would only be in the way of reports. */
const LONGEST_TEXT = 512 * 1024;

/** Rejects for faults of the kit only, whatever the subject does. */
export async function gradeJob(runner: Runner, spec: JobSpec, signal?: AbortSignal): Promise<Job> {
  const exercise = exerciseOf(spec);
  const subject = subjectOf(exercise, spec);
  const checked = await check(runner, exercise, subject, { seed: spec.seed, ...(signal && { signal }) });
  const { learner, key } = spec;
  const text = subject.sources.get(subject.file);
  const isShown = text !== undefined && text.length <= LONGEST_TEXT;
  return { learner, exercise: exercise.id, key, result: toResult(checked), ...(isShown && { text }) };
}

function subjectOf(exercise: Exercise, { learner, folder, problem }: JobSpec): Subject {
  const file = path.join(folder, exercise.file);
  const subject = readSubject(exercise, { name: learner, file, choosePart: referenceOf });
  if (problem) subject.problem = { type: 'unreadable', message: problem };
  return moved(subject, folder, path.dirname(exercise.learner));
}

/** Each exercise is judged for itself: what it is built on is the reference. */
const referenceOf: ChoosePart = (id) => {
  return { exercise: id, file: exerciseOf({ exercise: id }).reference, whose: 'reference' };
};

/**
 * The subject as if it lay elsewhere. Besides a message without the grader's folders this gives every learner's file
 * one name, so that vite need not transform the suite anew for each.
 */
function moved(subject: Subject, from: string, to: string): Subject {
  const move = (file: string) => file.replace(from, () => to);
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
  if ('at' in event && event.at) event.at.file = event.at.file.replace(from, () => to);
  if ('message' in event) event.message = event.message.replaceAll(from, () => path.relative(root, to));
  return event;
}
