/**
 * `npm run mutate -- 03`: changes the reference in hundreds of small ways and asks the hidden suite
 * about each. A mutant that survives is a behaviour that no case tests, unless it behaves the same;
 * those are listed, each with the reason, in the suite's equivalent.ts.
 *
 * `--lines 120-140,300` asks about these lines of the reference alone: for survivors that got a new case.
 *
 * Exit code 1 if a survivor is not listed there, or if less than the wanted share is killed.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import type { EquivalentMutant } from '../../harness/kit/equivalent.ts';
import { type Exercise, findExercise, loadManifest, root } from '../../harness/manifest.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    least: { type: 'string', default: '90' },
    lines: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const TYPESCRIPT = import.meta.resolve('../../harness/typescript.mjs');

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

async function mutantsOf(exercise: Exercise): Promise<MutantResult[]> {
  process.env.MUTATE = exercise.id;
  const reference = path.relative(root, exercise.reference);
  const stryker = new Stryker({
    mutate: values.lines ? values.lines.split(',').map((lines) => `${reference}:${rangeOf(lines)}`) : [reference],
    testRunner: 'suite',
    plugins: ['./scripts/mutate/runner.ts'],
    testRunnerNodeArgs: ['--import', TYPESCRIPT, '--expose-gc', `--max-old-space-size=${4 * exercise.memoryLimit}`],
    checkerNodeArgs: ['--import', TYPESCRIPT], // it checks nothing, and yet loads the plugin
    // Stryker would rewrite tsconfig.json with the classic compiler API, which TypeScript 7 no longer has.
    tsconfigFile: 'none',
    coverageAnalysis: 'perTest',
    ignorePatterns: ['.kata', 'fixtures/**/*.pcapng', 'reports'],
    reporters: values.json ? [] : ['progress-append-only'],
    // Out of reach of a loaded machine: what the clock stops must really not have ended.
    timeoutMS: 15_000,
    timeoutFactor: 2,
    allowConsoleColors: false,
    logLevel: values.json ? 'error' : 'warn',
  } as unknown as ConstructorParameters<typeof Stryker>[0]);
  return stryker.runMutationTest();
}

function rangeOf(lines: string): string {
  const [from, to = from] = lines.split('-');
  return `${from}-${to}`;
}

async function equivalentOf(exercise: Exercise): Promise<EquivalentMutant[]> {
  const file = path.join(exercise.suite, 'equivalent.ts');
  return existsSync(file) ? (await import(pathToFileURL(file).href)).default : [];
}

/** The source text that the mutant replaced. */
function originalOf(source: string, { location: { start, end } }: MutantResult): string {
  const lines = source.split('\n');
  const offset = ({ line, column }: { line: number; column: number }) =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  return source.slice(offset(start), offset(end));
}

interface Row {
  exercise: string;
  mutants: number;
  /** By a case that failed. */
  killed: number;
  /** Killed, too: a case took a hundred times its steps, or never ended. */
  ranAway: string[];
  /** The same, but only the clock says so. */
  stopped: string[];
  equivalent: number;
  unexplained: string[];
  /** What says nothing: the run itself broke, twice. */
  unclear: string[];
  score: number;
}

async function mutate(exercise: Exercise): Promise<Row> {
  const source = readFileSync(exercise.reference, 'utf8');
  const listed = await equivalentOf(exercise);
  const mutants = await mutantsOf(exercise);
  const of = (...statuses: MutantResult['status'][]) => mutants.filter(({ status }) => statuses.includes(status));
  const explains = (mutant: MutantResult) =>
    listed.some(
      ({ original, replacement, line = '' }) =>
        original === originalOf(source, mutant) &&
        replacement === mutant.replacement &&
        source.split('\n')[mutant.location.start.line - 1]!.includes(line),
    );
  const show = (mutant: MutantResult) =>
    `${exercise.file}:${mutant.location.start.line}:${mutant.location.start.column} ${mutant.mutatorName}\n    ${originalOf(source, mutant)}\n  → ${mutant.replacement}${mutant.statusReason ? `\n  ${mutant.statusReason}` : ''}`;
  const alive = of('Survived', 'NoCoverage');
  const unexplained = alive.filter((mutant) => !explains(mutant));
  const killed = of('Killed').length;
  const timedOut = of('Timeout');
  const dead = killed + timedOut.length;
  return {
    exercise: exercise.id,
    mutants: mutants.length,
    killed,
    ranAway: timedOut.filter(({ statusReason }) => statusReason).map(show),
    stopped: timedOut.filter(({ statusReason }) => !statusReason).map(show),
    equivalent: alive.length - unexplained.length,
    unexplained: unexplained.map(show),
    unclear: of('RuntimeError', 'CompileError').map(show),
    score: (100 * dead) / (dead + unexplained.length),
  };
}

function print({ exercise, mutants, killed, ranAway, stopped, equivalent, unexplained, unclear, score }: Row): void {
  for (const line of stopped) console.log(`stopped by the clock: ${line}`);
  for (const line of unclear) console.log(`unclear: ${line}`);
  for (const line of unexplained) console.log(`survived: ${line}`);
  const counts = [
    `${killed} killed by a case`,
    `${ranAway.length} ran away`,
    `${stopped.length} stopped by the clock`,
    `${unexplained.length} survived`,
    `${equivalent} equivalent and explained`,
    `${unclear.length} unclear`,
  ];
  console.log(`${exercise}: ${score.toFixed(1)} % of ${mutants} killed (${counts.join(', ')})`);
}

const all = loadManifest();
const rows: Row[] = [];
for (const id of positionals.length > 0 ? positionals : all.map((exercise) => exercise.id))
  rows.push(await mutate(findExercise(all, id)));
if (values.json) console.log(JSON.stringify(rows, null, 2));
else rows.forEach(print);
const passes = ({ score, unexplained, unclear }: Row): boolean =>
  score >= Number(values.least) && unexplained.length + unclear.length === 0;
process.exitCode = rows.every(passes) ? 0 : 1;
