/**
 * hostile: process.dlopen
 * verdict: refused
 * says: process.dlopen
 */
(process as any).dlopen({ exports: {} }, '/lib/x.node'); // HERE

export class RingBuffer {}
