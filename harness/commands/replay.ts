/** `replay`: one case again, with its exact seed and input. */
import { check, chooseSubject } from '../check.ts';
import { UsageError } from '../errors.ts';
import { findExercise, loadManifest } from '../manifest.ts';
import { choosePartFor } from '../parts.ts';
import { plannedCases } from '../plan.ts';
import { loadProgress } from '../progress.ts';
import { parseReplayToken } from '../replay-token.ts';
import { checkedLines } from '../report/checked.ts';
import { paintFor } from '../report/paint.ts';
import { Runner } from '../run/run.ts';
import { exitCode } from './check.ts';
import { CHOICE_OPTIONS, CHOICE_USAGE, readChoice } from './choice.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'run one case again exactly as it failed',
  usage: `npm run replay -- TOKEN [options]

Runs one case again with its exact seed and input. Every failing case prints its token.

${CHOICE_USAGE}`,
  options: CHOICE_OPTIONS,
  run: async ([token, ...rest], values) => {
    if (token === undefined || rest.length > 0) throw new UsageError(`replay takes one token.\n\n${command.usage}`);
    const { exercise: id, caseId, seed, path } = parseReplayToken(token);
    const exercise = findExercise(loadManifest(), id);
    if (plannedCases(exercise, [caseId]).length === 0) {
      throw new UsageError(
        `${exercise.id} has no case “${caseId}” any more. \`npm run list -- ${exercise.id} --cases\` lists them.`,
      );
    }
    const runner = new Runner();
    try {
      const subject = await chooseSubject(exercise, readChoice(values), choosePartFor(loadProgress().progress));
      const checked = await check(runner, exercise, subject, {
        only: [caseId],
        seed,
        ...(path !== undefined && { path }),
      });
      console.log(`${checkedLines(checked, paintFor(process.stdout)).join('\n')}\n`);
      return exitCode(checked);
    } finally {
      await runner.close();
    }
  },
};
