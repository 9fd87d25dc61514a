/**
 * hostile: a design that the suite accepts
 * verdict: refused
 * says: outside the exercise
 */
export { RingBuffer } from '../../suites/03-ring-buffer/right/mirrored.ts'; // HERE
