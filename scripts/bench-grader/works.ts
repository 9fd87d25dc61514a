/**
 * Work for the trials of the grader: arithmetic without garbage, copying of memory, and parsing that leaves
 * much garbage. Loaded afresh for each side of each trial, so that V8 knows nothing yet.
 */
import { type Metric, ratio } from '../../harness/kit/performance.ts';
import type { Random } from '../../harness/kit/random.ts';

const sum = (input: Buffer): number => {
  let total = 0;
  for (const byte of input) total = (Math.imul(total, 31) + byte) | 0;
  return total;
};

const copy = (input: Buffer): number => {
  let total = 0;
  for (let at = 0; at + 1_500 <= input.length; at += 500) total += Buffer.from(input.subarray(at, at + 1_500)).length;
  return total;
};

const parse = (input: Buffer): string[][] =>
  input
    .toString('latin1')
    .split('a')
    .map((line) => line.split('b'));

const works = { sum, copy, parse };
/** For 0.1 to 0.2 ms a call. */
const sizes = { sum: 32_768, copy: 131_072, parse: 131_072 };

export type WorkName = keyof typeof works;
export const workNames = Object.keys(works) as WorkName[];

/** The metric under trial; `times` is how often the work is done in one call: 2 is a subject twice as slow. */
export function metrics(name: WorkName, times: number): Metric[] {
  const once: (input: Buffer) => unknown = works[name];
  const work = (input: Buffer) => {
    let result: unknown;
    for (let i = 0; i < times; i++) result = once(input);
    return result;
  };
  return [ratio({ id: name, title: name, prepare: (random: Random) => random.bytes(sizes[name]), work })];
}
