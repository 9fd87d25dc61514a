/** Property tests shrink, say what failed, and can be replayed. */
import { afterEach, expect, test } from 'vitest';
import { runCase } from '../../kit/case.ts';
import { equal } from '../../kit/check.ts';
import { turn } from '../../kit/deadline.ts';
import type { CaseFailure, Failure } from '../../kit/failure.ts';
import { NotImplemented } from '../../kit/not-implemented.ts';
import { asyncProperty, fc, modelTest, property } from '../../kit/property.ts';
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

test('an asynchronous property shrinks and replays as well', async () => {
  const seen: number[] = [];
  const body = (): Promise<Failure> =>
    runCase('any', (t) =>
      asyncProperty(t, 'small numbers', fc.nat(100_000), async (value) => {
        seen.push(value);
        await turn();
        equal(value < 77, true, 'accepted');
      }),
    ).then(
      () => expect.unreachable('it passed'),
      (error: CaseFailure) => error.failure,
    );
  const failure = await body();
  expect(failure.steps).toEqual(['77']);
  session.path = failure.replay!;
  seen.length = 0;
  expect((await body()).steps).toEqual(['77']);
  expect(seen).toEqual([77]);
});

test('a replayed model test shows the same steps', async () => {
  const body = (): Promise<Failure> =>
    runCase('any', (t) =>
      modelTest<{ sum: number }, { add: number }>(t, {
        what: 'a sum',
        steps: fc.record({ add: fc.nat(50) }),
        start: () => ({ sum: 0 }),
        run: (state, { add }) => {
          state.sum += add;
          equal(state.sum < 120, true, 'the sum stays small');
        },
      }),
    ).then(
      () => expect.unreachable('it passed'),
      (error: CaseFailure) => error.failure,
    );
  const failure = await body();
  session.path = failure.replay!;
  expect((await body()).steps).toEqual(failure.steps);
});

test('other seeds draw other inputs', async () => {
  const draw = async (id: string): Promise<number[]> => {
    const seen: number[] = [];
    await runCase(id, (t) => property(t, 'any', fc.nat(), (value) => void seen.push(value), { runs: 5 }));
    return seen;
  };
  expect(await draw('a')).toEqual(await draw('a'));
  expect(await draw('a')).not.toEqual(await draw('b'));
});

test('examples come first', async () => {
  const seen: number[] = [];
  await runCase('any', (t) =>
    property(t, 'any', fc.nat(), (value) => void seen.push(value), { examples: [7, 8], runs: 4 }),
  );
  expect(seen.slice(0, 2)).toEqual([7, 8]);
  expect(seen.length).toBe(4);
});

test('an unexpected error is a failure with its input', async () => {
  const body = runCase('any', (t) =>
    property(t, 'parsing', fc.nat(9), (value) => {
      if (value > 4) throw new TypeError('cannot');
    }),
  );
  const { failure, cause } = (await body.catch((e: CaseFailure) => e)) as CaseFailure;
  expect(failure).toMatchObject({
    expected: 'parsing holds for every input',
    actual: 'threw TypeError: cannot',
    steps: ['5'],
  });
  expect((cause as Error).message).toBe('cannot');
});

test('shrinking a slow subject ends in time', async () => {
  const start = performance.now();
  const body = runCase('any', (t) =>
    property(t, 'slow', fc.array(fc.nat(), { minLength: 50 }), () => {
      const until = performance.now() + 20;
      while (performance.now() < until);
      equal(1, 2, 'one');
    }),
  );
  await expect(body).rejects.toThrow('one');
  expect(performance.now() - start).toBeLessThan(3000);
});

test('a case with two properties is an error of the suite', async () => {
  const body = runCase('any', (t) => {
    property(t, 'one', fc.nat(), () => {});
    property(t, 'two', fc.nat(), () => {});
  });
  await expect(body).rejects.toThrow('at most one property');
});
