import { describe, expect, test } from 'vitest';
import type { CaseFacts } from '../kit/case.ts';
import type { MetricResult } from '../kit/performance-driver.ts';
import type { CaseStatus, RunEvent } from '../run/events.ts';
import { judge, type Plan } from '../verdict.ts';

const PLAN: Plan = { cases: ['a', 'b'], runs: 1, metrics: ['speed'] };

/** The events of a run in which all goes well, with the given statuses. */
function run(statuses: Record<string, CaseStatus> = { a: 'passed', b: 'passed' }): RunEvent[] {
  const cases = Object.keys(statuses).map(
    (id) => ({ id, title: id, clause: '', why: '', group: '' }) satisfies CaseFacts,
  );
  const error = { name: 'NotImplemented', message: 'x is not implemented yet', stack: '' };
  const canary: RunEvent = { type: 'canary', failed: true };
  return [
    { type: 'importing' },
    { type: 'collected', cases },
    canary,
    ...Object.entries(statuses).flatMap(([id, status]): RunEvent[] => [
      { type: 'case-started', id },
      { type: 'case-ended', id, status, ms: 1, ...(status !== 'passed' && { error }) },
    ]),
    canary,
    { type: 'done' },
  ];
}

function measured(level: MetricResult['level'], id = 'speed'): RunEvent[] {
  const gate = { metric: id, pass: 1 };
  const facts = { id, title: id, metric: 'ratio', unit: 'µs', value: 1, reference: 1, against: 'reference' } as const;
  const measurement: MetricResult = { ...facts, ratio: 1, low: 1, high: 1, level, gate, ms: 1, samples: 1 };
  return [{ type: 'measured', measurement }, { type: 'done' }];
}

const without = (type: RunEvent['type']) => run().filter((event) => event.type !== type);
const withBefore = (type: RunEvent['type'], event: RunEvent) => {
  const events = run();
  events.splice(
    events.findIndex((one) => one.type === type),
    0,
    event,
  );
  return events;
};
const error = { name: 'TypeError', message: 'no', stack: '' };
const ourError = { name: 'MeasureFault', message: 'the reference failed', stack: '' };

