/**
 * What learners need of the harness: the files that their commands import, directly or not, and the packages.
 *
 * Nothing else goes into an edition, so that what is added for instructors stays with them by itself.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { parseAst } from 'vitest/node';
import { root } from '../manifest.ts';
import { type Node, walk } from '../run/module-facts.ts';

export const LEARNERS_COMMANDS = ['next', 'watch', 'check', 'list', 'hint', 'reset', 'compare', 'replay'];

/** Names commands of which an edition has but some. */
const COMMANDS = path.join(root, 'harness/cli.ts');

export interface Needed {
  /** Absolute paths. */
  files: string[];
  packages: string[];
}

export function neededByLearners(): Needed {
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = entries();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) pending.push(path.resolve(path.dirname(file), specifier));
      else if (isPackage(specifier)) packages.add(packageOf(specifier));
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** Suites import the kit, a child is given its files by name, and hooks are named to Node: no import leads there. */
function entries(): string[] {
  const commands = LEARNERS_COMMANDS.map((name) => `harness/commands/${name}.ts`);
  return [
    ...['harness/bin.mjs', 'harness/typescript-hooks.mjs', ...commands].map((file) => path.join(root, file)),
    ...filesBelow('harness/kit'),
    ...filesBelow('harness/run/child'),
  ];
}

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Of types as well, so that an editor finds everything. */
function importsOf(file: string): string[] {
  const specifiers: string[] = [];
  walk(parseAst(readFileSync(file, 'utf8'), { lang: 'ts' }) as unknown as Node, (node) => {
    if (node.type === 'ImportExpression' && file === COMMANDS) return;
    const source = /^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(node.type) ? node.source : undefined;
    const value = (source as Node | null | undefined)?.value;
    if (typeof value === 'string') specifiers.push(value);
  });
  return specifiers;
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith('#') && specifier !== 'wirekata' && !isBuiltin(specifier);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
