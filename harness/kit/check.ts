/**
 * The assertions that suites are written with.
 *
 * Each takes what it is about as a short noun phrase ("bytes accepted by the second write"), so that
 * a failure reads as a sentence. They throw `CaseFailure`; nothing else of the kit judges a subject.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Difference, difference } from './difference.ts';
import { type ByteDifference, CaseFailure, type Failure, type Field } from './failure.ts';
import { show } from './show.ts';

/** Fails unless the two are deeply equal (`Object.is` for numbers; prototypes count; views compare by content). */
export function equal<T>(actual: T, expected: T, what: string): void {
  const failure = inequality(actual, expected, what);
  if (failure) fail(failure);
}

/** Short values are told apart at a glance; in longer ones the first difference is what one looks for. */
const AT_A_GLANCE = 100;

/** How two values differ, in words; `undefined` if they are deeply equal. */
export function inequality(actual: unknown, expected: unknown, what: string): Failure | undefined {
  const found = difference(actual, expected);
  if (!found) return undefined;
  const bytes = byteDifference(found.actual, found.expected);
  const more = { ...(bytes ? { bytes } : {}), ...alike(found) };
  const [want, got] = [show(expected), show(actual)];
  if (found.path === '' || want.length + got.length <= AT_A_GLANCE) {
    return { expected: `${what}: ${want}`, actual: `got ${got}`, ...more };
  }
  const place = `${what}, at ${found.path.replace(/^\./, '')}`;
  return { expected: `${place}: ${show(found.expected)}`, actual: `got ${show(found.actual)}`, ...more };
}

/** A Buffer and a Uint8Array of the same bytes, for example: what differs is not in what is shown. */
function alike({ actual, expected }: Difference): Pick<Failure, 'notes'> {
  if (show(actual) !== show(expected)) return {};
  const kind = (value: unknown): string => Object(value).constructor?.name ?? 'object without a prototype';
  return { notes: [`they look alike, but a ${kind(expected)} was expected and this is a ${kind(actual)}`] };
}

/** Fails unless the bytes are the same; the failure points at the first that is not. */
export function bytes(actual: Uint8Array, expected: Uint8Array | string, what: string, fields?: Field[]): void {
  if (!(actual instanceof Uint8Array)) {
    return fail({ expected: `${what}: a Uint8Array`, actual: `got ${show(actual)}` });
  }
  const want = typeof expected === 'string' ? Buffer.from(expected, 'latin1') : expected;
  const found = byteDifference(actual, want, fields);
  if (!found) return;
  fail({
    expected: `${what}: ${want.length} bytes`,
    actual: found.at === actual.length ? `got only ${actual.length} bytes` : differenceLine(actual, want, found.at),
    bytes: found,
  });
}

/** Where two byte strings differ; `undefined` if they do not, or if one of the two is none. */
export function byteDifference(actual: unknown, expected: unknown, fields?: Field[]): ByteDifference | undefined {
  if (!(actual instanceof Uint8Array && expected instanceof Uint8Array)) return undefined;
  const at = firstDifference(actual, expected);
  if (at === -1) return undefined;
  return { expected: hex(expected), actual: hex(actual), at, ...(fields ? { fields } : {}) };
}

/** Fails unless `condition` holds. `seen` says what was seen instead. */
export function ok(condition: boolean, what: string, seen = 'it is not so'): asserts condition {
  if (!condition) fail({ expected: what, actual: seen });
}

/** Fails unless `low <= value <= high`. */
export function within(value: number, low: number, high: number, what: string): void {
  if (value >= low && value <= high) return;
  fail({ expected: `${what}: from ${show(low)} to ${show(high)}`, actual: `got ${show(value)}` });
}

/** What a thrown error must look like: only the properties named are compared. */
export type ErrorShape = { name?: string; code?: string } & Record<string, unknown>;

/** Fails unless `act` throws an error with the properties named in `shape`. Returns the error. */
export function throws(act: () => unknown, shape: ErrorShape, what: string): Error {
  let value: unknown;
  try {
    value = act();
  } catch (error) {
    return matchError(error, shape, what);
  }
  return fail({ expected: `${what}: ${showShape(shape)} is thrown`, actual: `it returned ${show(value)}` });
}

/** Fails unless `promise` rejects with an error with the properties named in `shape`. Resolves to the error. */
export async function rejects(promise: Promise<unknown>, shape: ErrorShape, what: string): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return matchError(error, shape, what);
  }
  return fail({ expected: `${what}: rejects with ${showShape(shape)}`, actual: `it resolved to ${show(value)}` });
}

/** Ends the case as failed. */
export function fail(failure: Failure): never {
  throw new CaseFailure(failure);
}

function matchError(error: unknown, shape: ErrorShape, what: string): Error {
  if (isNotImplemented(error)) throw error;
  if (!(error instanceof Error)) {
    return fail({ expected: `${what}: ${showShape(shape)}`, actual: `threw ${show(error)}, which is not an Error` });
  }
  for (const [key, value] of Object.entries(shape)) {
    const seen = (error as unknown as Record<string, unknown>)[key];
    if (isDeepStrictEqual(seen, value)) continue;
    fail({
      expected: `${what}: ${showShape(shape)}`,
      actual: `threw ${error.name} (“${error.message}”) whose ${key} is ${show(seen)}`,
    });
  }
  return error;
}

function isNotImplemented(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotImplemented';
}

function showShape(shape: ErrorShape): string {
  const { name = 'an error', ...rest } = shape;
  const parts = Object.entries(rest).map(([key, value]) => `${key} ${show(value)}`);
  return parts.length === 0 ? name : `${name} with ${parts.join(', ')}`;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return i;
  return a.length === b.length ? -1 : shorter;
}

function differenceLine(actual: Uint8Array, want: Uint8Array, at: number): string {
  if (at === want.length) return `got ${actual.length} bytes, ${actual.length - want.length} too many`;
  return `byte ${at} is 0x${hex(actual.subarray(at, at + 1))}, not 0x${hex(want.subarray(at, at + 1))}`;
}

function hex(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}
