/**
 * escape: reads what somebody else has handed in
 * outcome: ENOENT
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.readFileSync('%SECRET_FILE%', 'utf8'));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
