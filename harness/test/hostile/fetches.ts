/**
 * hostile: fetch beyond loopback
 * verdict: refused
 * says: fetch
 */
void globalThis.fetch('http://192.0.2.1/'); // HERE

export class RingBuffer {}
