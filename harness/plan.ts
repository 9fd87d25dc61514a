/** What a suite consists of: its list of cases, as `verify --update` last recorded it. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { KitFault } from './errors.ts';
import type { Exercise } from './manifest.ts';
import type { Suite } from './run/events.ts';
import type { Plan } from './verdict.ts';

const caseFacts = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/),
  title: z.string(),
  group: z.string(),
  clause: z.string(),
  why: z.string(),
  remote: z.literal(true).optional(),
});

export type PlannedCase = z.infer<typeof caseFacts>;

/** The cases of an exercise, in order; only those named, if any are. */
export function plannedCases(exercise: Exercise, only?: string[]): PlannedCase[] {
  const parsed = z.array(caseFacts).safeParse(JSON.parse(readFileSync(exercise.cases, 'utf8')));
  if (parsed.success) return only ? parsed.data.filter(({ id }) => only.includes(id)) : parsed.data;
  throw new KitFault(
    `${exercise.id}/cases.json is not a list of cases: run \`npm run verify -- ${exercise.id} --update\``,
  );
}

export function planOf(exercise: Exercise, planned: PlannedCase[]): Plan {
  return {
    cases: planned.map(({ id }) => id),
    runs: conformanceRuns(planned).length,
    metrics: exercise.performance.map(({ metric }) => metric),
  };
}

/** The runs that it takes to get through these cases, each with its own. */
export function conformanceRuns(planned: PlannedCase[]): { suite: Suite; cases: string[] }[] {
  const idsOf = (remote?: true) => planned.filter((one) => one.remote === remote).map(({ id }) => id);
  const runs = [
    { suite: 'conformance' as const, cases: idsOf() },
    { suite: 'remote' as const, cases: idsOf(true) },
  ];
  return runs.filter(({ suite, cases }) => cases.length > 0 || (suite === 'conformance' && planned.length === 0));
}
