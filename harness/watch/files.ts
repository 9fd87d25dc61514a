/**
 * Tells when the text of the subject has really changed: once for each save, whatever the editor does.
 *
 * An event of the platform says only that something stirred. After a moment of quiet the subject is
 * read, and what counts is its text: a touch, an identical save, a backup or a swap file change
 * nothing. Nothing is read off the event itself, so the order in which an editor renames, truncates
 * and writes does not matter, nor does the inode.
 *
 * - Editors that write in place empty the file first; others move it away first. An empty or missing
 *   file is therefore believed only after it has stayed so for a while.
 * - chokidar drops a second change within 50 ms and misses a folder whose own parent was replaced. A
 *   slow heartbeat that compares size and times finds what no event told, and a fast one does all the
 *   work where the platform tells nothing (some network and container mounts).
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { watch as chokidarWatch } from 'chokidar';
import type { Subject } from '../run/subject.ts';

export type FileEvent =
  /** The text is another than before. */
  | { type: 'saved'; subject: Subject }
  /** There is no file any more. */
  | { type: 'gone' }
  /** Changes are now looked for, not told; why. */
  | { type: 'polling'; why: string };

/** The part of chokidar that is used. */
export interface Eyes {
  on(event: 'raw' | 'all' | 'ready' | 'error', heard: (...args: unknown[]) => void): unknown;
  close(): Promise<void>;
}

export interface FileWatchOptions {
  /** The learner's file; its folder is what is watched. */
  file: string;
  /** Reads the subject afresh. */
  read: () => Subject;
  tell: (event: FileEvent) => void;
  /** Where a probe file may be written. */
  probeFolder: string;
  openEyes?: (paths: string[], ignored: (file: string) => boolean) => Eyes;
  times?: Partial<Times>;
}

interface Times {
  /** Quiet after the last event before the files are read. */
  quiet: number;
  /** An endless stream of events does not put reading off for longer than this. */
  patience: number;
  /** How long a file must stay empty or missing to be believed. */
  absence: number;
  heartbeat: number;
  polling: number;
  /** How long the platform has to tell of the probe. */
  probe: number;
}

const TIMES: Times = { quiet: 8, patience: 60, absence: 150, heartbeat: 2_000, polling: 250, probe: 1_500 };

