/** The screen as text: golden where wording matters, and properties at every size. */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Checked } from '../../check.ts';
import { cut, fold, spread, widthOf } from '../../report/fit.ts';
import { makePaint } from '../../report/paint.ts';
import { plainLines } from '../../report/plain.ts';
import { screenLines, scrollRange } from '../../report/screen.ts';
import type { View } from '../../report/view.ts';
import { markdownLines } from '../../watch/texts.ts';
import { checked, EXERCISES, ended, Loop, PLANNED, plain, runEvents } from './sample.ts';

const shown = (loop: Loop) => screenLines(loop.state, plain(loop.state.size.columns)).map((line) => line.trimEnd());
const text = (loop: Loop) => shown(loop).join('\n');

describe('at 80×24', () => {
  test('a failure: verdict, cases, the first failure in full, the others in a line each', () => {
    expect(text(new Loop().open('table').run(runEvents('ring-b', 'ring-d')))).toMatchInlineSnapshot(`
      "03-ring  Ring                                                  □◇□ 0 of 3 solved
      exercises/03-ring/ring.ts
      ✗ FAILED  2 of 4 cases do not pass                              10:15:02, 0.24 s
      ✓✗ ✓✗

      ✗ the ring does what ring-b says  ring-b
          expected  what ring-b says
          but       got something else
          clause    RFC 9293 §3.8.6
          why       bytes would be lost
          replay    npm run replay -- 03-ring/ring-b@101

      ✗ the ring does what ring-d says  ring-d

        shape        1/2  ✓✗
        wrapping     1/2  ✓✗







      ? help  q quit  h hint  s statement  o edit  r run again  l list  x reset"
    `);
  });

  test('nothing written yet: the next step, and only a number for the rest', () => {
    const events = runEvents();
    const stub = events.map((event) => (event.type === 'case-ended' ? ended(event.id, 'not-implemented') : event));
    const screen = text(new Loop().open().run(stub));
    expect(screen).toContain('○ NOT STARTED');
    expect(screen).toContain('○ the ring does what ring-a says  ring-a');
    expect(screen).toContain('○ 3 more wait for code that is not written yet');
    expect(screen).not.toContain('ring-b says');
  });

  test('solved: what was built, where to read on, what comes next', () => {
    expect(text(new Loop().open('table').run(runEvents()))).toMatchInlineSnapshot(`
      "03-ring  Ring                                                  □◆□ 1 of 3 solved
      exercises/03-ring/ring.ts
      ✓ SOLVED  all 4 cases pass                                      10:15:02, 0.24 s
      ✓✓ ✓✓

        built      Builds a ring.
        clauses    RFC 9293 §3.8.6
        used by    05-frames
        read       solutions/03-ring/ring.ts and solutions/03-ring/NOTES.md; c
                   compares them with yours
        next       05-frames  Frames, about 3 hours: n, or \`npm run next\`












      n next  ? help  q quit  h hint  s statement  o edit  r run again  l list"
    `);
  });

  test('results stream in; the failure of the run before stays until its case passes', () => {
    const loop = new Loop().open().run(runEvents('ring-b')).save('two');
    const { run } = loop.state;
    expect(text(loop)).toContain('▸ running  0 of 4 cases');
    expect(text(loop)).toContain('what ring-b says');
    loop.tell({ type: 'ran', run, event: ended('ring-a') });
    expect(text(loop)).toContain('what ring-b says');
    loop.tell({ type: 'ran', run, event: ended('ring-b') });
    expect(text(loop)).toContain('▸ running  2 of 4 cases');
    expect(text(loop)).not.toContain('expected  what ring-b says');
    loop.tell({ type: 'ran', run, event: ended('ring-c', 'failed') });
    expect(text(loop)).toContain('what ring-c says');
  });

  test('a case that takes long is named', () => {
    const loop = new Loop().open().save('one');
    const { run } = loop.state;
    loop.tell({ type: 'ran', run, event: { type: 'case-started', id: 'ring-a' } }, { type: 'elapsed', run, ms: 2_100 });
    expect(text(loop)).toContain('now “the ring does what ring-a says”');
  });

  test('a verdict with a place: the line, and a caret under the column', () => {
    const { subject } = checked([]);
    const at = { file: subject.file, line: 2, column: 7 };
    const screen = text(
      new Loop().open().run([{ type: 'does-not-compile', message: 'Expected a semicolon', at }], 'one\ntwo  three\n'),
    );
    expect(screen).toContain('✗ DOES NOT COMPILE  Expected a semicolon');
    expect(screen).toContain('at exercises/03-ring/ring.ts:2:7');
    expect(screen).toContain('    2 │ two  three\n      │       ^');
  });

  test('nothing is written yet: where to begin', () => {
    const stub = runEvents().map((event) => (event.type === 'case-ended' ? ended(event.id, 'not-implemented') : event));
    expect(text(new Loop().open().run(stub))).toContain('Begin with the statement: exercises/03-ring/README.md');
    expect(text(new Loop().open().run(runEvents('ring-b')))).not.toContain('Begin with');
  });

  test('solved: the lowest level, and how fast it is', () => {
    expect(text(measured())).toContain('speed      pass; 0.40× of the reference’s rate');
    expect(text(measured())).toMatch(/pass +█+│/);
  });

  test('type errors are a note, and a verdict stands beside them', () => {
    const loop = new Loop().open().run(runEvents('ring-b'));
    const at = { file: checked([]).subject.file, line: 3, column: 5 };
    loop.tell({ type: 'types', run: loop.state.run, notes: [{ code: 'TS2322', message: 'not a number', at }] });
    expect(text(loop)).toContain('note  1 type error; types are erased before a run');
    expect(text(loop)).toContain('exercises/03-ring/ring.ts:3:5 TS2322');
    expect(text(loop)).toContain('✗ FAILED');
  });

  test('the file is gone', () => {
    expect(text(new Loop().open().tell({ type: 'gone' }))).toContain('! ring.ts is gone');
  });

  test('no events: it says that it polls', () => {
    const loop = new Loop().open().tell({ type: 'polling', why: 'ENOSPC' });
    expect(text(loop)).toContain('no events (ENOSPC)');
    expect(text(loop.run(runEvents()))).toContain('polling');
  });
});

