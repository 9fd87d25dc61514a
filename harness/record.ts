/** The one place where a verdict becomes state: progress, and a copy of each version that was solved. */
import { keepAttempt } from './attempts.ts';
import type { Checked } from './check.ts';
import { fold, loadProgress, type Progress, saveProgress } from './progress.ts';

/** Reads progress afresh before it adds the verdict: another command may have written in the meantime. */
export function record(checked: Checked): Progress {
  const before = loadProgress().progress;
  const after = fold(before, checked);
  if (after === before) return before;
  saveProgress(after);
  if (checked.verdict === 'solved' && checked.whole) keepAttempt(checked.exercise, 'solved');
  return after;
}
