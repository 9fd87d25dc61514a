/** The one place where a verdict becomes state: progress, and a copy of each version that was solved. */
import { keepAttempt } from './attempts.ts';
import type { Checked } from './check.ts';
import { fold, loadProgress, type Progress, saveProgress } from './progress.ts';

export interface Recorded {
  progress: Progress;
  /** Why it could not be written: a full disk, a read-only folder. The verdict stands all the same. */
  unsaved?: string;
}

/** Reads progress afresh before it adds the verdict: another command may have written in the meantime. Never throws. */
export function record(checked: Checked): Recorded {
  const before = loadProgress().progress;
  const after = fold(before, checked);
  if (after === before) return { progress: before };
  try {
    saveProgress(after);
    if (checked.verdict === 'solved' && checked.whole) keepAttempt(checked.exercise, 'solved');
    return { progress: after };
  } catch (error) {
    return { progress: after, unsaved: `progress could not be saved: ${(error as Error).message}` };
  }
}
