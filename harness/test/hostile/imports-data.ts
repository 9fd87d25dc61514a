/**
 * hostile: a module in a data: URL
 * verdict: refused
 * says: data:
 */
import 'data:text/javascript,globalThis.x=1'; // HERE

export class RingBuffer {}
