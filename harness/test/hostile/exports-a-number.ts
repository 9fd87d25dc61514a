/**
 * hostile: the export is no class
 * verdict: failed
 * says: is not a constructor
 */
export const RingBuffer = 42;
