/**
 * hostile: Function
 * verdict: refused
 * says: Function()
 */
export const one = new Function('return 1'); // HERE

export class RingBuffer {}
