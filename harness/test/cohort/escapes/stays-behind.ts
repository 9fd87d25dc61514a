/**
 * escape: leaves a process of another session behind that spins
 * outcome: [killed deadline]
 */
import { spawn } from 'node:child_process';

export class RingBuffer {
  constructor() {
    spawn(process.execPath, ['--eval', 'for (;;); // %MARK%'], { detached: true, stdio: 'ignore' }).unref();
    for (;;);
  }
}
