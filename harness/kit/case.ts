/**
 * `testCase` declares one case of a hidden suite.
 *
 *     testCase(
 *       { id: 'ring-wrap-on-write', title: 'a write that wraps', clause: 'notes ch. 10', why: '…', group: 'wrapping' },
 *       (t) => { … equal(ring.write(…), 3, 'bytes accepted'); },
 *     );
 *
 * The id is a slug that is unique in the whole kit and never changes; `clause` names the document and
 * section that the case tests; `why` is one line on what breaks in the world when it is wrong. Cases
 * stand in the order in which one would solve them; `group` is the heading they are listed under.
 *
 * A case ends in this order: the body; what was started but not awaited is named; everything deferred, the last first;
 * connections that the subject forgot; what the kit holds open; everything else that was left behind. The first
 * failure wins, and carries the transcript.
 */
import { test } from 'vitest';
import { CaseFailure, explain, type Failure } from './failure.ts';
import { clientsClosed, leaksSince, watchLeaks } from './leaks.ts';
import { Random } from './random.ts';
import { session } from './session.ts';
import { Transcript } from './transcript.ts';

export interface CaseFacts {
  id: string;
  title: string;
  clause: string;
  why: string;
  /** Heading the case is listed under; groups stand in the order of a sensible solution. */
  group: string;
  /** The subject is in a process of its own (remote.ts). */
  remote?: true;
}

type Undo = () => void | Promise<void>;

/** What a case is given besides its subject. */
export interface CaseContext {
  /** Seeded by the run's seed and the case's id. */
  random: Random;
  /** The case's own seed, for libraries that take one (fast-check). */
  seed: number;
  /** Runs when the case has ended, passed or failed; the last deferred first. */
  defer(undo: Undo): void;
  /** Runs after everything deferred: for what the kit's own peers hold open. */
  release(undo: Undo): void;
  /** Marks work that must be over when the body ends: a forgotten `await` is then an error, not a pass. */
  track<T>(what: string, work: Promise<T>): Promise<T>;
  /** What both sides did, in order; attached to the failure if the case fails. */
  transcript: Transcript;
}

/** What the wrapper below leaves for the runner to report. */
export interface CaseRecord extends CaseFacts {
  failure?: Failure;
  error?: { name: string; message: string; stack: string };
  finished?: boolean;
}

export function testCase(facts: CaseFacts, body: (t: CaseContext) => void | Promise<void>): void {
  const record: CaseRecord = { ...facts };
  test(facts.id, { meta: { record } as object }, async ({ task }) => {
    const mine = (task.meta as { record: CaseRecord }).record;
    try {
      await runCase(facts.id, body);
    } catch (error) {
      describeError(mine, error);
      throw error;
    } finally {
      mine.finished = true;
    }
  });
}

/** Runs one body as a case: its context, its clean-up, its leaks. Throws what made it fail, transcript attached. */
export async function runCase(id: string, body: (t: CaseContext) => void | Promise<void>): Promise<void> {
  const context = new Context(id);
  const watch = watchLeaks();
  const failures: unknown[] = [];
  const attempt = async (act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(() => body(context));
  await attempt(() => context.nothingPending());
  for (const undo of context.undos.reverse()) await attempt(undo);
  // A case that failed half-way leaves things behind by nature: only one that passed so far is asked about leaks.
  if (failures.length === 0) await attempt(() => clientsClosed(watch));
  for (const undo of context.releases.reverse()) await attempt(undo);
  if (failures.length === 0) await attempt(() => leaksSince(watch));
  watch.stop();
  if (failures.length > 0) throw withTranscript(failures[0], context.transcript);
}

class Context implements CaseContext {
  readonly random: Random;
  readonly seed: number;
  readonly transcript = new Transcript();
  readonly undos: Undo[] = [];
  readonly releases: Undo[] = [];
  readonly #pending = new Set<string>();

  constructor(id: string) {
    // Stryker and plain vitest run the suites too: there is no session, the seed is 1.
    this.random = new Random(session.seed, id);
    this.seed = this.random.u32();
  }

  defer(undo: Undo): void {
    this.undos.push(undo);
  }

  release(undo: Undo): void {
    this.releases.push(undo);
  }

  track<T>(what: string, work: Promise<T>): Promise<T> {
    this.#pending.add(what);
    const done = (): void => void this.#pending.delete(what);
    work.then(done, done);
    return work;
  }

  nothingPending(): void {
    if (this.#pending.size === 0) return;
    // The suite's mistake, not the learner's: no CaseFailure.
    throw new Error(`the case ended while ${[...this.#pending].join(', ')} was still running: await it`);
  }
}

function withTranscript(error: unknown, transcript: Transcript): unknown {
  if (!(error instanceof CaseFailure) || transcript.entries.length === 0 || error.failure.transcript) return error;
  return explain(error, { transcript: transcript.entries });
}

function describeError(record: CaseRecord, error: unknown): void {
  if (error instanceof CaseFailure) record.failure = error.failure;
  const e = error instanceof Error ? error : new Error(`a value that is not an Error was thrown: ${String(error)}`);
  record.error = { name: e.name, message: e.message, stack: String(e.stack ?? '') };
}
