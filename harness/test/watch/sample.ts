/** A small exercise, and what happens to it, for tests of the watch loop and its screen. */
import path from 'node:path';
import type { Checked } from '../../check.ts';
import { type Exercise, locate, root } from '../../manifest.ts';
import type { PlannedCase } from '../../plan.ts';
import { makePaint } from '../../report/paint.ts';
import type { RunEvent } from '../../run/events.ts';
import type { Subject } from '../../run/subject.ts';
import { judge } from '../../verdict.ts';
import { blank, type Effect, type State, step, type WatchEvent } from '../../watch/state.ts';

function exercise(number: number, slug: string, more: Partial<Exercise> = {}): Exercise {
  const title = slug.replace(/^./, (letter) => letter.toUpperCase());
  const entry = { slug, number, title, chapters: [1], summary: `Builds a ${slug}.`, file: `${slug}.ts`, exports: [] };
  const rest = { requires: [], clauses: ['RFC 9293 §3.8.6'], difficulty: 2, hours: 3, imports: [], performance: [] };
  return locate({ ...entry, ...rest, timeLimit: 1000, memoryLimit: 64, hints: ['a', 'b', 'c', 'd'], ...more });
}

export const EXERCISES = [
  exercise(1, 'table'),
  exercise(3, 'ring', { performance: [{ metric: 'rate', pass: 0.5, gold: 0.9 }] }),
  exercise(5, 'frames', { requires: ['ring'] }),
] as const;

export const RING = EXERCISES[1];

const fact = (id: string, group: string): PlannedCase => ({
  id,
  title: `the ring does what ${id} says`,
  group,
  clause: 'RFC 9293 §3.8.6',
  why: 'bytes would be lost',
});

export const PLANNED = [
  fact('ring-a', 'shape'),
  fact('ring-b', 'shape'),
  fact('ring-c', 'wrapping'),
  fact('ring-d', 'wrapping'),
];

export const curriculum = (...solved: string[]) =>
  EXERCISES.map((one) => ({ exercise: one, solved: solved.includes(one.slug) }));

export function subject(text: string): Subject {
  const file = path.join(root, 'exercises/03-ring/ring.ts');
  return { name: 'learner', file, sources: new Map([[file, text]]), parts: [], problem: undefined };
}

export const ended = (id: string, status: 'passed' | 'failed' | 'not-implemented' = 'passed'): RunEvent => ({
  type: 'case-ended',
  id,
  status,
  ms: 1,
  ...(status === 'failed' && { failure: { expected: `what ${id} says`, actual: 'got something else' } }),
  ...(status === 'not-implemented' && {
    error: { name: 'NotImplemented', message: 'Ring is not implemented yet', stack: '' },
  }),
});

/** All that a conformance run tells, with these cases failing. */
export function runEvents(...failing: string[]): RunEvent[] {
  return [
    { type: 'importing' },
    { type: 'canary', failed: true },
    { type: 'collected', cases: PLANNED },
    ...PLANNED.flatMap(({ id }): RunEvent[] => [
      { type: 'case-started', id },
      ended(id, failing.includes(id) ? 'failed' : 'passed'),
    ]),
    { type: 'canary', failed: true },
    { type: 'done' },
  ];
}

export function checked(events: RunEvent[], text = 'text'): Checked {
  const plan = { cases: PLANNED.map(({ id }) => id), runs: 1, metrics: [] };
  const facts = { subject: subject(text), planned: PLANNED, seed: 7, parts: [], suite: 'abc', startedAt: new Date(0) };
  return { ...judge(plan, events), ...facts, exercise: RING, ms: 240, whole: true };
}

/** Feeds events one after another, as the session does. */
export class Loop {
  state: State = blank(RING, { columns: 80, rows: 24 });
  effects: Effect[] = [];
  #seed = 100;

  tell(...events: WatchEvent[]): this {
    for (const event of events) {
      const { state, effects } = step(this.state, event, this.#seed++);
      this.state = state;
      this.effects.push(...effects);
    }
    return this;
  }

  open(...solved: string[]): this {
    return this.tell({ type: 'opened', exercise: RING, planned: PLANNED, curriculum: curriculum(...solved) });
  }

  save(text: string): this {
    return this.tell({ type: 'saved', subject: subject(text), at: '10:15:02' });
  }

  /** A whole run, from the save to the verdict. */
  run(events: RunEvent[], text = 'text'): this {
    this.save(text);
    const { run } = this.state;
    this.tell(...events.map((event): WatchEvent => ({ type: 'ran', run, event })));
    const verdict = checked(events, text);
    const solved = verdict.verdict === 'solved' ? ['ring'] : [];
    return this.tell({ type: 'verdict', run, checked: verdict, curriculum: curriculum(...solved) });
  }

  press(...keys: string[]): this {
    return this.tell(...keys.map((key): WatchEvent => ({ type: 'key', key })));
  }

  /** The effects since the last call. */
  take(): Effect[] {
    return this.effects.splice(0);
  }
}

export const plain = (width = 80) => makePaint(false, width);