describe('keys that do nothing now are not offered', () => {
  const keys = (loop: Loop) => shown(loop).at(-1);
  test('before it is solved', () =>
    expect(keys(new Loop().open().run(runEvents('ring-a')))).not.toMatch(/n next|compare/));
  test('once it is solved', () => expect(keys(new Loop().open().run(runEvents()))).toMatch(/^n next/));
  test('with nothing left', () => {
    const loop = new Loop().open('table', 'ring', 'frames');
    expect(keys(loop)).not.toContain('n next');
  });
});

describe('it fits', () => {
  const loops: Record<string, Loop> = {
    opening: new Loop(),
    running: new Loop().open().save('one'),
    failed: new Loop().open().run(runEvents('ring-b', 'ring-d')),
    solved: new Loop().open().run(runEvents()),
    gone: new Loop().open().tell({ type: 'gone' }),
    asking: new Loop().open().press('x'),
    help: new Loop()
      .open()
      .tell({ type: 'pane', pane: { title: 'Keys', lines: Array(60).fill('宽 wide ✓ 😀 '.repeat(9)) } }),
  };
  const sizes: [number, number][] = [
    [20, 5],
    [20, 24],
    [40, 10],
    [80, 24],
    [140, 50],
    [300, 100],
    [1, 1],
  ];
  for (const [name, loop] of Object.entries(loops)) {
    test.each(sizes)(`${name} at %i×%i`, (columns, rows) => {
      loop.tell({ type: 'resized', columns, rows });
      for (const color of [true, false]) {
        const lines = screenLines(loop.state, makePaint(color, columns));
        expect(lines).toHaveLength(rows);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(columns, 1));
      }
    });
  }

  test('colours change nothing but colours', () => {
    const { state } = loops.failed as Loop;
    const colored = screenLines(state, makePaint(true, state.size.columns)).map(stripVTControlCharacters);
    expect(colored).toEqual(screenLines(state, makePaint(false, state.size.columns)));
  });

  test('every line of the middle can be reached by scrolling', () => {
    const { state } = loops.help as Loop;
    const view: View = { ...state, size: { columns: 20, rows: 8 } };
    const { longest } = scrollRange(view, plain(20));
    const seen = new Set<string>();
    for (let scroll = 0; scroll <= longest; scroll++) {
      for (const line of screenLines({ ...view, scroll }, plain(20))) seen.add(line);
    }
    for (const row of fold((state.pane?.lines[0] as string) ?? '', 20)) expect(seen).toContain(row);
    expect(screenLines({ ...view, scroll: 10_000 }, plain(20))).toEqual(
      screenLines({ ...view, scroll: longest }, plain(20)),
    );
  });
});

