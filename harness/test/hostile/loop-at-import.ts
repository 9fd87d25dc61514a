/**
 * hostile: an endless loop at import
 * verdict: timed-out
 * says: while the file was imported
 */
while (true) {} // HERE

export class RingBuffer {}
