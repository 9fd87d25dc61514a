/**
 * escape: spreads over several processes what one may not have
 * outcome: [killed memory]
 */
import { spawn } from 'node:child_process';

const SCRIPT = 'globalThis.kept = Buffer.alloc(120 << 20, 1); setInterval(() => {}, 1000); // %MARK%';
for (let i = 0; i < 6; i++) spawn(process.execPath, ['--eval', SCRIPT], { stdio: 'ignore' });
await new Promise(() => {});

export class RingBuffer {}
