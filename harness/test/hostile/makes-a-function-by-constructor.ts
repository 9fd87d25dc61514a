/**
 * hostile: Function, by way of a constructor
 * verdict: refused
 * says: code made from text
 */
export const one = (() => {}).constructor('return 1'); // HERE

export class RingBuffer {}
