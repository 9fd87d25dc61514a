/** A whole cohort through the command: mixed, interrupted in every way, resumed; what is said and what is written. */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';
import { create as createTar } from 'tar';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { duration, ProgressReport } from '../../cohort/progress.ts';
import { type Cohort, cohortSchema, type Job } from '../../cohort/results.ts';
import { makePaint } from '../../report/paint.ts';
import { openSandbox } from '../../run/sandbox.ts';
import { Clone } from '../clone.ts';

const FILE = '03-ring-buffer/ring-buffer.ts';

const SANDBOX = await openSandbox('bwrap').then(
  () => 'bwrap',
  () => 'none',
);

let clone: Clone;
let correct: string;
let stub: string;
beforeAll(() => {
  clone = new Clone();
  correct = clone.read(`solutions/${FILE}`);
  stub = clone.read('harness/suites/03-ring-buffer/stub.ts');
});
afterAll(() => clone.remove());
afterEach(() => {
  for (const folder of ['subs', 'out']) rmSync(clone.path(folder), { recursive: true, force: true });
});

/** A learner whose ring buffer is `text`. */
const learner = (name: string, text: string) => clone.write(`subs/${name}/${FILE}`, text);

/** Seconds of work, until its deadline. */
const looping = () => correct.replace(/constructor\(.*\{$/m, '$&\n    while (true);');

const submissions = () => readdirSync(clone.path('subs')).map((name) => `subs/${name}`);
const argv = (...more: string[]) => {
  return ['grade', ...submissions(), '--only', '03', '--out', 'out', '--sandbox', SANDBOX, ...more];
};
const grade = (...more: string[]) => clone.run(argv(...more));

const results = (): Cohort => cohortSchema.parse(JSON.parse(clone.read('out/results.json')));
const verdicts = () => Object.fromEntries(results().jobs.map((job) => [job.learner, job.result.verdict]));

/** The jobs that are on the disk so far. */
function logged(): Job[] {
  if (!existsSync(clone.path('out/jobs.ndjson'))) return [];
  return clone
    .read('out/jobs.ndjson')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Job];
      } catch {
        return [];
      }
    });
}

/** Processes at work in the clone, by command line. */
function processes(): { pid: number; line: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const here = readlinkSync(`/proc/${pid}/cwd`).startsWith(clone.root) || line.includes(`${clone.root}/`);
        return here && line !== '' ? [{ pid: Number(pid), line }] : [];
      } catch {
        return [];
      }
    });
}

function start(...more: string[]) {
  const child = spawn(process.execPath, ['harness/bin.mjs', ...argv(...more)], {
    cwd: clone.root,
    // What a killed one leaves behind goes with the clone.
    env: { ...process.env, TMPDIR: clone.root },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<{ code: number | string | null; stderr: string }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? signal, stderr }));
  });
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}

