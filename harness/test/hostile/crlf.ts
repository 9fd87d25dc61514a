/**
 * hostile: lines end in CR LF
 * verdict: solved
 */
import { RingBuffer as Ring } from './ring.ts';


export class RingBuffer extends Ring {}
