import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findExercise, loadManifest, ManifestError } from '../manifest.ts';
import { Clone } from './clone.ts';

let clone: Clone;
type Entry = Record<string, unknown>;

beforeAll(() => {
  clone = new Clone();
});
afterAll(() => clone.remove());

/** The problems that the manifest has after `edit`. */
function problemsAfter(edit: (entries: Entry[]) => void): { path: string; problem: string; remedy: string }[] {
  const before = clone.read('exercises/manifest.json');
  const manifest = JSON.parse(before) as { exercises: Entry[] };
  edit(manifest.exercises);
  clone.write('exercises/manifest.json', JSON.stringify(manifest));
  try {
    loadManifest(clone.root);
    return [];
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  } finally {
    clone.write('exercises/manifest.json', before);
  }
}

function paths(edit: (entries: Entry[]) => void): string[] {
  return problemsAfter(edit).map(({ path }) => path);
}

describe('a broken manifest', () => {
  test('the kit’s own has no problem', () => expect(problemsAfter(() => {})).toEqual([]));

  test.each<[string, string, (entries: Entry[]) => void]>([
    ['a missing title', '$.exercises[0].title', ([first]) => delete first?.title],
    ['an unknown key', '$.exercises[0]', ([first]) => Object.assign(first as Entry, { titel: 'x' })],
    ['a slug that is none', '$.exercises[0].slug', ([first]) => Object.assign(first as Entry, { slug: 'Ring Buffer' })],
    ['a difficulty of 6', '$.exercises[0].difficulty', ([first]) => Object.assign(first as Entry, { difficulty: 6 })],
    ['too few hints', '$.exercises[0].hints', ([first]) => Object.assign(first as Entry, { hints: ['one'] })],
    [
      'an unknown requirement',
      '$.exercises[0].requires[0]',
      ([first]) => Object.assign(first as Entry, { requires: ['none'] }),
    ],
    [
      'a requirement of itself',
      '$.exercises[0].requires',
      ([first]) => Object.assign(first as Entry, { requires: [first?.slug] }),
    ],
    [
      'an export that is not there',
      '$.exercises[0].exports[0]',
      ([first]) => Object.assign(first as Entry, { exports: ['Nothing'] }),
    ],
    ['folders that are not there', '$.exercises[0]', ([first]) => Object.assign(first as Entry, { slug: 'nowhere' })],
    ['entries out of order', '$.exercises[1].number', (entries) => entries.reverse().splice(2)],
    [
      'two gates for a metric',
      '$.exercises[0].performance[1]',
      ([first]) =>
        Object.assign(first as Entry, {
          performance: [
            { metric: 'a', pass: 1 },
            { metric: 'a', pass: 1 },
          ],
        }),
    ],
  ])('%s is found at %s', (_, at, edit) => expect(paths(edit)).toContain(at));

  test('a cycle is named', () => {
    const problems = problemsAfter(([first, second]) => {
      Object.assign(first as Entry, { requires: [second?.slug] });
      Object.assign(second as Entry, { requires: [first?.slug] });
    });
    expect(problems[0]?.problem).toMatch(/needs itself: .+ → .+ → /);
  });

  test('all problems are listed at once, each with a remedy', () => {
    const problems = problemsAfter((entries) => {
      for (const entry of entries) Object.assign(entry, { difficulty: 9, hours: -1 });
    });
    expect(problems.length).toBeGreaterThanOrEqual(4);
    for (const { remedy } of problems) expect(remedy).not.toBe('');
  });

  test('the command ends with 2 and leaves progress alone', async () => {
    const before = clone.read('exercises/manifest.json');
    clone.write('.kata/progress.json', '{"schema":1,"exercises":{}}');
    clone.write('exercises/manifest.json', '{ "exercises": [');
    const { code, stderr } = await clone.run(['check', '--all']);
    clone.write('exercises/manifest.json', before);
    expect(code).toBe(2);
    expect(stderr).toContain('exercises/manifest.json has 1 problem');
    expect(clone.read('.kata/progress.json')).toBe('{"schema":1,"exercises":{}}');
  });
});

describe('finding an exercise', () => {
  test.each(['03', '3', 'ring-buffer', '03-ring-buffer'])('by %s', (id) => {
    expect(findExercise(loadManifest(), id).slug).toBe('ring-buffer');
  });

  test('a wrong id gets the nearest suggestion', () => {
    expect(() => findExercise(loadManifest(), 'ringbufer')).toThrow('Did you mean 03-ring-buffer?');
  });

  test('a hopeless id gets none, but the command that lists them', () => {
    expect(() => findExercise(loadManifest(), 'zzzzzzzzzzzzzzzz')).toThrow(
      /^There is no exercise “z+”\. `npm run list`/,
    );
  });
});
