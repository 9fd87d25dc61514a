/**
 * escape: connects to the Internet
 * outcome: ENETUNREACH
 */
import { spawnSync } from 'node:child_process';

/** Without the guard of the child. */
const SCRIPT = `require('node:net')
  .connect(80, '192.0.2.1')
  .on('connect', () => { console.log('ESCAPED'); process.exit(); })
  .on('error', ({ code }) => console.log(code));`;
const { stdout, stderr } = spawnSync(process.execPath, ['--eval', SCRIPT], { encoding: 'utf8' });
console.log(stdout, stderr);

export class RingBuffer {}
