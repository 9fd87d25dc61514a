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
 */
import { test } from 'vitest';
import { CaseFailure, type Failure } from './failure.ts';
import { leaksSince, watchLeaks } from './leaks.ts';
import { Random } from './random.ts';
import { session } from './session.ts';

export interface CaseFacts {
  id: string;
  title: string;
  clause: string;
  why: string;
  /** Heading the case is listed under; groups stand in the order of a sensible solution. */
  group: string;
}

/** What a case is given besides its subject. */
export interface CaseContext {
  /** Seeded by the run's seed and the case's id. */
  random: Random;
  /** The case's own seed, for libraries that take one (fast-check). */
  seed: number;
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
    // Stryker and plain vitest run the suites too: there is no session, the seed is 1.
    const random = new Random(session.seed, facts.id);
    const mine = (task.meta as { record: CaseRecord }).record;
    const baseline = watchLeaks();
    try {
      await body({ random, seed: random.u32() });
      await leaksSince(baseline);
    } catch (error) {
      describeError(mine, error);
      throw error;
    } finally {
      mine.finished = true;
    }
  });
}

function describeError(record: CaseRecord, error: unknown): void {
  if (error instanceof CaseFailure) record.failure = error.failure;
  const e = error instanceof Error ? error : new Error(`a value that is not an Error was thrown: ${String(error)}`);
  record.error = { name: e.name, message: e.message, stack: String(e.stack ?? '') };
}
