/**
 * hostile: a builtin that starts threads
 * verdict: refused
 * says: node:worker_threads
 */
import { Worker } from 'node:worker_threads'; // HERE

void Worker;
export class RingBuffer {}
