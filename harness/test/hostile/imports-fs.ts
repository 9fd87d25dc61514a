/**
 * hostile: a builtin
 * verdict: refused
 * says: node:fs
 */
import fs from 'node:fs'; // HERE

void fs;
export class RingBuffer {}
