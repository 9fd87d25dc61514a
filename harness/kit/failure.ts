/**
 * A failure is plain data: the suite says what it saw, the report decides how to print it.
 *
 * It crosses a process boundary as JSON, so every field is a string, a number or a list of them.
 */

/** Named stretch of bytes, for example the length field of a frame: `[from, to)`. */
export interface Field {
  name: string;
  from: number;
  to: number;
}

/** Two byte strings that should have been equal, in hex, and where they first differ. */
export interface ByteDifference {
  expected: string;
  actual: string;
  /** Index of the first wrong byte; equal to the shorter length when one is a prefix of the other. */
  at: number;
  fields?: Field[];
}

/** One line of what both sides did, in order. */
export interface TranscriptEntry {
  /** Who acted: a side's name, for example `client`, `server`, `subject`. */
  who: string;
  /** `sent`, `got`, `ended`, `got end`, `reset`, `got reset`, `called` … */
  what: string;
  /** The bytes in hex, if bytes moved; the first of them, if there were very many. */
  hex?: string;
  /** How many bytes moved, if `hex` does not hold all of them. */
  length?: number;
  /** Named parts of the bytes, or the arguments of a call. */
  note?: string;
  /** When, in milliseconds since the case began. */
  ms?: number;
  /** The acting side's own address and its peer's: `127.0.0.1:40312`, `[::1]:80`, `unix:/tmp/s`. */
  local?: string;
  remote?: string;
  /** How the bytes are decoded in a report and in a packet capture. */
  protocol?: 'http1' | 'http2';
}

export interface Failure {
  /** What was expected, in one line. */
  expected: string;
  /** What happened instead, in one line. */
  actual: string;
  bytes?: ByteDifference;
  /** How the input was cut, if that matters: "passes whole; fails when split between CR and LF at byte 37". */
  schedule?: string;
  /** The steps up to the failing one, the failing one last. */
  steps?: string[];
  /** What a property test needs to try this very input again; becomes part of the replay token. */
  replay?: string;
  transcript?: TranscriptEntry[];
  /** Further hints on what to look at. */
  notes?: string[];
}

/** Thrown by every assertion of the kit. */
export class CaseFailure extends Error {
  override name = 'CaseFailure';
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(`${failure.expected}; ${failure.actual}`, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

/** Adds what only the caller knows (schedule, steps, transcript) to a failure that passes through. */
export function explain(error: unknown, more: Partial<Failure>): unknown {
  if (!(error instanceof CaseFailure)) return error;
  return new CaseFailure({ ...error.failure, ...more }, error.cause);
}
