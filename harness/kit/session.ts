/** What the running child was asked to do. Filled by the runner before the suite loads; never seen by the subject. */
/** Told by the process of a subject, and of no concern to a suite. */
export type HostEvent = { type: 'refused'; what: string; stack: string } | { type: 'ticking'; ticks: number[] };

export interface Session {
  seed: number;
  /** A property test tries only the input that this names (`Failure.replay` of an earlier run). */
  path?: string;
  /** How long the kit waits for an event (ms) before it fails the case; must be less than the limit for a case. */
  deadline: number;
  /** Where the subject is in a process of its own: what runs there, and who hears what the runner must know of it. */
  program?: { text: string; heard(event: HostEvent): void };
}

export const session: Session = { seed: 1, deadline: 1500 };