const untilLogged = (count: number) => {
  return expect.poll(() => logged().length, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(count);
};
const nobodyIsLeft = () => expect.poll(processes, { timeout: 10_000, interval: 50 }).toEqual([]);

describe('a mixed cohort', () => {
  const ESCAPES = path.join(import.meta.dirname, 'escapes');

  test('each gets what is due, whatever the others are', async () => {
    learner('solver', correct);
    learner('beginner', stub);
    learner('typo', 'export class {');
    learner('looping', looping());
    for (const file of readdirSync(ESCAPES))
      cpSync(path.join(ESCAPES, file), clone.path('subs', file.slice(0, -3), FILE));
    mkdirSync(clone.path('subs/linker/03-ring-buffer'), { recursive: true });
    symlinkSync(clone.path(`solutions/${FILE}`), clone.path('subs/linker', FILE));
    mkdirSync(clone.path('subs/absent'));
    writeFileSync(clone.path('subs/broken.tgz'), Buffer.from('1f8b0800000000000003', 'hex'));
    writeFileSync(clone.path('subs/zipped.zip'), zipSync({ [`exercises/${FILE}`]: Buffer.from(correct) }));
    createTar({ sync: true, gzip: true, cwd: clone.path('subs'), file: clone.path('subs/tarred.tgz') }, ['solver']);

    const { code, stdout, stderr } = await grade('--jobs', '2');
    expect([code, stderr]).toEqual([0, '']);
    const cohort = results();
    const found = verdicts();
    expect(found).toMatchObject({
      ...{ solver: 'solved', zipped: 'solved', tarred: 'solved', beginner: 'not-started' },
      ...{ typo: 'does-not-compile', looping: 'timed-out', linker: 'does-not-compile' },
    });
    const escaped = readdirSync(ESCAPES).filter(
      (file) => !['refused', 'failed', 'timed-out'].includes(found[file.slice(0, -3)] ?? ''),
    );
    expect(escaped).toEqual([]);
    expect(cohort.learners.filter(({ problem }) => problem).map(({ id }) => id)).toEqual(['absent', 'broken']);
    // Nothing of where it was graded.
    expect(JSON.stringify(cohort.jobs)).not.toMatch(/wirekata-grade-|wirekata-test-/);
    const at = cohort.jobs.find((job) => job.learner === 'typo')?.result.at;
    expect(at).toMatch(/^exercises\/03-ring-buffer\/ring-buffer\.ts:1:\d+$/);
    expect(cohort.jobs.find((job) => job.learner === 'solver')?.text).toBe(correct);
    for (const line of [/^solver +✓$/m, /^beginner +○$/m, /^broken +! unexpected end/m, /^ +3 +✓ SOLVED$/m]) {
      expect(stdout).toMatch(line);
    }
  });
});

/** Refused before anything runs. */
const typo = (n: number) => `export class { // ${n}`;

describe('again', () => {
  test('nothing is graded twice, but what has changed is', async () => {
    learner('a', stub);
    learner('b', typo(1));
    await grade();
    const first = results();
    await grade();
    expect(logged().length).toBe(2);
    expect(results()).toEqual(first);

    learner('b', typo(2));
    await grade();
    expect(logged().map((job) => job.learner)).toEqual(['a', 'b', 'b']);
    expect(verdicts()).toEqual({ a: 'not-started', b: 'does-not-compile' });

    await grade('--seed', String(first.seed + 1));
    expect(logged().length).toBe(5);
    expect(results().seed).toBe(first.seed + 1);
  });

  test('equal files are graded once, and have equal results', async () => {
    for (const name of ['a', 'b', 'c']) learner(name, typo(1));
    expect((await grade()).stdout).toMatch(/^3 files, 1 of them different$/m);
    expect(logged().length).toBe(1);
    const [first, ...others] = results().jobs;
    expect(others.length).toBe(2);
    for (const job of others) {
      expect(job).toEqual({ ...first, learner: job.learner, result: { ...first?.result, subject: job.learner } });
    }
  });

  test('a line that was being written when the power went is graded again', async () => {
    learner('a', typo(1));
    await grade();
    const line = clone.read('out/jobs.ndjson');
    clone.write('out/jobs.ndjson', line.slice(0, line.length / 2));
    learner('b', typo(2));
    expect((await grade()).code).toBe(0);
    expect(verdicts()).toEqual({ a: 'does-not-compile', b: 'does-not-compile' });
    appendFileSync(clone.path('out/jobs.ndjson'), '{"learner":"a"}\nnonsense\n');
    expect((await grade()).stdout).toMatch(/^2 files, 2 graded before$/m);
  });

  test('a folder of something else is refused', async () => {
    learner('a', stub);
    clone.write('out/cohort.json', '{"name":"mine"}');
    const { code, stderr } = await grade();
    expect([code, stderr]).toEqual([2, expect.stringContaining('is not from `grade`')]);
  });
});

describe('ended in the middle', () => {
  const names = ['l0', 'l1', 'l2', 'l3', 'l4'];
  const many = () => {
    for (const name of names) learner(name, `${stub}\n// ${name}\n`);
  };
  const expectAll = () => expect(verdicts()).toEqual(Object.fromEntries(names.map((name) => [name, 'not-started'])));

  test('by SIGKILL: no process is left, and the same command ends it as if nothing had been', async () => {
    many();
    const run = start('--jobs', '2');
    await untilLogged(2);
    run.kill('SIGKILL');
    await run.ended;
    await nobodyIsLeft();
    const before = logged().map((job) => job.learner);
    expect(before.length).toBeLessThan(names.length);
    expect((await grade('--jobs', '2')).code).toBe(0);
    expectAll();
    // What was finished was not run again.
    const after = logged().map((job) => job.learner);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.sort()).toEqual(names);
  });

  test('by Ctrl-C: it says how to go on; a second one in the same folder is refused meanwhile', async () => {
    learner('a', typo(1));
    for (const n of [1, 2, 3]) learner(`looping-${n}`, `${looping()}\n// ${n}\n`);
    const run = start();
    await untilLogged(1);
    const second = await grade();
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('is in use')]);
    run.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('the same command goes on')]);
    await nobodyIsLeft();
    expect(existsSync(clone.path('out/results.json'))).toBe(false);
  });

  test('workers by SIGKILL: others take their jobs', async () => {
    many();
    const run = start('--jobs', '2');
    await untilLogged(1);
    const workers = processes().filter(({ line }) => line.includes('cohort/worker.ts'));
    expect(workers).not.toEqual([]);
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    expect((await run.ended).code).toBe(0);
    expectAll();
    await nobodyIsLeft();
  });
});

