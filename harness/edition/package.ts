/**
 * package.json and package-lock.json of an edition for learners: the kit's own, cut down to the packages and
 * scripts that learners need, at the same versions.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KitFault } from '../errors.ts';
import { root } from '../manifest.ts';
import { LEARNERS_COMMANDS } from './needed.ts';

type Facts = Record<string, unknown>;
type Named = Record<string, string>;

/** Kept as they are. */
const KEPT = ['name', 'version', 'description', 'private', 'license', 'type', 'engines', 'bin', 'exports'];
/** The type checker asks for it, no import does. */
const TYPES = '@types/node';

export function packageFacts(packages: string[]): Facts {
  const kit: Facts = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const versions = { ...(kit.devDependencies as Named), ...(kit.dependencies as Named) };
  const missing = packages.find((name) => !versions[name]);
  if (missing) throw new KitFault(`learners’ commands import “${missing}”, which package.json does not name`);
  return {
    ...only(kit, KEPT),
    scripts: only(kit.scripts as Named, LEARNERS_COMMANDS),
    dependencies: only(versions, [...packages, TYPES].sort()),
  };
}

function only<T>(facts: Record<string, T>, names: string[]): Record<string, T> {
  return Object.fromEntries(names.flatMap((name) => (name in facts ? [[name, facts[name] as T]] : [])));
}

/** npm itself takes out of the kit's lock file what `facts` does not need. It asks no registry for that. */
export function lockFor(facts: Facts): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'wirekata-pack-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(facts));
    copyFileSync(path.join(root, 'package-lock.json'), path.join(folder, 'package-lock.json'));
    const options = ['--package-lock-only', '--ignore-scripts', '--offline', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    return readFileSync(path.join(folder, 'package-lock.json'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
