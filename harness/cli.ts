/**
 * Arguments → command → exit code, and nothing else.
 *
 * Exit codes: 0 done (and solved, where something is graded), 1 not solved, 2 usage or a bad manifest,
 * 70 a fault of the kit, 74 a file that cannot be written (EX_IOERR), 129, 130 and 143 ended by SIGHUP, SIGINT and SIGTERM.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import type { Command } from './commands/command.ts';
import { SIGNALS, UsageError } from './errors.ts';

/** One file per command, loaded only when asked for. The order is that of `--help`. */
const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  next: () => import('./commands/next.ts'),
  watch: () => import('./commands/watch.ts'),
  check: () => import('./commands/check.ts'),
  list: () => import('./commands/list.ts'),
  hint: () => import('./commands/hint.ts'),
  reset: () => import('./commands/reset.ts'),
  compare: () => import('./commands/compare.ts'),
  replay: () => import('./commands/replay.ts'),
  verify: () => import('./commands/verify.ts'),
  grade: () => import('./commands/grade.ts'),
  new: () => import('./commands/new.ts'),
  'grade:worker': () => import('./commands/grade-worker.ts'),
  pack: () => import('./commands/pack.ts'),
};

/** An edition for learners lacks what only instructors and authors need. */
const isHere = (name: string) => existsSync(new URL(`./commands/${name.replace(':', '-')}.ts`, import.meta.url));

export async function main(argv: string[]): Promise<void> {
  const [name, ...args] = argv;
  process.stdout.on('error', endQuietly);
  endBySignal();
  try {
    process.exitCode =
      name === undefined || name === '--help' || name === 'help' ? await help() : await run(name, args);
  } catch (error) {
    process.exitCode = complain(error, name);
  }
}

/** `npm run list | head` closes the pipe when it has read enough: that is no error. */
function endQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
}

/** An orderly exit, so that the children end first. The watch loop listens itself and does more. */
function endBySignal(): void {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(code);
    });
  }
}

async function run(name: string, args: string[]): Promise<number> {
  const load = COMMANDS[name];
  if (!load)
    throw new UsageError(
      `There is no command “${name}”.${nearest(name, Object.keys(COMMANDS))} \`npm run help\` lists them.`,
    );
  if (!isHere(name)) throw new UsageError(`This edition is for learners: your instructor has “${name}”.`);
  const { command } = await load();
  if (args.includes('--help')) {
    console.log(command.usage);
    return 0;
  }
  const { values, positionals } = parse(name, command, args);
  return command.run(positionals, values);
}

function parse(name: string, command: Command, args: string[]) {
  try {
    return parseArgs({ args, options: command.options, allowPositionals: true, strict: true });
  } catch (error) {
    const [, wrong = ''] = /'(--?[\w-]+)/.exec((error as Error).message) ?? [];
    const known = Object.keys(command.options).map((option) => `--${option}`);
    throw new UsageError(
      `${name}: ${(error as Error).message.split('. ')[0]}.${nearest(wrong, known)}\n\n${command.usage}`,
    );
  }
}

function nearest(word: string, known: string[]): string {
  if (word === '' || known.length === 0) return '';
  const near = closest(word, known);
  return distance(word, near) <= 3 ? ` Did you mean ${near}?` : '';
}

async function help(): Promise<number> {
  console.log('wirekata: learn how networking really works by building it.\n');
  for (const [name, load] of Object.entries(COMMANDS).filter(([name]) => isHere(name))) {
    console.log(`  npm run ${name.padEnd(12)} ${(await load()).command.summary}`);
  }
  console.log('\n`npm run COMMAND -- --help` tells more about one.');
  return 0;
}

function complain(error: unknown, name: string | undefined): number {
  if (error instanceof UsageError) {
    console.error(error.message);
    return 2;
  }
  if (isRefusedBySystem(error)) {
    console.error(`${name}: ${error.message}\nThe disk is full, or the folder must not be written to.`);
    return 74;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`A fault of the kit, not of your code, while “${name ?? ''}” ran:\n${text}`);
  console.error('Please report it with the lines above, the Node version and what you did.');
  return 70;
}

function isRefusedBySystem(error: unknown): error is Error {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(
    (error as NodeJS.ErrnoException | undefined)?.code ?? '',
  );
}
