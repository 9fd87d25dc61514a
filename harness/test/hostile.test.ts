/**
 * The hostile corpus: what learners do by accident, and what a few will try. Each file of
 * harness/test/hostile says in its header what it does and what the verdict must be; a line marked
 * `// HERE` must be the one that the report names.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Checked, check, chooseSubject } from '../check.ts';
import { findExercise, loadManifest } from '../manifest.ts';
import { table } from '../report/table.ts';
import { Runner } from '../run/run.ts';
import { LIMITS } from '../run/watchdog.ts';
import { CORPUS, hostileCorpus, verdictsFor } from './hostile-corpus.ts';

const exercise = findExercise(loadManifest(), 'ring-buffer');
/** Beyond its own limit a run may take the start of a child, and this machine may be busy. */
const SLACK_MS = 10_000;

const corpus = hostileCorpus();
const runner = new Runner();
const rows: string[][] = [['SUBJECT', 'VERDICT', 'SECONDS', 'WHY']];

beforeAll(() => runner.warm(exercise));
afterAll(() => console.log(table(rows).join('\n')));

/** Pids of living children of this process that run a subject. */
function children(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const ours = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
      const isSubject = readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('workers/forks.js');
      return isSubject && ours[0] !== 'Z' && (ours[1] === String(process.pid) || ours[1] === '1');
    } catch {
      return false;
    }
  });
}

async function grade(file: string): Promise<Checked> {
  const checked = await check(runner, exercise, await chooseSubject(exercise, { file }), { seed: 1 });
  rows.push([path.basename(file, '.ts'), checked.verdict, (checked.ms / 1000).toFixed(1), checked.reason.slice(0, 80)]);
  return checked;
}

function messagesOf({ reason, cases }: Checked): string {
  return [
    reason,
    ...cases.map(
      ({ failure, error }) =>
        `${failure?.actual ?? ''} ${failure?.expected ?? ''} ${error?.message ?? ''} ${error?.name ?? ''}`,
    ),
  ].join('\n');
}

/** Lines of the subject that the report names. */
function linesOf({ at, cases }: Checked): (number | undefined)[] {
  const told = cases.flatMap(({ failure }) => [...`${failure?.actual} ${failure?.notes}`.matchAll(/\.ts:(\d+)/g)]);
  return [at?.line, ...cases.map(({ error }) => error?.at?.line), ...told.map(([, line]) => Number(line))];
}

describe('the corpus', () => {
  test('is large enough, and every file says what it is', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    for (const { name, does, verdict } of corpus) expect([does, verdict], name).not.toContain(undefined);
  });

  test.each(corpus)('$verdict: $name', async ({ name, verdict, says, prints, neverPrints, line }) => {
    const checked = await grade(path.join(CORPUS, `${name}.ts`));
    const told = `${checked.verdict}: ${checked.reason}`;
    expect(verdictsFor(verdict), told).toContain(checked.verdict);
    if (says !== undefined) expect(messagesOf(checked)).toContain(says);
    if (prints !== undefined) expect(checked.output?.text).toContain(prints);
    if (neverPrints !== undefined) expect(checked.output?.text ?? '').not.toContain(neverPrints);
    if (line !== undefined) expect(linesOf(checked)).toContain(line);
    if (verdict === 'timed-out') expect(checked.ms).toBeLessThan(LIMITS.import + exercise.timeLimit + SLACK_MS);
    // The spare for the next run, and no other.
    expect(children().length).toBeLessThanOrEqual(1);
  });
});

describe('files that are no files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'wirekata-hostile-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each<[string, string, (file: string) => void]>([
    ['is missing', 'does not exist', () => {}],
    ['is a directory', 'is a directory', (file) => mkdirSync(file)],
    ['is a link to nothing', 'is a link to nothing', (file) => symlinkSync('nowhere', file)],
    ['is 50 MB large', 'is 50 MB', (file) => writeFileSync(file, Buffer.alloc(50 << 20, 0x20))],
    [
      'is UTF-16',
      'not UTF-8',
      (file) => writeFileSync(file, Buffer.from('\ufeffexport class RingBuffer {}', 'utf16le')),
    ],
    [
      'is Latin-1',
      'not UTF-8',
      (file) => writeFileSync(file, Buffer.from('// \xe4\nexport class RingBuffer {}', 'latin1')),
    ],
    ['holds NUL bytes', 'NUL byte', (file) => writeFileSync(file, 'export class RingBuffer {}\0\0')],
    ['is empty', 'no export named', (file) => writeFileSync(file, '')],
    [
      'is unreadable',
      process.getuid?.() === 0 ? 'no export' : 'EACCES',
      (file) => writeFileSync(file, '', { mode: 0 }),
    ],
  ])('one that %s does not compile: %s', async (name, says, make) => {
    const file = path.join(folder, `${name.replaceAll(' ', '-')}.ts`);
    make(file);
    const checked = await grade(file);
    expect([checked.verdict, checked.reason]).toEqual(['does-not-compile', expect.stringContaining(says)]);
  });
});

test('after all of this, a correct one is solved at once', async () => {
  const checked = await check(runner, exercise, await chooseSubject(exercise, { as: 'reference' }));
  expect(checked.verdict, checked.reason).toBe('solved');
});

test('and nothing is left when the harness ends', async () => {
  await runner.close();
  await expect.poll(children).toEqual([]);
});
