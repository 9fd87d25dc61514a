/**
 * hostile: a builtin that compiles text
 * verdict: refused
 * says: node:vm
 */
import vm from 'node:vm'; // HERE

void vm;
export class RingBuffer {}
