/** What the running child was asked to do. Filled by the runner before the suite loads; never seen by the subject. */
export interface Session {
  seed: number;
  /** A property test tries only the input that this names (`Failure.replay` of an earlier run). */
  path?: string;
  /** How long the kit waits for an event (ms) before it fails the case; must be less than the limit for a case. */
  deadline: number;
}

export const session: Session = { seed: 1, deadline: 1500 };
