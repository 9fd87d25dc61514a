/**
 * escape: looks for the grader among the processes
 * outcome: sees only its own
 */
import fs from 'node:fs';

const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
const parent = fs.existsSync('/proc/%PARENT%') && pids.includes('%PARENT%');
console.log(parent || pids.length > 4 ? `ESCAPED ${pids}` : 'sees only its own');

export class RingBuffer {}
