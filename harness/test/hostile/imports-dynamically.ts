/**
 * hostile: a builtin, at run time
 * verdict: refused
 * says: dynamic import()
 */
const fs = await import('node:fs'); // HERE

void fs;
export class RingBuffer {}
