/**
 * hostile: an error in a timer that nobody waits for
 * verdict: failed
 */
import { RingBuffer as Ring } from './ring.ts';

setTimeout(() => {
  throw new Error('much later');
}, 100);

export class RingBuffer extends Ring {}
