/** `next` and `watch` in a real terminal, as a learner has them. */
import { spawn } from 'node:child_process';
import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import wrong from '../../suites/03-ring-buffer/wrong.ts';
import { Clone } from '../clone.ts';
import { hasTmux, Window } from './tmux.ts';

const FILE = 'exercises/03-ring-buffer/ring-buffer.ts';
const STUB = 'harness/suites/03-ring-buffer/stub.ts';
const REFERENCE = 'solutions/03-ring-buffer/ring-buffer.ts';

let clone: Clone;
let window: Window;

function open(options: ConstructorParameters<typeof Window>[1] = {}): Window {
  window = new Window(clone.root, options);
  return window;
}

/** A ring with a small bug, that ends all its cases. */
function buggy(): string {
  const edit = wrong.find(({ id }) => id === 'start-ignored');
  if (!edit) throw new Error('the known-wrong edit has another name now');
  return clone.read(REFERENCE).replace(edit.find, edit.replace);
}

/** Begins to watch, and waits for the first verdict. */
async function watch(options?: ConstructorParameters<typeof Window>[1], args = '03'): Promise<Window> {
  const one = open(options);
  one.run(`node harness/bin.mjs watch ${args}; echo "exit code $?"`);
  await one.until(/NOT STARTED/);
  return one;
}

/** The terminal is as it was: cooked, with a cursor, on the shell's own screen, which still shows what it did. */
async function expectRestored(one: Window): Promise<void> {
  one.run('clear; stty -a | grep -o "[-]*icanon"; stty -a | grep -ow "[-]*echo"; echo done');
  expect(await one.until(/^done$/m)).toMatch(/^icanon\necho\ndone/m);
  expect(one.cursorIsShown).toBe(true);
  expect(one.isAlternate).toBe(false);
}

describe.skipIf(!hasTmux)('in a terminal', () => {
  beforeAll(() => {
    clone = new Clone('kit in a términal');
  });
  afterAll(() => clone?.remove());
  beforeEach(() => clone.write(FILE, clone.read(STUB)));
  afterEach(() => window?.close());

  test('next says where everything is, then watches; the reference turns it green; n goes on', async () => {
    const one = open();
    one.run('echo what was before; node harness/bin.mjs next 03; echo "exit code $?"');
    const stub = await one.until(/NOT STARTED/);
    expect(stub).toContain(FILE);
    expect(stub).toMatch(/○ .*ring-starts-empty/);
    clone.write(FILE, clone.read(REFERENCE));
    await one.until(/all \d+ cases pass/);
    const solved = await one.until(/SOLVED|INCONCLUSIVE/);
    expect(solved).toMatch(/^ {2}next /m);
    one.press('n');
    await one.until(
      (screen) => !screen.includes('03-ring-buffer  ') || /every exercise is solved|all \d+ exercises/.test(screen),
    );
    one.press('q');
    await one.until(/^exit code 0$/m);
    expect(one.history()).toContain('what was before');
    expect(one.history()).toMatch(/statement {2}exercises\/03-ring-buffer\/README\.md/);
    await expectRestored(one);
  });

  test.each([
    ['q', (one: Window) => one.press('q'), 0],
    ['Ctrl-C', (one: Window) => one.press('C-c'), 0],
  ])('%s ends it and restores the terminal', async (_, end, code) => {
    const one = await watch();
    expect(one.isAlternate).toBe(true);
    expect(one.cursorIsShown).toBe(false);
    end(one);
    await one.until(new RegExp(`exit code ${code}\n`));
    await expectRestored(one);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s ends it and restores the terminal', async (signal, code) => {
    const one = await watch();
    process.kill(holder(), signal);
    await one.until(new RegExp(`exit code ${code}\n`));
    await expectRestored(one);
  });

  test('a fault of the kit restores the terminal, and is told', async () => {
    const one = await watch();
    const cases = clone.read('harness/suites/03-ring-buffer/cases.json');
    clone.write('harness/suites/03-ring-buffer/cases.json', 'no list');
    try {
      one.press('r');
      const told = await one.until(/exit code 70\n/);
      expect(told).toContain('A fault of the kit, not of your code');
      await expectRestored(one);
    } finally {
      clone.write('harness/suites/03-ring-buffer/cases.json', cases);
    }
  });

  test('a save during a hang ends the run and begins anew', async () => {
    const one = await watch();
    clone.write(FILE, `${clone.read(REFERENCE)}\nwhile (true) {}\n`);
    await one.until(/▸ running/);
    clone.write(FILE, buggy());
    expect(await one.until(/FAILED|TIMED OUT/)).toContain('FAILED');
  });

  test('the file may be deleted and come back', async () => {
    const one = await watch();
    unlinkSync(clone.path(FILE));
    await one.until(/ring-buffer\.ts is gone/);
    clone.write(FILE, buggy());
    await one.until(/FAILED/);
  });

  test('keys: h, l, s and ? open, esc closes, the statement scrolls, x asks; at 20 columns and after a resize', async () => {
    clone.write(FILE, `${clone.read(STUB)}\n// mine\n`);
    const one = await watch({ columns: 20, rows: 24 });
    expect(one.screen().split('\n')[0]).toMatch(/^03-ring-buffer/);
    one.resize(40, 10);
    await one.until((screen) => screen.trimEnd().split('\n').length <= 10 && screen.includes('? help'));
    one.resize(80, 24);
    await one.until(/replay +npm run replay/);
    expect(one.painted()).toContain('\x1b[33m');
    await openPanes(one);
    await resetByKey(one);
  });

  test('NO_COLOR: no colours', async () => {
    const one = await watch({ env: { NO_COLOR: '1' } });
    expect(one.painted()).not.toMatch(/\x1b\[3\d/);
  });

  test('TERM=dumb: lines that are only added, and the keys', async () => {
    const one = await watch({ env: { TERM: 'dumb' }, rows: 60 });
    expect(one.isAlternate).toBe(false);
    expect(one.screen()).toMatch(/running \d+ cases of 03-ring-buffer/);
    one.press('?');
    await one.until(/Keys\n/);
    one.press('q');
    await one.until(/exit code 0/);
    await expectRestored(one);
  });

  test('a window that is closed ends it, even in the middle of a run', async () => {
    const one = await watch();
    const pid = holder();
    clone.write(FILE, `${clone.read(REFERENCE)}\nwhile (true) {}\n`);
    await one.until(/▸ running/);
    one.close();
    await vi.waitUntil(() => !isAlive(pid), { timeout: 20_000 });
    expect(existsSync(clone.path('.kata/watch.lock'))).toBe(false);
  });

  test('a second watcher in the clone is told about the first', async () => {
    await watch();
    const second = await clone.run(['watch', '03']);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`process ${holder()}, on 03-ring-buffer`);
  });

  test('Ctrl-Z stops it and gives the terminal back; fg goes on', async () => {
    const one = await watch();
    one.press('C-z');
    await one.until(/Stopped/);
    expect(one.isAlternate).toBe(false);
    one.run('fg');
    await one.until(/NOT STARTED/);
    expect(one.isAlternate).toBe(true);
    one.press('q');
    await one.until(/goes on here/);
    await expectRestored(one);
  });
});

