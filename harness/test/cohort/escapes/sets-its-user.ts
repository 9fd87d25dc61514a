/**
 * escape: becomes root
 * outcome: EPERM|EINVAL
 */

try {
  console.log('ESCAPED', process.setuid?.(0));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
