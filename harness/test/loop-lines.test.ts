/** Marking loops keeps the meaning and every line of a source, and ticks name the loop that stays. */

import { describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { endlessPlace, type Marked, markLoops, TICK } from '../run/loop-lines.ts';

function mark(source: string): Marked & { text: string } {
  const marked = markLoops({
    name: 'x',
    file: 'x.ts',
    sources: new Map([['x.ts', source]]),
    parts: [],
    problem: undefined,
  });
  return { ...marked, text: marked.subject.sources.get('x.ts') as string };
}

/** With a short name for the call. */
function textOf(source: string): string {
  return mark(source).text.replaceAll(TICK, 't');
}

describe('marking', () => {
  test.each<[string, string, string]>([
    ['a block', 'while (true) { a(); }', 'while (true) {t(0); a(); }'],
    ['an empty statement', 'for (;;);', 'for (;;){t(0);;}'],
    ['a statement without a semicolon', 'for (const x of y) x()\nz()', 'for (const x of y) {t(0);x()}\nz()'],
    ['do … while', 'do x(); while (y)', 'do {t(0);x();} while (y)'],
    ['loops inside loops', 'for (;;) while (1) x;', 'for (;;) {t(0);while (1) {t(1);x;}}'],
    ['a label', 'out: for (;;) for (;;) continue out;', 'out: for (;;) {t(0);for (;;) {t(1);continue out;}}'],
    ['an arrow', 'const f = (x: number): {} => ({ x });', 'const f = (x: number): {} => ((t(0), { x }));'],
    [
      'arrows inside arrows, at the end of a loop',
      'for (;;) f = a => b => c',
      'for (;;) {t(0);f = a => (t(1), b => (t(2), c))}',
    ],
    ['a method and its overload', 'class A { m(): void; m() {} }', 'class A { m(): void; m() {t(0);} }'],
    ['characters beyond the basic plane', '/* 💧 */ while (1) {}', '/* 💧 */ while (1) {t(0);}'],
    ['types alone', 'declare function f(): void;', 'declare function f(): void;'],
  ])('%s', (_, source, expected) => {
    expect(textOf(source)).toBe(expected);
    expect(() => parseAst(textOf(source), { lang: 'ts' })).not.toThrow();
  });

  test('lines keep their numbers', () => {
    const source = 'function f() {\n  while (\n    true\n  )\n    g();\n}\n';
    const { text, places } = mark(source);
    expect(text.split('\n').length).toBe(source.split('\n').length);
    expect(places.map(({ at }) => [at.line, at.column])).toEqual([
      [1, 1],
      [2, 3],
    ]);
  });
});

describe('the loop that does not end', () => {
  const { places } = mark(`
    function work() {
      while (true) {
        for (const x of y) help();
      }
    }
    function help() {
      for (;;) {}
    }
    while (true) {}
  `);
  test('the places are those of the source', () => {
    expect(places.map(({ isLoop, at }) => [isLoop, at.line])).toEqual(
      expect.arrayContaining([
        [false, 2],
        [true, 3],
        [true, 4],
        [false, 7],
        [true, 8],
        [true, 10],
      ]),
    );
  });

  /** Numbers depend on the order of the walk: lines do not. */
  const byLine = (lines: number[]) => lines.map((line) => places.findIndex(({ at }) => at.line === line));

  test.each<[string, number[], number | undefined]>([
    ['a single loop', [3], 3],
    ['the outer of two', [3, 4], 3],
    ['the inner, if the outer does not go round', [4], 4],
    ['the caller’s, if the other function is entered again and again', [3, 4, 7, 8], 3],
    ['the called one’s, if it is not entered again', [8], 8],
    ['none, if all functions are entered again and again', [2, 3, 4, 7, 8], undefined],
    ['one at the top level', [10], 10],
    ['nothing', [], undefined],
  ])('%s', (_, lines, expected) => {
    expect(endlessPlace(byLine(lines), places)?.line).toBe(expected);
  });
});
