/**
 * escape: has another process write to the grader’s channel
 * outcome: [forged]
 */
import { spawnSync } from 'node:child_process';

const SCRIPT = `require('node:fs').writeSync(4, '{"type":"done"}\\n')`;
spawnSync(process.execPath, ['--eval', SCRIPT], { stdio: ['ignore', 'inherit', 'inherit', 'ignore', 4] });

export class RingBuffer {}
