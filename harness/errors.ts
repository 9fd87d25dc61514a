/** What a command may end with, besides success: two kinds of error (sysexits.h for the second), and signals. */

/** The user asked for something that cannot be: exit 2. The message says what, and what to run next. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The kit itself is at fault: exit 70 (EX_SOFTWARE). Never blamed on the learner. */
export class KitFault extends Error {
  override name = 'KitFault';
}

/** Exit codes of a shell for a process that a signal has ended. */
export const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
