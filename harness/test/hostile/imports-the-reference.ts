/**
 * hostile: the reference, by its path
 * verdict: refused
 * says: outside the exercise
 */
export { RingBuffer } from '../../../solutions/03-ring-buffer/ring-buffer.ts'; // HERE
