/**
 * hostile: files by a pattern that vite would expand
 * verdict: refused
 * says: import.meta
 */
const all = (import.meta as any).glob('../../../solutions/**/*.ts', { eager: true }); // HERE

void all;
export class RingBuffer {}
