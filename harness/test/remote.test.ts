/** Subjects in a process of their own: what they do there is seen, named, and theirs alone. */
import { afterAll, describe, expect, test } from 'vitest';
import { type Checked, check, chooseSubject } from '../check.ts';
import { findExercise, loadManifest } from '../manifest.ts';
import { plannedCases } from '../plan.ts';
import { Runner } from '../run/run.ts';
import { openSandbox } from '../run/sandbox.ts';
import { readSubject, type Subject } from '../run/subject.ts';

const POOL = findExercise(loadManifest(), 'connection-pool');
const REMOTE = plannedCases(POOL)
  .filter(({ remote }) => remote)
  .map(({ id }) => id);
const runner = new Runner();
afterAll(() => runner.close());

/** The reference with one edit. */
function edited(find: string, replace: string): Subject {
  const edit = { id: 'test', bug: '', caughtBy: '', find, replace };
  return readSubject(POOL, { name: 'edited', file: POOL.reference, edit });
}

const REQUEST = "const { url, method = 'GET', signal } = request;";

/** The reference with a statement at the start of `request`, which knows `url`, `method` and `signal`. */
const withStatement = (statement: string) => edited(REQUEST, `${REQUEST} ${statement}`);

function remotely(subject: Subject, only = REMOTE): Promise<Checked> {
  return check(runner, POOL, subject, { only, performance: false, seed: 1 });
}

function statusOf({ cases }: Checked, id: string) {
  return cases.find((one) => one.id === id);
}

const CALLER_LEAVES = 'pool-remote-caller-leaves';

describe('one case pays for', () => {
  test('an endless loop, and names its line', async () => {
    const subject = withStatement("if (url.endsWith('/slow'))\n for (;;) {}");
    const checked = await remotely(subject, ['pool-remote-reuse', CALLER_LEAVES, 'pool-remote-idle-timeout']);
    expect(checked.cases.map(({ status }) => status)).toEqual(['passed', 'timed-out', 'passed']);
    expect(checked.verdict).toBe('timed-out');
    const line = subject.sources.get(subject.file)!.split('\n').indexOf(' for (;;) {}') + 1;
    expect(statusOf(checked, CALLER_LEAVES)?.error?.at?.line).toBe(line);
  });

  test('the end of its process', async () => {
    const checked = await remotely(withStatement("if (url.endsWith('/slow')) process.exit(3);"), [
      CALLER_LEAVES,
      'pool-remote-idle-timeout',
    ]);
    expect(checked.cases.map(({ status }) => status)).toEqual(['failed', 'passed']);
    expect(statusOf(checked, CALLER_LEAVES)?.failure?.actual).toBe('it ended with code 3');
  });

  test('an error that nobody catches, and names its line', async () => {
    const subject = withStatement(
      "if (url.endsWith('/slow')) queueMicrotask(() => {\n throw new RangeError('mine'); });",
    );
    const { error, status } = statusOf(await remotely(subject, [CALLER_LEAVES]), CALLER_LEAVES)!;
    const line = subject.sources.get(subject.file)!.split('\n').indexOf(" throw new RangeError('mine'); });") + 1;
    expect([status, error?.name, error?.message, error?.at?.line]).toEqual(['failed', 'RangeError', 'mine', line]);
  });
});

test('what is written before the first line is solved counts as not started', async () => {
  const stub = readSubject(POOL, { name: 'stub', file: POOL.stub });
  const { cases, verdict } = await remotely(stub);
  expect(verdict).toBe('not-started');
  expect(new Set(cases.map(({ status }) => status))).toEqual(new Set(['not-implemented']));
});

test('what it prints is shown', async () => {
  const { output } = await remotely(withStatement("console.log('from over there');"), ['pool-remote-idle-timeout']);
  expect(output?.text).toContain('from over there');
});

test.each([
  ['a connection beyond loopback', "connect({ host: '192.0.2.1', port: 80 });", 'a connection to 192.0.2.1'],
  [
    'a builtin asked for at run time',
    "(process as any)['getBuiltin' + 'Module']('fs');",
    'process.getBuiltinModule(fs)',
  ],
  ['a signal to the suite’s process', 'process.kill(process.ppid, 9);', /^a signal to process \d+$/],
])('refused there as here: %s', async (_, statement, reason) => {
  const { verdict, reason: told } = await remotely(withStatement(statement), ['pool-remote-idle-timeout']);
  expect(verdict).toBe('refused');
  expect(told).toMatch(reason);
});

/** How a pool is wrong for whom time is not passed in: with this instead of its options. */
const LIE = 'this.#core = new PoolCore(options);';
const lie = (what: string) =>
  edited(LIE, `this.#core = new PoolCore(options.timers ? options : { ...options, ${what} });`);
const known = (wrong: string) => chooseSubject(POOL, { wrong });

/** For each of the cases a pool that it refuses. Those that lie behave in the suite's own process. */
const WRONG: Record<string, () => Subject | Promise<Subject>> = {
  'pool-remote-reuse': () => edited('{ reusable: reusable && sent, idleHint }', '{ reusable: false, idleHint }'),
  'pool-remote-maximum': () => lie('maxPerOrigin: 1000'),
  'pool-remote-idle-poison': () => known('idle-bytes-ignored'),
  'pool-remote-retry': () => known('post-is-idempotent'),
  'pool-remote-caller-leaves': () => known('cancel-keeps-connection'),
  'pool-remote-backpressure': () => known('no-backpressure'),
  'pool-remote-half-a-body': () => known('eof-is-the-end'),
  'pool-remote-idle-timeout': () => lie('idleTimeout: 3_600_000'),
  'pool-remote-process-ends': () => known('timer-never-cleared'),
};

test('every case has its wrong pool', () => expect(Object.keys(WRONG)).toEqual(REMOTE));

test.each(REMOTE)('%s refuses a wrong pool', async (id) => {
  const subject = await WRONG[id]!();
  expect(statusOf(await remotely(subject, [id]), id)?.status).toBe('failed');
});

/** Undefined where bubblewrap does not work. */
const sandbox = await openSandbox('bwrap').catch(() => undefined);

test.skipIf(!sandbox)('a sandbox holds both processes', async () => {
  const sandboxed = new Runner({ ...(sandbox && { sandbox }) });
  try {
    const subject = readSubject(POOL, { name: 'reference', file: POOL.reference });
    const { verdict } = await check(sandboxed, POOL, subject, { only: REMOTE, performance: false });
    expect(verdict).toBe('solved');
  } finally {
    await sandboxed.close();
  }
});
