/**
 * hostile: process.binding
 * verdict: refused
 * says: process.binding
 */
(process as any).binding('fs'); // HERE

export class RingBuffer {}
