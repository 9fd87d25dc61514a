/**
 * escape: reads the reference
 * outcome: ENOENT
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.readFileSync('%ROOT%/solutions/03-ring-buffer/ring-buffer.ts', 'utf8'));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
