/**
 * hostile: the reference, through a symbolic link
 * verdict: refused
 * says: outside the exercise
 */
export { RingBuffer } from './second/link.ts'; // HERE
