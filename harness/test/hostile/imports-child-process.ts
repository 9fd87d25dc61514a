/**
 * hostile: a builtin that starts processes
 * verdict: refused
 * says: node:child_process
 */
import { spawn } from 'node:child_process'; // HERE

void spawn;
export class RingBuffer {}
