/**
 * One child process: forked ahead, used for one run, killed with its whole group.
 *
 * The child is untrusted. It has its own process group, a heap limit, Node's permission flags, no
 * standard input, and an environment of four variables. Its two outputs are kept up to a cap. For
 * strangers' code a sandbox stands around all of that.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { distDir, rootDir } from 'vitest/node';
import { root } from '../manifest.ts';
import { closeAll, type Sandbox } from './sandbox.ts';

const OUTPUT_CAP = 64 * 1024;
/** Of two names for one number the first: SIGABRT, not SIGIOT. */
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number as number, name]),
);
const [major = 20, minor = 0] = process.versions.node.split('.').map(Number);

export interface Kind {
  /** Heap, in MB. */
  memoryLimit: number;
  /** It may start processes: only where no subject is in it, but in those. */
  mayStart: boolean;
}

/** However this process ends, except by SIGKILL, its children end with it at once. The reaper does the rest. */
const living = new Set<Child>();
process.on('exit', () => {
  for (const child of living) child.kill();
});

export class Child {
  readonly process: ChildProcess;
  readonly #sandbox: Sandbox | undefined;
  readonly #reaper: ChildProcess;
  #output = '';
  #cut = 0;

  /** What differs from one child to the next. */
  readonly kind: Kind;

  constructor(kind: Kind, sandbox?: Sandbox) {
    this.kind = kind;
    this.#sandbox = sandbox;
    this.process = start(execArgv(kind), sandbox);
    this.process.on('error', () => {});
    this.channel.on('error', () => {});
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (data: Buffer) => this.#keep(data.toString('utf8')));
    }
    this.#reaper = armReaper(this.process);
    living.add(this);
    this.process.once('exit', () => living.delete(this));
    this.hide();
  }

  /** The marker channel, both ways. */
  get channel(): Duplex {
    return this.process.stdio[4] as Duplex;
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null && this.process.connected;
  }

  get isSandboxed(): boolean {
    return this.#sandbox !== undefined;
  }

  /** How it ended. A sandbox tells of a signal as a shell does, by a code of 128 and its number. */
  how(code: number | null, signal: string | null): { code: number | null; signal: string | null } {
    const name = this.#sandbox && code !== null && code > 128 ? SIGNAL_NAMES.get(code - 128) : undefined;
    return name ? { code: null, signal: name } : { code, signal };
  }

  /** What it printed so far, and how many characters were dropped. */
  get output(): { text: string; cut: number } {
    return { text: this.#output, cut: this.#cut };
  }

  /** A spare must not keep the parent from ending. */
  hide(): void {
    this.process.unref();
    this.process.channel?.unref();
    for (const stream of this.process.stdio) (stream as unknown as { unref?: () => void } | null)?.unref?.();
  }

  show(): void {
    this.process.ref();
    this.process.channel?.ref();
    for (const stream of this.process.stdio) (stream as unknown as { ref?: () => void } | null)?.ref?.();
  }

  /** SIGKILL to the whole group: nothing that the subject started survives it. */
  kill(): void {
    try {
      process.kill(-(this.process.pid as number), 'SIGKILL');
    } catch {
      // ESRCH: it has gone already.
    }
    this.#reaper.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined) return;
    await new Promise((resolve) => this.process.once('exit', resolve));
  }

  #keep(text: string): void {
    const room = OUTPUT_CAP - this.#output.length;
    this.#output += text.slice(0, room);
    this.#cut += Math.max(0, text.length - room);
  }
}

function start(nodeArgv: string[], sandbox: Sandbox | undefined): ChildProcess {
  const command = [process.execPath, ...nodeArgv];
  const [execPath = '', ...argv] = sandbox?.command(command) ?? command;
  const opened = sandbox?.descriptors() ?? [];
  const child = fork(path.join(distDir, 'workers/forks.js'), [], {
    ...sandbox?.identity,
    // Another user need not be able to enter the kit's folder.
    cwd: sandbox ? '/' : root,
    env: { NODE_ENV: 'test', TEST: 'true', VITEST: 'true', NO_COLOR: '1' },
    execPath,
    execArgv: argv,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe', ...opened],
    serialization: 'advanced',
    detached: true,
  });
  closeAll(opened);
  return child;
}

/**
 * The young generation is kept at what it is in Node 20, two halves of 16 MB: in Node 24 it grows to 128 MB, and an
 * endless loop that makes garbage would pass for want of memory.
 */
function execArgv({ memoryLimit, mayStart }: Kind): string[] {
  return [
    '--experimental-import-meta-resolve',
    '--require',
    path.join(rootDir, 'suppress-warnings.cjs'),
    `--max-old-space-size=${memoryLimit}`,
    '--max-semi-space-size=16',
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    ...permissions(),
    ...(mayStart ? ['--allow-child-process'] : []),
  ];
}

/** Node's permission model: read node_modules, nothing else. The flag lost its prefix in 22.13 and gained the network in 25. */
function permissions(): string[] {
  const flag = major > 22 || (major === 22 && minor >= 13) ? '--permission' : '--experimental-permission';
  // Modules are found by their real path, which differs where node_modules is a link.
  const modules = new Set([path.join(root, 'node_modules'), realpathSync(path.join(root, 'node_modules'))]);
  const readable = [...[...modules].map((folder) => `${folder}/*`), path.join(root, 'package.json')];
  return [flag, ...readable.map((what) => `--allow-fs-read=${what}`), ...(major >= 25 ? ['--allow-net'] : [])];
}

/**
 * Kills the child's group when the parent is gone, however it went: the shell's input ends when the
 * last holder of the pipe dies. A blocked event loop in the child cannot prevent it.
 */
function armReaper(child: ChildProcess): ChildProcess {
  // The form that POSIX has: dash takes `kill -9 -- -PID` for an illegal number.
  const script = 'cat >/dev/null; kill -s KILL -- "-$1"';
  const reaper = spawn('/bin/sh', ['-c', script, 'wirekata-reaper', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.on('error', () => {});
  reaper.stdin?.on('error', () => {});
  reaper.unref();
  (reaper.stdin as unknown as { unref(): void }).unref();
  child.once('exit', () => reaper.kill('SIGKILL'));
  return reaper;
}
