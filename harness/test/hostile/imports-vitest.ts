/**
 * hostile: the test runner
 * verdict: refused
 * says: vitest
 */
import { vi } from 'vitest'; // HERE

void vi;
export class RingBuffer {}
