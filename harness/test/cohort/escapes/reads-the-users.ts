/**
 * escape: reads the list of users
 * outcome: ENOENT
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.readFileSync('/etc/passwd', 'utf8'));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
