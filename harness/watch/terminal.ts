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
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';

/** What watch needs of standard input and output. */
export interface Streams {
  input: ReadStream;
  output: WriteStream;
}

export interface Terminal {
  readonly size: { columns: number; rows: number };
  /** Keys from now on. */
  listen(hear: { key: (key: string) => void; resized: () => void }): void;
  /** Shows these lines and nothing else. Only with frames. */
  draw(lines: string[]): void;
  /** Adds lines at the end. Only without frames. */
  append(lines: string[]): void;
  restore(): void;
  /** Stops the whole job, as the shell does on Ctrl-Z, until it is continued. */
  suspend(): void;
}

const SIZE = { columns: 80, rows: 24 };

export function openTerminal({ input, output }: Streams, frames: boolean): Terminal {
  let shown: string[] = [];
  let active = false;
  const raw = (on: boolean) => {
    try {
      if (input.isTTY) input.setRawMode(on);
    } catch {
      // EIO: the terminal has gone, and with it what there was to restore.
    }
  };
  // Node writes to a terminal synchronously (on POSIX), so this works while the process ends.
  const write = (text: string) => output.write(text);

  function enter(): void {
    active = true;
    shown = [];
    raw(true);
    if (frames) write(ENTER);
  }

  function restore(): void {
    if (!active) return;
    active = false;
    if (frames) write(LEAVE);
    raw(false);
  }

  const atExit = () => restore();
  return {
    get size() {
      return { columns: output.columns || SIZE.columns, rows: output.rows || SIZE.rows };
    },
    listen({ key, resized }) {
      process.once('exit', atExit);
      // A window or a pipe that was closed: nobody looks any more, so quit in good order (and not at once, as other commands do).
      output.removeAllListeners('error');
      output.on('error', () => key('q'));
      enter();
      if (input.isTTY) {
        input.setEncoding('utf8');
        input.on('error', () => {});
        input.on('data', (text) => keysIn(String(text)).forEach(key));
        // The terminal itself has gone (its window was closed): SIGHUP may never come.
        input.on('end', () => key('q'));
        input.resume();
      }
      output.on('resize', () => {
        shown = [];
        if (frames && active) write('\x1b[2J');
        resized();
      });
      process.on('SIGCONT', () => {
        if (active) return;
        enter();
        resized();
      });
    },
    draw(lines) {
      if (!active) return;
      const changes = lines.flatMap((line, i) => (line === shown[i] ? [] : `\x1b[${i + 1};1H${line}\x1b[K`));
      if (lines.length < shown.length) changes.push(`\x1b[${lines.length + 1};1H\x1b[J`);
      shown = lines;
      if (changes.length > 0) write(BEGIN_UPDATE + changes.join('') + END_UPDATE);
    },
    append(lines) {
      if (lines.length > 0) write(lines.map((line) => `${line}\n`).join(''));
    },
    restore() {
      restore();
      process.off('exit', atExit);
      input.pause();
      input.unref?.();
    },
    suspend() {
      restore();
      process.kill(0, 'SIGTSTP');
    },
  };
}
