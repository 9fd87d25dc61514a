/**
 * A byte-stream case, replayed at every way TCP may cut it. The outcome must always be the same.
 *
 *     await everySplit(t, {
 *       what: 'events of a GET request',
 *       input: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',        // a string is latin1
 *       expected: [{ type: 'head', … }, { type: 'end' }],
 *       run: (chunks) => {                                // a new subject each time
 *         const parser = new RequestParser();
 *         const events = [];
 *         for (const chunk of chunks) events.push(...parser.push(chunk));
 *         return events;                                  // the outcome, as plain data
 *       },
 *       marks: [{ at: 14, name: 'after the request line' }],
 *       next: { input: '…', expected: [ …both messages' events ] },
 *       trailing: [{ input: 'GET', expected: … }],        // default: the outcome is as without it
 *       reuse: true,                                      // each chunk's memory is overwritten once consumed
 *     });
 *
 * The order: whole; every two-way split (a sample of them above `limit`, always with the marks and every CR|LF);
 * byte by byte; random splits from the case's seed; with trailing bytes; coalesced with the next message and cut around
 * the boundary. If the input fails whole, the failure is reported as it is: cutting has nothing to do with it. Else it is
 * reported with the smallest cut that fails: "passes whole; fails when split between CR and LF at byte 37".
 *
 * `run` may throw: `NotImplemented` passes through, a `CaseFailure` gets the schedule added, any other error
 * counts as a failure with that cut. An expected error is an outcome: catch it in `run` and return its code.
 *
 * Chunks are Buffers, each in memory of its own with foreign bytes around it, made anew for each replay: a
 * subject that reads `chunk.buffer` from 0, or past the end of its view, sees garbage.
 *
 * As long as `run` returns a value, everything happens synchronously; if it returns a promise, so does `everySplit`.
 */
import type { CaseContext } from './case.ts';
import { inequality } from './check.ts';
import { Chunks } from './chunks.ts';
import { CaseFailure, type Failure } from './failure.ts';
import { type Mark, nameSchedule, type Schedule, shrink, variants } from './schedules.ts';
import { show } from './show.ts';

export type { Mark };

export interface SplitCase<T> {
  /** What the outcome is, as a noun phrase. */
  what: string;
  input: Uint8Array | string;
  expected: T;
  /** Feeds the chunks to a new subject and returns the outcome. The iterable can be gone through once. */
  run: (chunks: Iterable<Buffer>) => T | Promise<T>;
  marks?: Mark[];
  /** Uint8Array | string after the message that belong to no message, or to one that is not finished. */
  trailing?: { input: Uint8Array | string; expected?: T }[];
  /** A second message, and the outcome of both. */
  next?: { input: Uint8Array | string; expected: T };
  /** Overwrite each chunk's memory once it was consumed, as a reader that reuses its buffer does. */
  reuse?: boolean;
  /** Most two-way splits tried; an input of `limit` bytes or fewer is cut everywhere. Default 256. */
  limit?: number;
  /** How many random splits. Default 8. */
  random?: number;
  /** For the transcript of a failure. */
  protocol?: 'http1' | 'http2';
}

/** What a replay needs of its case. */
type Case = Pick<CaseContext, 'random' | 'track' | 'transcript'>;

/** What went wrong in one replay; `error` if something else than an assertion was thrown. */
interface Wrong {
  failure: Failure;
  error?: unknown;
}

type Verdict = Wrong | undefined;
type Replay<T> = (schedule: Schedule<T>) => Verdict | Promise<Verdict>;

export function everySplit<T>(t: Case, options: SplitCase<T> & { run: AsyncRun<T> }): Promise<void>;
export function everySplit<T>(t: Case, options: SplitCase<T>): void | Promise<void>;
export function everySplit<T>(t: Case, options: SplitCase<T>): void | Promise<void> {
  const finished = drive(replays(t, options), (schedule) => attempt(options, schedule));
  return finished ? t.track(`everySplit (${options.what})`, finished) : undefined;
}

