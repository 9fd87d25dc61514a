/**
 * escape: reads the hidden suite
 * outcome: ENOENT
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.readdirSync('%ROOT%/harness/suites'));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
