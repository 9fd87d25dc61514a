/** `check`: grades once, the learner's file or any other implementation of the same surface. */
import { type Checked, type Choice, check, chooseSubject } from '../check.ts';
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest } from '../manifest.ts';
import { choosePartFor } from '../parts.ts';
import { plannedCases } from '../plan.ts';
import { loadProgress } from '../progress.ts';
import { record } from '../record.ts';
import { checkedLines } from '../report/checked.ts';
import { toResult } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import { Runner } from '../run/run.ts';
import { knownWrong } from '../suite.ts';
import { type Command, EXIT, type Values } from './command.ts';

export const command: Command = {
  summary: 'grade once: your file, or another implementation',
  usage: `npm run check -- ID… [options]        grade exercises once
npm run check -- --all                grade all of them

  --as learner|reference|stub   whose file (default: learner)
  --wrong ID                    a known-wrong implementation; --list-wrong lists them
  --file PATH                   any other file with the same exports
  --case ID                     only this case (may be repeated)
  --seed N                      the run's seed; each report prints its own
  --no-performance              conformance only
  --json                        one JSON object for each exercise, one a line

Exit code: 0 solved, 1 not solved, 2 wrong usage or a broken manifest, 70 a fault of the kit.`,
  options: {
    all: { type: 'boolean' },
    as: { type: 'string' },
    wrong: { type: 'string' },
    'list-wrong': { type: 'boolean' },
    file: { type: 'string' },
    case: { type: 'string', multiple: true },
    seed: { type: 'string' },
    'no-performance': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async (positionals, values) => {
    const exercises = choose(loadManifest(), positionals, values);
    if (values['list-wrong']) return listWrong(exercises);
    const choice = readChoice(values);
    if (exercises.length > 1 && !('as' in choice))
      throw new UsageError('--wrong and --file grade one exercise: name it.');
    const runner = new Runner();
    try {
      let exit: number = EXIT.solved;
      for (const exercise of exercises) exit = Math.max(exit, await checkOne(runner, exercise, choice, values));
      return exit;
    } finally {
      await runner.close();
    }
  },
};

async function checkOne(runner: Runner, exercise: Exercise, choice: Choice, values: Values): Promise<number> {
  runner.warm(exercise);
  const { progress, complaint } = loadProgress();
  if (complaint) console.error(complaint);
  const subject = await chooseSubject(exercise, choice, choosePartFor(progress));
  const only = readCases(exercise, values);
  const checked = await check(runner, exercise, subject, {
    ...(only && { only }),
    ...(values.seed !== undefined && { seed: readSeed(values.seed) }),
    performance: !values['no-performance'],
  });
  record(checked);
  print(checked, values);
  return exitCode(checked);
}

function print(checked: Checked, values: Values): void {
  if (values.json) console.log(JSON.stringify(toResult(checked)));
  else console.log(`${checkedLines(checked, paintFor(process.stdout)).join('\n')}\n`);
}

/** An inconclusive measurement is never counted against the learner. */
export function exitCode({ verdict }: Checked): number {
  if (verdict === 'kit-fault') return EXIT.kitFault;
  return verdict === 'solved' || verdict === 'inconclusive' ? EXIT.solved : EXIT.notSolved;
}

function choose(exercises: Exercise[], ids: string[], { all }: Values): Exercise[] {
  if (all) return exercises;
  if (ids.length === 0) throw new UsageError(`check: name an exercise, or --all.\n\n${command.usage}`);
  return ids.map((id) => findExercise(exercises, id));
}

function readChoice({ as, wrong, file }: Values): Choice {
  if ([as, wrong, file].filter((one) => one !== undefined).length > 1)
    throw new UsageError('Give one of --as, --wrong, --file.');
  if (typeof wrong === 'string') return { wrong };
  if (typeof file === 'string') return { file };
  const whose = as ?? 'learner';
  if (whose === 'learner' || whose === 'reference' || whose === 'stub') return { as: whose };
  throw new UsageError(`--as takes learner, reference or stub, not “${String(whose)}”.`);
}

function readCases(exercise: Exercise, { case: wanted }: Values): string[] | undefined {
  if (!Array.isArray(wanted)) return undefined;
  const known = plannedCases(exercise).map(({ id }) => id);
  for (const id of wanted) {
    if (!known.includes(String(id))) {
      throw new UsageError(
        `${exercise.id} has no case “${String(id)}”. \`npm run list -- ${exercise.id} --cases\` lists them.`,
      );
    }
  }
  return wanted.map(String);
}

export function readSeed(text: unknown): number {
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
  throw new UsageError(`--seed takes a whole number from 0 to 4294967295, not “${String(text)}”.`);
}

async function listWrong(exercises: Exercise[]): Promise<number> {
  for (const exercise of exercises) {
    for (const { id, bug, caughtBy } of await knownWrong(exercise))
      console.log(`${id}\n  ${bug}\n  caught by ${caughtBy}`);
  }
  return 0;
}
