/**
 * hostile: a builtin without its prefix
 * verdict: refused
 * says: “fs”
 */
import { readFileSync } from 'fs'; // HERE

void readFileSync;
export class RingBuffer {}
