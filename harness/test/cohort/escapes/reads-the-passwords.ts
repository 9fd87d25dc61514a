/**
 * escape: reads the system’s password file
 * outcome: ENOENT
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.readFileSync('/etc/shadow', 'utf8'));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
