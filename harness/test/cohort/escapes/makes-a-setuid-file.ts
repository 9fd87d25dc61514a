/**
 * escape: makes a program that runs as its owner
 * outcome: runs as nobody
 */

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

fs.copyFileSync('/usr/bin/prlimit', '/tmp/tool');
fs.chmodSync('/tmp/tool', 0o4755);
const { status } = spawnSync('/tmp/tool', ['--version']);
const ids = /^Uid:\t(.*)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1];
const gained = /^NoNewPrivs:\t0/m.test(fs.readFileSync('/proc/self/status', 'utf8'));
console.log(gained || ids?.startsWith('0\t') ? 'ESCAPED' : 'runs as nobody', status, ids);

export class RingBuffer {}
