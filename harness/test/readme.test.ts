/** What the README and CONTRIBUTING tell people to run exists, and the README's commands do what they say. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../manifest.ts';
import { typeLines } from '../report/feedback.ts';
import { makePaint } from '../report/paint.ts';
import { Clone } from './clone.ts';

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
const PAGES = ['README.md', 'CONTRIBUTING.md', 'exercises/ERRATA.md'].filter((file) =>
  existsSync(path.join(root, file)),
);

/** `npm run X -- …` as it stands in a page, without comments. */
function commandsIn(page: string): string[] {
  return [...read(page).matchAll(/npm (?:run [\w:-]+(?: -- [^`\n#|]+)?|test|ci)/g)].map(([command]) => command.trim());
}

describe.each(PAGES)('%s', (page) => {
  test('names only scripts that exist', () => {
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script);
    expect(named.filter((script) => !scripts.includes(script as string))).toEqual([]);
  });

  test('links only to files that exist', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target as string);
    const home = path.dirname(path.join(root, page));
    expect(links.filter((target) => !existsSync(path.join(home, target)))).toEqual([]);
  });
});

describe('the README’s commands', () => {
  let clone: Clone;
  beforeAll(() => {
    clone = new Clone();
  });
  afterAll(() => clone.remove());

  /** Those that the kit’s own commands answer; the others are scripts for authors, or this very test run. */
  const commands = [...new Set(commandsIn('README.md'))].filter((command) => {
    return /^npm run (next|check|list|hint|reset|compare|replay)\b/.test(command);
  });

  test('are several', () => expect(commands.length).toBeGreaterThanOrEqual(7));

  test.each(commands)('%s', async (command) => {
    const words = command
      .replace(/^npm run /, '')
      .replace(' -- ', ' ')
      .replace('TOKEN', '03-ring-buffer/ring-read-empty@1')
      .replace('PATH', 'solutions/03-ring-buffer/ring-buffer.ts');
    const { code, stdout, stderr } = await clone.run(words.split(' '));
    // A clean clone is not solved: `check` and `replay` say so with 1, `compare` refuses with 2 and says how to peek.
    const expected = /^(check|replay)/.test(words) ? 1 : /^compare/.test(words) && !words.includes('--peek') ? 2 : 0;
    expect(code, stderr).toBe(expected);
    expect(stdout + stderr).not.toBe('');
  });
});

describe('the tasks of VS Code', () => {
  const { tasks } = JSON.parse(read('.vscode/tasks.json'));
  const matchers = tasks.flatMap((task: { problemMatcher: unknown }) => task.problemMatcher);
  const regexps: RegExp[] = matchers.flatMap(({ pattern }: { pattern: { regexp: string } | { regexp: string }[] }) =>
    [pattern].flat().map(({ regexp }) => new RegExp(regexp, 'm')),
  );
  const places = (text: string) => regexps.slice(0, 2).map((regexp) => regexp.exec(text)?.slice(1, 4));

  test('run scripts that exist', () => {
    const run = tasks.map(({ script, command = '' }: { script?: string; command?: string }) => {
      return script ?? /npm run --silent (\S+)/.exec(command)?.[1];
    });
    expect(run.filter((script: string) => !scripts.includes(script))).toEqual([]);
  });

  test('find the place of a failure, and of a type error with its text', () => {
    expect(places(read('harness/test/golden/not-compiling.txt'))[0]).toEqual([
      'harness/test/hostile/half-written.ts',
      '6',
      '20',
    ]);
    expect(places(read('harness/test/golden/not-started.txt'))[0]?.[0]).toMatch(/\.ts$/);
    const at = { file: path.join(root, 'exercises/03-ring-buffer/ring-buffer.ts'), line: 12, column: 5 };
    const lines = typeLines({ types: [{ code: 'TS2322', message: 'not a number', at }] }, makePaint(false, 80));
    expect(places(lines.join('\n'))[1]).toEqual(['exercises/03-ring-buffer/ring-buffer.ts', '12', '5']);
    expect(regexps[2]?.exec(lines.at(-1) ?? '')?.[1]).toBe('not a number');
  });
});
