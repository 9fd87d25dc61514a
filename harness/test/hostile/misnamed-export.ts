/**
 * hostile: the class is exported by another name
 * verdict: does-not-compile
 * says: there is “Ringbuffer”
 */
export class Ringbuffer {}
