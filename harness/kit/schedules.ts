/**
 * Which cuts of a byte stream are tried, how a failing one is made smaller, and what it is called.
 *
 * Pure: it knows bytes and positions, not subjects. `splits.ts` feeds what it says.
 */
import type { Random } from './random.ts';

/** A place that the protocol itself has: "fails when split `name` at byte `at`". */
export interface Mark {
  /** How many bytes come before it. */
  at: number;
  /** For example `between CR and LF`, `after the frame header`. */
  name: string;
}

/** One way to feed: the bytes, where they are cut, and what must come out. */
export interface Schedule<T> {
  input: Buffer;
  /** Ascending, each from 1 to input.length - 1. None: whole. */
  cuts: number[];
  expected: T;
  /** What differs from the plain message: "followed by the next message". */
  besides?: string;
  /** Nothing is overwritten in this replay, to see whether that is what matters. */
  untouched?: boolean;
}

export interface Variety<T> {
  marks?: Mark[];
  trailing?: { input: Uint8Array | string; expected?: T }[];
  next?: { input: Uint8Array | string; expected: T };
  limit?: number;
  random?: number;
}

const DEFAULT_LIMIT = 256;
const DEFAULT_RANDOM = 8;
/** Replays that a failure may cost while the smallest failing cut is sought. */
const SHRINK_BUDGET = 300;

/** All ways to feed a message, the simplest first. */
export function* variants<T>(random: Random, options: Variety<T>, whole: Schedule<T>): Generator<Schedule<T>> {
  const { input } = whole;
  yield whole;
  for (const at of twoWayCuts(random, options, input)) yield { ...whole, cuts: [at] };
  if (input.length > 2) yield { ...whole, cuts: everyByte(input.length) };
  for (let i = options.random ?? DEFAULT_RANDOM; i > 0 && input.length > 2; i--) {
    yield { ...whole, cuts: randomCuts(random, input.length) };
  }
  for (const tail of options.trailing ?? []) {
    const expected = tail.expected === undefined ? whole.expected : tail.expected;
    yield* followed(input, tail.input, expected, 'trailing bytes');
  }
  if (options.next) yield* followed(input, options.next.input, options.next.expected, 'the next message');
}

/** In one chunk; cut at the end of the message and one byte to either side of it; byte by byte. */
function* followed<T>(input: Buffer, more: Uint8Array | string, expected: T, what: string): Generator<Schedule<T>> {
  const tail = typeof more === 'string' ? Buffer.from(more, 'latin1') : more;
  const all = { input: Buffer.concat([input, tail]), expected, besides: `followed by ${what}` };
  yield { ...all, cuts: [] };
  for (const at of [input.length, input.length + 1, input.length - 1]) {
    if (at > 0 && at < all.input.length) yield { ...all, cuts: [at] };
  }
  yield { ...all, cuts: everyByte(all.input.length) };
}

/** Everywhere; above the limit at the marks, at line ends, at both ends of the input, and at a seeded sample. */
export function twoWayCuts(
  random: Random,
  options: Pick<Variety<unknown>, 'marks' | 'limit'>,
  input: Buffer,
): number[] {
  const limit = options.limit ?? DEFAULT_LIMIT;
  const last = input.length - 1;
  if (last <= limit) return everyByte(input.length);
  const cuts = new Set<number>();
  const add = (at: number): void => void (at >= 1 && at <= last && cuts.add(at));
  // The protocol's own boundaries are never left out, whatever the limit; off-by-one lives next to them.
  for (const { at } of options.marks ?? []) for (const near of [at - 1, at, at + 1]) add(near);
  for (const at of [1, 2, last - 1, last]) add(at);
  for (const at of lineEnds(input, limit >> 1)) add(at);
  // Stratified: one draw from each of equal stretches leaves no long stretch untried.
  const draws = Math.max(0, limit - cuts.size);
  for (let i = 0; i < draws; i++) {
    add(random.int(1 + Math.floor((last * i) / draws), Math.floor((last * (i + 1)) / draws)));
  }
  return [...cuts].sort((a, b) => a - b);
}

/** Positions between CR and LF, the first `most` of them. */
function lineEnds(input: Buffer, most: number): number[] {
  const out: number[] = [];
  for (let at = input.indexOf('\r\n'); at !== -1 && out.length < most; at = input.indexOf('\r\n', at + 2)) {
    out.push(at + 1);
  }
  return out;
}

function everyByte(length: number): number[] {
  return Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);
}

/** Few large chunks, some, or many small ones, equally often. */
function randomCuts(random: Random, length: number): number[] {
  const pieces = random.int(2, random.pick([3, 8, Math.max(3, length >> 2)]));
  const cuts = new Set<number>();
  for (let i = 1; i < pieces; i++) cuts.add(random.int(1, length - 1));
  return [...cuts].sort((a, b) => a - b);
}

/** Leaves out cuts as long as the replay still fails: large groups first, then one at a time. */
export function* shrink<T, W>(
  schedule: Schedule<T>,
  wrong: W,
): Generator<Schedule<T>, { schedule: Schedule<T>; wrong: W }, W | undefined> {
  let least = { schedule, wrong };
  let budget = SHRINK_BUDGET;
  for (let size = schedule.cuts.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < least.schedule.cuts.length && budget > 0; budget--) {
      const { cuts } = least.schedule;
      const fewer = { ...schedule, cuts: [...cuts.slice(0, from), ...cuts.slice(from + size)] };
      // The whole message is known to pass, so it need not be asked again.
      const still = fewer.cuts.length === 0 && !schedule.besides ? undefined : yield fewer;
      if (still === undefined) from += size;
      else least = { schedule: fewer, wrong: still };
    }
  }
  return least;
}

/** "passes whole; fails when split between CR and LF at byte 37"; `undefined` for the whole message alone. */
export function nameSchedule(schedule: Schedule<unknown>, marks: Mark[]): string | undefined {
  const { cuts, besides } = schedule;
  if (besides === undefined) {
    return cuts.length === 0 ? undefined : `passes whole; fails when ${cutsName(schedule, marks)}`;
  }
  if (cuts.length === 0) return `passes alone; fails when ${besides} in the same chunk`;
  return `passes alone; fails when ${besides} and ${cutsName(schedule, marks)}`;
}

function cutsName({ cuts, input }: Schedule<unknown>, marks: Mark[]): string {
  if (cuts.length === input.length - 1 && cuts.length > 3) return 'fed byte by byte';
  if (cuts.length > 4) return `cut into ${cuts.length + 1} chunks, at bytes ${cuts.join(', ')}`;
  return `split ${cuts.map((at) => `${placeName(input, at, marks)} at byte ${at}`).join(' and ')}`;
}

function placeName(input: Buffer, at: number, marks: Mark[]): string {
  const mark = marks.find((m) => m.at === at);
  return mark ? mark.name : `between ${byteName(input[at - 1])} and ${byteName(input[at])}`;
}

const CONTROL: Record<number, string> = { 0: 'NUL', 9: 'TAB', 10: 'LF', 13: 'CR', 32: 'SP' };

function byteName(byte = 0): string {
  const graphic = byte > 0x20 && byte < 0x7f;
  return CONTROL[byte] ?? (graphic ? `“${String.fromCharCode(byte)}”` : `0x${byte.toString(16).padStart(2, '0')}`);
}
