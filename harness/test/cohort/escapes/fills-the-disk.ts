/**
 * escape: writes until the disk is full
 * outcome: ENOSPC after at most 16 MB
 */
import fs from 'node:fs';

let megabytes = 0;
try {
  for (; megabytes < 64; megabytes++) fs.writeFileSync(`/tmp/${megabytes}`, Buffer.alloc(1 << 20));
  console.log('ESCAPED');
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code, megabytes <= 16 ? 'after at most 16 MB' : 'ESCAPED');
}

export class RingBuffer {}
