/**
 * escape: takes the groups of root
 * outcome: EPERM
 */

try {
  console.log('ESCAPED', process.setgroups?.([0]));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}

export class RingBuffer {}
