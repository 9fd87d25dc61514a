/**
 * Git repositories of strangers, on this disk.
 *
 * git's own configuration in a repository can name programs to run, so nothing is ever asked of the stranger's
 * repository but what a server would be asked for: a shallow bare clone, over the protocol. What is wanted of the
 * clone comes as a tar stream and is treated like any other archive; nothing is checked out.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { unpackTar } from './unpack.ts';

const PATIENCE_MS = 60_000;

/** Resolves to `into`, which then holds the files of exercises. Rejects with what is wrong with the repository. */
export async function unpackRepository(source: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  const clone = path.join(into, '.clone');
  const options = ['--quiet', '--bare', '--depth=1', '--no-local', '--no-tags', '--template='];
  try {
    await promisify(execFile)('git', ['clone', ...options, '--', source, clone], settings(into));
  } catch (error) {
    throw new Error(`git cannot clone it: ${lastLine((error as { stderr?: string }).stderr ?? String(error))}`);
  }
  await unpackHead(clone, into);
  return into;
}

async function unpackHead(clone: string, into: string): Promise<void> {
  const git = spawn('git', ['--git-dir', clone, 'archive', '--format=tar', 'HEAD'], {
    ...settings(into),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  git.stderr.on('data', (data) => {
    complaint = (complaint + data).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve) => git.once('error', () => resolve(null)).once('close', resolve));
  try {
    await unpackTar(git.stdout, into);
  } catch (error) {
    git.kill('SIGKILL');
    await ended;
    throw complaint ? new Error(`git cannot read it: ${lastLine(complaint)}`) : error;
  }
  if ((await ended) !== 0) throw new Error(`git cannot read it: ${lastLine(complaint)}`);
}

/** Nobody's configuration, no questions, no protocol but that of the disk, and no programs that a repository names. */
function settings(home: string) {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: 'file',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
  return { env, timeout: PATIENCE_MS, killSignal: 'SIGKILL' } as const;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
