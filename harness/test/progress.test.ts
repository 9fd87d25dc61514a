import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checked } from '../check.ts';
import { loadManifest } from '../manifest.ts';
import { fold, loadProgress, nextUnsolved, type Progress, saveProgress, stateOf } from '../progress.ts';
import { suiteHash } from '../suite.ts';

const exercises = loadManifest();
const exercise = exercises[0] as (typeof exercises)[0];
const EMPTY: Progress = { schema: 1, exercises: {} };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wirekata-progress-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function checked(over: Partial<Checked> = {}): Checked {
  return {
    verdict: 'solved',
    reason: '',
    cases: [],
    performance: [],
    exercise,
    subject: { name: 'learner', file: 'x', sources: new Map([['x', 'text']]), parts: [], problem: undefined },
    planned: [],
    seed: 1,
    parts: [],
    suite: suiteHash(exercise),
    startedAt: new Date(0),
    ms: 1,
    whole: true,
    ...over,
  };
}

describe('fold', () => {
  test('a whole green run marks it solved', () => {
    expect(stateOf(fold(EMPTY, checked()), exercise)).toBe('solved');
  });

  test.each<[string, Partial<Checked>]>([
    ['a part of the cases', { whole: false }],
    ['a failure', { verdict: 'failed' }],
    ['a slow one', { verdict: 'slow' }],
    ['the reference', { subject: { ...checked().subject, name: 'reference' } }],
    ['a fault of the kit', { verdict: 'kit-fault' }],
  ])('%s does not', (_, over) => {
    expect(fold(EMPTY, checked(over)).exercises[exercise.slug]?.solved).toBeUndefined();
  });

  test('a later failure does not take it away', () => {
    expect(stateOf(fold(fold(EMPTY, checked()), checked({ verdict: 'failed' })), exercise)).toBe('solved');
  });

  test('another suite version is said', () => {
    expect(stateOf(fold(EMPTY, checked({ suite: 'older' })), exercise)).toBe('solved-older-suite');
  });

  test('not started is not started', () => {
    expect(stateOf(fold(EMPTY, checked({ verdict: 'not-started' })), exercise)).toBe('open');
  });

  test('the next one is the first that is not solved', () => {
    expect(nextUnsolved(fold(EMPTY, checked()), exercises)).toBe(exercises[1]);
  });
});

describe('the file', () => {
  test('what was saved is loaded, unknown slugs and keys too', () => {
    const progress = { ...fold(EMPTY, checked()), from: 'a newer kit' };
    progress.exercises['no-such-exercise'] = { solved: { at: 'then', suite: 's', subject: 'x' } };
    saveProgress(progress, folder);
    expect(loadProgress(folder).progress).toEqual(progress);
  });

  test('no temporary file is left', () => {
    saveProgress(EMPTY, folder);
    expect(readdirSync(folder)).toEqual(['progress.json']);
  });

  test.each(['', '{', '[]', '{"schema":2,"exercises":{}}', '\0\0\0'])(
    'a broken one (%j) is set aside and reported',
    (text) => {
      writeFileSync(path.join(folder, 'progress.json'), text);
      const { progress, complaint } = loadProgress(folder);
      expect(progress).toEqual(EMPTY);
      const [aside] = readdirSync(folder);
      expect(complaint).toContain(aside);
      expect(readFileSync(path.join(folder, aside as string), 'utf8')).toBe(text);
    },
  );
});
