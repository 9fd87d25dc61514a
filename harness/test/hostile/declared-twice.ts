/**
 * hostile: a name declared twice
 * verdict: does-not-compile
 */
const a = 1;
const a = 2;

export class RingBuffer {}
