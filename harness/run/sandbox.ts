/**
 * The jail for strangers' code: Linux with bubblewrap (Debian's package `bubblewrap`, 0.8 or newer).
 *
 * A child in it has namespaces of its own for users, processes, network, mounts, IPC and host name. It sees Node with
 * its libraries, node_modules, a /proc of its own and a /tmp of its own, and can write to that /tmp alone. Its network
 * is a loopback that nobody else is on. It keeps no capability, gains none, makes no further namespaces, and is never
 * root outside: whoever grades as root has children with the uid of `nobody`. When its first process ends, the kernel
 * ends all others.
 *
 * Memory is not bounded here: the watchdog adds up that of all the processes inside (watchdog.ts).
 */
import { execFile, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors.ts';
import { root } from '../manifest.ts';

/** How a child is started inside of something. */
export interface Sandbox {
  /** The command line that runs `argv` inside. */
  command(argv: string[]): string[];
  /** Opens what stands on the child's descriptors from `FIRST_DESCRIPTOR` on. The caller closes the numbers. */
  descriptors(): (number | 'ignore')[];
  /** Whose a child is outside. */
  identity: { uid?: number; gid?: number };
}

export const SANDBOXES = ['bwrap', 'none'] as const;
export type SandboxName = (typeof SANDBOXES)[number];

/** Those before are the standard ones, IPC and the marker channel. */
export const FIRST_DESCRIPTOR = 5;

const NOBODY = 65_534;
const MB = 2 ** 20;
/** Node has eleven threads, each of which counts. */
const PROCESSES = 64;
/** Longer than the watchdog lets a run go on (s). */
const CPU_SECONDS = 120;
const TMP_BYTES = 16 * MB;

/** fcntl.h of Linux; Node's constants lack it. */
const O_CLOEXEC = 0o2000000;

/** Resolvers look here first; there is nobody else to ask. */
const HOSTS = path.join(root, 'harness/run/hosts');

/** Throws UsageError, with what to do about it, where there is no sandbox of that name. */
export async function openSandbox(name: SandboxName): Promise<Sandbox | undefined> {
  if (name === 'none') return undefined;
  if (process.platform !== 'linux') throw refusal(`it needs Linux, and this is ${process.platform}`);
  const sandbox = await bubblewrap();
  await tryOut(sandbox);
  return sandbox;
}

async function bubblewrap(): Promise<Sandbox> {
  const bwrap = find('bwrap');
  if (!bwrap) throw refusal('bwrap is not installed (on Debian and Ubuntu: `apt install bubblewrap`)');
  const prlimit = find('prlimit');
  if (!prlimit) throw refusal('prlimit is not installed (on Debian and Ubuntu: `apt install util-linux`)');
  const before = [
    bwrap,
    ...namespaces(),
    ...(await mounts(prlimit)),
    '--chdir',
    root,
    '--',
    prlimit,
    ...limits(),
    '--',
  ];
  const leaked = leakedDescriptors();
  return {
    command: (argv) => [...before, ...argv],
    descriptors: () => descriptors(leaked),
    identity: process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {},
  };
}

/** No `--new-session`: a child leads a session already, and one group for all is what `kill` needs. */
function namespaces(): string[] {
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent'],
    ...['--uid', String(NOBODY), '--gid', String(NOBODY), '--hostname', 'wirekata'],
  ];
}

async function mounts(prlimit: string): Promise<string[]> {
  const modules = path.join(root, 'node_modules');
  const readable = [
    process.execPath,
    prlimit,
    ...(await librariesOf(process.execPath, prlimit)),
    realpathSync(modules),
  ];
  return [
    // First: the kit itself may lie below /tmp.
    ...['--proc', '/proc', '--dev', '/dev', '--size', String(TMP_BYTES), '--tmpfs', '/tmp', '--dir', root],
    ...readable.flatMap((what) => ['--ro-bind', what, what]),
    // Debian's own Node reads some of its built-in modules from here.
    ...['--ro-bind-try', '/usr/share/nodejs', '/usr/share/nodejs'],
    ...(realpathSync(modules) === modules ? [] : ['--symlink', realpathSync(modules), modules]),
    ...['--ro-bind-data', String(FIRST_DESCRIPTOR), '/etc/hosts'],
    // Both are memory, and without a limit.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
  ];
}

/** Set inside: outside, the number of processes would count all those of the user. */
function limits(): string[] {
  return [`--nproc=${PROCESSES}`, `--cpu=${CPU_SECONDS}`, `--fsize=${TMP_BYTES}`, '--core=0'];
}

/** Shared libraries of programs: `libc.so.6 => /lib/…/libc.so.6 (0x…)`, and the loader, `/lib64/ld-… (0x…)`. */
async function librariesOf(...programs: string[]): Promise<string[]> {
  // It complains of a program that is linked statically, which is none to worry about.
  const { stdout } = await promisify(execFile)('ldd', programs).catch((error: { stdout?: string }) => error);
  return [...new Set((stdout ?? '').match(/\/\S+(?= \(0x)/g))];
}

/**
 * Descriptors that this process was itself started with, beyond those that a child gets on purpose, and that would
 * be handed down to it: shells and editors leave some open.
 */
function leakedDescriptors(): number[] {
  const open = readdirSync('/proc/self/fd').map(Number);
  return open.filter((fd) => fd > FIRST_DESCRIPTOR && !isClosedOnExec(fd));
}

function isClosedOnExec(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
    return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
  } catch {
    // The one by which the folder was listed.
    return true;
  }
}

/** They are covered: there is no way to tell Node to close them. */
function descriptors(leaked: number[]): (number | 'ignore')[] {
  const last = Math.max(FIRST_DESCRIPTOR, ...leaked);
  return Array.from({ length: last - FIRST_DESCRIPTOR + 1 }, (_, i) => {
    if (i === 0) return openSync(HOSTS, 'r');
    return leaked.includes(FIRST_DESCRIPTOR + i) ? openSync('/dev/null', 'r') : 'ignore';
  });
}

/** Runs nothing, once, in exactly the way in which a subject will be run. */
async function tryOut(sandbox: Sandbox): Promise<void> {
  const [program = '', ...args] = sandbox.command([process.execPath, '--eval', '0']);
  const opened = sandbox.descriptors();
  const child = spawn(program, args, {
    ...sandbox.identity,
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'ignore', ...opened],
  });
  closeAll(opened);
  let complaint = '';
  child.stderr?.on('data', (data) => {
    complaint += String(data);
  });
  const code = await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  if (code !== 0) throw refusal(`bwrap does not work here${asNobody()}:\n  ${complaint.trim() || String(code)}`);
}

export function closeAll(opened: (number | 'ignore')[]): void {
  for (const one of opened) if (one !== 'ignore') closeSync(one);
}

function asNobody(): string {
  if (process.getuid?.() !== 0) return '';
  return ' (strangers’ code never runs as root: Node and node_modules must be readable by the user “nobody”)';
}

function find(program: string): string | undefined {
  const candidates = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, program));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function refusal(why: string): UsageError {
  return new UsageError(
    `Strangers’ code is graded in a sandbox, but ${why}.\n` +
      'Where all the code is your own, `--sandbox none` does without one.',
  );
}
