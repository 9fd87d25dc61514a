/**
 * hostile: the class is the default export
 * verdict: does-not-compile
 * says: no export named “RingBuffer”
 */
export default class RingBuffer {}
