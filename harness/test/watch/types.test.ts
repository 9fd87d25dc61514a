/** The type checker beside a run: by its server and, should that fail, by tsc. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../manifest.ts';
import { TypeChecker, typeNotes } from '../../run/types.ts';

// Inside the clone, since what a file imports is looked up from where it lies; `.kata` is no part of the kit.
const folder = path.join(root, '.kata', `types-test-${process.pid}`);
const entry = path.join(folder, 'entry.ts');
const helper = path.join(folder, 'helper.ts');
const RIGHT = `import { NotImplemented } from 'wirekata';\nexport const n: number = 1;\nexport const e = NotImplemented;\n`;

beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const broken = () => Promise.reject(new Error('the interface has changed'));

describe.each([
  ['server', undefined],
  ['tsc', broken],
] as const)('by %s', (_, load) => {
  test('notes with their places, and none once they are mended', async () => {
    const checker = new TypeChecker(entry, path.join(folder, 'state'), load);
    try {
      writeFileSync(helper, `export const text: string = 'text';\n`);
      // The place is counted in UTF-16, after characters of 2, 3 and 4 bytes.
      writeFileSync(entry, `import { text } from './helper.ts';\n/* ä ” 😀 */ export const n: number = text;\n`);
      const [note, ...others] = await checker.notes([entry, helper]);
      expect(others).toEqual([]);
      expect(note).toMatchObject({ code: 'TS2322', at: { file: entry, line: 2, column: 27 } });
      expect(note?.message).toContain("'string' is not assignable to type 'number'");
      writeFileSync(entry, RIGHT);
      expect(await checker.notes([entry])).toEqual([]);
      writeFileSync(entry, `${RIGHT}const unused = 1;\n`);
      expect(await checker.notes([entry])).toEqual([]);
    } finally {
      await checker.close();
    }
  });
});

test('once, for a check', async () => {
  writeFileSync(entry, 'export const n: number = null;\n');
  expect(await typeNotes([entry])).toMatchObject([{ code: 'TS2322', at: { line: 1, column: 14 } }]);
});

test('nothing is said of a file outside the clone, nor of one that is not there', async () => {
  expect(await typeNotes(['/tmp/elsewhere.ts'])).toEqual([]);
  expect(await typeNotes([path.join(folder, 'absent.ts')])).toEqual([]);
  expect(await typeNotes([])).toEqual([]);
});
