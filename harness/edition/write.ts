/**
 * Writes an edition for learners into a folder. Nothing there is deleted, and what a learner wrote is left as it is:
 * an exercise's file is written only where there is none, or still the stub of an earlier edition.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../errors.ts';
import { type Exercise, loadManifest, locate, root } from '../manifest.ts';
import { curriculumTable } from '../report/curriculum.ts';
import { neededByLearners } from './needed.ts';
import { lockFor, packageFacts } from './package.ts';
import { packedSuite } from './suite.ts';

/** What says that a folder holds an edition. */
const MANIFEST = 'exercises/manifest.json';
const AS_THEY_ARE = [
  ...['.editorconfig', '.gitattributes', '.gitignore', '.npmrc', '.vscode', 'LICENSE'],
  'exercises/manifest.schema.json',
];

/** Returns the exercises whose file a learner has written in, and which were therefore left alone. */
export async function writeEdition(folder: string): Promise<string[]> {
  refuseForeign(folder);
  const exercises = loadManifest();
  const edition = new Edition(folder);
  // First, so that an edition that was interrupted is known for one.
  const manifest = JSON.parse(readFileSync(path.join(root, MANIFEST), 'utf8'));
  edition.write(MANIFEST, json({ ...manifest, edition: 'learners' }));
  const { files, packages } = neededByLearners();
  for (const file of files) edition.copy(path.relative(root, file));
  for (const file of AS_THEY_ARE) edition.copy(file);
  const kept: string[] = [];
  for (const exercise of exercises) if (!(await edition.add(exercise))) kept.push(exercise.id);
  edition.write('README.md', readme(exercises));
  // Of the harness, only what an exercise imports: the rest names files that are not here.
  const compiler = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8'));
  edition.write('tsconfig.json', json({ ...compiler, include: ['exercises'], exclude: [] }));
  const facts = packageFacts(packages);
  edition.write('package.json', json(facts));
  edition.write('package-lock.json', lockFor(facts));
  return kept;
}

function refuseForeign(folder: string): void {
  if (!existsSync(folder) || isEdition(folder)) return;
  if (statSync(folder).isDirectory() && readdirSync(folder).length === 0) return;
  throw new UsageError(`${folder} is neither an empty folder nor an earlier edition: name another.`);
}

function isEdition(folder: string): boolean {
  try {
    return JSON.parse(readFileSync(path.join(folder, MANIFEST), 'utf8')).edition === 'learners';
  } catch {
    return false;
  }
}

class Edition {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  write(name: string, text: string): void {
    const file = path.join(this.#folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  copy(name: string): void {
    cpSync(path.join(root, name), path.join(this.#folder, name), { recursive: true });
  }

  /** Whether the learner's file is the stub now. */
  async add(exercise: Exercise): Promise<boolean> {
    const there = locate(exercise, this.#folder);
    const isStub = !existsSync(there.learner) || sameText(there.learner, there.stub);
    for (const [name, text] of await packedSuite(exercise)) this.write(this.#name(there.suite, name), text);
    for (const file of [exercise.stub, exercise.cases, exercise.statement]) this.copy(path.relative(root, file));
    if (isStub) this.write(this.#name(there.learner), readFileSync(exercise.stub, 'utf8'));
    return isStub;
  }

  #name(...parts: string[]): string {
    return path.relative(this.#folder, path.join(...parts));
  }
}

function sameText(one: string, other: string): boolean {
  return existsSync(other) && readFileSync(one, 'utf8') === readFileSync(other, 'utf8');
}

function readme(exercises: Exercise[]): string {
  const text = readFileSync(path.join(root, 'harness/edition/README.md.txt'), 'utf8');
  return text.replace('{{curriculum}}', () => curriculumTable(exercises));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
