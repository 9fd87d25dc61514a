/** What each event makes of the state: no files, no processes, no clock. */
import { describe, expect, test } from 'vitest';
import { checked, curriculum, EXERCISES, ended, Loop, PLANNED, RING, runEvents, subject } from './sample.ts';

const statuses = (loop: Loop) => loop.state.cases.map(({ status }) => status);

describe('a save', () => {
  test('begins a run of that text', () => {
    const loop = new Loop().open().save('one');
    expect(loop.take()).toEqual([{ do: 'run', run: loop.state.run, subject: subject('one'), seed: loop.state.seed }]);
    expect(loop.state).toMatchObject({ phase: 'running', savedAt: '10:15:02' });
    expect(statuses(loop)).toEqual(['not-run', 'not-run', 'not-run', 'not-run']);
  });

  test('during a run begins a new one at once, and the old one is not heard any more', () => {
    const loop = new Loop().open().save('one');
    const old = loop.state.run;
    loop.tell({ type: 'ran', run: old, event: ended('ring-a') }).save('two');
    expect(loop.state.run).toBe(old + 1);
    expect(loop.take().map((effect) => effect.do)).toEqual(['run', 'run']);
    loop.tell({ type: 'ran', run: old, event: ended('ring-b') });
    loop.tell({ type: 'verdict', run: old, checked: checked(runEvents()), curriculum: curriculum('ring') });
    loop.tell({ type: 'types', run: old, notes: [{ code: 'TS1', message: '', at: { file: '', line: 1, column: 1 } }] });
    loop.tell({ type: 'elapsed', run: old, ms: 5000 });
    expect(loop.state).toMatchObject({ phase: 'running', checked: undefined, types: [], elapsed: 0 });
    expect(statuses(loop)).toEqual(['not-run', 'not-run', 'not-run', 'not-run']);
  });

  test('any number of saves leaves one run that is heard', () => {
    const loop = new Loop().open();
    for (let n = 0; n < 50; n++) loop.save(`text ${n}`);
    const runs = loop.take();
    expect(runs).toHaveLength(50);
    expect(runs.at(-1)).toMatchObject({ do: 'run', run: loop.state.run, subject: subject('text 49') });
  });

  test('keeps the verdict before it until there is something newer', () => {
    const loop = new Loop().open().run(runEvents('ring-b')).save('two');
    expect(loop.state.checked?.verdict).toBe('failed');
  });

  test('takes back a question and a notice', () => {
    const loop = new Loop().open().run(runEvents('ring-b')).press('x');
    expect(loop.state.question).toContain('reset ring.ts');
    expect(loop.save('two').state.question).toBeUndefined();
  });
});

describe('a run', () => {
  test('streams its cases in', () => {
    const loop = new Loop().open().save('one');
    const { run } = loop.state;
    loop.tell({ type: 'ran', run, event: { type: 'case-started', id: 'ring-a' } });
    expect(loop.state.current).toBe('ring-a');
    loop.tell({ type: 'ran', run, event: ended('ring-a') }, { type: 'ran', run, event: ended('ring-b', 'failed') });
    expect(statuses(loop)).toEqual(['passed', 'failed', 'not-run', 'not-run']);
  });

  test('that is green goes on to measuring', () => {
    const loop = new Loop().open().save('one');
    const { run } = loop.state;
    loop.tell(...runEvents().map((event) => ({ type: 'ran' as const, run, event })));
    expect(loop.state.phase).toBe('measuring');
  });

  test('that is not green does not', () => {
    const loop = new Loop().open().save('one');
    const { run } = loop.state;
    loop.tell(...runEvents('ring-d').map((event) => ({ type: 'ran' as const, run, event })));
    expect(loop.state.phase).toBe('running');
  });

  test('ends with its verdict and the progress made', () => {
    const loop = new Loop().open().run(runEvents());
    expect(loop.state).toMatchObject({ phase: 'ended', checked: { verdict: 'solved' } });
    expect(loop.state.curriculum.map(({ solved }) => solved)).toEqual([false, true, false]);
  });
});

describe('the file', () => {
  test('that is gone ends the run, and its return begins one', () => {
    const loop = new Loop().open().save('one');
    const { run } = loop.state;
    loop.take();
    loop.tell({ type: 'gone' });
    expect(loop.take()).toEqual([{ do: 'cancel' }]);
    loop.tell({ type: 'verdict', run, checked: checked(runEvents()), curriculum: curriculum('ring') });
    expect(loop.state.phase).toBe('gone');
    expect(loop.press('r').take()).toEqual([]);
    expect(loop.state.notice).toBe('there is no file to run');
    loop.save('one');
    expect(loop.take()).toMatchObject([{ do: 'run' }]);
  });
});

