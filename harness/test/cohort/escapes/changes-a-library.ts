/**
 * escape: changes a file that the next child will load
 * outcome: EROFS|EACCES|EPERM
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.appendFileSync('%ROOT%/node_modules/vitest/package.json', ' '));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
