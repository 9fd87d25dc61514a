/**
 * escape: ends, and leaves a process that holds all pipes open for ever
 * outcome: [exited 0]
 */
import { spawn } from 'node:child_process';

const SCRIPT = 'setInterval(() => {}, 1000); // %MARK%';
spawn(process.execPath, ['--eval', SCRIPT], {
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit', 'ignore', 4],
}).unref();
process.exit(0);

export class RingBuffer {}
