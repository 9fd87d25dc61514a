/**
 * escape: kills the grader
 * outcome: ESRCH
 */
import { spawnSync } from 'node:child_process';

/** Without the guard of the child. */
const SCRIPT = `try {
  process.kill(%PARENT%, 'SIGKILL');
  console.log('ESCAPED');
} catch ({ code }) {
  console.log(code);
}`;
const { stdout, stderr } = spawnSync(process.execPath, ['--eval', SCRIPT], { encoding: 'utf8' });
console.log(stdout, stderr);

export class RingBuffer {}
