/**
 * hostile: the seed, in everything that can be read
 * verdict: failed
 * never prints: FOUND
 */
const all = [process.env, process.argv, process.execArgv, Object.keys(globalThis)];
if (/seed|token/i.test(JSON.stringify(all))) console.log('FOUND');

export class RingBuffer {
  capacity = 0; length = 0; free = 0; readPosition = 0; writePosition = 0; overwritten = 0; closed = false; ended = false;
  write(): number { throw new Error('wrong'); }
  read(): Uint8Array { throw new Error('wrong'); }
  readInto() { return 0; }
  peek() { return new Uint8Array(); }
  skip() { return 0; }
  clear() { return 0; }
  close() {}
}