describe('keys', () => {
  test('n goes on only once it is solved, and never by itself', () => {
    const loop = new Loop().open().run(runEvents('ring-b'));
    loop.take();
    expect(loop.press('n').take()).toEqual([]);
    expect(loop.state.notice).toContain('once it is solved');
    loop.run(runEvents());
    expect(loop.take().map((effect) => effect.do)).toEqual(['run']);
    expect(loop.press('n').take()).toEqual([{ do: 'cancel' }, { do: 'open', exercise: EXERCISES[2] }]);
  });

  test('n goes back to what was left out, and says when nothing is left', () => {
    expect(new Loop().open('ring', 'frames').press('n').take()).toContainEqual({ do: 'open', exercise: EXERCISES[0] });
    const done = new Loop().open('table', 'ring', 'frames').press('n');
    expect(done.take()).toEqual([]);
    expect(done.state.notice).toBe('all 3 exercises are solved');
  });

  test('x asks, and only y resets', () => {
    const loop = new Loop().open().press('x');
    expect(loop.take()).toEqual([]);
    expect(loop.press('n').take()).toEqual([]);
    expect(loop.state).toMatchObject({ question: undefined, notice: 'nothing was changed' });
    expect(loop.press('x', 'y').take()).toEqual([{ do: 'reset' }]);
  });

  test('r runs the same text again, with another seed', () => {
    const loop = new Loop().open().run(runEvents('ring-b'));
    const { seed, run } = loop.state;
    loop.take();
    loop.press('r');
    expect(loop.take()).toEqual([{ do: 'run', run: run + 1, subject: subject('text'), seed: loop.state.seed }]);
    expect(loop.state.seed).not.toBe(seed);
  });

  test('o opens the file where the first failure is, or at its top', () => {
    const top = { file: RING.learner, line: 1, column: 1 };
    expect(new Loop().open().press('o').take()).toEqual([{ do: 'edit', at: top }]);
    const at = { ...top, line: 12, column: 5 };
    const error = { name: 'TypeError', message: 'x is undefined', stack: '', at };
    const loop = new Loop().open().run([{ type: 'case-ended', id: 'ring-b', status: 'failed', ms: 1, error }]);
    loop.take();
    expect(loop.press('o').take()).toEqual([{ do: 'edit', at }]);
  });

  test.each([
    ['h', 'hint'],
    ['l', 'list'],
    ['s', 'statement'],
    ['?', 'help'],
    ['H', 'hint'],
  ])('%s shows the %s', (key, what) => {
    expect(new Loop().open().press(key).take()).toEqual([{ do: 'show', what }]);
  });

  test('c compares once it is solved', () => {
    expect(new Loop().open().press('c').take()).toEqual([]);
    expect(new Loop().open('ring').press('c').take()).toEqual([{ do: 'show', what: 'compare' }]);
  });

  test.each(['q', 'Q', 'ctrl-c', 'ctrl-d'])('%s quits, also in the middle of a run', (key) => {
    const loop = new Loop().open().save('one');
    loop.take();
    expect(loop.press(key).take()).toEqual([{ do: 'cancel' }, { do: 'quit' }]);
    expect(loop.state.over).toBe(true);
  });

  test('ctrl-c quits while a question is open', () => {
    expect(new Loop().open().press('x', 'ctrl-c').take()).toContainEqual({ do: 'quit' });
  });

  test('a pane stays through a save and closes with esc', () => {
    const loop = new Loop().open().tell({ type: 'pane', pane: { title: 'Keys', lines: [] } });
    expect(loop.save('one').state.pane?.title).toBe('Keys');
    expect(loop.press('escape').state.pane).toBeUndefined();
  });

  test('another key says that it does nothing', () => {
    const loop = new Loop().open().press('z');
    expect(loop.take()).toEqual([]);
    expect(loop.state.notice).toContain('no key “z”');
  });
});

test('another exercise begins afresh, and hears nothing of the one before', () => {
  const loop = new Loop().open().run(runEvents('ring-b'));
  const { run } = loop.state;
  loop.tell({ type: 'opened', exercise: EXERCISES[2], planned: PLANNED, curriculum: curriculum('ring') });
  loop.tell({ type: 'verdict', run, checked: checked(runEvents()), curriculum: curriculum('ring', 'frames') });
  expect(loop.state).toMatchObject({
    exercise: EXERCISES[2],
    phase: 'opening',
    checked: undefined,
    subject: undefined,
  });
  expect(RING.slug).toBe('ring');
});
