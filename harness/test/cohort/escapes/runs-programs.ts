/**
 * escape: runs a shell and what is setuid elsewhere
 * outcome: found no programs
 */
import { spawnSync } from 'node:child_process';

const programs = [
  '/bin/sh',
  '/bin/bash',
  '/bin/su',
  '/usr/bin/sudo',
  '/bin/mount',
  '/usr/bin/unshare',
  '/usr/bin/python3',
];
const found = programs.filter((program) => spawnSync(program, ['--version']).error === undefined);
console.log(found.length > 0 ? `ESCAPED ${found}` : 'found no programs');

export class RingBuffer {}
