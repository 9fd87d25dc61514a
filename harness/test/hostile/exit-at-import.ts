/**
 * hostile: process.exit at import
 * verdict: crashed
 * says: exited with code 0
 */
process.exit(0); // HERE

export class RingBuffer {}
