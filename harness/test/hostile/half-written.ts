/**
 * hostile: a file that was saved in the middle of a word
 * verdict: does-not-compile
 */
export class RingBuffer {
  constructor(capac