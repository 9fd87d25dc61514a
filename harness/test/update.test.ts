/** A learner with work pulls a newer kit, by the README's own commands: nothing is lost, and what was solved stays solved. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../manifest.ts';
import { Clone } from './clone.ts';

const SOLVED = '03-ring-buffer/ring-buffer.ts';
const STARTED = '01-demux-table/demux-table.ts';
const UNTOUCHED = '08-http1-parser/http1-parser.ts';
const SUITE = 'harness/suites/03-ring-buffer/conformance/shape.ts';
const IDENTITY = ['NAME', 'EMAIL'].flatMap((what) => [`GIT_AUTHOR_${what}`, `GIT_COMMITTER_${what}`]);
const GIT_ENV = {
  ...process.env,
  ...Object.fromEntries(IDENTITY.map((name) => [name, 'learner@example.com'])),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};

/** The commands of the README’s section on updating, without what the registry would be needed for. */
function recipe(): string[] {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, block = ''] = /## Updating\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  return block.split('\n').filter((line) => line.startsWith('git '));
}

function git(where: Clone, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: where.root,
    env: GIT_ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** As a learner types it: a command that fails does not keep the next one from being typed. */
function type(where: Clone, commands: string[]): string {
  const { stdout, stderr } = spawnSync('sh', ['-c', commands.join('\n')], {
    cwd: where.root,
    env: GIT_ENV,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

/** Makes a clone a repository with one commit, of which `node_modules` is no part. */
function commitAll(where: Clone): void {
  git(where, 'init', '-q', '-b', 'main');
  where.write('.git/info/exclude', 'node_modules\n');
  git(where, 'add', '-A');
  git(where, 'commit', '-qm', 'The kit');
}

function stubOf(file: string): string {
  return `harness/suites/${path.dirname(file)}/stub.ts`;
}

/** A newer kit: another suite, another manifest, other stubs. */
function publish(kit: Clone): void {
  kit.write(SUITE, `${kit.read(SUITE)}\n// A newer suite.\n`);
  kit.write(
    'exercises/manifest.json',
    kit.read('exercises/manifest.json').replace('"title": "Ring buffer"', '"title": "The ring"'),
  );
  for (const file of [SOLVED, STARTED, UNTOUCHED]) {
    const newer = kit.read(stubOf(file)).replace('*/', '* In a newer kit.\n */');
    kit.write(stubOf(file), newer);
    kit.write(`exercises/${file}`, newer);
  }
  git(kit, 'commit', '-qam', 'A newer kit');
}

async function states(learner: Clone): Promise<Record<string, string>> {
  const { stdout } = await learner.run(['list', '--json']);
  return Object.fromEntries(JSON.parse(stdout).map(({ id, state }: { id: string; state: string }) => [id, state]));
}

describe('a learner with work', () => {
  let kit: Clone;
  let learner: Clone;
  let before: Record<string, string>;

  beforeAll(async () => {
    kit = new Clone('published');
    commitAll(kit);
    learner = new Clone('of a learner');
    git(learner, 'init', '-q', '-b', 'main');
    learner.write('.git/info/exclude', 'node_modules\n');
    git(learner, 'remote', 'add', 'origin', kit.root);
    git(learner, 'fetch', '-q', 'origin');
    git(learner, 'reset', '-q', 'origin/main');
    git(learner, 'branch', '-q', '--set-upstream-to', 'origin/main');
    learner.write(`exercises/${SOLVED}`, `${learner.read('solutions/03-ring-buffer/ring-buffer.ts')}// Mine.\n`);
    const started = learner
      .read(stubOf(STARTED))
      .replace(/throw new NotImplemented\('new DemuxTable'\);/, '')
      .replace(/throw new NotImplemented\('DemuxTable.lookup'\);/, "return 'RST';");
    learner.write(`exercises/${STARTED}`, `// Mine, not done.\n${started}`);
    before = Object.fromEntries([SOLVED, STARTED].map((file) => [file, learner.read(`exercises/${file}`)]));
    expect((await learner.run(['check', '03'])).code).toBe(0);
    await learner.run(['check', '01', '--no-performance']);
    publish(kit);
  }, 120_000);
  afterAll(() => {
    kit?.remove();
    learner?.remove();
  });

  const mine = () => Object.fromEntries([SOLVED, STARTED].map((file) => [file, learner.read(`exercises/${file}`)]));

  test('who forgets to commit loses nothing: git refuses', () => {
    expect(type(learner, ['git pull --no-rebase'])).toContain('would be overwritten by merge');
    expect(mine()).toEqual(before);
  });

  test('by the README’s commands the newer kit comes in, and every written file stays as it is', () => {
    expect(recipe().length).toBeGreaterThanOrEqual(2);
    type(learner, recipe());
    expect(mine()).toEqual(before);
    expect(learner.read(SUITE)).toContain('A newer suite');
    expect(learner.read(`exercises/${UNTOUCHED}`)).toContain('In a newer kit');
    expect(learner.read(stubOf(STARTED))).toContain('In a newer kit');
    expect(git(learner, 'status', '--porcelain')).toBe('');
    expect(git(learner, 'log', '-1', '--format=%P').trim().split(' ')).toHaveLength(2);
  });

  test('what was solved says by which suite, and is solved by the newer one once it is checked', async () => {
    expect(await states(learner)).toMatchObject({
      '03-ring-buffer': 'solved-older-suite',
      '01-demux-table': 'started',
    });
    expect((await learner.run(['list'])).stdout).toMatch(/The ring .*✓ solved with an older suite/);
    expect((await learner.run(['check', '03'])).code).toBe(0);
    expect(await states(learner)).toMatchObject({ '03-ring-buffer': 'solved' });
  });

  test('reset takes the newer stub, and keeps what was written', async () => {
    const { stdout } = await learner.run(['reset', '01']);
    expect(learner.read(`exercises/${STARTED}`)).toBe(learner.read(stubOf(STARTED)));
    const [, kept = ''] = /kept as (\S+\.ts)/.exec(stdout) ?? [];
    expect(learner.read(kept)).toBe(before[STARTED]);
  });
});
