/** `next`: opens the next exercise that is not solved, and watches it; without a terminal, runs it once. */
import { check, chooseSubject } from '../check.ts';
import type { Exercise } from '../manifest.ts';
import { choosePartFor } from '../parts.ts';
import { loadProgress } from '../progress.ts';
import { record } from '../record.ts';
import { checkedLines } from '../report/checked.ts';
import { showPath } from '../report/failure.ts';
import { type Paint, paintFor, wrap } from '../report/paint.ts';
import { Runner } from '../run/run.ts';
import { type Command, EXIT } from './command.ts';
import { allSolved, chooseExercise, isInteractive, provideFile, WATCH_OPTIONS, watchExercise } from './watch.ts';

export const command: Command = {
  summary: 'open the next exercise and run it at every save',
  usage: `npm run next -- [ID] [--open] [--plain] [--watch]

Says where the statement and your file are, and runs your file at every save: exercise ID, or
the next that is not solved. Without a terminal it runs once and exits 0.

  --open     opens your file (and, in a window, the statement) in your editor: $VISUAL or $EDITOR,
             in the terminal of VS Code that; the key o does the same
  --plain    lines that are only added, instead of one screen that is drawn over
  --watch    watch even without a terminal`,
  options: { ...WATCH_OPTIONS, watch: { type: 'boolean' } },
  run: async (ids, values) => {
    const exercise = chooseExercise(ids, command);
    if (!exercise) return allSolved();
    console.log(introduction(exercise, paintFor(process.stdout)).join('\n'));
    if (isInteractive() || values.watch || values.open) return watchExercise(exercise, values);
    return runOnce(exercise);
  },
};

function introduction(exercise: Exercise, paint: Paint): string[] {
  const provided = provideFile(exercise);
  return [
    `${paint.bold(exercise.id)}  ${exercise.title}`,
    ...wrap(exercise.summary, paint.width),
    '',
    `${paint.dim('statement')}  ${paint.accent(showPath(exercise.statement))}`,
    `${paint.dim('your file')}  ${paint.accent(showPath(exercise.learner))}`,
    ...(provided ? ['', provided] : []),
  ];
}

async function runOnce(exercise: Exercise): Promise<number> {
  const runner = new Runner();
  try {
    runner.warm(exercise);
    const choosePart = choosePartFor(loadProgress().progress);
    const subject = await chooseSubject(exercise, { as: 'learner' }, choosePart);
    const checked = await check(runner, exercise, subject);
    const { unsaved } = record(checked);
    // The first two or three lines say what the introduction has said.
    const lines = checkedLines(checked, paintFor(process.stdout));
    console.log(lines.slice(lines.indexOf('')).join('\n'));
    if (unsaved) console.error(unsaved);
    console.log(`\nEdit ${showPath(exercise.learner)}, then run this again; in a terminal it watches.`);
    return checked.verdict === 'kit-fault' ? EXIT.kitFault : EXIT.solved;
  } finally {
    await runner.close();
  }
}