type AsyncRun<T> = (chunks: Iterable<Buffer>) => Promise<T>;

/** Runs the plan synchronously until a replay answers with a promise, and from there on asynchronously. */
function drive<T>(plan: Generator<Schedule<T>, void, Verdict>, replay: Replay<T>): Promise<void> | undefined {
  for (let step = plan.next(); !step.done; ) {
    const verdict = replay(step.value);
    if (verdict instanceof Promise) return driveAsync(plan, replay, verdict);
    step = plan.next(verdict);
  }
  return undefined;
}

async function driveAsync<T>(
  plan: Generator<Schedule<T>, void, Verdict>,
  replay: Replay<T>,
  first: Promise<Verdict>,
): Promise<void> {
  for (let step = plan.next(await first); !step.done; ) step = plan.next(await replay(step.value));
}

/** The plan: yields schedules, is told how each went, and throws what is to be reported. */
function* replays<T>(t: Case, options: SplitCase<T>): Generator<Schedule<T>, void, Verdict> {
  const whole = { input: toBuffer(options.input), cuts: [], expected: options.expected };
  for (const schedule of variants(t.random, options, whole)) {
    const failing = yield schedule;
    if (!failing) continue;
    const least = yield* shrink(schedule, failing);
    // If it passes as long as nothing is overwritten, that is what the learner must hear.
    const keeps = options.reuse === true && (yield { ...least.schedule, untouched: true }) === undefined;
    throw explained(t, options, least.schedule, least.wrong, keeps ? [KEEPS_VIEWS] : []);
  }
}

const KEEPS_VIEWS =
  'it passes if nothing overwrites a chunk after it was handed over: ' +
  'bytes that are needed later must be copied, since the caller may use the memory again';

/** Feeds one schedule to a new subject and judges the outcome. */
function attempt<T>(options: SplitCase<T>, schedule: Schedule<T>): Verdict | Promise<Verdict> {
  const chunks = new Chunks(schedule.input, schedule.cuts, options.reuse === true && !schedule.untouched);
  const settle = (outcome: T): Verdict => {
    chunks.wipe();
    const failure = inequality(outcome, schedule.expected, options.what);
    return failure && { failure };
  };
  try {
    const outcome = options.run(chunks);
    if (!(outcome instanceof Promise)) return settle(outcome);
    return outcome.then(settle).catch((error) => judgeError(options, schedule, error));
  } catch (error) {
    return judgeError(options, schedule, error);
  }
}

function judgeError<T>(options: SplitCase<T>, { expected }: Schedule<T>, error: unknown): Wrong {
  // The runner knows what it means, and no cut will change it.
  if (error instanceof Error && error.name === 'NotImplemented') throw error;
  if (error instanceof CaseFailure) return { failure: error.failure };
  const said = error instanceof Error ? `${error.name}: ${error.message}` : show(error);
  return { failure: { expected: `${options.what}: ${show(expected)}`, actual: `threw ${said}` }, error };
}

/** The error to throw for a failing schedule. What fails whole has no schedule: cutting did not cause it. */
function explained<T>(t: Case, options: SplitCase<T>, schedule: Schedule<T>, wrong: Wrong, notes: string[]): unknown {
  const { failure, error } = wrong;
  const side = { who: 'input', ...(options.protocol ? { protocol: options.protocol } : {}) };
  for (const chunk of new Chunks(schedule.input, schedule.cuts, false)) t.transcript.bytes(side, 'sent', chunk);
  const name = nameSchedule(schedule, options.marks ?? []);
  if (name === undefined && error !== undefined) return error;
  const more = notes.length > 0 ? { notes: [...(failure.notes ?? []), ...notes] } : {};
  return new CaseFailure({ ...failure, ...more, ...(name ? { schedule: name } : {}) }, error);
}

function toBuffer(input: Uint8Array | string): Buffer {
  return typeof input === 'string' ? Buffer.from(input, 'latin1') : Buffer.from(input);
}
