/**
 * `npm run mutate -- 03`: changes the reference in hundreds of small ways and asks the hidden suite
 * about each. A mutant that survives is a behaviour that no case tests, unless it behaves the same;
 * those are listed, each with the reason, in the suite's equivalent.ts.
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
  options: { least: { type: 'string', default: '90' }, json: { type: 'boolean', default: false } },
});

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

const KILLED = new Set(['Killed', 'Timeout']);
const ALIVE = new Set(['Survived', 'NoCoverage']);

async function mutantsOf(exercise: Exercise): Promise<MutantResult[]> {
  process.env.MUTATE = exercise.id;
  const stryker = new Stryker({
    mutate: [path.relative(root, exercise.reference)],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'scripts/mutate/vitest.config.ts', related: false },
    // Stryker would rewrite tsconfig.json with the classic compiler API, which TypeScript 7 no longer has.
    tsconfigFile: 'none',
    coverageAnalysis: 'perTest',
    ignorePatterns: ['.kata', 'fixtures/**/*.pcapng', 'reports'],
    reporters: ['progress-append-only'],
    concurrency: 2,
    timeoutMS: 4_000,
    allowConsoleColors: false,
    logLevel: 'warn',
  } as unknown as ConstructorParameters<typeof Stryker>[0]);
  return stryker.runMutationTest();
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
  killed: number;
  equivalent: number;
  unexplained: string[];
  score: number;
}

async function mutate(exercise: Exercise): Promise<Row> {
  const mutants = await mutantsOf(exercise);
  const source = readFileSync(exercise.reference, 'utf8');
  const listed = await equivalentOf(exercise);
  const killed = mutants.filter(({ status }) => KILLED.has(status)).length;
  const alive = mutants.filter(({ status }) => ALIVE.has(status));
  const explains = (mutant: MutantResult) =>
    listed.some(
      ({ original, replacement }) => original === originalOf(source, mutant) && replacement === mutant.replacement,
    );
  const unexplained = alive.filter((mutant) => !explains(mutant));
  const lines = unexplained.map(
    (mutant) =>
      `${exercise.file}:${mutant.location.start.line}:${mutant.location.start.column} ${mutant.mutatorName}\n    ${originalOf(source, mutant)}\n  → ${mutant.replacement}`,
  );
  return {
    exercise: exercise.id,
    killed,
    equivalent: alive.length - unexplained.length,
    unexplained: lines,
    score: (100 * killed) / (killed + unexplained.length),
  };
}

const all = loadManifest();
const rows: Row[] = [];
for (const id of positionals.length > 0 ? positionals : all.map((exercise) => exercise.id))
  rows.push(await mutate(findExercise(all, id)));
if (values.json) console.log(JSON.stringify(rows, null, 2));
for (const { exercise, killed, equivalent, unexplained, score } of values.json ? [] : rows) {
  for (const line of unexplained) console.log(`survived: ${line}`);
  console.log(
    `${exercise}: ${score.toFixed(1)} % killed (${killed} killed, ${unexplained.length} survived, ${equivalent} equivalent and explained)`,
  );
}
process.exitCode = rows.every(({ score, unexplained }) => score >= Number(values.least) && unexplained.length === 0)
  ? 0
  : 1;
