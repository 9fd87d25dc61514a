/**
 * Waiting for events, with a deadline that says what was waited for.
 *
 * There are no sleeps in this kit: something is either an event that is waited for, or it did not happen. The deadline
 * is only there so that what never happens fails its case, with words, before the runner kills the process without.
 */
import { CaseFailure } from './failure.ts';
import { real } from './origin.ts';
import { session } from './session.ts';

export interface Wait {
  /** What should happen, as a clause: "the server closes the connection". */
  what: string;
  /** What has happened so far; asked when the deadline has passed. */
  seen?: () => string;
  /** Milliseconds; default: what the run's time limit for a case leaves room for. */
  within?: number;
}

/** Settles as `event` does, or fails at the deadline. */
export function before<T>(event: Promise<T>, { what, seen, within = session.deadline }: Wait): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      const actual = `${within} ms later it had not${seen ? `: ${seen()}` : ''}`;
      reject(new CaseFailure({ expected: what, actual }));
    };
    // A starved process runs timers before it polls for what has arrived meanwhile: look once more.
    const timer = real.setTimeout(() => real.setImmediate(() => real.setImmediate(late)), within);
    const disarm = (): void => real.clearTimeout(timer);
    event.then(resolve, reject).then(disarm, disarm);
  });
}

/** One turn of the event loop: what has arrived at a socket by now has been read after it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void real.setImmediate(resolve));
}
