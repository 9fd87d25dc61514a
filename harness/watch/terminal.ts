/**
 * The terminal: keys in, frames or lines out, and as it was before when all is over.
 *
 * A frame lives on the alternate screen, so the shell's own screen and its scrollback are never
 * touched; only lines that changed are written, in one write, so nothing flickers. `restore` is
 * synchronous and may be called any number of times: at the end, on a signal, and when Node exits for
 * whatever reason.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import { keysIn } from './keys.ts';

/** DECSET/DECRST of xterm: 1049 alternate screen, 25 cursor, 2026 one update at a time. */
const CLEAR = '\x1b[2J';
const ENTER = `\x1b[?1049h\x1b[?25l${CLEAR}`;
const LEAVE = '\x1b[?25h\x1b[?1049l';
const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';

/** What watch needs of standard input and output. */
interface Streams {
  input: ReadStream;
  output: WriteStream;
}

interface Listener {
  key(key: string): void;
  resized(): void;
}

const SIZE = { columns: 80, rows: 24 };

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #frames: boolean;
  readonly #atExit = () => this.#leave();
  #shown: string[] = [];
  #active = false;
  #lent = false;
  #over = false;
  #held: string[] = [];

  /** With frames, `draw` shows one screen; without, `append` adds lines. */
  constructor({ input, output }: Streams, frames: boolean) {
    this.#input = input;
    this.#output = output;
    this.#frames = frames;
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.#output.columns || SIZE.columns, rows: this.#output.rows || SIZE.rows };
  }

  /** Takes the terminal over: keys are heard from now on. */
  listen(hear: Listener): void {
    process.once('exit', this.#atExit);
    // A window or a pipe that was closed: nobody looks any more, so quit in good order (and not at once, as other commands do).
    this.#output.removeAllListeners('error');
    this.#output.on('error', () => hear.key('q'));
    this.#enter();
    this.#hearKeys(hear);
    this.#output.on('resize', () => {
      this.#shown = [];
      if (this.#active) this.#write(CLEAR);
      hear.resized();
    });
    process.on('SIGCONT', () => {
      if (this.#active || this.#lent) return;
      this.#enter();
      hear.resized();
    });
  }

  /** Shows these lines and nothing else. */
  draw(lines: string[]): void {
    if (!this.#active) return;
    const changes = lines.flatMap((line, i) => (line === this.#shown[i] ? [] : `\x1b[${i + 1};1H${line}\x1b[K`));
    if (lines.length < this.#shown.length) changes.push(`\x1b[${lines.length + 1};1H\x1b[J`);
    this.#shown = lines;
    if (changes.length > 0) this.#write(BEGIN_UPDATE + changes.join('') + END_UPDATE);
  }

  append(lines: string[]): void {
    if (this.#lent) this.#held.push(...lines);
    else if (lines.length > 0) this.#output.write(lines.map((line) => `${line}\n`).join(''));
  }

  restore(): void {
    this.#over = true;
    this.#leave();
    process.off('exit', this.#atExit);
    this.#input.pause();
    this.#input.unref?.();
  }

  /** Stops the whole job, as the shell does on Ctrl-Z, until it is continued. */
  suspend(): void {
    this.#leave();
    process.kill(0, 'SIGTSTP');
  }

  get isLent(): boolean {
    return this.#lent;
  }

  /** Gives the terminal to another program; takes it back, and catches up on lines, when that has ended. */
  async lend<T>(use: () => Promise<T>): Promise<T> {
    this.#leave();
    this.#lent = true;
    this.#input.pause();
    try {
      return await use();
    } finally {
      this.#lent = false;
      if (!this.#over) this.#takeBack();
    }
  }

  #takeBack(): void {
    this.#input.resume();
    this.#enter();
    this.append(this.#held.splice(0));
  }

  #hearKeys({ key }: Listener): void {
    if (!this.#input.isTTY) return;
    this.#input.setEncoding('utf8');
    this.#input.on('error', () => {});
    this.#input.on('data', (text) => {
      for (const one of keysIn(String(text))) key(one);
    });
    // The terminal itself has gone (its window was closed): SIGHUP may never come.
    this.#input.on('end', () => key('q'));
    this.#input.resume();
  }

  #enter(): void {
    this.#active = true;
    this.#shown = [];
    this.#raw(true);
    this.#write(ENTER);
  }

  #leave(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#write(LEAVE);
    this.#raw(false);
  }

  #raw(on: boolean): void {
    try {
      if (this.#input.isTTY) this.#input.setRawMode(on);
    } catch {
      // EIO: the terminal has gone, and with it what there was to restore.
    }
  }

  /** Node writes to a terminal synchronously (on POSIX), so this works while the process ends. */
  #write(control: string): void {
    if (this.#frames) this.#output.write(control);
  }
}
