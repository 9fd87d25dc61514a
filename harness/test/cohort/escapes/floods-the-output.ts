/**
 * escape: prints without end from several processes
 * outcome: [output was cut]
 */
import { spawn } from 'node:child_process';

const SCRIPT = `const line = 'x'.repeat(1 << 16); for (;;) require('node:fs').writeSync(1, line);`;
for (let i = 0; i < 3; i++) spawn(process.execPath, ['--eval', SCRIPT], { stdio: ['ignore', 'inherit', 'ignore'] });
await new Promise((resolve) => setTimeout(resolve, 1_000));
process.exit(1);

export class RingBuffer {}
