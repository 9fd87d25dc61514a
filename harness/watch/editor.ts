/**
 * The learner's editor: which one it is, how it is told a file and a line, and whether it has a window of
 * its own or needs the terminal.
 *
 * $VISUAL goes before $EDITOR, and both are shell commands with arguments, as git takes them. In the terminal of
 * VS Code the files open in its own window, unless the variables name another window.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { SIGNALS } from '../errors.ts';
import type { Location } from '../run/events.ts';

export interface Editor {
  /** A shell command; the files follow it as arguments. */
  command: string;
  /** Opens a window and lets the terminal be; otherwise it takes the terminal until it ends. */
  hasWindow: boolean;
  /** Its arguments for a file at a place, and for more files beside it. */
  arguments(at: Location, beside: string[]): string[];
}

/** How it ended. */
export interface Ending {
  /** What went wrong, if anything did. */
  wrong?: string;
  /** By Ctrl-C, which the terminal sends to all of its processes. */
  interrupted?: boolean;
}

type Way = Omit<Editor, 'command'>;

const WINDOW: Way = { hasWindow: true, arguments: ({ file }, beside) => [...beside, file] };
const WITH_LINE: Way = { hasWindow: true, arguments: (at, beside) => [...beside, joined(at)] };
const LIKE_CODE: Way = { hasWindow: true, arguments: (at, beside) => ['-r', ...beside, '-g', joined(at)] };
/** One file at a time: what is beside it would only have to be left as well, and `s` shows the statement. */
const TERMINAL: Way = { hasWindow: false, arguments: ({ file }) => [file] };
const TERMINAL_PLUS: Way = { hasWindow: false, arguments: ({ file, line }) => [`+${line}`, file] };
const TERMINAL_COLON: Way = { hasWindow: false, arguments: (at) => [joined(at)] };

const WAYS: Record<string, Way> = {
  ...named(LIKE_CODE, 'code', 'code-insiders', 'codium', 'code-server', 'cursor', 'windsurf'),
  ...named(WITH_LINE, 'subl', 'zed', 'zeditor'),
  ...named(WINDOW, 'gedit', 'gnome-text-editor', 'kate', 'kwrite', 'mousepad', 'xed', 'mate', 'bbedit', 'gvim', 'mvim'),
  ...named(WINDOW, 'emacsclient', 'idea', 'webstorm'),
  ...named(TERMINAL_PLUS, 'vi', 'vim', 'nvim', 'nano', 'emacs', 'mg', 'joe', 'ne', 'micro', 'kak'),
  ...named(TERMINAL_COLON, 'hx', 'helix'),
};

function named(way: Way, ...names: string[]): Record<string, Way> {
  return Object.fromEntries(names.map((name) => [name, way]));
}

function joined({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}

export function chooseEditor({ VISUAL, EDITOR, TERM_PROGRAM }: NodeJS.ProcessEnv): Editor | undefined {
  const command = [VISUAL, EDITOR].find((one) => one?.trim())?.trim();
  const chosen = command === undefined ? undefined : { command, ...wayOf(command) };
  if (TERM_PROGRAM === 'vscode' && !chosen?.hasWindow) return { command: 'code', ...LIKE_CODE };
  return chosen;
}

/** By the name of the program: the last part of the first word. A terminal editor that asks for a window gets one. */
function wayOf(command: string): Way {
  const [program = '', ...args] = command.split(/\s+/);
  const name = path.basename(program);
  const wantsTerminal = name === 'emacsclient' && args.some((arg) => /^(-t|-nw|--tty)$/.test(arg));
  return wantsTerminal ? TERMINAL_PLUS : (WAYS[name] ?? TERMINAL);
}

/**
 * Starts it; one in the terminal is ended when `over` says so. With a window, it lives on for itself, and the promise
 * is settled when its command ends: at once with most, with `--wait` when the file is closed.
 */
export function startEditor(editor: Editor, at: Location, beside: string[], over: AbortSignal): Promise<Ending> {
  const { command, hasWindow } = editor;
  const child = spawn('sh', ['-c', `${command} "$@"`, 'sh', ...editor.arguments(at, beside)], {
    stdio: hasWindow ? 'ignore' : 'inherit',
    detached: hasWindow,
    ...(!hasWindow && { signal: over }),
  });
  if (hasWindow) child.unref();
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ wrong: `${command} could not be started: ${error.message}` }));
    child.once('exit', (code, signal) => {
      // 126 and 127 are the shell's: not executable, not found. A shell may also tell a signal as an exit code.
      if (code === 126 || code === 127)
        resolve({ wrong: `there is no command “${command}”: set EDITOR to the one you use` });
      else if (signal === 'SIGINT' || code === SIGNALS.SIGINT) resolve({ interrupted: true });
      else resolve(code ? { wrong: `${command} ended with exit code ${code}` } : {});
    });
  });
}
