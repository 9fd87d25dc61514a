/** `check`: grades once, the learner's file or any other implementation of the same surface. */

import { writeFileSync } from 'node:fs';
import { type Checked, type Choice, check, chooseSubject } from '../check.ts';
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest } from '../manifest.ts';
import { choosePartFor } from '../parts.ts';
import { plannedCases } from '../plan.ts';
import { loadProgress } from '../progress.ts';
import { record } from '../record.ts';
import { checkedLines } from '../report/checked.ts';
import { typeLines } from '../report/feedback.ts';
import { toResult } from '../report/json.ts';
import { junit } from '../report/junit.ts';
import { paintFor } from '../report/paint.ts';
import { captureOf } from '../report/pcap.ts';
import { Runner } from '../run/run.ts';
import { type TypeNote, typeNotes } from '../run/types.ts';
import { knownWrong } from '../suite.ts';
import { CHOICE_OPTIONS, CHOICE_USAGE, readChoice, readSeed } from './choice.ts';
import { type Command, EXIT, type Values } from './command.ts';

export const command: Command = {
  summary: 'grade once: your file, or another implementation',
  usage: `npm run check -- ID… [options]        grade exercises once
npm run check -- --all                grade all of them

${CHOICE_USAGE}
  --case ID                     only this case (may be repeated)
  --seed N                      the run's seed; each report prints its own
  --no-performance              conformance only
  --json                        one JSON object for each exercise, one a line
  --junit FILE                  writes JUnit XML
  --pcap FILE                   writes what the failing cases sent and got, for Wireshark

Exit code: 0 solved, 1 not solved, 2 wrong usage or a broken manifest, 70 a fault of the kit.`,
  options: {
    all: { type: 'boolean' },
    ...CHOICE_OPTIONS,
    'list-wrong': { type: 'boolean' },
    case: { type: 'string', multiple: true },
    seed: { type: 'string' },
    'no-performance': { type: 'boolean' },
    json: { type: 'boolean' },
    junit: { type: 'string' },
    pcap: { type: 'string' },
  },
  run: async (positionals, values) => {
    const exercises = choose(loadManifest(), positionals, values);
    if (values['list-wrong']) return listWrong(exercises);
    const choice = readChoice(values);
    if (exercises.length > 1 && !('as' in choice))
      throw new UsageError('--wrong and --file grade one exercise: name it.');
    const all = await checkAll(exercises, choice, values);
    if (typeof values.junit === 'string') writeFileSync(values.junit, junit(all));
    if (typeof values.pcap === 'string') writePcap(values.pcap, all);
    return Math.max(...all.map(exitCode));
  },
};

async function checkAll(exercises: Exercise[], choice: Choice, values: Values): Promise<Checked[]> {
  const runner = new Runner();
  const all: Checked[] = [];
  try {
    for (const exercise of exercises) all.push(await checkOne(runner, exercise, choice, values));
  } finally {
    await runner.close();
  }
  return all;
}

async function checkOne(runner: Runner, exercise: Exercise, choice: Choice, values: Values): Promise<Checked> {
  runner.warm(exercise);
  const { progress, complaint } = loadProgress();
  if (complaint) console.error(complaint);
  const subject = await chooseSubject(exercise, choice, choosePartFor(progress));
  const only = readCases(exercise, values);
  const types = values.json || subject.problem ? undefined : typeNotes([...subject.sources.keys()]);
  const checked = await check(runner, exercise, subject, {
    ...(only && { only }),
    ...(values.seed !== undefined && { seed: readSeed(values.seed) }),
    performance: !values['no-performance'],
  });
  const { unsaved } = record(checked);
  print(checked, values);
  printTypes(await types);
  if (unsaved) console.error(unsaved);
  return checked;
}

/** After the verdict, which does not wait for the type checker. */
function printTypes(types: TypeNote[] = []): void {
  if (types.length > 0) console.log(`${typeLines({ types }, paintFor(process.stdout)).join('\n')}\n`);
}

/** Passing cases keep no transcript: what is written is what the failing ones sent and got. */
function writePcap(file: string, all: Checked[]): void {
  const exchanges = all.flatMap(({ cases }) =>
    cases.flatMap(({ id, failure }) => (failure?.transcript ? [{ title: id, entries: failure.transcript }] : [])),
  );
  writeFileSync(file, captureOf(exchanges, all[0]?.startedAt.getTime()));
  console.error(`${file}: what ${exchanges.length} failing cases sent and got`);
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

async function listWrong(exercises: Exercise[]): Promise<number> {
  for (const exercise of exercises) {
    for (const { id, bug, caughtBy } of await knownWrong(exercise))
      console.log(`${id}\n  ${bug}\n  caught by ${caughtBy}`);
  }
  return 0;
}
