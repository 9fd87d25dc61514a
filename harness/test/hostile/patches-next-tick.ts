/**
 * hostile: process.nextTick does nothing
 * verdict: never solved
 */
import { RingBuffer as Ring } from './ring.ts';

process.nextTick = () => {};

export class RingBuffer extends Ring {}
