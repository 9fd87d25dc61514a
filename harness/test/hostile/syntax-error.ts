/**
 * hostile: a syntax error
 * verdict: does-not-compile
 */
export class RingBuffer {
  write( {
