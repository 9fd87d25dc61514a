/**
 * hostile: a file by its absolute path
 * verdict: refused
 * says: /etc/passwd
 */
import '/etc/passwd'; // HERE

export class RingBuffer {}
