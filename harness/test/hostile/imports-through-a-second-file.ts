/**
 * hostile: a builtin, through a second file
 * verdict: refused
 * says: node:fs
 */
export { RingBuffer } from './second/reads.ts';
