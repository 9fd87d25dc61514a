/**
 * hostile: process.hrtime stands still
 * verdict: crashed
 * says: read only
 */
import { RingBuffer as Ring } from './ring.ts';

process.hrtime = (() => [0, 0]) as never;

export class RingBuffer extends Ring {}
