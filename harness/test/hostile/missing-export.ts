/**
 * hostile: the class is not exported
 * verdict: does-not-compile
 * says: no export named “RingBuffer”
 */
class RingBuffer {}

void RingBuffer;
