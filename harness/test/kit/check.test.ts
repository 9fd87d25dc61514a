/** The assertions tell equal from unequal, and say where. */
import { expect, test } from 'vitest';
import * as check from '../../kit/check.ts';
import type { CaseFailure, Failure } from '../../kit/failure.ts';
import { NotImplemented } from '../../kit/not-implemented.ts';

function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    return (error as CaseFailure).failure;
  }
  return expect.unreachable('it passed');
}

const long = (name: string): object[] => Array.from({ length: 30 }, (_, i) => ({ name: i === 17 ? name : 'x', i }));

test.each([
  ['short values whole', { a: 1 }, { a: 2 }, 'v: { a: 2 }', 'got { a: 1 }'],
  ['long ones by the first difference', long('Hos'), long('Host'), "v, at [17].name: 'Host'", "got 'Hos'"],
  ['-0 and 0', -0, 0, 'v: 0', 'got -0'],
  ['a missing key and undefined', {}, { a: undefined }, 'v: { a: undefined }', 'got {}'],
  [
    'a class',
    new (class P {
      a = 1;
    })(),
    { a: 1 },
    'v: { a: 1 }',
    'got P { a: 1 }',
  ],
  ['no prototype', Object.create(null), {}, 'v: {}', 'got [Object: null prototype] {}'],
  ['an own __proto__ key', {}, JSON.parse('{"__proto__":1}'), "v: { ['__proto__']: 1 }", 'got {}'],
  ['an item too much', [...long('x'), 1], long('x'), 'v, at [30]: undefined', 'got 1'],
])('equal tells %s', (_, actual, expected, want, got) => {
  const failure = failureOf(() => check.equal(actual, expected, 'v'));
  expect([failure.expected, failure.actual]).toEqual([want, got]);
});

test.each([
  ['equal numbers', Number.NaN, Number.NaN],
  ['equal bytes of different buffers', Buffer.from('ab'), Buffer.from('xab').subarray(1)],
  ['nested lists', long('x'), long('x')],
])('equal accepts %s', (_, a, b) => check.equal<unknown>(a, b, 'v'));

test('bytes inside a value are shown as bytes', () => {
  const failure = failureOf(() => check.equal({ data: Buffer.from('abc') }, { data: Buffer.from('abd') }, 'v'));
  expect(failure.bytes).toEqual({ expected: '616264', actual: '616263', at: 2 });
});

test('says what differs in values that look alike', () => {
  const failure = failureOf(() => check.equal<unknown>(Uint8Array.of(1), Buffer.of(1), 'v'));
  expect(failure.notes).toEqual(['they look alike, but a Buffer was expected and this is a Uint8Array']);
});

test('throws compares only what is named, and lets the stub out', () => {
  const error = Object.assign(new RangeError('too long'), { code: 'ERR_LONG', extra: 1 });
  const act = (): never => {
    throw error;
  };
  expect(check.throws(act, { name: 'RangeError', code: 'ERR_LONG' }, 'it')).toBe(error);
  expect(failureOf(() => check.throws(act, { code: 'ERR_SHORT' }, 'it')).actual).toBe(
    "threw RangeError (“too long”) whose code is 'ERR_LONG'",
  );
  expect(failureOf(() => check.throws(() => 1, { code: 'ERR_LONG' }, 'it')).actual).toBe('it returned 1');
  const stub = (): never => {
    throw new NotImplemented('x');
  };
  expect(() => check.throws(stub, {}, 'it')).toThrow(NotImplemented);
});

test('a value that cannot be shown is no trouble', () => {
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('mine');
      },
      getPrototypeOf: () => {
        throw new Error('mine');
      },
    },
  );
  expect(() => check.equal<unknown>(hostile, 1, 'v')).toThrow();
});
