/** What belongs to a suite besides its cases: its version, its known-wrong and its second correct designs. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { KitFault } from './errors.ts';
import type { WrongEdit } from './kit/wrong.ts';
import { type Exercise, root } from './manifest.ts';

/** Version of the kit, as in package.json. */
export const kitVersion: string = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;

/** A known-wrong implementation that is a file of its own. */
export interface WrongFile {
  id: string;
  bug: string;
  caughtBy: string;
  file: string;
}

export type KnownWrong = WrongEdit | WrongFile;

/** A packed suite keeps the version of the readable one here, so that instructor and learners speak of the same. */
export const PACKED_HASH = 'version';

/**
 * Version of a suite: changes when anything that grades changes. The list of known-wrong files does
 * not grade learners, so it does not count.
 */
export function suiteHash(exercise: Exercise): string {
  if (exercise.packed) return readFileSync(path.join(exercise.suite, PACKED_HASH), 'utf8').trim();
  const hash = createHash('sha256');
  for (const file of gradingFiles(exercise.suite)) {
    hash.update(path.relative(exercise.suite, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

function gradingFiles(suite: string): string[] {
  const skipped = new Set(['wrong', 'right', 'wrong.ts', 'stub.ts', 'equivalent.ts']);
  const top = readdirSync(suite, { withFileTypes: true }).filter(({ name }) => !skipped.has(name));
  return top
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(path.join(suite, entry.name)) : [path.join(suite, entry.name)],
    )
    .sort();
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** All known-wrong implementations: the edits first, then the whole files. */
export async function knownWrong(exercise: Exercise): Promise<KnownWrong[]> {
  const list = path.join(exercise.suite, 'wrong.ts');
  const edits: WrongEdit[] = existsSync(list) ? (await import(pathToFileURL(list).href)).default : [];
  return [...edits, ...filesIn(path.join(exercise.suite, 'wrong')).map(readHeader)];
}

/** Second correct designs. */
export function alsoRight(exercise: Exercise): string[] {
  return filesIn(path.join(exercise.suite, 'right'));
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => path.join(folder, name));
}

function readHeader(file: string): WrongFile {
  const head = readFileSync(file, 'utf8').split('*/')[0] ?? '';
  const fact = (label: string): string => {
    const value = new RegExp(`^ \\* ${label}: (.+)$`, 'm').exec(head)?.[1];
    if (value === undefined) throw new KitFault(`${path.basename(file)}: its header lacks the line “ * ${label}: …”`);
    return value.trim();
  };
  return { id: fact('wrong'), bug: fact('bug'), caughtBy: fact('caught by'), file };
}
