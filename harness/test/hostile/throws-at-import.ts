/**
 * hostile: an error at import
 * verdict: crashed
 * says: while the file was imported
 */
throw new Error('no'); // HERE

export class RingBuffer {}
