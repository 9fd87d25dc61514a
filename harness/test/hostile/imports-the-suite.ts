/**
 * hostile: the hidden suite
 * verdict: refused
 * says: outside the exercise
 */
import '../../suites/03-ring-buffer/conformance.test.ts'; // HERE

export class RingBuffer {}