describe('conformance', () => {
  test('all planned cases passed, with all the evidence', () => expect(judge(PLAN, run()).verdict).toBe('solved'));

  test('a hang that was looked into names its line, and so does its case', () => {
    const at = { file: 'x.ts', line: 7, column: 3 };
    const events: RunEvent[] = [
      { type: 'killed', reason: 'deadline', deadline: 'case', during: 'b' },
      { type: 'hung-at', at, during: 'b' },
    ];
    const { verdict, at: where, cases } = judge(PLAN, events);
    expect([verdict, where, cases[1]?.status, cases[1]?.error?.at]).toEqual(['timed-out', at, 'timed-out', at]);
  });

  test('where the time of the whole run was over, no case is blamed', () => {
    const { verdict, reason } = judge(PLAN, [{ type: 'killed', reason: 'deadline', deadline: 'run', during: 'b' }]);
    expect([verdict, reason]).toEqual(['timed-out', 'all cases together took too long; the run was ended in case b']);
  });

  test('what a fresh child found after a hang counts, but never makes it solved', () => {
    const hung: RunEvent = { type: 'killed', reason: 'deadline', deadline: 'case', during: 'a' };
    const { verdict, cases } = judge(PLAN, [hung, ...run({ b: 'passed' })]);
    expect([verdict, ...cases.map(({ status }) => status)]).toEqual(['timed-out', 'timed-out', 'passed']);
  });

  test.each<[string, string, RunEvent[]]>([
    ['failed', 'one case failed', run({ a: 'passed', b: 'failed' })],
    ['failed', 'one of the cases is still open', run({ a: 'passed', b: 'not-implemented' })],
    ['not-started', 'all are open', run({ a: 'not-implemented', b: 'not-implemented' })],
    ['timed-out', 'a case hung in the child', run({ a: 'timed-out', b: 'failed' })],
    ['timed-out', 'a case hung the child', [{ type: 'killed', reason: 'deadline', deadline: 'case', during: 'b' }]],
    ['timed-out', 'the import hung', [{ type: 'killed', reason: 'deadline', deadline: 'import', during: undefined }]],
    [
      'kit-fault',
      'the child did not start',
      [{ type: 'killed', reason: 'deadline', deadline: 'startup', during: undefined }],
    ],
    ['crashed', 'memory', [{ type: 'killed', reason: 'memory', megabytes: 900, during: 'a' }]],
    ['crashed', 'an exit', [{ type: 'exited', code: 1, signal: null, during: 'a', outOfMemory: false }]],
    ['crashed', 'an error at import', [{ type: 'import-failed', error }]],
    ['does-not-compile', 'a syntax error', [{ type: 'does-not-compile', message: 'Unexpected token' }]],
    [
      'does-not-compile',
      'a syntax error found late',
      [{ type: 'import-failed', error: { ...error, name: 'SyntaxError' } }],
    ],
    ['refused', 'a banned import', [{ type: 'refused', what: 'import of node:http' }]],
    ['refused', 'a forged line', withBefore('done', { type: 'forged', line: 'x' })],
    ['refused', 'a canary that passed', withBefore('done', { type: 'canary', failed: false })],
    [
      'failed',
      'an unhandled error after green cases',
      withBefore('done', { type: 'unhandled', during: undefined, error }),
    ],
    ['kit-fault', 'no canary', without('canary')],
    ['kit-fault', 'no list of cases', without('collected')],
    ['kit-fault', 'no end', without('done')],
    ['kit-fault', 'nothing at all', []],
    ['kit-fault', 'a case too few', run({ a: 'passed' })],
    ['kit-fault', 'a case too many', run({ a: 'passed', b: 'passed', c: 'passed' })],
    [
      'kit-fault',
      'a case reported twice',
      withBefore('done', { type: 'case-ended', id: 'a', status: 'passed', ms: 1 }),
    ],
    ['cancelled', 'a cancelled run', [{ type: 'cancelled' }]],
  ])('%s: %s', (verdict, _, events) => expect(judge(PLAN, events).verdict).toBe(verdict));

  test('what passed before a hang is kept, the hung case is named', () => {
    const events = run().slice(0, 5);
    const { cases, reason } = judge(PLAN, [
      ...events,
      { type: 'killed', reason: 'deadline', deadline: 'case', during: 'b' },
    ]);
    expect(cases.map(({ status }) => status)).toEqual(['passed', 'timed-out']);
    expect(reason).toContain('in case b');
  });

  test('what was printed is passed on', () => {
    expect(judge(PLAN, [...run(), { type: 'output', text: 'hi', cut: 3 }]).output).toEqual({ text: 'hi', cut: 3 });
  });
});

describe('performance', () => {
  test.each<[string, RunEvent[]]>([
    ['solved', measured('pass')],
    ['slow', measured('slow')],
    ['inconclusive', measured('inconclusive')],
    ['kit-fault', measured('pass', 'another')],
    ['kit-fault', [...measured('pass'), ...measured('pass')]],
    ['kit-fault', measured('pass').slice(0, 1)],
    ['failed', [{ type: 'case-ended', id: 'speed', status: 'failed', ms: 1, error }, ...measured('pass')]],
    ['kit-fault', [{ type: 'case-ended', id: 'speed', status: 'failed', ms: 1, error: ourError }, ...measured('pass')]],
    ['kit-fault', [{ type: 'import-failed', error }]],
    ['crashed', [{ type: 'import-failed', error: { ...error, at: { file: 'x', line: 1, column: 1 } } }]],
    ['crashed', [{ type: 'exited', code: null, signal: 'SIGKILL', during: 'speed', outOfMemory: true }]],
    ['slow', [{ type: 'killed', reason: 'deadline', deadline: 'case', during: 'speed' }]],
    ['timed-out', [{ type: 'killed', reason: 'deadline', deadline: 'import', during: undefined }]],
  ])('%s', (verdict, events) => expect(judge(PLAN, run(), events).verdict).toBe(verdict));

  test('does not outweigh a failed case', () => {
    expect(judge(PLAN, run({ a: 'failed', b: 'passed' }), measured('pass')).verdict).toBe('failed');
  });
});
