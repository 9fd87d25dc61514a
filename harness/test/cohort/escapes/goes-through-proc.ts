/**
 * escape: leaves through the root of another process
 * outcome: EACCES|ENOENT|EPERM
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.readdirSync(`/proc/${process.ppid}/root/%ROOT%/harness`));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
