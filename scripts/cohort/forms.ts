/** The forms in which submissions come: a clone, an exercises folder, a .tgz, a .zip, a bare repository. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';
import { create as createTar } from 'tar';

/** Each makes a submission out of a clone `DIR/NAME`, which is used up, and returns its path. */
type Form = (clone: string) => string;

export const FORMS: Record<string, Form> = {
  clone: (clone) => clone,
  exercises: (clone) => {
    const aside = `${clone}.aside`;
    renameSync(clone, aside);
    renameSync(path.join(aside, 'exercises'), clone);
    rmSync(aside, { recursive: true });
    return clone;
  },
  tgz: (clone) => {
    const file = `${clone}.tgz`;
    createTar({ sync: true, gzip: true, file, cwd: path.dirname(clone) }, [path.basename(clone)]);
    return used(clone, file);
  },
  zip: (clone) => {
    const file = `${clone}.zip`;
    writeFileSync(file, zipSync(bytesBelow(clone)));
    return used(clone, file);
  },
  bare: (clone) => {
    const file = `${clone}.git`;
    const author = ['-c', 'user.name=Learner', '-c', 'user.email=learner@example.org', '-c', 'commit.gpgsign=false'];
    const git = (...args: string[]) => execFileSync('git', ['-C', clone, ...author, ...args], { stdio: 'pipe' });
    git('init', '-q');
    git('add', '-A', '-f');
    git('commit', '-q', '-m', 'My work');
    git('clone', '-q', '--bare', '.', path.resolve(file));
    return used(clone, file);
  },
};

function used(clone: string, submission: string): string {
  rmSync(clone, { recursive: true });
  return submission;
}

function bytesBelow(clone: string): Record<string, Uint8Array> {
  const home = path.dirname(clone);
  const files = readdirSync(clone, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(home, file), readFileSync(file)];
    }),
  );
}

/** A submission that is none: an archive that was cut short. */
export function brokenArchive(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, Buffer.from('1f8b0800000000000003', 'hex'));
}
