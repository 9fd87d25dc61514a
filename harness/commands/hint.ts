/** `hint`: one more hint at each call. */
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest } from '../manifest.ts';
import { loadProgress, type Progress, saveProgress, withEntry } from '../progress.ts';
import { paintFor, wrap } from '../report/paint.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'show one more hint',
  usage: `npm run hint -- ID [--again]

Shows the next hint of exercise ID, and those before it. --again shows them without a new one.
Hints cost nothing but pride.`,
  options: { again: { type: 'boolean' } },
  run: async ([id, ...rest], { again }) => {
    if (id === undefined || rest.length > 0) throw new UsageError(`hint takes one exercise.\n\n${command.usage}`);
    const lines = hint(findExercise(loadManifest(), id), again === true ? 0 : 1, paintFor(process.stdout).width);
    console.log(lines.join('\n'));
    return 0;
  },
};

/** Reveals `more` hints and returns all that are revealed, as lines. */
export function hint(exercise: Exercise, more: number, width: number): string[] {
  const { progress } = loadProgress();
  const before = progress.exercises[exercise.slug] ?? {};
  const shown = Math.min((before.hints ?? 0) + more, exercise.hints.length);
  const unsaved =
    shown === (before.hints ?? 0) ? [] : save(withEntry(progress, exercise.slug, { ...before, hints: shown }));
  const left = exercise.hints.length - shown;
  const lines = exercise.hints.slice(0, shown).flatMap((text, i) => wrap(`${i + 1}. ${text}`, width, '   '));
  const rest = left === 0 ? 'That was the last hint.' : `${left} more: \`npm run hint -- ${exercise.id}\``;
  return [...lines, '', rest, ...unsaved];
}

/** A hint is worth more than the count of them. */
function save(progress: Progress): string[] {
  try {
    saveProgress(progress);
    return [];
  } catch (error) {
    return [`how many were shown could not be saved: ${(error as Error).message}`];
  }
}
