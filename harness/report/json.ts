/**
 * The published contract of `--json`: one object for one check. `npm run list -- --schema result` prints
 * its JSON Schema.
 */
import { z } from 'zod';
import type { Checked } from '../check.ts';
import type { MetricResult } from '../kit/performance-driver.ts';
import { replayToken } from '../replay-token.ts';
import { kitVersion } from '../suite.ts';
import { VERDICTS } from '../verdict.ts';
import { showLocation } from './failure.ts';

const caseSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  clause: z.string(),
  status: z.enum(['passed', 'failed', 'not-implemented', 'timed-out', 'not-run']),
  ms: z.number().min(0),
  message: z.string().optional().describe('What was expected; what happened.'),
  at: z.string().optional().describe('file:line:column in the subject.'),
  schedule: z.string().optional().describe('How the input was cut, if that matters.'),
  bytes: z.looseObject({ expected: z.string(), actual: z.string(), at: z.int() }).optional().describe('Hex.'),
  transcript: z.array(z.looseObject({ who: z.string(), what: z.string() })).optional(),
  replay: z.string().optional().describe('Token for `npm run replay`.'),
});

const metricSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  metric: z.enum(['count', 'growth', 'ratio']),
  unit: z.string(),
  value: z.number(),
  reference: z.number(),
  against: z.enum(['reference', 'baseline']).describe('What `reference` is the figure of.'),
  ratio: z.number().optional(),
  low: z.number(),
  high: z.number(),
  level: z.enum(['gold', 'silver', 'pass', 'slow', 'inconclusive']),
  gate: z
    .strictObject({ pass: z.number(), silver: z.number().optional(), gold: z.number().optional() })
    .describe('What each level asks for. Ratios: higher is better. Counts and growth: lower is better.'),
  ms: z.number().min(0),
});

export const resultSchema = z.strictObject({
  schema: z.literal(1),
  exercise: z.string(),
  subject: z.string(),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  at: z.string().optional(),
  seed: z.int(),
  cases: z.array(caseSchema),
  performance: z.array(metricSchema),
  parts: z.array(z.strictObject({ exercise: z.string(), whose: z.enum(['yours', 'reference']) })),
  kit: z.strictObject({ version: z.string(), suite: z.string() }),
  node: z.string(),
  startedAt: z.iso.datetime(),
  ms: z.number().min(0),
});

export type Result = z.infer<typeof resultSchema>;

export function toResult(checked: Checked): Result {
  const { exercise, subject, verdict, reason, seed, parts, suite, startedAt, ms } = checked;
  return resultSchema.parse({
    schema: 1,
    exercise: exercise.id,
    subject: subject.name,
    verdict,
    reason,
    ...(checked.at && { at: showLocation(checked.at) }),
    seed,
    cases: checked.cases.map((_, i) => caseOf(checked, i)),
    performance: checked.performance.map(metricOf),
    parts: parts.map(({ exercise: id, whose }) => ({ exercise: id, whose })),
    kit: { version: kitVersion, suite },
    node: process.version,
    startedAt: startedAt.toISOString(),
    ms,
  });
}

/** What a child says of itself may hold anything: only what the schema knows is taken over. */
function metricOf(one: MetricResult): unknown {
  const { id, title, metric, unit, value, reference, against, ratio, low, high, level, ms } = one;
  const { pass, silver, gold } = one.gate;
  const measured = { value, reference, against, ratio, low, high };
  return { id, title, metric, unit, ...measured, level, gate: { pass, silver, gold }, ms };
}

function caseOf({ cases, planned, exercise, seed }: Checked, i: number): unknown {
  const { id, status, ms, failure, error } = cases[i] as Checked['cases'][0];
  const { title, clause } = planned[i] as Checked['planned'][0];
  const facts = { id, title, clause, status, ms };
  if (status === 'passed' || status === 'not-run') return facts;
  const message = failure
    ? `${failure.expected}; ${failure.actual}`
    : error
      ? `${error.name}: ${error.message}`
      : 'no answer in time';
  return {
    ...facts,
    message,
    ...(error?.at && { at: showLocation(error.at) }),
    ...(failure?.schedule && { schedule: failure.schedule }),
    ...(failure?.bytes && { bytes: failure.bytes }),
    ...(failure?.transcript && { transcript: failure.transcript }),
    replay: replayToken({ exercise: exercise.id, caseId: id, seed, ...(failure?.replay && { path: failure.replay }) }),
  };
}
