/**
 * hostile: the suite kit, to patch it
 * verdict: refused
 * says: outside the exercise
 */
import * as kit from '../../kit/check.ts'; // HERE

void kit;
export class RingBuffer {}
