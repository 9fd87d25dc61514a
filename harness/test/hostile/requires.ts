/**
 * hostile: require()
 * verdict: refused
 * says: require()
 */
declare const require: (name: string) => unknown;
require('node:fs'); // HERE

export class RingBuffer {}
