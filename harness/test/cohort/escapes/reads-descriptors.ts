/**
 * escape: reads from descriptors that were left open
 * outcome: sees no files but
 */
import fs from 'node:fs';

const kinds = fs.readdirSync('/proc/self/fd').map((fd) => {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return 'gone';
  }
});
const files = new Set(kinds.filter((kind) => kind.startsWith('/')));
files.delete('/dev/null');
files.delete('/proc/self/fd');
const other = [...files].filter((file) => !/^\/proc\/\d+\/fd$/.test(file));
console.log(other.length > 0 ? `ESCAPED ${other}` : 'sees no files but /dev/null');

export class RingBuffer {}
