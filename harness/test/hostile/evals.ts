/**
 * hostile: eval
 * verdict: refused
 * says: eval()
 */
eval('1'); // HERE

export class RingBuffer {}
