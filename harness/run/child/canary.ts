/**
 * Canaries: cases that must fail. One that passes proves that the subject tampers with the grader.
 *
 * Each assertion of the kit, and vitest's own pipeline, is given something that is plainly wrong; the
 * case ends with the secret below only if every one of them objected.
 */

import type { RunnerTask as Task } from 'vitest';
import { test } from 'vitest';
import { bytes, equal, ok, rejects, throws, within } from '../../kit/check.ts';

const NAME = 'canary';
const OBJECTED = 'every assertion objected, as it must';

const mustThrow: (() => unknown)[] = [
  () => equal(1, 2, 'canary'),
  () => equal<unknown>([1, { a: 'b' }], [1, { a: 'c' }], 'canary'),
  () => equal<unknown>(new Map([[1, 2]]), new Map([[1, 3]]), 'canary'),
  () => bytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3), 'canary'),
  () => bytes(Uint8Array.of(1), 'ab', 'canary'),
  () => ok(1 > 2, 'canary'),
  () => within(3, 1, 2, 'canary'),
  () => throws(() => 1, {}, 'canary'),
  () => throws(() => fail('EOTHER'), { code: 'EBADF' }, 'canary'),
];

function fail(code: string): never {
  throw Object.assign(new Error('canary'), { code });
}

export function plantCanary(): void {
  test(NAME, async () => {
    for (const act of mustThrow) if (!objects(act)) return;
    if (!(await objectsLater(() => rejects(Promise.resolve(1), {}, 'canary')))) return;
    throw new Error(OBJECTED);
  });
}

export function isCanary(task: Task): boolean {
  return task.name === NAME;
}

export function canaryFailed(task: Task): boolean {
  return task.result?.state === 'fail' && task.result.errors?.[0]?.message === OBJECTED;
}

function objects(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

async function objectsLater(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch {
    return true;
  }
}
