/**
 * hostile: Date.now stands still
 * verdict: crashed
 * says: read only
 */
import { RingBuffer as Ring } from './ring.ts';

Date.now = () => 0;

export class RingBuffer extends Ring {}