test('a job that ends each worker is a fault of the kit, until it is tried again', async () => {
  learner('poison', looping());
  const run = start();
  const killed = new Set<number>();
  let isOver = false;
  run.ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const worker = processes().find(({ line }) => line.includes('cohort/worker.ts'));
    if (worker && !killed.has(worker.pid)) process.kill(worker.pid, 'SIGKILL');
    if (worker) killed.add(worker.pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect((await run.ended).code).toBe(70);
  expect(verdicts()).toEqual({ poison: 'kit-fault' });
  expect(results().jobs.find((job) => job.learner === 'poison')?.result.reason).toContain('ended by SIGKILL');
  expect((await grade()).code).toBe(0);
  expect(verdicts()).toEqual({ poison: 'timed-out' });
});

describe('on a terminal', () => {
  test('one line changes: a bar, how many, how long it will take', () => {
    let screen = '';
    let now = 0;
    const terminal = { isTTY: true, columns: 80, write: (text: string) => (screen += text) };
    const progress = new ProgressReport(terminal, makePaint(false, 80), () => now);
    progress.begins({ files: 12, jobs: 10, before: 4 });
    now = 30_000;
    const job = { learner: 'anna', exercise: '03-ring-buffer', key: '', result: { verdict: 'solved' } };
    progress.finished(job as unknown as Job);
    progress.end();
    expect(screen.split(/\r\x1b\[K/).filter(Boolean)).toEqual([
      '12 files, 10 of them different, 4 graded before\n',
      `${'█'.repeat(12)}${'░'.repeat(12)} 5 of 10  3 min left  anna 03-ring-buffer ✓ SOLVED`,
    ]);
  });
});

describe('usage', () => {
  test.each<[string, string[], RegExp]>([
    ['no submission', ['grade'], /name the submissions/],
    ['a sandbox that does not exist', ['grade', 'x', '--sandbox', 'chroot'], /--sandbox takes bwrap or none/],
    ['no job at a time', ['grade', 'x', '--jobs', '0'], /--jobs takes a whole number from 1/],
    ['an exercise that does not exist', ['grade', 'x', '--only', 'rnig-buffer'], /Did you mean 03-ring-buffer/],
  ])('%s', async (_, args, says) => {
    expect(await clone.run(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
  });

  test('without bubblewrap strangers’ code is refused, unless that is said', async () => {
    learner('a', 'export class {');
    const nowhere = { PATH: clone.path('nowhere') };
    const refused = await clone.run(['grade', 'subs/a', '--out', 'out'], nowhere);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('apt install bubblewrap') });
    expect(refused.stderr).toContain('--sandbox none');
    const allowed = await clone.run(['grade', 'subs/a', '--out', 'out', '--sandbox', 'none'], nowhere);
    expect([allowed.code, results().sandbox]).toEqual([0, 'none']);
  });

  test('remaining time is told as people tell it', () => {
    expect([900, 89_000, 95_000, 3_590_000, 3_900_000].map(duration)).toEqual([
      '1 s',
      '89 s',
      '2 min',
      '1 h 0 min',
      '1 h 5 min',
    ]);
  });
});

test.skipIf(SANDBOX === 'none')('what the caller’s shell left open is not open in the sandbox', () => {
  clone.write('secret', 'secret');
  const inside =
    "for (const fd of require('fs').readdirSync('/proc/self/fd')) try { console.log(require('fs').readlinkSync('/proc/self/fd/' + fd)) } catch {}";
  const script = `
    import { spawnSync } from 'node:child_process';
    const { openSandbox } = await import('${clone.root}/harness/run/sandbox.ts');
    const { command, descriptors, identity } = await openSandbox('bwrap');
    const [program, ...args] = command([process.execPath, '--eval', ${JSON.stringify(inside)}]);
    const stdio = ['ignore', 'inherit', 'inherit', 'ignore', 'ignore', ...descriptors()];
    spawnSync(program, args, { ...identity, cwd: '/', env: {}, stdio });`;
  const argv = [process.execPath, '--import', './harness/typescript.mjs', '--input-type=module', '--eval', script];
  const leaky = spawnSync('sh', ['-c', 'exec 9<secret; exec "$@"', 'sh', ...argv], {
    cwd: clone.root,
    encoding: 'utf8',
  });
  expect(leaky.stderr).toBe('');
  expect(leaky.stdout).toContain('/dev/null');
  expect(leaky.stdout).not.toContain('secret');
});
