/**
 * Clients that suites may use though subjects may not: taken before the guard closes the globals
 * (harness/run/child/guard.ts).
 */
export const { fetch } = globalThis;
