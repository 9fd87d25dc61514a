/** `new`: makes all the files of one exercise and its manifest entry, from harness/template. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../errors.ts';
import { type Exercise, loadManifest, locate, type ManifestEntry, root } from '../manifest.ts';
import { showPath } from '../report/failure.ts';
import { Runner } from '../run/run.ts';
import { recordCases } from '../verify.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'make the files of a new exercise (for authors)',
  usage: `npm run new -- NN-slug

Makes the statement, the stub, the reference, the suite and the manifest entry of a new
exercise, as a small example that already passes its own suite. Overwrites nothing.`,
  options: {},
  run: async ([id, ...rest]) => {
    if (id === undefined || rest.length > 0) throw new UsageError(`new takes one name.\n\n${command.usage}`);
    const entry = entryFor(id, loadManifest());
    const exercise = locate(entry);
    const made = writeAll(exercise);
    addEntry(entry);
    await record(exercise);
    console.log(`Made ${exercise.id}:\n${made.map((file) => `  ${showPath(file)}`).join('\n')}`);
    console.log(
      `\nNext: write the statement and the suite, then \`npm run verify -- ${exercise.id} --update\` and \`npm run verify -- ${exercise.id}\`.`,
    );
    return 0;
  },
};

function entryFor(id: string, existing: Exercise[]): ManifestEntry {
  const [, digits, slug] = /^(\d\d)-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(id) ?? [];
  if (digits === undefined || slug === undefined)
    throw new UsageError(`“${id}” is no name of an exercise: two digits, “-”, lowercase words joined by “-”.`);
  const number = Number(digits);
  const taken = existing.find((one) => one.slug === slug || one.number === number);
  if (taken) throw new UsageError(`${taken.id} exists already.`);
  return {
    slug,
    number,
    title: slug.replaceAll('-', ' '),
    chapters: [1],
    summary: 'One line on what it builds.',
    file: `${slug}.ts`,
    exports: ['example'],
    requires: [],
    clauses: ['RFC …'],
    difficulty: 3,
    hours: 3,
    imports: [],
    timeLimit: 2000,
    memoryLimit: 192,
    performance: [{ metric: `${slug}-rate`, pass: 0.2 }],
    hints: ['A first hint.', 'A second.', 'A third.', 'A fourth.'],
  };
}

function writeAll(exercise: Exercise): string[] {
  const files: [string, string][] = [
    [exercise.statement, 'README.md'],
    [exercise.learner, 'stub.ts'],
    [exercise.stub, 'stub.ts'],
    [exercise.reference, 'reference.ts'],
    [exercise.notes, 'NOTES.md'],
    [exercise.conformance, 'conformance.test.ts'],
    [exercise.performanceSuite, 'performance.ts'],
    [path.join(exercise.suite, 'wrong.ts'), 'wrong.ts'],
    [path.join(exercise.suite, 'right/fold.ts'), 'right.ts'],
  ];
  const there = files.map(([file]) => file).filter((file) => existsSync(file));
  if (there.length > 0) throw new UsageError(`Nothing was written: ${there.map(showPath).join(', ')} exist already.`);
  for (const [file, template] of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, filled(template, exercise));
  }
  writeFileSync(exercise.cases, '[]\n');
  return [...files.map(([file]) => file), exercise.cases];
}

function filled(template: string, { id, slug, title, file, number }: Exercise): string {
  const values: Record<string, string> = { id, slug, title, file, number: String(number).padStart(2, '0') };
  const text = readFileSync(path.join(root, 'harness/template', `${template}.txt`), 'utf8');
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}

function addEntry(entry: ManifestEntry): void {
  const file = path.join(root, 'exercises/manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { exercises: ManifestEntry[] };
  manifest.exercises = [...manifest.exercises, entry].sort((a, b) => a.number - b.number);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

async function record(exercise: Exercise): Promise<void> {
  const runner = new Runner();
  const complaint = await recordCases(runner, exercise);
  await runner.close();
  if (complaint) throw new Error(complaint);
}
