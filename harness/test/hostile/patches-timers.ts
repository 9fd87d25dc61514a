/**
 * hostile: setTimeout never fires
 * verdict: refused
 * says: setTimeout was replaced
 */
import { RingBuffer as Ring } from './ring.ts';

globalThis.setTimeout = (() => 0) as never;

export class RingBuffer extends Ring {}