async function openPanes(one: Window): Promise<void> {
  one.press('h');
  await one.until(/Hints for 03-ring-buffer\n[\s\S]*1\. /);
  one.press('l');
  await one.until(/Curriculum\n[\s\S]*03-ring-buffer/);
  one.press('?');
  await one.until(/Keys\n[\s\S]*one more hint/);
  one.press('s');
  const first = await one.until(/README\.md\n/);
  one.press('Space');
  await one.until((screen) => screen !== first && /↑ \d+/.test(screen));
  one.press('End');
  await one.until((screen) => /↑ \d+/.test(screen) && !/↓ \d/.test(screen));
  one.press('Escape');
  await one.until(/ring-starts-empty/);
}

/** x asks; n changes nothing, y keeps what was written and puts the stub back. */
async function resetByKey(one: Window): Promise<void> {
  one.press('x');
  await one.until(/reset ring-buffer\.ts to the stub .*\? y\/n/);
  one.press('n');
  await one.until(/nothing was changed/);
  expect(clone.read(FILE)).toContain('// mine');
  one.press('x');
  await one.until(/y\/n/);
  one.press('y');
  await one.until(() => clone.read(FILE) === clone.read(STUB));
  const { stdout } = await clone.run(['list', '03', '--attempts']);
  expect(stdout).toContain('reset');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Who watches in the clone. */
function holder(): number {
  return JSON.parse(clone.read('.kata/watch.lock')).pid;
}

describe('without a terminal', () => {
  let piped: Clone;
  beforeAll(() => {
    piped = new Clone('kit without a terminal');
  });
  afterAll(() => piped?.remove());

  test('next runs once: exercise, statement, file, the first failing case; exit 0', async () => {
    const { code, stdout } = await piped.run(['next']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d\d-[\w-]+ {2}/);
    expect(stdout).toMatch(/statement {2}exercises\/\d\d-[\w-]+\/README\.md\n/);
    expect(stdout).toMatch(/your file {2}exercises\/\d\d-[\w-]+\/[\w-]+\.ts\n/);
    expect(stdout).toMatch(/\n○ .*\n +expected /);
    expect(stdout).not.toContain('\x1b');
  });

  test('next puts a missing file there, and says so', async () => {
    unlinkSync(piped.path(FILE));
    const { code, stdout } = await piped.run(['next', 'ring-buffer']);
    expect(code).toBe(0);
    expect(stdout).toContain(`${FILE} was missing: the stub is there now`);
    expect(piped.read(FILE)).toBe(piped.read(STUB));
  });

  test('next of an unknown exercise: exit 2 and a suggestion', async () => {
    const { code, stderr } = await piped.run(['next', 'ring-bufer']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean 03-ring-buffer?');
  });

  test('watch prints lines as runs go on, and ends with SIGTERM', async () => {
    const child = spawn(process.execPath, ['harness/bin.mjs', 'next', '03', '--watch'], { cwd: piped.root });
    let text = '';
    let heard = () => {};
    child.stdout.on('data', (data) => {
      text += String(data);
      heard();
    });
    const until = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    };
    await until(/NOT STARTED/);
    text = '';
    writeFileSync(piped.path(FILE), piped.read(REFERENCE));
    await until(/running \d+ cases of 03-ring-buffer\n[\s\S]*✓ shape: 5 of 5\n[\s\S]*cases pass; measuring speed\n/);
    const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(text).not.toContain('\x1b[?');
  });
});
