/**
 * escape: changes settings of the kernel
 * outcome: EACCES|EROFS|EPERM
 */
import fs from 'node:fs';

try {
  console.log('ESCAPED', fs.writeFileSync('/proc/sys/kernel/core_pattern', '/tmp/x'));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
