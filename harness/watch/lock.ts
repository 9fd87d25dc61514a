/**
 * One watcher in a clone: two would measure each other, and would both write progress. One `grade` in an output folder.
 *
 * The lock is a file with the holder's pid and, where /proc tells it, the time that process began, so
 * that neither a killed holder nor a pid that was given out again holds it for ever.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Holder {
  pid: number;
  /** Kernel's start time of that process, in clock ticks since boot; '' where it cannot be had. */
  began: string;
  /** What it is at: an exercise, or a cohort. */
  exercise: string;
  /** ISO 8601. */
  since: string;
}

export type Lock = { held: true; release(): void } | { held: false; by: Holder };

export function takeLock(folder: string, exercise: string, name = 'watch.lock'): Lock {
  const file = path.join(folder, name);
  const mine: Holder = { pid: process.pid, began: beganAt(process.pid), exercise, since: new Date().toISOString() };
  // A folder that cannot be written to is no reason not to learn: there is just no lock.
  const none: Lock = { held: true, release: () => {} };
  try {
    mkdirSync(folder, { recursive: true });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (writeNew(file, JSON.stringify(mine))) return { held: true, release: () => release(file) };
      const holder = readHolder(file);
      if (holder && isAlive(holder)) return { held: false, by: holder };
      rmSync(file, { force: true });
    }
  } catch {
    return none;
  }
  return none;
}

function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function release(file: string): void {
  if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
}

function readHolder(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    return Number.isInteger(holder.pid) && holder.pid > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return beganAt(pid) === began;
}

/** Field 22 of /proc/PID/stat, proc(5); the second field may hold spaces and ends at the last “)”. */
function beganAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
