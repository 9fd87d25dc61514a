/**
 * hostile: an exit code set at import, nothing else
 * verdict: solved
 */
import { RingBuffer as Ring } from './ring.ts';

process.exitCode = 7;

export class RingBuffer extends Ring {}
