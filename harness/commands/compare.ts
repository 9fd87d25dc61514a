/** `compare`: after solving, the learner's file beside the reference. */
import { existsSync, writeFileSync } from 'node:fs';
import { check, chooseSubject } from '../check.ts';
import { compareFiles } from '../compare.ts';
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest, REFERENCE_HELD } from '../manifest.ts';
import { choosePartFor } from '../parts.ts';
import { loadProgress } from '../progress.ts';
import { comparisonLines } from '../report/compare.ts';
import { comparisonPage } from '../report/compare-html.ts';
import { showPath } from '../report/failure.ts';
import { paintFor } from '../report/paint.ts';
import { Runner } from '../run/run.ts';
import { type Command, EXIT } from './command.ts';

export const command: Command = {
  summary: 'your file beside the reference, once it is solved',
  usage: `npm run compare -- ID [options]

Shows how your file and the reference differ: the lines, the sizes, the cases, and the
performance measured side by side. The exercise must be solved.

  --peek        before it is solved
  --html FILE   writes one page with both files side by side`,
  options: { peek: { type: 'boolean' }, html: { type: 'string' } },
  run: async ([id, ...rest], { peek, html }) => {
    if (id === undefined || rest.length > 0) throw new UsageError(`compare takes one exercise.\n\n${command.usage}`);
    const exercise = findExercise(loadManifest(), id);
    refuseEarly(exercise, peek === true);
    const comparison = await compare(exercise);
    console.log(comparisonLines(comparison, paintFor(process.stdout)).join('\n'));
    if (typeof html === 'string') {
      writeFileSync(html, comparisonPage(comparison));
      console.log(`\nSide by side: ${html}`);
    }
    return EXIT.solved;
  },
};

function refuseEarly(exercise: Exercise, peek: boolean): void {
  if (exercise.packed) throw new UsageError(REFERENCE_HELD);
  if (!existsSync(exercise.learner))
    throw new UsageError(
      `${showPath(exercise.learner)} does not exist. \`npm run reset -- ${exercise.id}\` puts the stub there.`,
    );
  if (peek || loadProgress().progress.exercises[exercise.slug]?.solved) return;
  throw new UsageError(
    `${exercise.id} is not solved yet. To see the reference all the same: \`npm run compare -- ${exercise.id} --peek\`.`,
  );
}

export async function compare(exercise: Exercise) {
  const runner = new Runner();
  try {
    const subject = await chooseSubject(exercise, { as: 'learner' }, choosePartFor(loadProgress().progress));
    return compareFiles(exercise, await check(runner, exercise, subject));
  } finally {
    await runner.close();
  }
}
