/**
 * hostile: a byte-order mark at the beginning
 * verdict: solved
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {}
