/**
 * A real terminal for tests: a tmux server of its own with one window, in which a shell runs.
 *
 * Where tmux is missing these tests are left out, and say so; CI installs it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.warn('\n  !! tmux is missing: what watch does in a real terminal is NOT tested here !!\n');

const POLL_MS = 50;
const LIMIT_MS = 40_000;

let count = 0;

export class Window {
  readonly #server = `wirekata-test-${process.pid}-${++count}`;

  constructor(folder: string, { columns = 80, rows = 24, env = {} as Record<string, string> } = {}) {
    const set = Object.entries({ PS1: 'shell$ ', TERM: 'xterm-256color', ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const unset = ['CI', 'NO_COLOR', 'FORCE_COLOR'].filter((name) => !(name in env)).flatMap((name) => ['-u', name]);
    const size = ['-x', String(columns), '-y', String(rows)];
    const shell = ['env', ...unset, ...set, 'bash', '--norc', '--noprofile'];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', folder, ...shell);
  }

  /** Types text, or names of keys as tmux knows them (`Enter`, `C-c`). */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  run(command: string): void {
    this.press(command, 'Enter');
  }

  screen(): string {
    return this.#tmux('capture-pane', '-p').replace(/[ \n]+$/gm, (end) => end.replaceAll(' ', ''));
  }

  /** With colours. */
  painted(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** All that can be scrolled back to, and the screen. */
  history(): string {
    return this.#tmux('capture-pane', '-p', '-S', '-');
  }

  get cursorIsShown(): boolean {
    return this.#tmux('display-message', '-p', '#{cursor_flag}').trim() === '1';
  }

  get isAlternate(): boolean {
    return this.#tmux('display-message', '-p', '#{alternate_on}').trim() === '1';
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Waits for what a learner would wait for: something on the screen. */
  async until(pattern: RegExp | ((screen: string) => boolean)): Promise<string> {
    const limit = Date.now() + LIMIT_MS;
    for (;;) {
      const screen = this.screen();
      if (typeof pattern === 'function' ? pattern(screen) : pattern.test(screen)) return screen;
      if (Date.now() > limit) throw new Error(`no ${pattern} in ${LIMIT_MS / 1000} s; the screen:\n${screen}`);
      await sleep(POLL_MS);
    }
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#server, 'kill-server']);
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#server, ...args], { encoding: 'utf8' });
  }
}
