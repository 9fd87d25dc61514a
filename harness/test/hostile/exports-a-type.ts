/**
 * hostile: only a type is exported by that name
 * verdict: does-not-compile
 * says: no export named “RingBuffer”
 */
export interface RingBuffer {
  capacity: number;
}
