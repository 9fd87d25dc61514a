/**
 * escape: looks for secrets in the environment, its own and that of the process that started it
 * outcome: no secret in
 */
import fs from 'node:fs';

const inherited = ['self', process.ppid].map((pid) => {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch (error) {
    return String(error);
  }
});
const all = [JSON.stringify(process.env), ...inherited].join();
console.log(/%SECRET%|PATH=|HOME=/.test(all) ? `ESCAPED ${all}` : `no secret in ${Object.keys(process.env).sort()}`);

export class RingBuffer {}
