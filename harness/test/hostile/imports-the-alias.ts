/**
 * hostile: the name by which the suite imports its subject
 * verdict: refused
 * says: #subject
 */
export { RingBuffer } from '#subject/03-ring-buffer/ring-buffer.ts'; // HERE
