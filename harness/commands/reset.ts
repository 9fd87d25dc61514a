/** `reset`: the stub again; what was written goes to .kata/attempts first. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { keepAttempt } from '../attempts.ts';
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest } from '../manifest.ts';
import { showPath } from '../report/failure.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'put the stub back; your file is kept first',
  usage: `npm run reset -- ID

Puts the stub of exercise ID back. Your file is copied to .kata/attempts/ before;
\`npm run list -- --attempts ID\` shows what is kept there.`,
  options: {},
  run: async ([id, ...rest]) => {
    if (id === undefined || rest.length > 0) throw new UsageError(`reset takes one exercise.\n\n${command.usage}`);
    console.log(reset(findExercise(loadManifest(), id)));
    return 0;
  },
};

/** Returns what to tell the learner. */
export function reset(exercise: Exercise): string {
  const kept = keepAttempt(exercise, 'reset');
  mkdirSync(path.dirname(exercise.learner), { recursive: true });
  copyFileSync(exercise.stub, exercise.learner);
  const copy = kept ? ` Your version is kept as ${showPath(kept)}.` : '';
  return `${showPath(exercise.learner)} is the stub again.${copy}`;
}
