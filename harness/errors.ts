/** The two kinds of error that a command ends with, and their exit codes (sysexits.h for the second). */

/** The user asked for something that cannot be: exit 2. The message says what, and what to run next. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The kit itself is at fault: exit 70 (EX_SOFTWARE). Never blamed on the learner. */
export class KitFault extends Error {
  override name = 'KitFault';
}