const SCRIPT = /^[^.#].*\.[cm]?[jt]s$/;

export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #times: Times;
  readonly #folder: string;
  readonly #probe: string;
  /** Text of the subject as last told; `undefined` once it was told to be gone. */
  #told: string | undefined;
  #absentSince: number | undefined;
  #stirredAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #seen = '';
  #eyes: Eyes | undefined;
  #closed = false;
  #polls = false;
  #hearProbe: (() => void) | undefined;

  constructor(options: FileWatchOptions, known: Subject) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#folder = path.dirname(options.file);
    this.#probe = path.join(options.probeFolder, `probe-${process.pid}`);
    this.#told = existsSync(options.file) ? textOf(known) : undefined;
    this.#seen = signatureOf(this.#folder);
  }

  /** Resolves once changes are told (or, failing that, looked for). */
  async start(): Promise<void> {
    this.#beat(this.#times.heartbeat);
    const { openEyes = openChokidar } = this.#options;
    const probing = this.#canProbe();
    // The parent is watched, so that a folder that is replaced as a whole is found again.
    const parent = path.dirname(this.#folder);
    const eyes = openEyes([parent, ...(probing ? [this.#probe] : [])], (file) => !this.#concerns(parent, file));
    this.#eyes = eyes;
    const ready = new Promise<void>((resolve) => eyes.on('ready', () => resolve()));
    eyes.on('all', (_, file) => this.#hear(String(file)));
    eyes.on('raw', (_, name, details) => this.#hear(rawPath(name, details)));
    eyes.on('error', (error) => this.#poll((error as NodeJS.ErrnoException).code ?? String(error)));
    await Promise.race([ready, after(this.#times.probe)]);
    const told = probing && (await this.#probed());
    if (!told) this.#poll('the platform tells of no changes here');
    // A save while all this went on may have gone unheard.
    this.#stir();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    rmSync(this.#probe, { force: true });
    await this.#eyes?.close();
  }

  /** Reads now, as if something had stirred. */
  look(): void {
    if (this.#closed) return;
    this.#stirredAt = undefined;
    this.#seen = signatureOf(this.#folder);
    const subject = this.#options.read();
    const gone = !existsSync(this.#options.file);
    const text = gone ? undefined : textOf(subject);
    if (text === this.#told) {
      this.#absentSince = undefined;
      return;
    }
    if (gone || isHalfThere(subject)) {
      this.#absentSince ??= performance.now();
      const left = this.#absentSince + this.#times.absence - performance.now();
      if (left > 0) return this.#lookIn(left);
    }
    this.#absentSince = undefined;
    this.#told = text;
    this.#options.tell(gone ? { type: 'gone' } : { type: 'saved', subject });
  }

  #concerns(parent: string, file: string): boolean {
    return file === parent || file === this.#probe || file === this.#folder || file.startsWith(this.#folder + path.sep);
  }

  #hear(file: string): void {
    if (file === this.#probe) this.#hearProbe?.();
    else if (file === this.#folder || SCRIPT.test(path.basename(file))) this.#stir();
  }

  #stir(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#stirredAt ??= now;
    this.#lookIn(Math.max(0, Math.min(this.#times.quiet, this.#stirredAt + this.#times.patience - now)));
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), ms);
  }

  #beat(ms: number): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      if (signatureOf(this.#folder) !== this.#seen) this.#stir();
    }, ms);
  }

  #poll(why: string): void {
    if (this.#closed || this.#polls) return;
    this.#polls = true;
    this.#beat(this.#times.polling);
    this.#options.tell({ type: 'polling', why });
  }

  #canProbe(): boolean {
    try {
      mkdirSync(this.#options.probeFolder, { recursive: true });
      writeFileSync(this.#probe, '');
      return true;
    } catch {
      return false;
    }
  }

  async #probed(): Promise<boolean> {
    const heard = new Promise<boolean>((resolve) => {
      this.#hearProbe = () => resolve(true);
    });
    writeFileSync(this.#probe, String(Date.now()));
    const told = await Promise.race([heard, after(this.#times.probe).then(() => false)]);
    this.#hearProbe = undefined;
    rmSync(this.#probe, { force: true });
    return told;
  }
}

function openChokidar(paths: string[], ignored: (file: string) => boolean): Eyes {
  // `atomic` would hold deletions back by 100 ms, to guess at what the text tells for certain.
  return chokidarWatch(paths, { ignored, ignoreInitial: true, atomic: false, depth: 4 }) as unknown as Eyes;
}

/** fs.watch gives a name relative to what it watches. */
function rawPath(name: unknown, details: unknown): string {
  const watched = (details as { watchedPath?: string } | undefined)?.watchedPath ?? '';
  const base = String(name ?? '');
  return path.basename(watched) === base ? watched : path.resolve(watched, base);
}

/** All that is graded, and why it cannot be, if so. */
function textOf({ sources, problem }: Subject): string {
  return JSON.stringify([...sources, problem ?? '']);
}

/** An editor may be in the middle of a save: emptied the file, or moved it (or one that it imports) away. */
function isHalfThere({ sources, problem }: Subject): boolean {
  return problem?.type === 'unreadable' || [...sources.values()].includes('');
}

/** Changes whenever a script in the folder was written, made, moved or removed. Reads no contents. */
function signatureOf(folder: string): string {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => SCRIPT.test(path.basename(name)))
      .map((name) => `${name} ${factsOf(path.join(folder, name))}`)
      .join('\n');
  } catch {
    return 'gone';
  }
}

function factsOf(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts ? `${facts.mtimeMs} ${facts.ctimeMs} ${facts.size} ${facts.ino}` : 'gone';
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
