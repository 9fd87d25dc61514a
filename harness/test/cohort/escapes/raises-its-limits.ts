/**
 * escape: raises its own limits
 * outcome: EPERM|not permitted
 */
import { spawnSync } from 'node:child_process';

const { status, stderr } = spawnSync('/usr/bin/prlimit', ['--nproc=1000', '--pid', String(process.pid)], {
  encoding: 'utf8',
});
console.log(status === 0 ? 'ESCAPED' : stderr);

export class RingBuffer {}
