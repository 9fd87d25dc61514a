/** `watch`: the file is run at every save, until one quits. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest, REFERENCE_HELD } from '../manifest.ts';
import { loadProgress, nextUnsolved, stateFolder } from '../progress.ts';
import { comparisonLines } from '../report/compare.ts';
import { showPath } from '../report/failure.ts';
import { takeLock } from '../watch/lock.ts';
import { type Actions, Session } from '../watch/session.ts';
import { Terminal } from '../watch/terminal.ts';
import { type Command, EXIT, type Values } from './command.ts';
import { compare } from './compare.ts';
import { hint } from './hint.ts';
import { curriculum } from './list.ts';
import { reset } from './reset.ts';

export const WATCH_OPTIONS: Command['options'] = { plain: { type: 'boolean' }, open: { type: 'boolean' } };

export const command: Command = {
  summary: 'run your file at every save',
  usage: `npm run watch -- [ID] [--open] [--plain]

Runs your file at every save: exercise ID, or the next that is not solved.
Keys: n next, h hint, s statement, o edit, r run again, l list, c compare, x reset, ? help, q quit.

  --open     opens your file (and, in a window, the statement) in your editor: $VISUAL or $EDITOR,
             in the terminal of VS Code that; the key o does the same
  --plain    lines that are only added, instead of one screen that is drawn over

Without a terminal, or with TERM=dumb, it is always plain. One watcher runs in a clone;
a second one says so and ends with exit code 2.`,
  options: WATCH_OPTIONS,
  run: async (ids, values) => {
    const exercise = chooseExercise(ids, command);
    return exercise ? watchExercise(exercise, values) : allSolved();
  },
};

/** The one that is named, or the next that is not solved. */
export function chooseExercise([id, ...rest]: string[], { usage }: Command): Exercise | undefined {
  if (rest.length > 0) throw new UsageError(`Name one exercise at most.\n\n${usage}`);
  const exercises = loadManifest();
  if (id !== undefined) return findExercise(exercises, id);
  const { progress, complaint } = loadProgress();
  if (complaint) console.error(complaint);
  return nextUnsolved(progress, exercises);
}

export function allSolved(): number {
  console.log('All exercises are solved. `npm run list` shows them; `npm run next -- ID` opens one again.');
  return EXIT.solved;
}

/** Whether somebody sits in front of it. Continuous integration may well have a terminal, but nobody at it. */
export function isInteractive(env = process.env): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && !env.CI;
}

export async function watchExercise(exercise: Exercise, { plain, open }: Values): Promise<number> {
  if (open && !isInteractive()) throw new UsageError('--open needs a terminal: open the file yourself here.');
  const lock = takeLock(stateFolder, exercise.id);
  if (!lock.held) {
    const { pid, exercise: id, since } = lock.by;
    throw new UsageError(
      `A watcher is already at work in this clone: process ${pid}, on ${id}, since ${new Date(since).toLocaleTimeString()}. ` +
        `Quit it there (q), or grade once here: \`npm run check -- ${exercise.id}\`.`,
    );
  }
  // Also where Node ends by itself, because nothing is left that could wake it.
  process.once('exit', lock.release);
  const frames = isInteractive() && !plain && process.env.TERM !== 'dumb';
  const terminal = new Terminal({ input: process.stdin, output: process.stdout }, frames);
  const session = new Session({
    exercise,
    exercises: loadManifest(),
    terminal,
    frames,
    edit: open === true,
    actions: ACTIONS,
  });
  try {
    return await session.run();
  } finally {
    lock.release();
    if (frames && session.summary) {
      console.log(`${session.summary}\n\`npm run next -- ${session.exercise.id}\` goes on here.`);
    }
  }
}

/** Puts the stub there if there is no file; returns what to tell then. */
export function provideFile(exercise: Exercise): string | undefined {
  if (existsSync(exercise.learner)) return undefined;
  mkdirSync(path.dirname(exercise.learner), { recursive: true });
  copyFileSync(exercise.stub, exercise.learner);
  return `${showPath(exercise.learner)} was missing: the stub is there now`;
}

const ACTIONS: Actions = {
  hint: (exercise, width) => hint(exercise, 1, width),
  list: (exercises, paint) => curriculum(exercises, paint).rows,
  compare: async (exercise, paint) =>
    exercise.packed ? [REFERENCE_HELD] : comparisonLines(await compare(exercise), paint),
  reset,
  provide: provideFile,
};
