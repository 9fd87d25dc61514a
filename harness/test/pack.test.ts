/** `pack`: an edition for learners grades as the kit does, holds nothing readable of it, and leaves learners' files alone. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { chooseSubject } from '../check.ts';
import { findExercise, loadManifest, root } from '../manifest.ts';
import { moduleFacts } from '../run/module-facts.ts';
import { knownWrong, suiteHash } from '../suite.ts';
import { runKit } from './clone.ts';

const exercise = findExercise(loadManifest(), 'ring-buffer');
const FILE = `exercises/${exercise.id}/${exercise.file}`;
const holder = mkdtempSync(path.join(tmpdir(), 'wirekata-pack-test-'));
const edition = path.join(holder, 'edition');

const at = (file: string) => path.join(edition, file);
const read = (file: string) => readFileSync(at(file), 'utf8');
const write = (text: string) => writeFileSync(at(FILE), text);
const run = (...args: string[]) => runKit(edition, args);
const pack = (folder = edition) => runKit(root, ['pack', '--out', folder]);

async function grade(text: string) {
  write(text);
  const { stdout, stderr } = await run('check', exercise.id, '--json');
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout);
}

beforeAll(async () => {
  const { code, stderr } = await pack();
  expect(code, stderr).toBe(0);
  symlinkSync(path.join(root, 'node_modules'), at('node_modules'));
});
afterAll(() => rmSync(holder, { recursive: true, force: true }));

describe('grades as the kit does', () => {
  test('the stub', async () => {
    expect(read(FILE)).toBe(readFileSync(exercise.stub, 'utf8'));
    expect(await grade(read(FILE))).toMatchObject({ verdict: 'not-started', kit: { suite: suiteHash(exercise) } });
  });

  test('a solution, with its performance', async () => {
    const result = await grade(readFileSync(exercise.reference, 'utf8'));
    expect(['solved', 'inconclusive'], result.reason).toContain(result.verdict);
    expect(result.performance.map(({ id }: { id: string }) => id)).toEqual(
      exercise.performance.map(({ metric }) => metric),
    );
    expect((await run('list')).stdout).toMatch(/03-ring-buffer .*✓ solved/);
  });

  test('a known-wrong implementation', async () => {
    const [wrong] = await knownWrong(exercise);
    const { sources, file } = await chooseSubject(exercise, { wrong: wrong?.id as string });
    const { verdict, cases } = await grade(sources.get(file) as string);
    expect(verdict).toBe('failed');
    expect(cases).toContainEqual(expect.objectContaining({ id: wrong?.caughtBy, status: 'failed' }));
  });

  test('a client in a process of its own', async () => {
    const pool = findExercise(loadManifest(), 'connection-pool');
    const file = `exercises/${pool.id}/${pool.file}`;
    const stub = read(file);
    writeFileSync(at(file), readFileSync(pool.reference, 'utf8'));
    const { stdout } = await run('check', pool.id, '--case', 'pool-remote-retry', '--json');
    writeFileSync(at(file), stub);
    expect(JSON.parse(stdout).verdict).toBe('solved');
  });

  test('and refuses to import the reference that it carries', async () => {
    const { verdict, reason } = await grade(`export * from '../../harness/suites/${exercise.id}/reference.js';\n`);
    expect([verdict, reason]).toEqual(['refused', expect.stringContaining('outside the exercise')]);
  });
});

describe('commands', () => {
  beforeEach(() => write(readFileSync(exercise.stub, 'utf8')));

  test.each([
    ['next', exercise.id],
    ['hint', exercise.id],
    ['list', exercise.id, '--clauses'],
    ['list', exercise.id, '--attempts'],
    ['reset', exercise.id],
  ])('%s %s works', async (...args) => expect(await run(...args)).toMatchObject({ code: 0, stderr: '' }));

  test('watch works', async () => {
    const child = spawn(process.execPath, ['harness/bin.mjs', 'watch', exercise.id], { cwd: edition });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) if (/not.started/i.test(line)) break;
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  });

  test('replay works', async () => {
    const { code, stdout } = await run('replay', `${exercise.id}/ring-read-empty@1`);
    expect([code, stdout]).toEqual([1, expect.stringContaining('ring-read-empty')]);
  });

  test.each([['compare'], ['compare', '--peek'], ['check', '--as', 'reference']])(
    '%s %s',
    async (name, ...options: string[]) => {
      const { code, stderr } = await run(name as string, exercise.id, ...options);
      expect([code, stderr]).toEqual([2, expect.stringContaining('your instructor holds the references')]);
    },
  );

  test.each(['verify', 'new', 'pack'])('%s is the instructor’s', async (name) => {
    const { code, stderr } = await run(name);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`your instructor has “${name}”`)]);
    expect((await run('help')).stdout).not.toContain(`npm run ${name} `);
  });
});

/** Files of a folder, without node_modules. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(file);
    return entry.isFile() ? [file] : [];
  });
}

describe('holds nothing readable', () => {
  const kit = filesBelow(path.join(root, 'harness')).filter(
    (file) => !file.startsWith(path.join(root, 'harness/test')),
  );
  const shown = loadManifest().flatMap(({ stub, statement }) => [stub, statement]);
  const isSuite = (file: string) => file.startsWith(path.join(root, 'harness/suites')) && !shown.includes(file);
  const secret = [...filesBelow(path.join(root, 'solutions')), ...kit.filter(isSuite)];
  const textOf = (files: string[]) => files.map((file) => readFileSync(file, 'utf8')).join('\n');
  /** Comments, and code as only a person would space it. */
  const isDistinct = (line: string) => line.length >= 30 && /^(\/\/|\/?\*)|\s(=|=>|&&|===)\s/.test(line);

  test('of references, known-wrong files, second designs and suites', () => {
    const known = textOf([...shown, ...kit.filter((file) => !isSuite(file))]);
    const lines = textOf(secret.filter((file) => !file.endsWith('.json'))).split('\n');
    const distinct = new Set(
      lines.map((line) => line.trim()).filter((line) => isDistinct(line) && !known.includes(line)),
    );
    expect(distinct.size).toBeGreaterThan(2_000);
    // What was solved above is kept there.
    const text = textOf(filesBelow(edition).filter((file) => !file.startsWith(at('.kata'))));
    expect([...distinct].filter((line) => text.includes(line))).toEqual([]);
  });

  test('in suites, which are minified', () => {
    const always = ['cases.json', 'conformance.js', 'performance.js', 'reference.js', 'stub.ts', 'version'];
    for (const { id, remote } of loadManifest()) {
      const names = readdirSync(at(`harness/suites/${id}`)).sort();
      expect(names).toEqual([...always, ...(remote ? ['program.js', 'remote.js'] : [])].sort());
      for (const name of names.filter((one) => one.endsWith('.js'))) {
        const text = read(`harness/suites/${id}/${name}`);
        expect(text.length / text.split('\n').length, `${id}/${name}: characters a line`).toBeGreaterThan(100);
      }
    }
  });
});

