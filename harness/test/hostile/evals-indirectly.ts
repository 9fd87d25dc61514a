/**
 * hostile: eval by another name
 * verdict: refused
 * says: code made from text
 */
const run = globalThis['ev' + 'al' as 'eval'];
run('1'); // HERE

export class RingBuffer {}
