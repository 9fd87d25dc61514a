/**
 * hostile: vitest’s state in the child, by its name
 * verdict: refused
 * says: __vitest_worker__
 */
const state = (globalThis as any)['__vitest_worker__']; // HERE

void state;
export class RingBuffer {}
