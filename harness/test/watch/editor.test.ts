/** The key `o` and `--open`: which editor is taken, what it is given, and how the terminal comes back. */
import { chmodSync, existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { chooseEditor } from '../../watch/editor.ts';
import { Clone } from '../clone.ts';
import { hasTmux, Window } from './tmux.ts';

const AT = { file: '/kit/a b.ts', line: 12, column: 3 };
const BESIDE = ['/kit/README.md'];

/** What would be run. */
function commandFor(env: NodeJS.ProcessEnv): unknown[] | undefined {
  const editor = chooseEditor(env);
  return editor && [editor.command, ...editor.arguments(AT, BESIDE), editor.hasWindow ? 'window' : 'terminal'];
}

describe('the editor', () => {
  test.each<[string, NodeJS.ProcessEnv, unknown[] | undefined]>([
    ['none', {}, undefined],
    ['blank', { EDITOR: ' ', VISUAL: '' }, undefined],
    ['vim', { EDITOR: 'vim' }, ['vim', '+12', '/kit/a b.ts', 'terminal']],
    ['by its path', { EDITOR: '/usr/bin/nano -w' }, ['/usr/bin/nano -w', '+12', '/kit/a b.ts', 'terminal']],
    ['VISUAL before EDITOR', { VISUAL: 'hx', EDITOR: 'vi' }, ['hx', '/kit/a b.ts:12:3', 'terminal']],
    ['unknown', { EDITOR: 'mine' }, ['mine', '/kit/a b.ts', 'terminal']],
    ['code', { EDITOR: 'code --wait' }, ['code --wait', '-r', ...BESIDE, '-g', '/kit/a b.ts:12:3', 'window']],
    ['in VS Code', { TERM_PROGRAM: 'vscode' }, ['code', '-r', ...BESIDE, '-g', '/kit/a b.ts:12:3', 'window']],
    [
      'vim in VS Code',
      { TERM_PROGRAM: 'vscode', EDITOR: 'vim' },
      ['code', '-r', ...BESIDE, '-g', '/kit/a b.ts:12:3', 'window'],
    ],
    [
      'another window',
      { TERM_PROGRAM: 'vscode', EDITOR: 'subl -n' },
      ['subl -n', ...BESIDE, '/kit/a b.ts:12:3', 'window'],
    ],
    ['emacsclient', { EDITOR: 'emacsclient -n' }, ['emacsclient -n', ...BESIDE, '/kit/a b.ts', 'window']],
    ['emacsclient -t', { EDITOR: 'emacsclient -t' }, ['emacsclient -t', '+12', '/kit/a b.ts', 'terminal']],
  ])('%s', (_, env, expected) => expect(commandFor(env)).toEqual(expected));
});

const FILE = 'exercises/03-ring-buffer/ring-buffer.ts';

describe.skipIf(!hasTmux)('in a terminal', () => {
  let clone: Clone;
  let window: Window;

  beforeAll(() => {
    clone = new Clone('kit and editors');
    program('vim', 'echo "editing $*"; read line; echo "// $line" >> "$2"');
    program('code', `printf '%s\\n' "$@" > "${clone.path('opened.txt')}"`);
    program('broken', 'exit 3');
    program('interrupted', `touch "${clone.path('interrupted.txt')}"; kill -s INT $$`);
  });
  afterAll(() => clone?.remove());
  afterEach(() => window?.close());

  function program(name: string, script: string): void {
    clone.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(clone.path('bin', name), 0o755);
  }

  async function watch(env: Record<string, string>, args = '03'): Promise<Window> {
    window = new Window(clone.root, {
      columns: 140,
      env: { PATH: `${clone.path('bin')}:${process.env.PATH}`, TERM_PROGRAM: '', VISUAL: '', EDITOR: '', ...env },
    });
    window.run(`node harness/bin.mjs next ${args}; echo "exit code $?"`);
    return window;
  }

  test('one in the terminal gets it, and gives it back; its save is run', async () => {
    const one = await watch({ EDITOR: 'vim' });
    await one.until(/NOT STARTED/);
    one.press('o');
    const lent = await one.until(/^editing \+\d+ .*ring-buffer\.ts$/m);
    expect(lent).not.toContain('NOT STARTED');
    expect(one.isAlternate).toBe(false);
    expect(one.cursorIsShown).toBe(true);
    one.run('q, typed in the editor');
    await one.until(/NOT STARTED/);
    expect(one.isAlternate).toBe(true);
    expect(one.cursorIsShown).toBe(false);
    expect(clone.read(FILE)).toMatch(/\n\/\/ q, typed in the editor\n$/);
    one.press('q');
    await one.until(/^exit code 0$/m);
  });

  test('Ctrl-C in it is its own; a signal for us ends both', async () => {
    const one = await watch({ EDITOR: 'vim' });
    await one.until(/NOT STARTED/);
    one.press('o');
    await one.until(/^editing /m);
    one.press('C-c');
    await one.until(/NOT STARTED/);
    // Nor is it the type checker's.
    clone.write(FILE, `${clone.read(FILE)}\nexport const n: number = 'text';\n`);
    await one.until(/type error/);
    one.press('o');
    await one.until((screen) => /^editing /m.test(screen));
    process.kill(JSON.parse(clone.read('.kata/watch.lock')).pid, 'SIGTERM');
    await one.until(/^exit code 143$/m);
    expect(one.isAlternate).toBe(false);
  });

  test('our share of its Ctrl-C may come after its end; the next SIGINT ends us', async () => {
    const one = await watch({ EDITOR: 'interrupted' });
    await one.until(/NOT STARTED/);
    one.press('o');
    await vi.waitUntil(() => existsSync(clone.path('interrupted.txt')), { timeout: 20_000 });
    await one.until(() => one.isAlternate);
    const { pid } = JSON.parse(clone.read('.kata/watch.lock'));
    process.kill(pid, 'SIGINT');
    one.press('?');
    await one.until(/^ *Keys/m);
    process.kill(pid, 'SIGINT');
    await one.until(/^exit code 130$/m);
  });

  test('one with a window gets the statement, the file and a line, and the screen stays', async () => {
    const one = await watch({ TERM_PROGRAM: 'vscode' }, '03 --open');
    await one.until(/NOT STARTED/);
    await vi.waitUntil(() => existsSync(clone.path('opened.txt')), { timeout: 20_000 });
    const [reuse, statement, go, file = ''] = clone.read('opened.txt').split('\n');
    expect([reuse, go]).toEqual(['-r', '-g']);
    expect(statement).toBe(clone.path('exercises/03-ring-buffer/README.md'));
    expect(file).toMatch(new RegExp(`^${path.dirname(clone.root)}.*ring-buffer\\.ts:\\d+:\\d+$`));
    expect(one.isAlternate).toBe(true);
  });

  test('what is wrong is said: no editor, one that is not there, one that fails', async () => {
    const one = await watch({});
    await one.until(/NOT STARTED/);
    one.press('o');
    await one.until(/o needs to know your editor: EDITOR=vim npm run next/);
    one.press('q');
    await one.until(/^exit code 0$/m);
    one.close();
    const two = await watch({ EDITOR: 'no-such-editor' });
    await two.until(/NOT STARTED/);
    two.press('o');
    await two.until(/there is no command “no-such-editor”/);
    two.close();
    const three = await watch({ EDITOR: 'broken' });
    await three.until(/NOT STARTED/);
    three.press('o');
    await three.until(/broken ended with exit code 3/);
  });

  test('--open without a terminal is refused', async () => {
    const { code, stderr } = await clone.run(['next', '03', '--open']);
    expect(code).toBe(2);
    expect(stderr).toContain('--open needs a terminal');
  });
});
