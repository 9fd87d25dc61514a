/**
 * A clone of the kit in a temporary folder, for tests that change files, state or the manifest. Holds
 * what git would give a learner, with the same node_modules.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../manifest.ts';

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of the kit in `cwd` as a learner would, without a terminal. Never rejects. */
export function runKit(cwd: string, args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 2 ** 26 };
    execFile(process.execPath, ['harness/bin.mjs', ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

export class Clone {
  readonly root: string;

  constructor(name = 'kit') {
    this.root = path.join(mkdtempSync(path.join(tmpdir(), 'wirekata-test-')), name);
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const file of listed.toString().split('\0').filter(Boolean)) {
      const target = this.path(file);
      mkdirSync(path.dirname(target), { recursive: true });
      // A file that is listed may just have been deleted.
      cpSync(path.join(root, file), target, { force: true });
    }
    symlinkSync(path.join(root, 'node_modules'), this.path('node_modules'));
  }

  path(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  write(file: string, text: string | Uint8Array): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
  }

  run(args: string[], env: Record<string, string> = {}): Promise<Finished> {
    return runKit(this.root, args, env);
  }

  remove(): void {
    rmSync(path.dirname(this.root), { recursive: true, force: true });
  }
}
