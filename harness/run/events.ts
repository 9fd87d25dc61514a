/**
 * What happens in a run, in order. Some events come from the child (through its marker channel, each
 * line carrying the run's token), the others are the parent's own observations. The verdict is a pure
 * function of this list.
 */
import type { CaseFacts } from '../kit/case.ts';
import type { Failure } from '../kit/failure.ts';
import type { MetricResult } from '../kit/performance-driver.ts';

/** A place in a file of the subject. Line and column count from 1. */
export interface Location {
  file: string;
  line: number;
  column: number;
}

export interface ErrorFacts {
  name: string;
  message: string;
  /** Stack as the child saw it; the parent turns it into `at`. */
  stack: string;
  /** Innermost frame that lies in the subject's own files. */
  at?: Location;
}

export type CaseStatus = 'passed' | 'failed' | 'not-implemented' | 'timed-out';

/** Told by the child. */
export type ChildEvent =
  | { type: 'importing' }
  | { type: 'collected'; cases: CaseFacts[] }
  | { type: 'case-started'; id: string }
  | { type: 'case-ended'; id: string; status: CaseStatus; ms: number; failure?: Failure; error?: ErrorFacts }
  | { type: 'canary'; failed: boolean }
  | { type: 'measuring' }
  | { type: 'measured'; measurement: MetricResult }
  | { type: 'import-failed'; error: ErrorFacts }
  | { type: 'unhandled'; during: string | undefined; error: ErrorFacts }
  | { type: 'refused'; what: string; at?: Location; stack?: string }
  | { type: 'exiting'; stack: string; at?: Location }
  | { type: 'ticking'; ticks: Ticks }
  | { type: 'done' };

/** Numbers of the loops and functions of a subject that were reached in one span of time (loop-lines.ts). */
export type Ticks = number[];

export type Deadline = 'startup' | 'import' | 'case' | 'run';

/** Seen by the parent. */
export type ParentEvent =
  | { type: 'refused'; what: string; at?: Location }
  | { type: 'does-not-compile'; message: string; at?: Location }
  | { type: 'unreadable'; message: string }
  | { type: 'killed'; reason: 'deadline'; deadline: Deadline; during: string | undefined }
  | { type: 'killed'; reason: 'memory'; megabytes: number; during: string | undefined }
  | { type: 'cancelled' }
  | {
      type: 'exited';
      code: number | null;
      signal: string | null;
      during: string | undefined;
      outOfMemory: boolean;
      at?: Location;
    }
  | { type: 'output'; text: string; cut: number }
  | { type: 'forged'; line: string }
  | { type: 'kit-fault'; message: string }
  /** Where the child still was when a deadline ended it; found by a second look (hang.ts). */
  | { type: 'hung-at'; at: Location; during: string | undefined };

export type RunEvent = ChildEvent | ParentEvent;

/** `remote` is the part of conformance whose subject is in a process of its own. */
export type Suite = 'conformance' | 'remote' | 'performance';

/** What the parent asks of a child; the first and only line that it sends. */
export interface ChildRequest {
  token: string;
  suite: Suite;
  exercise: string;
  seed: number;
  /** Milliseconds for one case. */
  timeLimit: number;
  /** Case ids to run; all if absent. */
  only?: string[];
  /** fast-check's path to a shrunk counterexample, on replay. */
  path?: string;
  /** The subject's loops and functions call a global of this name. */
  ticks?: string;
  gates: { metric: string; pass: number; silver?: number; gold?: number }[];
}
