/**
 * The subject: which file is under test, and what its source may not contain.
 *
 * The whole module graph of the subject is read and inspected here, before a child sees it, and the
 * resolver later serves exactly the text that was inspected. What cannot be seen in the source is
 * closed in the child (child/guard.ts).
 */
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseAst } from 'vitest/node';
import type { WrongEdit } from '../kit/wrong.ts';
import type { Exercise } from '../manifest.ts';
import type { Location, ParentEvent } from './events.ts';
import { LARGEST } from './largest.ts';
import { type ModuleFacts, missingExports, moduleFacts, positionAt } from './module-facts.ts';

/** Another exercise's module that the subject is built on. */
export interface Part {
  exercise: string;
  file: string;
  whose: 'yours' | 'reference';
}

export interface Subject {
  /** How the output names it: `learner`, `reference`, `stub`, `wrong:ID`, or a path. */
  name: string;
  /** Absolute path of the entry module. */
  file: string;
  /** Source text by absolute path, the entry first. */
  sources: Map<string, string>;
  parts: Part[];
  /** Why it cannot be run, if so. */
  problem: ParentEvent | undefined;
}

/** Chooses the module for an exercise that the subject imports. */
export type ChoosePart = (exerciseId: string) => Part | undefined;

export interface SubjectOptions {
  name: string;
  file: string;
  /** An edit to apply to the entry's text (a known-wrong). */
  edit?: WrongEdit;
  choosePart?: ChoosePart;
}

/** Reads and inspects a subject. Never throws for anything that a learner can do to a file. */
export function readSubject(exercise: Exercise, options: SubjectOptions): Subject {
  const subject: Subject = {
    name: options.name,
    file: options.file,
    sources: new Map(),
    parts: [],
    problem: undefined,
  };
  const inspection = new Inspection(exercise, options, subject);
  inspection.visit(options.file);
  return subject;
}

class Inspection {
  readonly #exercise: Exercise;
  readonly #options: SubjectOptions;
  readonly #subject: Subject;

  constructor(exercise: Exercise, options: SubjectOptions, subject: Subject) {
    this.#exercise = exercise;
    this.#options = options;
    this.#subject = subject;
  }

  visit(file: string): void {
    if (this.#subject.problem || this.#subject.sources.has(file)) return;
    const read = readSource(file);
    if (typeof read !== 'string') return this.#stop(read);
    const source = this.#edited(file, read);
    if (source === undefined) return;
    this.#subject.sources.set(file, source);
    const facts = this.#parse(file, source);
    if (!facts) return;
    for (const use of facts.refused)
      this.#stop({ type: 'refused', what: use.what, at: positionAt(file, source, use.at) });
    for (const { specifier, at } of facts.imports) this.#follow(file, source, specifier, at);
    if (file === this.#subject.file) this.#checkExports(facts);
  }

  #edited(file: string, source: string): string | undefined {
    const { edit } = this.#options;
    if (!edit || file !== this.#subject.file) return source;
    const count = source.split(edit.find).length - 1;
    if (count === 1) return source.replace(edit.find, () => edit.replace);
    const message = `known-wrong “${edit.id}”: its text to find stands ${count} times in the reference, not once`;
    this.#stop({ type: 'kit-fault', message });
    return undefined;
  }

  #parse(file: string, source: string): ModuleFacts | undefined {
    try {
      return moduleFacts(parseAst(source, { lang: 'ts' }));
    } catch (error) {
      this.#stop({ type: 'does-not-compile', ...syntaxError(error as Error & { pos?: number }, file, source) });
      return undefined;
    }
  }

  #follow(importer: string, source: string, specifier: string, at: number): void {
    const refuse = (what: string) => this.#stop({ type: 'refused', what, at: positionAt(importer, source, at) });
    if (specifier === 'wirekata') return;
    if (specifier.startsWith('.')) return this.#followRelative(importer, specifier, refuse);
    const builtin = specifier.startsWith('node:') ? specifier : `node:${specifier}`;
    if (this.#exercise.imports.includes(builtin)) return;
    const allowed = ['wirekata', ...this.#exercise.imports].join(', ');
    refuse(`import of “${specifier}” (this exercise may import ${allowed}, and files beside it)`);
  }

  #followRelative(importer: string, specifier: string, refuse: (what: string) => void): void {
    if (specifier.includes('?')) return refuse(`import of “${specifier}” (a query)`);
    const target = path.resolve(path.dirname(importer), specifier);
    const home = path.dirname(this.#subject.file);
    const sibling = path.basename(path.dirname(target));
    if (path.dirname(path.dirname(target)) === path.dirname(home) && path.dirname(target) !== home) {
      const part = this.#exercise.requires.length > 0 ? this.#options.choosePart?.(sibling) : undefined;
      if (!part) return refuse(`import of “${specifier}” (the file of an exercise that this one does not require)`);
      this.#subject.parts.push(part);
      return;
    }
    if (!inside(home, target) || !inside(realOf(home), realOf(target))) {
      return refuse(`import of “${specifier}”, which lies outside the exercise's folder`);
    }
    // Style sheets, for one, vite would read with all that they import.
    if (!/\.[cm]?[jt]s$/.test(target)) return refuse(`import of “${specifier}” (only .ts and .js files may be)`);
    this.visit(target);
  }

  #checkExports(facts: ModuleFacts): void {
    const missing = missingExports(facts, this.#exercise.exports);
    if (missing.length === 0) return;
    const message = missing.map(({ name, near }) => `no export named “${name}”${near ? ` (there is “${near}”)` : ''}`);
    this.#stop({
      type: 'does-not-compile',
      message: message.join('; '),
      at: { file: this.#subject.file, line: 1, column: 1 },
    });
  }

  #stop(problem: ParentEvent): void {
    this.#subject.problem ??= problem;
  }
}

function readSource(file: string): string | ParentEvent {
  try {
    const facts = statSync(file);
    if (facts.isDirectory()) return unreadable(`${file} is a directory, not a file`);
    if (!facts.isFile()) return unreadable(`${file} is not a regular file`);
    if (facts.size > LARGEST)
      return unreadable(`${file} is ${Math.round(facts.size / 2 ** 20)} MB; at most 1 MB is read`);
    const source = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    if (source.includes('\0')) return unreadable(`${file} is not UTF-8 text: it holds a NUL byte`);
    return source;
  } catch (error) {
    return unreadable(reasonUnreadable(file, error as NodeJS.ErrnoException));
  }
}

function reasonUnreadable(file: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return isDanglingLink(file) ? `${file} is a link to nothing` : `${file} does not exist`;
  if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return `${file} is not UTF-8 text`;
  return `${file} cannot be read (${error.code ?? error.message})`;
}

function isDanglingLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function unreadable(message: string): ParentEvent {
  return { type: 'unreadable', message };
}

function syntaxError(
  error: Error & { pos?: number },
  file: string,
  source: string,
): { message: string; at?: Location } {
  const lines = error.message.split('\n').filter((line) => line.trim() !== '' && !/^Parse failed with/.test(line));
  const message = lines[0] ?? 'syntax error';
  const pos = error.pos ?? positionInMessage(error.message);
  return { message: message.trim(), ...(pos === undefined ? {} : { at: positionAt(file, source, pos) }) };
}

function positionInMessage(message: string): number | undefined {
  const offset = /\boffset (\d+)/.exec(message)?.[1];
  return offset === undefined ? undefined : Number(offset);
}

function inside(folder: string, file: string): boolean {
  return file.startsWith(folder + path.sep);
}

function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
