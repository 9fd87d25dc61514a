/**
 * The kit itself on bad days: killed at any moment, interrupted, on a full disk, in a folder that must not be
 * written to, without HOME, with a clock that jumps. Watching on small terminals and two watchers in one clone are
 * tried in watch/terminal.test.ts, odd paths in check.test.ts and there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resultSchema } from '../report/json.ts';
import { Clone, type Finished } from './clone.ts';

const FILE = 'exercises/03-ring-buffer/ring-buffer.ts';
const STUB = 'harness/suites/03-ring-buffer/stub.ts';
const REFERENCE = 'solutions/03-ring-buffer/ring-buffer.ts';
const STATE = '.kata/progress.json';

let clone: Clone;
beforeAll(() => {
  clone = new Clone();
});
afterAll(() => clone.remove());
afterEach(() => {
  rmSync(clone.path('.kata'), { recursive: true, force: true });
  clone.write(FILE, clone.read(STUB));
});

/** Pids of all processes at work in the clone: harness, children, reapers, compilers. */
function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const state = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0];
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(clone.root) && state !== 'Z';
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Those that run a subject, or will. */
function children(): number[] {
  return processes().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('workers/forks.js');
    } catch {
      return false;
    }
  });
}

/** A ring whose constructor never ends: the time limit of the first case does. */
const looping = () => clone.read(REFERENCE).replace(/constructor\(.*\{$/m, '$&\n while (true);');

/** A command of the kit that goes on until it is ended; resolves to how. */
function start(args: string[]) {
  const child = spawn(process.execPath, ['harness/bin.mjs', ...args], {
    cwd: clone.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  child.stderr.resume();
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  return { pid: child.pid as number, kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}

/** A child that loops needs more of the processor than any start does. */
async function untilItLoops(): Promise<void> {
  const ticks = () => children().map((pid) => Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ')[13]));
  await expect.poll(() => Math.max(0, ...ticks()), { timeout: 60_000, interval: 50 }).toBeGreaterThan(150);
}

const nobodyIsLeft = () => expect.poll(processes, { timeout: 10_000, interval: 50 }).toEqual([]);

function expectState(): void {
  if (existsSync(clone.path(STATE))) expect(JSON.parse(clone.read(STATE))).toHaveProperty('schema', 1);
}

describe.skipIf(!existsSync('/proc/self/stat'))('ended from outside, in the middle of a loop', () => {
  const MANIFEST = 'exercises/manifest.json';
  let manifest: string;
  beforeAll(() => {
    manifest = clone.read(MANIFEST);
    // So that the loop is ended by nobody else.
    clone.write(MANIFEST, manifest.replaceAll(/"timeLimit": \d+/g, '"timeLimit": 60000'));
  });
  afterAll(() => clone.write(MANIFEST, manifest));

  test.each<[string, string[], NodeJS.Signals, number | string]>([
    ['check, by SIGKILL', ['check', '03'], 'SIGKILL', 'SIGKILL'],
    ['watch, by SIGKILL', ['watch', '03', '--plain'], 'SIGKILL', 'SIGKILL'],
    ['check, by Ctrl-C', ['check', '03'], 'SIGINT', 130],
    ['check, by SIGTERM', ['check', '03'], 'SIGTERM', 143],
    ['watch, by SIGTERM', ['watch', '03', '--plain'], 'SIGTERM', 143],
  ])('%s: no process is left, and the state is whole', async (_, args, signal, code) => {
    clone.write(FILE, looping());
    const command = start(args);
    await untilItLoops();
    command.kill(signal);
    expect(await command.ended).toBe(code);
    await nobodyIsLeft();
    expectState();
    expect((await clone.run(['list', '03', '--json'])).code).toBe(0);
  });

  test('check, by SIGKILL at other moments of its life', async () => {
    for (const ms of [200, 700, 1_200, 1_800, 2_500, 4_000]) {
      const command = start(['check', '03', '--as', 'reference', '--no-performance']);
      const timer = setTimeout(() => command.kill('SIGKILL'), ms);
      await command.ended;
      clearTimeout(timer);
      await nobodyIsLeft();
      expectState();
    }
  });
});

/** Runs a command in a mount namespace of its own, after `prepare` has mounted something there. */
function runMounted(prepare: string, args: string[]): Finished {
  const script = `${prepare}; exec "$0" harness/bin.mjs "$@"`;
  const { status, stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-ec', script, process.execPath, ...args], {
    cwd: clone.root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: status ?? -1, stdout, stderr };
}

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/** What stands in the way, and what is said of it. */
const OBSTACLES: [string, string, RegExp][] = [
  [
    'a full disk',
    'mkdir -p .kata; mount -t tmpfs -o size=16k tmpfs .kata; head -c 1M /dev/zero >.kata/ballast 2>/dev/null || true',
    /progress could not be saved: ENOSPC/,
  ],
  [
    'a read-only folder',
    'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD"',
    /progress could not be saved: EROFS/,
  ],
];

describe.skipIf(!canMount).each(OBSTACLES)('on %s', (_, prepare, told) => {
  test('check grades as ever, and says that progress could not be saved', () => {
    clone.write(FILE, clone.read(REFERENCE));
    const { code, stdout, stderr } = runMounted(prepare, ['check', '03', '--json', '--no-performance']);
    expect(stderr).toMatch(told);
    expect([resultSchema.parse(JSON.parse(stdout)).verdict, code]).toEqual(['solved', 0]);
  });

  test('next and hint work, too', () => {
    const next = runMounted(prepare, ['next', '03']);
    expect(next.stdout).toMatch(/NOT STARTED/);
    expect([next.code, next.stderr]).toEqual([0, expect.stringMatching(told)]);
    const hint = runMounted(prepare, ['hint', '03']);
    expect([hint.code, hint.stdout]).toEqual([0, expect.stringMatching(/^1\. .*could not be saved/s)]);
  });

  test('reset refuses, and the learner’s file is as it was', () => {
    clone.write(FILE, '// mine\n');
    const { code, stderr } = runMounted(prepare, ['reset', '03']);
    expect([code, stderr]).toEqual([74, expect.stringMatching(/^reset: (ENOSPC|EROFS)/)]);
    expect(clone.read(FILE)).toBe('// mine\n');
  });
});

test('where .kata cannot be a folder, check grades as ever', async () => {
  writeFileSync(clone.path('.kata'), '');
  const { code, stdout, stderr } = await clone.run(['check', '03', '--as', 'learner', '--json']);
  expect([resultSchema.parse(JSON.parse(stdout)).verdict, code]).toEqual(['not-started', 1]);
  expect(stderr).toMatch(/progress could not be saved: E(EXIST|NOTDIR)/);
});

test('without HOME, and with next to no environment', () => {
  const options = { cwd: clone.root, encoding: 'utf8', env: { PATH: process.env.PATH } } as const;
  const { status, stdout } = spawnSync(process.execPath, ['harness/bin.mjs', 'check', '03', '--json'], options);
  expect([resultSchema.parse(JSON.parse(stdout)).verdict, status]).toEqual(['not-started', 1]);
});

describe('with a clock that jumps by years at every look', () => {
  const jumps = `
    const now = Date.now, Real = Date;
    const year = 365 * 24 * 3_600_000;
    let looks = 0;
    const jump = () => now() + (looks++ % 2 ? 1 : -1) * year * (looks % 7);
    globalThis.Date = class extends Real {
      constructor(...args) { super(...(args.length === 0 ? [jump()] : args)); }
      static now() { return jump(); }
    };`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(jumps)}`;

  test('an endless loop is ended in time', async () => {
    clone.write(FILE, looping());
    const result = resultSchema.parse(
      JSON.parse((await clone.run(['check', '03', '--json'], { NODE_OPTIONS })).stdout),
    );
    expect(result.verdict).toBe('timed-out');
    expect(result.ms).toBeGreaterThan(2_000);
    expect(result.ms).toBeLessThan(40_000);
  });

  test('what was solved stays solved, and no copy overwrites another', async () => {
    clone.write(FILE, clone.read(REFERENCE));
    for (const text of ['// one', '// two', '// three']) {
      clone.write(FILE, `${clone.read(REFERENCE)}${text}\n`);
      expect((await clone.run(['reset', '03'], { NODE_OPTIONS })).code).toBe(0);
    }
    const attempts = JSON.parse((await clone.run(['list', '03', '--attempts', '--json'])).stdout) as { file: string }[];
    expect(attempts.length).toBe(3);
  });
});

test('a subject on sockets: a hang fails one case, not the rest', async () => {
  await clone.run(['new', '97-on-sockets']);
  const manifest = JSON.parse(clone.read('exercises/manifest.json')) as { exercises: { slug: string }[] };
  const exercises = manifest.exercises.map((one) =>
    one.slug === 'on-sockets' ? { ...one, imports: ['node:net'] } : one,
  );
  clone.write('exercises/manifest.json', JSON.stringify({ ...manifest, exercises }));
  const reference = clone.read('solutions/97-on-sockets/on-sockets.ts');
  const hanging = reference.replace('let sum = 0;', 'let sum = 0;\n  while (input.length === 0);');
  clone.write('exercises/97-on-sockets/on-sockets.ts', hanging);
  const { verdict, at, cases } = resultSchema.parse(JSON.parse((await clone.run(['check', '97', '--json'])).stdout));
  expect([verdict, ...cases.map(({ status }) => status)]).toEqual(['timed-out', 'timed-out', 'passed']);
  expect(at).toMatch(/on-sockets\.ts:6:3$/);
});

test('a reference that fails while it is measured against is the kit’s fault, not the learner’s', async () => {
  const reference = clone.read(REFERENCE);
  clone.write(FILE, reference);
  try {
    expect(reference).toContain('readInto(target: Uint8Array): number {');
    clone.write(
      REFERENCE,
      reference.replace(
        'readInto(target: Uint8Array): number {',
        '$&\n    if (target.length > 0) throw new Error("oh");',
      ),
    );
    const { code, stdout } = await clone.run(['check', '03', '--json']);
    const result = resultSchema.parse(JSON.parse(stdout));
    expect([result.verdict, code]).toEqual(['kit-fault', 70]);
    expect(result.reason).toContain('the reference failed: Error: oh');
  } finally {
    clone.write(REFERENCE, reference);
  }
});
