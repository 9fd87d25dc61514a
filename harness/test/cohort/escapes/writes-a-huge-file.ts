/**
 * escape: makes one file of a terabyte
 * outcome: EFBIG
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.ftruncateSync(fs.openSync('/tmp/huge', 'w'), 2 ** 40));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
