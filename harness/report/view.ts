/** What watch knows of the exercise on the screen: all that its reports are made of. */
import type { Checked } from '../check.ts';
import type { MetricResult } from '../kit/performance-driver.ts';
import type { Exercise } from '../manifest.ts';
import type { PlannedCase } from '../plan.ts';
import type { Location } from '../run/events.ts';
import type { TypeNote } from '../run/types.ts';
import type { CaseResult } from '../verdict.ts';

/** A text that stands in place of the feedback until a key closes it. */
export interface Pane {
  title: string;
  lines: string[];
}

export type Phase =
  /** Before the first run. */
  | 'opening'
  /** There is no file to run. */
  | 'gone'
  | 'running'
  /** Conformance is green, performance under way. */
  | 'measuring'
  | 'ended';

export interface View {
  size: { columns: number; rows: number };
  exercise: Exercise;
  planned: PlannedCase[];
  /** All exercises in order, and whether each is solved. */
  curriculum: { exercise: Exercise; solved: boolean }[];
  phase: Phase;
  /** Number of the newest run, from 1. */
  run: number;
  seed: number;
  /** When the text under test was saved: `10:15:02`. */
  savedAt: string;
  /** Milliseconds since the run began. */
  elapsed: number;
  /** Of the newest run, in the order of the plan. */
  cases: CaseResult[];
  /** The case under way. */
  current: string | undefined;
  measured: MetricResult[];
  /** The newest verdict; that of the run before while one is under way. */
  checked: Checked | undefined;
  types: TypeNote[];
  /** Why changes are looked for instead of told, if so. */
  polling: string | undefined;
  pane: Pane | undefined;
  /** A question that y or n answers. */
  question: string | undefined;
  /** One line about the last key. */
  notice: string | undefined;
  /** First row of the middle part that is shown. */
  scroll: number;
}

export function isSolved({ curriculum, exercise }: View): boolean {
  return curriculum.some((one) => one.solved && one.exercise.id === exercise.id);
}

/** Whether the newest verdict is that of a solved exercise. */
export function isGreen({ checked, phase }: View): boolean {
  return phase === 'ended' && (checked?.verdict === 'solved' || checked?.verdict === 'inconclusive');
}

/** The next exercise that is not solved: after this one, or else before it. */
export function nextOf({ curriculum, exercise }: View): Exercise | undefined {
  const here = curriculum.findIndex((one) => one.exercise.id === exercise.id);
  const others = [...curriculum.slice(here + 1), ...curriculum.slice(0, Math.max(0, here))];
  return others.find(({ solved }) => !solved)?.exercise;
}

/** Where one would go on: the place that the newest verdict, or its first failure, names; else the top of the file. */
export function placeOf({ exercise, checked }: View): Location {
  const places = [checked?.at, ...(checked?.cases ?? []).map(({ error }) => error?.at)];
  return places.find((at) => at?.file === exercise.learner) ?? { file: exercise.learner, line: 1, column: 1 };
}