describe('fit', () => {
  test('wide, combining and coloured text', () => {
    expect(widthOf('\x1b[31ma\u0301😀宽\x1b[39m')).toBe(5);
    expect(fold('\x1b[31mabcd\x1b[39m', 3)).toEqual(['\x1b[31mabc\x1b[0m', '\x1b[31md\x1b[39m\x1b[0m']);
    expect(fold('one two three', 9)).toEqual(['one two ', 'three']);
    expect(fold('    abcdefgh', 6)).toEqual(['    ab', 'cdefgh']);
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('宽宽宽', 4)).toBe('宽…');
    expect(spread('left', 'right', 12)).toBe('left   right');
    expect(spread('left', 'right', 9)).toBe('left');
  });
});

test('a statement is filled to the width, but for what is drawn', () => {
  const text =
    '# A title\n\nSome words\nand more.\n\n- first\n  goes on\n- second\n\n```\n  | drawn |   as it is, however wide\n```\n| a | b |';
  expect(markdownLines(text, plain(20))).toEqual([
    '# A title',
    '',
    'Some words and more.',
    '',
    '- first goes on',
    '- second',
    '',
    '```',
    '  | drawn |   as it is, however wide',
    '```',
    '| a | b |',
  ]);
  expect(markdownLines('- one two three four five', plain(20))).toEqual(['- one two three four', '  five']);
});

/** Solved, with one ratio and one growth measured. */
function measured(): Loop {
  const loop = new Loop().open().run(runEvents());
  const common = { against: 'reference' as const, reference: 10, value: 4, unit: 'Gbit/s', samples: 1, ms: 1 };
  const performance: Checked['performance'] = [
    {
      ...common,
      id: 'rate',
      title: 'a stream',
      metric: 'ratio',
      ratio: 0.4,
      low: 0.4,
      high: 0.4,
      level: 'pass',
      gate: { metric: 'rate', pass: 0.3, gold: 0.9 },
    },
    {
      ...common,
      id: 'growth',
      title: 'a growth',
      metric: 'growth',
      low: 4,
      high: 4,
      level: 'gold',
      gate: { metric: 'growth', pass: 12 },
    },
  ];
  loop.state = { ...loop.state, checked: { ...checked(runEvents()), performance } };
  return loop;
}

describe('plain lines', () => {
  function lines(loop: Loop, act: (loop: Loop) => void): string[] {
    const before = loop.state;
    act(loop);
    return plainLines(before, loop.state, plain());
  }

  test('a run from its save to its verdict', () => {
    const loop = new Loop();
    const all: string[] = [];
    const tell = loop.tell.bind(loop);
    loop.tell = (...events) => {
      for (const event of events) all.push(...lines(loop, () => tell(event)));
      return loop;
    };
    loop.open().run(runEvents('ring-d'));
    expect(all.join('\n')).toMatchInlineSnapshot(`
      "
      03-ring  Ring
      file       exercises/03-ring/ring.ts

      10:15:02 running 4 cases of 03-ring
        ✓ shape: 2 of 2
        ✗ wrapping: 1 of 2

      ✗ the ring does what ring-d says  ring-d
          expected  what ring-d says
          but       got something else
          clause    RFC 9293 §3.8.6
          why       bytes would be lost
          replay    npm run replay -- 03-ring/ring-d@101

      ✗ FAILED  1 of 4 cases do not pass
        seed 7, 0.24 s"
    `);
  });

  test('figures instead of bars, and no line wider than the terminal', () => {
    const done = measured().state;
    const said = plainLines({ ...done, phase: 'measuring' }, done, plain(40));
    expect(said.join('\n')).toContain('0.40×');
    expect(said.join('\n')).not.toMatch(/[█░│]/);
    expect(Math.max(...said.map(widthOf))).toBeLessThanOrEqual(40);
  });

  test('nothing is said twice', () => {
    const loop = new Loop().open().run(runEvents('ring-b'));
    expect(lines(loop, (one) => one.tell({ type: 'resized', columns: 70, rows: 20 }))).toEqual([]);
    expect(lines(loop, (one) => one.press('x'))).toEqual([expect.stringContaining('y/n')]);
  });

  test('the next exercise introduces itself', () => {
    const loop = new Loop().open().run(runEvents());
    const said = lines(loop, (one) =>
      one.tell({ type: 'opened', exercise: EXERCISES[2], planned: PLANNED, curriculum: [], notice: 'made anew' }),
    );
    expect(said).toEqual(['- made anew', '', '05-frames  Frames', 'file       exercises/05-frames/frames.ts']);
  });
});
