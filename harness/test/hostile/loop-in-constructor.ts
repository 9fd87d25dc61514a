/**
 * hostile: an endless loop in the constructor
 * verdict: timed-out
 * says: in case ring-
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  constructor(capacity: number) {
    super(capacity);
    while (true) {} // HERE
  }
}
