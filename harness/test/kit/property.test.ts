/** Property tests shrink, say what failed, and can be replayed. */
import { afterEach, expect, test } from 'vitest';
import { runCase } from '../../kit/case.ts';
import { equal } from '../../kit/check.ts';
import type { CaseFailure, Failure } from '../../kit/failure.ts';
import { NotImplemented } from '../../kit/not-implemented.ts';
import { fc, modelTest, property } from '../../kit/property.ts';
import { session } from '../../kit/session.ts';

afterEach(() => {
  delete session.path;
});

type Step = { do: 'push' | 'pop' };
const steps = fc.record({ do: fc.constantFrom('push' as const, 'pop' as const) });

/** A stack that forgets its fourth element. */
async function failing(seen: number[][] = []): Promise<Failure> {
  const body = runCase('any', (t) =>
    property(t, 'a short list', fc.array(fc.nat(1000)), (values) => {
      seen.push(values);
      equal(values.length < 4 || values.at(-1)! < 500, true, 'accepted');
    }),
  );
  return body.then(
    () => expect.unreachable('it passed'),
    (error: CaseFailure) => error.failure,
  );
}

test('shrinks to the smallest input', async () => {
  expect((await failing()).steps).toEqual(['[ 0, 0, 0, 500 ]']);
});

test('replays exactly the input that failed', async () => {
  session.path = (await failing()).replay!;
  const seen: number[][] = [];
  expect((await failing(seen)).steps).toEqual(['[ 0, 0, 0, 500 ]']);
  expect(seen).toEqual([[0, 0, 0, 500]]);
});

test('a model test shows the steps up to the failing one', async () => {
  const body = runCase('any', (t) =>
    modelTest<{ depth: number }, Step>(t, {
      what: 'depth of a stack',
      steps,
      start: () => ({ depth: 0 }),
      run: (state, step) => {
        state.depth += step.do === 'push' ? 1 : state.depth > 0 ? -1 : 0;
        equal(state.depth < 3, true, 'at most two');
      },
      show: (step) => step.do,
    }),
  );
  const error = await body.catch((e: CaseFailure) => e);
  expect((error as CaseFailure).failure.steps).toEqual(['push', 'push', 'push']);
});

test('a stub ends it at once', async () => {
  let calls = 0;
  const body = runCase('any', (t) =>
    property(t, 'anything', fc.nat(), () => {
      calls++;
      throw new NotImplemented('x');
    }),
  );
  await expect(body).rejects.toBeInstanceOf(NotImplemented);
  expect(calls).toBe(1);
});
