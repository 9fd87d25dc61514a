/** What the cases of 07 share: parsers fed with chunks, what came out as plain data, and sources that are watched. */
import { type ArrayOptions, JsonArrayParser, type NdjsonOptions, NdjsonParser } from '#subject/07-ndjson/ndjson.ts';
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { equal, fail, ok } from '../../../kit/check.ts';
import { show } from '../../../kit/show.ts';
import { everySplit, type Mark } from '../../../kit/splits.ts';

/** What a parser made of a stream. */
export interface Outcome {
  /** `[line or index, value]` of each event, in order. */
  records: [number, unknown][];
  /** How it ended: `need-more` and `end` as events, or the RecordError that was thrown. */
  last: 'need-more' | 'end' | Fault;
  /** Faults that were reported and not thrown. */
  reported: Fault[];
}

/** A RecordError as plain data: its code, and the line or index. */
export type Fault = [code: string, place: number];

export interface Parser {
  push(bytes: Uint8Array): void;
  end(): void;
  next(): { type: string; line?: number; index?: number; value?: unknown };
}

export const MB = 1_048_576;

/** Bytes of the process that JavaScript has asked for. What is not collected yet counts: allow for a lot of it. */
export function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** UTF-8, in memory of its own. */
export function utf8(text: string): Buffer {
  return Buffer.from(new TextEncoder().encode(text));
}

/** Pushes the chunks one by one, taking all events after each; then the end, unless there is to be none. */
export function observe(make: () => Parser, chunks: Iterable<Uint8Array>, end: boolean): Outcome {
  const outcome: Outcome = { records: [], last: 'need-more', reported: [] };
  try {
    const parser = make();
    for (const chunk of chunks) {
      parser.push(chunk);
      drain(parser, chunk.length, outcome);
    }
    if (end) {
      parser.end();
      drain(parser, 0, outcome);
    }
  } catch (error) {
    outcome.last = faultOf(error);
  }
  return outcome;
}

/** Takes events until there is none. More than one for each byte, and one for what was left of before, cannot be. */
function drain(parser: Parser, bytes: number, outcome: Outcome): void {
  for (let asked = 0; asked <= bytes + 1; asked++) {
    const event = parser.next();
    ok(typeof event?.type === 'string', 'next returns an event with a type', `it returned ${show(event)}`);
    if (event.type === 'need-more' || event.type === 'end') {
      outcome.last = event.type;
      return;
    }
    ok(event.type === 'record' || event.type === 'element', 'an event of the contract', `got ${show(event)}`);
    outcome.records.push([(event.line ?? event.index) as number, event.value]);
  }
  fail({
    expected: 'need-more or end once all that was pushed is used up',
    actual: `${bytes + 2} records came of ${bytes} bytes`,
  });
}

/** Passes on whatever is no RecordError. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error) || error.name !== 'RecordError') throw error;
  const { code, line, index } = error as Error & { code: string; line?: number; index?: number };
  return [code, (line ?? index) as number];
}

/** What comes of the lines of `chunks`, with the end of the stream behind them unless `end` is false. */
export function lines(chunks: Iterable<Uint8Array> | string, options: NdjsonOptions = {}, end = true): Outcome {
  const reported: Fault[] = [];
  // Only where somebody listens: the option's absence must work, too.
  const listening =
    options.onError === undefined ? options : { report: (e: Error) => void reported.push(faultOf(e)), ...options };
  const make = () => new NdjsonParser(listening);
  const outcome = observe(make, typeof chunks === 'string' ? [utf8(chunks)] : chunks, end);
  return { ...outcome, reported };
}

/** What comes of an array. */
export function elements(chunks: Iterable<Uint8Array> | string, options?: ArrayOptions, end = true): Outcome {
  const make = () => new JsonArrayParser(options);
  return observe(make, typeof chunks === 'string' ? [utf8(chunks)] : chunks, end);
}

export interface StreamCase {
  /** The stream: text in UTF-8, or bytes. */
  input: string | Uint8Array;
  /** The values that come out, of lines 1, 2, 3 … or indexes 0, 1, 2 …; or pairs, where `at` gives the numbers. */
  values?: unknown[];
  at?: number[];
  /** How it ends. */
  last?: Outcome['last'];
  reported?: Fault[];
  /** False: the end of the stream does not come. */
  end?: boolean;
  marks?: Mark[];
}

/** A case of NDJSON that is replayed at every split, each chunk overwritten when it is used up. */
export function lineCase(facts: CaseFacts, stream: StreamCase & { options?: NdjsonOptions }): void {
  testCase(facts, (t) => split(t, stream, 1, (chunks) => lines(chunks, stream.options, stream.end)));
}

/** The same for an array. */
export function arrayCase(facts: CaseFacts, stream: StreamCase & { options?: ArrayOptions }): void {
  testCase(facts, (t) => split(t, stream, 0, (chunks) => elements(chunks, stream.options, stream.end)));
}

function split(t: CaseContext, stream: StreamCase, first: number, run: (chunks: Iterable<Buffer>) => Outcome): void {
  const { input, values = [], at, last = 'end', reported = [], marks = [] } = stream;
  everySplit(t, {
    what: 'what comes out',
    input: typeof input === 'string' ? utf8(input) : input,
    expected: { records: values.map((value, i) => [at?.[i] ?? first + i, value]), last, reported },
    run,
    reuse: true,
    marks,
  });
}

/** A source whose every request is counted, and which knows whether it was closed. */
export class Watched implements AsyncIterable<Uint8Array> {
  /** Chunks that were asked for and given. */
  pulled = 0;
  /** How often its `return` was called. */
  closed = 0;
  /** Whether its end was asked for and told. */
  finished = false;
  readonly #chunks: Iterator<Uint8Array>;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        const { value, done } = this.#chunks.next();
        if (done) this.finished = true;
        else this.pulled += 1;
        return done ? { value: undefined, done: true } : { value, done: false };
      },
      return: async () => {
        this.closed += 1;
        return { value: undefined, done: true };
      },
    };
  }
}

/** All values of an asynchronous iterator, and the RecordError that ended it. At most `most` of them. */
export async function collect(
  records: AsyncIterableIterator<unknown>,
  most = 10_000,
): Promise<{ values: unknown[]; last: 'end' | Fault }> {
  const values: unknown[] = [];
  try {
    for await (const value of records) {
      values.push(value);
      ok(values.length <= most, `at most ${most} records`, 'more came');
    }
    return { values, last: 'end' };
  } catch (error) {
    return { values, last: faultOf(error) };
  }
}

/** The next value of an iterator that must not be at its end. */
export async function nextValue(records: AsyncIterator<unknown>, what: string): Promise<unknown> {
  const { value, done } = await records.next();
  equal(done ?? false, false, `${what}: done`);
  return value;
}
