/**
 * What a learner has reached, in `.kata/progress.json`: a pure fold over verdicts and an atomic save.
 *
 * Keyed by slug. Slugs that this kit does not know are kept: they belong to a newer or older one. A
 * file that cannot be read is set aside and reported, never silently reset.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Checked } from './check.ts';
import { type Exercise, root } from './manifest.ts';
import { suiteHash } from './suite.ts';
import { writeAtomically } from './write.ts';

const solved = z.looseObject({
  /** When, in ISO 8601. */
  at: z.string(),
  /** Version of the suite that it passed. */
  suite: z.string(),
  /** SHA-256 of the file that passed. */
  subject: z.string(),
  /** Milliseconds, levels by metric. */
  levels: z.record(z.string(), z.string()).optional(),
});

const entry = z.looseObject({
  solved: solved.optional(),
  /** Hints shown so far. */
  hints: z.int().min(0).optional(),
  /** Full checks so far. */
  runs: z.int().min(0).optional(),
  startedAt: z.string().optional(),
});

const schema = z.looseObject({ schema: z.literal(1), exercises: z.record(z.string(), entry) });

export type Progress = z.infer<typeof schema>;
export type ProgressEntry = z.infer<typeof entry>;
export type State = 'solved' | 'solved-older-suite' | 'started' | 'open';

export const stateFolder = path.join(root, '.kata');
const FILE = 'progress.json';

export interface Loaded {
  progress: Progress;
  /** What was wrong with the file, and where it was set aside to. */
  complaint?: string;
}

export function loadProgress(folder = stateFolder): Loaded {
  const file = path.join(folder, FILE);
  if (!existsSync(file)) return { progress: empty() };
  try {
    return { progress: schema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return { progress: empty(), complaint: `${FILE} could not be read (${reason}); ${setAside(file)}` };
  }
}

function setAside(file: string): string {
  const aside = `${file}.broken-${Date.now()}`;
  try {
    renameSync(file, aside);
    return `it was kept as ${path.basename(aside)}`;
  } catch (error) {
    return `it could not be set aside either (${(error as Error).message})`;
  }
}

function empty(): Progress {
  return { schema: 1, exercises: {} };
}

/** Adds one verdict. Only a whole green run of the learner's own file marks an exercise solved. */
export function fold(progress: Progress, checked: Checked): Progress {
  if (checked.subject.name !== 'learner' || checked.verdict === 'cancelled' || checked.verdict === 'kit-fault')
    return progress;
  const { slug } = checked.exercise;
  const before = progress.exercises[slug] ?? {};
  const after: ProgressEntry = {
    ...before,
    runs: (before.runs ?? 0) + 1,
    ...(checked.verdict !== 'not-started' && { startedAt: before.startedAt ?? checked.startedAt.toISOString() }),
    ...(isSolved(checked) && { solved: solvedFacts(checked) }),
  };
  return withEntry(progress, slug, after);
}

export function withEntry(progress: Progress, slug: string, after: ProgressEntry): Progress {
  return { ...progress, exercises: { ...progress.exercises, [slug]: after } };
}

function isSolved({ verdict, whole }: Checked): boolean {
  return whole && (verdict === 'solved' || verdict === 'inconclusive');
}

function solvedFacts(checked: Checked): z.infer<typeof solved> {
  return {
    at: checked.startedAt.toISOString(),
    suite: checked.suite,
    subject: contentHash(checked.subject.sources.get(checked.subject.file) ?? ''),
    levels: Object.fromEntries(checked.performance.map(({ id, level }) => [id, level])),
  };
}

export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function stateOf(progress: Progress, exercise: Exercise): State {
  const facts = progress.exercises[exercise.slug];
  if (facts?.solved) return facts.solved.suite === suiteHash(exercise) ? 'solved' : 'solved-older-suite';
  return facts?.startedAt ? 'started' : 'open';
}

/** The first exercise of the curriculum that is not solved by any suite. */
export function nextUnsolved(progress: Progress, exercises: Exercise[]): Exercise | undefined {
  return exercises.find(({ slug }) => !progress.exercises[slug]?.solved);
}

export function saveProgress(progress: Progress, folder = stateFolder): void {
  writeAtomically(path.join(folder, FILE), `${JSON.stringify(progress, null, 2)}\n`);
}
