/** `verify`: proves that the kit grades truly; see harness/verify.ts for what is proved. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest, manifestSchema, root } from '../manifest.ts';
import { withCurriculum } from '../report/curriculum.ts';
import { type Paint, paintFor, wrap } from '../report/paint.ts';
import { table } from '../report/table.ts';
import { Runner } from '../run/run.ts';
import {
  COLUMNS,
  type Column,
  duplicateCases,
  type Job,
  jobsFor,
  type Proof,
  recordCases,
  type VerifyOptions,
} from '../verify.ts';
import { readSeed } from './choice.ts';
import type { Command, Values } from './command.ts';

export const command: Command = {
  summary: 'prove that the kit grades truly',
  usage: `npm run verify -- [ID…] [options]

For each exercise (default: all): the stub is not-started; the reference and every second
correct design are solved, over several seeds; every known-wrong implementation is refused
by the case that it names; fixtures are used, files are in their place.

  --only COLUMN one of stub, reference, right, wrong, files (may be repeated)
  --whole       run known-wrong implementations through the whole suite, not only the case they name
  --seeds N     how many seeds (default 3)
  --seed N      the first seed (default: 1; later ones follow from it)
  --update      record the cases of the suites in cases.json, the manifest's JSON Schema
                and the curriculum in README.md
  --json        all proofs as JSON

Exit code: 0 everything holds, 1 something does not.`,
  options: {
    only: { type: 'string', multiple: true },
    whole: { type: 'boolean' },
    seeds: { type: 'string' },
    seed: { type: 'string' },
    update: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async (ids, values) => {
    const all = loadManifest();
    const exercises = ids.length > 0 ? ids.map((id) => findExercise(all, id)) : all;
    if (values.update) return update(all, exercises);
    const proofs = [
      ...duplicateCases(all),
      ...(await prove(exercises, {
        seeds: readSeeds(values),
        columns: readColumns(values),
        whole: values.whole === true,
      })),
    ];
    if (values.json) console.log(JSON.stringify(proofs, null, 2));
    else console.log(proofLines(exercises, proofs, paintFor(process.stdout)).join('\n'));
    return proofs.some(({ complaint }) => complaint !== undefined) ? 1 : 0;
  },
};

/** Known-wrong endless loops wait for their deadline, so a little more than one job a core pays. */
async function prove(exercises: Exercise[], options: VerifyOptions): Promise<Proof[]> {
  const jobs = (await Promise.all(exercises.map((exercise) => jobsFor(exercise, options)))).flat();
  const workers = Math.min(availableParallelism(), jobs.length);
  const proofs = await Promise.all(Array.from({ length: workers }, () => work(jobs)));
  return proofs.flat();
}

async function work(jobs: Job[]): Promise<Proof[]> {
  const runner = new Runner();
  const proofs: Proof[] = [];
  try {
    for (let job = jobs.shift(); job; job = jobs.shift()) proofs.push(await job(runner));
  } finally {
    await runner.close();
  }
  return proofs;
}

function readColumns({ only }: Values): readonly Column[] {
  if (!Array.isArray(only)) return COLUMNS;
  const wrong = only.find((one) => !COLUMNS.includes(one as Column));
  if (wrong !== undefined) throw new UsageError(`--only takes one of ${COLUMNS.join(', ')}, not “${String(wrong)}”.`);
  return only as Column[];
}

function readSeeds({ seed, seeds }: Values): number[] {
  const count = Number(seeds ?? 3);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`--seeds takes a whole number from 1, not “${String(seeds)}”.`);
  const first = seed === undefined ? 1 : readSeed(seed);
  return Array.from({ length: count }, (_, i) => first + i * 7919);
}

async function update(all: Exercise[], exercises: Exercise[]): Promise<number> {
  const readme = path.join(root, 'README.md');
  writeFileSync(readme, withCurriculum(readFileSync(readme, 'utf8'), all));
  const schema = path.join(root, 'exercises/manifest.schema.json');
  writeFileSync(schema, `${JSON.stringify(z.toJSONSchema(manifestSchema), null, 2)}\n`);
  const runner = new Runner();
  try {
    for (const exercise of exercises) {
      const complaint = await recordCases(runner, exercise);
      console.log(complaint ?? `${exercise.id}: cases recorded`);
      if (complaint) return 1;
    }
    return 0;
  } finally {
    await runner.close();
  }
}

function proofLines(exercises: Exercise[], proofs: Proof[], paint: Paint): string[] {
  const rows = exercises.map(({ id }) => [
    id,
    ...COLUMNS.map((column) =>
      cell(
        proofs.filter((p) => p.exercise === id && p.column === column),
        paint,
      ),
    ),
  ]);
  const broken = proofs.filter(({ complaint }) => complaint !== undefined);
  return [
    ...table([['EXERCISE', ...COLUMNS.map((column) => column.toUpperCase())], ...rows]),
    '',
    ...broken.flatMap(({ exercise, column, subject, complaint }) =>
      wrap(`${paint.bad('✗')} ${exercise} ${column} ${subject}: ${complaint}`, paint.width, '    '),
    ),
    broken.length === 0
      ? paint.good(`✓ all ${proofs.length} proofs hold`)
      : paint.bad(`✗ ${broken.length} of ${proofs.length} proofs do not hold`),
  ];
}

function cell(proofs: Proof[], paint: Paint): string {
  const held = proofs.filter(({ complaint }) => complaint === undefined).length;
  return held === proofs.length ? paint.good(`✓ ${held}`) : paint.bad(`✗ ${held}/${proofs.length}`);
}
