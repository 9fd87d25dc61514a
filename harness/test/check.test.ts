/** `check` from outside, as a learner and a script see it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultSchema } from '../report/json.ts';
import { Clone, type Finished } from './clone.ts';

let clone: Clone;
const FILE = 'exercises/03-ring-buffer/ring-buffer.ts';
const REFERENCE = 'solutions/03-ring-buffer/ring-buffer.ts';

beforeAll(() => {
  // The kit must work wherever it lies.
  clone = new Clone('kit with späces');
});
afterAll(() => clone.remove());

function resultOf({ stdout }: Finished) {
  return resultSchema.parse(JSON.parse(stdout));
}

describe('check', () => {
  test('--as reference --json: solved, exit 0, with levels', async () => {
    const finished = await clone.run(['check', '03', '--as', 'reference', '--json']);
    const result = resultOf(finished);
    expect([result.verdict, finished.code]).toEqual(['solved', 0]);
    expect(result.cases.every(({ status }) => status === 'passed')).toBe(true);
    expect(result.performance.length).toBeGreaterThan(0);
  });

  test('--as stub: not-started, exit 1', async () => {
    const finished = await clone.run(['check', '3', '--as', 'stub', '--json']);
    expect([resultOf(finished).verdict, finished.code]).toEqual(['not-started', 1]);
  });

  test('a known-wrong: not solved, and the case that it names is among the failed', async () => {
    const finished = await clone.run([
      'check',
      'ring-buffer',
      '--wrong',
      'one-slot-lost',
      '--json',
      '--no-performance',
    ]);
    const result = resultOf(finished);
    expect([result.verdict, finished.code]).toEqual(['failed', 1]);
    const named = result.cases.find(({ id }) => id === 'ring-whole-capacity');
    expect(named).toMatchObject({ status: 'failed', replay: expect.stringContaining('@') });
  });

  test('--seed: the same seed gives the same result', async () => {
    const args = ['check', '03', '--wrong', 'one-slot-lost', '--no-performance', '--json', '--seed', '7'];
    const [a, b] = await Promise.all([clone.run(args), clone.run(args)]);
    const facts = (finished: Finished) =>
      resultOf(finished).cases.map(({ id, status, message }) => [id, status, message]);
    expect(facts(a)).toEqual(facts(b));
  });

  test('--case runs that case alone and never marks the exercise solved', async () => {
    clone.write(FILE, clone.read(REFERENCE));
    const finished = await clone.run(['check', '03', '--case', 'ring-read-empty', '--json']);
    expect(resultOf(finished).cases.map(({ id }) => id)).toEqual(['ring-read-empty']);
    expect(finished.code).toBe(0);
    const listed = JSON.parse((await clone.run(['list', '03', '--json'])).stdout);
    expect(listed[0].state).toBe('started');
  });

  test('a whole green run of the learner’s file marks it solved and keeps a copy; reset keeps one too', async () => {
    clone.write(FILE, clone.read(REFERENCE));
    expect((await clone.run(['check', '03'])).code).toBe(0);
    const listed = JSON.parse((await clone.run(['list', '03', '--json'])).stdout);
    expect(listed[0]).toMatchObject({ state: 'solved', level: expect.any(String) });

    const mine = `${clone.read(REFERENCE)}// mine\n`;
    clone.write(FILE, mine);
    expect((await clone.run(['reset', '03'])).code).toBe(0);
    expect(clone.read(FILE)).toBe(clone.read('harness/suites/03-ring-buffer/stub.ts'));
    const attempts = JSON.parse((await clone.run(['list', '03', '--attempts', '--json'])).stdout);
    expect(attempts.map(({ why }: { why: string }) => why)).toEqual(['solved', 'reset']);
    expect(clone.read(attempts[1].file.slice(clone.root.length + 1))).toBe(mine);
  });

  test('replay runs the failing case again with its seed', async () => {
    clone.write(
      'wrong.ts',
      clone.read(REFERENCE).replace('this.capacity - this.length', 'this.capacity - this.length - 1'),
    );
    const failed = resultOf(
      await clone.run(['check', '03', '--file', 'wrong.ts', '--no-performance', '--json', '--seed', '99']),
    );
    const token = failed.cases.find(({ status }) => status === 'failed')?.replay as string;
    expect(token).toMatch(/^03-ring-buffer\/[\w-]+@99/);
    const { code, stdout } = await clone.run(['replay', token, '--file', 'wrong.ts']);
    expect(code).toBe(1);
    expect(stdout).toContain('seed 99');
  });
});

describe('compare', () => {
  test('is for afterwards, unless one peeks', async () => {
    const { code, stderr } = await clone.run(['compare', '01']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--peek')]);
  });

  test('shows sizes, measurements and the difference, and writes a page', async () => {
    clone.write(FILE, clone.read('harness/suites/03-ring-buffer/right/mirrored.ts'));
    const { code, stdout } = await clone.run(['compare', '03', '--peek', '--html', 'page.html']);
    clone.write(FILE, clone.read('harness/suites/03-ring-buffer/stub.ts'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/lines\s+\d+\s+\d+.*cases passed\s+75 of 75/s);
    expect(stdout).toMatch(/^-.*\n/m);
    expect(stdout).toMatch(/^\+.*\n/m);
    expect(clone.read('page.html')).toContain('<td class="number">1</td>');
  });
});

describe('reports for machines', () => {
  test('--junit: the counts of its suite are those of the check', async () => {
    await clone.run(['check', '03', '--wrong', 'one-slot-lost', '--no-performance', '--junit', 'junit.xml']);
    const xml = clone.read('junit.xml');
    const [, tests, failures] = /tests="(\d+)" failures="(\d+)"/.exec(xml) ?? [];
    expect(xml.match(/<testcase /g)).toHaveLength(Number(tests));
    expect(xml.match(/<failure /g)).toHaveLength(Number(failures));
    expect(Number(failures)).toBeGreaterThan(0);
  });

  test.each(['result', 'cohort', 'manifest'])('--schema %s prints a JSON Schema', async (name) => {
    const { stdout } = await clone.run(['list', '--schema', name]);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: expect.anything() });
  });
});

describe('wrong usage ends with 2 and says what to run', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['chek'], /There is no command “chek”. Did you mean check\?/],
    ['an unknown exercise', ['check', '99'], /There is no exercise “99”.*npm run list/],
    ['an unknown option', ['check', '03', '--jsn'], /--jsn.*Did you mean --json\?/s],
    ['no exercise', ['check'], /name an exercise, or --all/],
    ['two subjects', ['check', '03', '--as', 'stub', '--wrong', 'x'], /Give one of/],
    ['an unknown subject', ['check', '03', '--as', 'teacher'], /--as takes learner, reference or stub/],
    ['an unknown known-wrong', ['check', '03', '--wrong', 'nope'], /--list-wrong/],
    ['an unknown case', ['check', '03', '--case', 'nope'], /--cases/],
    ['a seed that is none', ['check', '03', '--seed', '1e99'], /--seed takes a whole number/],
    ['no replay token', ['replay', 'x'], /is no replay token/],
    ['a case that is gone', ['replay', '03-ring-buffer/gone@1'], /has no case “gone” any more/],
    ['no number of seeds', ['verify', '03', '--seeds', '0'], /--seeds takes a whole number/],
    ['no name for a new exercise', ['new', 'Framing'], /two digits/],
    ['a number that is taken', ['new', '03-framing'], /03-ring-buffer exists already/],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await clone.run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

test('new makes an exercise that passes its own suite, and overwrites nothing', async () => {
  expect((await clone.run(['new', '98-made-up'])).code).toBe(0);
  expect(resultOf(await clone.run(['check', '98', '--as', 'reference', '--json'])).verdict).toBe('solved');
  expect(resultOf(await clone.run(['check', '98', '--json'])).verdict).toBe('not-started');
  const again = await clone.run(['new', '98-made-up']);
  expect([again.code, again.stderr]).toEqual([2, '98-made-up exists already.\n']);
});

describe('verify', () => {
  const SUITE = 'harness/suites/99-proved';
  const file = (name: string) => `${SUITE}/${name}`;

  beforeAll(async () => {
    await clone.run(['new', '99-proved']);
  });

  /** The complaints that `verify` has about one column after one file was edited. */
  async function complaintsAfter(column: string, name: string, find: string, replace: string): Promise<string> {
    const before = clone.read(name);
    expect(before).toContain(find);
    clone.write(name, before.replace(find, replace));
    const { code, stdout } = await clone.run(['verify', '99', '--only', column, '--seeds', '1', '--json']);
    clone.write(name, before);
    expect(code).toBe(1);
    const proofs = JSON.parse(stdout) as { column: string; complaint?: string }[];
    return proofs.flatMap(({ column, complaint }) => (complaint ? [`${column}: ${complaint}`] : [])).join('\n');
  }

  test.each<[string, string, string, string, string, RegExp]>([
    [
      'a wrong caughtBy',
      'wrong',
      file('wrong.ts'),
      "'proved-wraps'",
      "'proved-empty'",
      /wrong: proved-empty does not catch it/,
    ],
    [
      'a caughtBy that is no case',
      'wrong',
      file('wrong.ts'),
      "'proved-wraps'",
      "'proved-none'",
      /wrong: its header names “proved-none”/,
    ],
    [
      'an edit that matches nothing',
      'wrong',
      file('wrong.ts'),
      'find: ',
      "find: 'x' + ",
      /stands 0 times in the reference/,
    ],
    [
      'a wrong that does not compile',
      'wrong',
      file('wrong.ts'),
      "'sum + byte'",
      "')'",
      /wrong: it must fail in proved-wraps, but: verdict does-not-compile/,
    ],
    [
      'a bug in the reference',
      'reference',
      'solutions/99-proved/proved.ts',
      'let sum = 0',
      'let sum = 1',
      /reference: verdict failed/,
    ],
    ['a right design that is wrong', 'right', file('right/fold.ts'), '% 256', '% 255', /right: verdict failed/],
    [
      'a stub that is more than a stub',
      'stub',
      file('stub.ts'),
      "throw new NotImplemented('example')",
      'return 0',
      /stub: verdict failed/,
    ],
    [
      'a list of cases that is not the suite’s',
      'reference',
      file('cases.json'),
      'proved-wraps',
      'proved-warps',
      /kit-fault.*--update/,
    ],
  ])('finds %s', async (_, column, name, find, replace, complaint) => {
    expect(await complaintsAfter(column, name, find, replace)).toMatch(complaint);
  });

  test('finds a stray file, too few known-wrong, too few designs', async () => {
    clone.write(file('notes.txt'), '');
    const { stdout } = await clone.run(['verify', '99', '--only', 'files']);
    expect(stdout).toMatch(/notes.txt is a stray file.*only 1 known-wrong.*only 1 second\s+correct/s);
  });
});
