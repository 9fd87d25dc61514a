/**
 * Copies of the learner's file, in `.kata/attempts/SLUG/`: one for each version that was solved, one
 * before each reset. Nothing that a learner wrote is ever overwritten without one.
 */
import { constants, copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Exercise } from './manifest.ts';
import { contentHash, stateFolder } from './progress.ts';
import { makeFolder } from './write.ts';

export type Why = 'solved' | 'reset';

export interface Attempt {
  file: string;
  /** ISO 8601. */
  at: string;
  why: string;
  bytes: number;
}

/** Keeps a copy, unless the newest one has the same text. Returns where the text is kept. */
export function keepAttempt(exercise: Exercise, why: Why, folder = stateFolder): string | undefined {
  if (!existsSync(exercise.learner)) return undefined;
  const newest = attemptsOf(exercise, folder).at(-1);
  if (newest && newest.why === why && sameText(newest.file, exercise.learner)) return newest.file;
  const home = folderOf(exercise, folder);
  makeFolder(home);
  for (let at = Date.now(); ; at++) {
    const stamp = new Date(at).toISOString().replace(/[:.]/g, '-');
    const copy = path.join(home, `${stamp}-${why}${path.extname(exercise.file)}`);
    if (copyNew(exercise.learner, copy)) return copy;
  }
}

/** A clock that was put back may name a copy that exists. */
function copyNew(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Oldest first. */
export function attemptsOf(exercise: Exercise, folder = stateFolder): Attempt[] {
  const home = folderOf(exercise, folder);
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .sort()
    .flatMap((name) => {
      const [, date, time, ms, why] = /^(\d{4}-\d\d-\d\d)T(\d\d-\d\d-\d\d)-(\d{3})Z-(\w+)\./.exec(name) ?? [];
      if (date === undefined || time === undefined || why === undefined) return [];
      const file = path.join(home, name);
      return [{ file, at: `${date}T${time.replaceAll('-', ':')}.${ms}Z`, why, bytes: statSync(file).size }];
    });
}

function folderOf({ slug }: Exercise, folder: string): string {
  return path.join(folder, 'attempts', slug);
}

function sameText(a: string, b: string): boolean {
  return contentHash(readFileSync(a, 'utf8')) === contentHash(readFileSync(b, 'utf8'));
}
