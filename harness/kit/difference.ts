/**
 * Where two values first differ: `events[2].value`, and what stands there on both sides.
 *
 * A list of thirty parser events printed twice tells nobody anything; the path to the first wrong one does.
 * `undefined` means deeply equal, by the rules of `util.isDeepStrictEqual`, which has the last word.
 */
import { isDeepStrictEqual } from 'node:util';

export interface Difference {
  /** For example `[2].headers[0].value`; empty when the values themselves differ. */
  path: string;
  actual: unknown;
  expected: unknown;
}

export function difference(actual: unknown, expected: unknown): Difference | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  return descend(actual, expected, '', 0);
}

/** Deeper than this the two are shown as they are: no suite compares such trees on purpose. */
const DEEPEST = 64;

/** Called with values known to differ. Goes down while one child alone explains it. */
function descend(actual: unknown, expected: unknown, path: string, depth: number): Difference {
  if (depth < DEEPEST && isContainer(actual) && isContainer(expected) && sameKind(actual, expected)) {
    for (const key of keysOfBoth(actual, expected)) {
      const [a, e] = [actual[key], expected[key]];
      if (key in actual === key in expected && isDeepStrictEqual(a, e)) continue;
      return descend(a, e, path + step(key, Array.isArray(expected)), depth + 1);
    }
  }
  return { path, actual, expected };
}

type Keyed = Record<string, unknown>;

function isContainer(a: unknown): a is Keyed {
  if (typeof a !== 'object' || a === null) return false;
  return !ArrayBuffer.isView(a) && !(a instanceof Map) && !(a instanceof Set) && !(a instanceof Date);
}

function sameKind(a: Keyed, b: Keyed): boolean {
  return Object.getPrototypeOf(a) === Object.getPrototypeOf(b);
}

/** The expected keys in their order, then what is there too much. */
function keysOfBoth(actual: Keyed, expected: Keyed): Set<string> {
  return new Set([...Object.keys(expected), ...Object.keys(actual)]);
}

function step(key: string, inList: boolean): string {
  if (inList) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
