/**
 * hostile: a file by the path that vite has for it
 * verdict: refused
 * says: /@fs/
 */
import text from '/@fs/etc/passwd?raw'; // HERE

void text;
export class RingBuffer {}
