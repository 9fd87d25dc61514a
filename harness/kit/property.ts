/**
 * Property tests: fast-check draws inputs from the case's seed, and shrinks the one that fails.
 *
 *     property(t, 'what was written is read', fc.array(fc.nat()), (values) => { … assertions … });
 *
 *     modelTest(t, {
 *       what: 'the ring against an array',
 *       steps: fc.oneof(fc.record({ do: fc.constant('write'), n: fc.nat(9) }), …),   // plain data
 *       start: () => ({ ring: new RingBuffer(8), model: [] }),
 *       run: (state, step) => { … assertions … },
 *       show: (step) => `write(${step.n})`,
 *     });
 *
 * A failure carries the shrunk counterexample in `Failure.steps` (for a model test: the steps up to the failing one)
 * and, in `Failure.replay`, the path by which fast-check finds it again.
 *
 * Replaying. The token that a report prints is made of the exercise, the case's id, the run's seed and `replay`. To
 * replay, the runner sets `session.seed` and `session.path` and runs that one case: the property then tries just the
 * input that the path names. The seed of the case follows from the run's seed and the case's id, so the same fast-check
 * version gives the same input. A case holds at most one property: one path could not name inputs of two.
 *
 * `NotImplemented` ends the test at once and passes through.
 */
import fc from 'fast-check';
import type { CaseContext } from './case.ts';
import { CaseFailure, type Failure } from './failure.ts';
import { session } from './session.ts';
import { show } from './show.ts';

export { fc };

type Case = Pick<CaseContext, 'seed' | 'defer'>;

export interface PropertyOptions<T> {
  /** How many inputs. Default 100. */
  runs?: number;
  /** Inputs tried before any random one. */
  examples?: T[];
  /** The counterexample as lines for the report. Default: its value. */
  show?: (input: T) => string[];
}

/** Shrinking ends after this: a small counterexample now is worth more than the smallest one after the deadline. */
const SHRINK_MS = 500;

/** Fails if `holds` throws for any input. */
export function property<T>(
  t: Case,
  what: string,
  input: fc.Arbitrary<T>,
  holds: (value: T) => void,
  options: PropertyOptions<T> = {},
): void {
  const judge = new Judge(t);
  const result = fc.check(
    fc.property(input, (value) => judge.sync(() => holds(value))),
    parameters(t, options),
  );
  report(what, result as fc.RunDetails<[T]>, judge, options);
}

/** The same for a predicate that waits for something. */
export async function asyncProperty<T>(
  t: Case,
  what: string,
  input: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void>,
  options: PropertyOptions<T> = {},
): Promise<void> {
  const judge = new Judge(t);
  const result = await fc.check(
    fc.asyncProperty(input, (value) => judge.async(() => holds(value))),
    parameters(t, options),
  );
  report(what, result as fc.RunDetails<[T]>, judge, options);
}

export interface ModelTest<State, Step> {
  what: string;
  /** One step as plain data. */
  steps: fc.Arbitrary<Step>;
  /** A new subject beside a new model. */
  start: () => State;
  /** Does the step on both and compares them. */
  run: (state: State, step: Step) => void;
  show?: (step: Step) => string;
  runs?: number;
  /** Most steps in one sequence. Default 100. */
  length?: number;
}

/** Runs random sequences of steps on a subject and on a model of it. */
export function modelTest<State, Step>(t: Case, test: ModelTest<State, Step>): void {
  const { what, steps, start, run, show: name = show, runs = 100, length = 100 } = test;
  let failedAt = 0;
  const holds = (sequence: Step[]): void => {
    const state = start();
    for (const [i, step] of sequence.entries()) {
      failedAt = i;
      run(state, step);
    }
  };
  // `size: max`: the default draws about ten steps, which never fill a buffer of a thousand.
  const sequences = fc.array(steps, { maxLength: length, size: 'max' });
  const replayed = (sequence: Step[]): string[] => {
    // Run again: shrinking has tried other sequences since, so that `failedAt` may be of one of those.
    try {
      holds(sequence);
    } catch {
      return sequence.slice(0, failedAt + 1).map(name);
    }
    return sequence.map(name);
  };
  property(t, what, sequences, holds, { runs, show: replayed });
}

/** Runs the predicate; lets a stub out at once, and stops the shrinking in time. */
class Judge {
  /** `NotImplemented`, if it was thrown. */
  stub: unknown;
  #firstFailure: number | undefined;

  constructor(t: Case) {
    if (used.has(t)) throw new Error('a case holds at most one property: split it');
    used.add(t);
  }

  sync(act: () => void): boolean {
    if (this.#over()) return true;
    try {
      act();
      return true;
    } catch (error) {
      return this.#failed(error);
    }
  }

  async async(act: () => Promise<void>): Promise<boolean> {
    if (this.#over()) return true;
    try {
      await act();
      return true;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #over(): boolean {
    if (this.stub !== undefined) return true;
    return this.#firstFailure !== undefined && performance.now() - this.#firstFailure > SHRINK_MS;
  }

  #failed(error: unknown): true {
    if (error instanceof Error && error.name === 'NotImplemented') {
      this.stub = error;
      return true;
    }
    this.#firstFailure ??= performance.now();
    throw error;
  }
}

const used = new WeakSet<Case>();

function parameters<T>(t: Case, { runs = 100, examples = [] }: PropertyOptions<T>): fc.Parameters<[T]> {
  const path = session.path === undefined ? {} : { path: session.path, endOnFailure: true };
  return { seed: t.seed, numRuns: runs, examples: examples.map((value): [T] => [value]), ...path };
}

function report<T>(what: string, result: fc.RunDetails<[T]>, judge: Judge, options: PropertyOptions<T>): void {
  if (judge.stub !== undefined) throw judge.stub;
  if (!result.failed) return;
  const { counterexample, counterexamplePath, errorInstance, numShrinks } = result;
  if (counterexample === null) throw new Error(`fast-check gave up on “${what}” without a counterexample`);
  const steps = options.show ? options.show(counterexample[0]) : [show(counterexample[0])];
  const more: Partial<Failure> = { steps, ...(counterexamplePath === null ? {} : { replay: counterexamplePath }) };
  const note =
    numShrinks > 0
      ? [`the smallest failing input that was found; the first one was larger (made smaller ${numShrinks} times)`]
      : [];
  throw new CaseFailure({ ...describe(what, errorInstance), ...more, notes: note }, errorInstance);
}

function describe(what: string, error: unknown): Failure {
  if (error instanceof CaseFailure) return error.failure;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : show(error);
  return { expected: `${what} holds for every input`, actual: `threw ${said}` };
}
