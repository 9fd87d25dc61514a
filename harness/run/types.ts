/**
 * What the type checker says of a subject. Types are erased before anything runs, so this is a note
 * beside the verdict: it is asked for in parallel with the run and never decides anything.
 *
 * TypeScript 7 answers through a server process of its own (≈ 10 ms once warm). That interface is
 * marked unstable, so `tsc` stands ready behind it. Only the subject and what it imports are checked:
 * a small project file in `.kata/` names it and takes its options from the kit's tsconfig.json.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { API } from 'typescript/unstable/async';
import { root } from '../manifest.ts';
import type { Location } from './events.ts';
import { positionAt } from './module-facts.ts';

export interface TypeNote {
  /** `TS2322`. */
  code: string;
  message: string;
  at: Location;
}

const TSC = path.join(root, 'node_modules/typescript/lib/tsc.js');

type LoadApi = () => Promise<{ API: new (options: { cwd: string }) => API }>;

const loadApi: LoadApi = () => import('typescript/unstable/async');

export class TypeChecker {
  readonly #entry: string;
  readonly #load: LoadApi;
  readonly #config: string;
  #api: API | undefined;
  /** Questions are answered one after another: each is a snapshot that builds on the one before. */
  #last: Promise<unknown> = Promise.resolve();
  #broken = false;

  constructor(entry: string, folder = path.join(root, '.kata'), load = loadApi) {
    this.#entry = entry;
    this.#load = load;
    this.#config = path.join(folder, 'types', `${path.relative(root, entry).replace(/\W+/g, '-')}.json`);
  }

  /** Notes on `files`, in their order. Empty where nothing can be said; never rejects. */
  async notes(files: string[]): Promise<TypeNote[]> {
    // Beyond the clone neither `wirekata` nor Node's types would be found.
    if (!this.#entry.startsWith(root)) return [];
    const answer = this.#last.then(() => this.#ask(files));
    this.#last = answer;
    return answer;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#api?.close().catch(() => {});
    this.#api = undefined;
  }

  async #ask(files: string[]): Promise<TypeNote[]> {
    try {
      if (!this.#broken) return await this.#askServer(files);
    } catch {
      this.#broken = true;
    }
    return askCompiler(this.#config, files).catch(() => []);
  }

  async #askServer(files: string[]): Promise<TypeNote[]> {
    const first = this.#api === undefined;
    if (!this.#api) {
      writeConfig(this.#config, this.#entry);
      const { API } = await this.#load();
      this.#api = new API({ cwd: root });
    }
    const change = first ? { openProjects: [this.#config] } : { fileChanges: { changed: files } };
    const snapshot = await this.#api.updateSnapshot(change);
    try {
      const program = snapshot.getProject(this.#config)?.program;
      if (!program) throw new Error('the project was not opened');
      const found: TypeNote[] = [];
      for (const file of files) {
        const source = readFileSync(file, 'utf8');
        for (const { code, text, pos, messageChain } of await program.getSemanticDiagnostics(file)) {
          const message = [text, ...(messageChain ?? []).map((one) => one.text)].join(' ');
          found.push({ code: `TS${code}`, message, at: positionAt(file, source, pos) });
        }
      }
      return found;
    } finally {
      await snapshot.dispose();
    }
  }
}

/** Notes on one subject, once. */
export async function typeNotes(files: string[]): Promise<TypeNote[]> {
  const [entry] = files;
  if (entry === undefined) return [];
  const checker = new TypeChecker(entry);
  try {
    return await checker.notes(files);
  } finally {
    await checker.close();
  }
}

function writeConfig(file: string, entry: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  // A local that is not used yet is no mistake while one writes.
  const compilerOptions = { noUnusedLocals: false };
  const config = { extends: path.join(root, 'tsconfig.json'), compilerOptions, files: [entry], include: [] };
  writeFileSync(file, JSON.stringify(config));
}

async function askCompiler(config: string, files: string[]): Promise<TypeNote[]> {
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [TSC, '-p', config, '--pretty', 'false'], { cwd: root }, (_, stdout) => resolve(stdout));
  });
  return output.split('\n').flatMap((line) => {
    const [, file = '', row, column, code = '', message = ''] =
      /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line) ?? [];
    const absolute = path.resolve(root, file);
    if (!files.includes(absolute)) return [];
    return [{ code, message, at: { file: absolute, line: Number(row), column: Number(column) } }];
  });
}