describe('is whole', () => {
  test('every import leads to a file', () => {
    const sources = filesBelow(edition).filter((file) => /\.(ts|mjs|js)$/.test(file));
    for (const file of sources) {
      const { imports } = moduleFacts(
        parseAst(readFileSync(file, 'utf8'), { lang: file.endsWith('.ts') ? 'ts' : 'js' }),
      );
      for (const { specifier } of imports.filter((one) => one.specifier.startsWith('.')))
        expect(existsSync(path.resolve(path.dirname(file), specifier)), `${file} imports ${specifier}`).toBe(true);
    }
  });

  test('npm ci accepts its lock file, which holds what learners need and no more', () => {
    const { dependencies, devDependencies, scripts } = JSON.parse(read('package.json'));
    expect(Object.keys(dependencies)).toEqual(
      expect.arrayContaining(['chokidar', 'rolldown', 'tsx', 'typescript', 'vitest', 'zod']),
    );
    expect(devDependencies ?? dependencies['js-tokens'] ?? scripts.verify ?? scripts.pack).toBeUndefined();
    const options = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit'];
    execFileSync('npm', options, { cwd: edition, stdio: ['ignore', 'ignore', 'pipe'] });
    const locked = Object.keys(JSON.parse(read('package-lock.json')).packages);
    expect(locked).not.toContain('node_modules/@stryker-mutator/core');
    // Of other platforms as well: learners' machines are not the instructor's.
    expect(locked).toEqual(expect.arrayContaining(['node_modules/@rolldown/binding-darwin-arm64']));
  });

  test('tsc is content with it', () => {
    write(readFileSync(exercise.stub, 'utf8'));
    execFileSync(process.execPath, ['node_modules/typescript/lib/tsc.js'], { cwd: edition, stdio: 'pipe' });
  });

  test('its README names scripts and files that exist', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const readme = read('README.md');
    expect(readme).toContain('veil, not a vault');
    for (const [, script] of readme.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    for (const [, target] of readme.matchAll(/\]\(([^)#]+)\)/g))
      expect(existsSync(at(target as string)), target).toBe(true);
  });
});

describe('writing', () => {
  test('into an earlier edition leaves what learners wrote, and renews what they did not touch', async () => {
    const other = `exercises/13-h2-frames/h2-frames.ts`;
    write('// my own work\n');
    mkdirSync(at('mine'), { recursive: true });
    writeFileSync(at('mine/notes.txt'), 'mine');
    writeFileSync(at(`harness/suites/13-h2-frames/stub.ts`), '// an older stub\n');
    writeFileSync(at(other), '// an older stub\n');
    const { code, stdout, stderr } = await pack();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`${exercise.id}: the learner’s file is left as it is`);
    expect([read(FILE), read('mine/notes.txt')]).toEqual(['// my own work\n', 'mine']);
    expect(read(other)).toBe(readFileSync(path.join(root, 'harness/suites/13-h2-frames/stub.ts'), 'utf8'));
  });

  test.each<[string, (folder: string) => void]>([
    ['a folder with something else in it', (folder) => writeFileSync(path.join(folder, 'thesis.md'), 'mine')],
    [
      'a clone of the kit',
      (folder) => {
        mkdirSync(path.join(folder, 'exercises'));
        writeFileSync(path.join(folder, 'exercises/manifest.json'), '{ "exercises": [] }');
      },
    ],
    [
      'a broken manifest',
      (folder) => {
        mkdirSync(path.join(folder, 'exercises'));
        writeFileSync(path.join(folder, 'exercises/manifest.json'), '{');
      },
    ],
  ])('refuses %s', async (_, fill) => {
    const folder = mkdtempSync(path.join(holder, 'foreign-'));
    fill(folder);
    const before = filesBelow(folder);
    const { code, stderr } = await pack(folder);
    expect([code, stderr]).toEqual([2, expect.stringContaining('neither an empty folder nor an earlier edition')]);
    expect(filesBelow(folder)).toEqual(before);
  });

  test('refuses a file', async () => {
    const file = path.join(holder, 'file');
    writeFileSync(file, '');
    expect(await pack(file)).toMatchObject({ code: 2 });
  });
});
