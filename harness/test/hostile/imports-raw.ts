/**
 * hostile: a file as text
 * verdict: refused
 * says: ?raw
 */
import text from './ring.ts?raw'; // HERE

void text;
export class RingBuffer {}
