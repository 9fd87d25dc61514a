/**
 * hostile: createRequire
 * verdict: refused
 * says: node:module
 */
import { createRequire } from 'node:module'; // HERE

void createRequire;
export class RingBuffer {}
