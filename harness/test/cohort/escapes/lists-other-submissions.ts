/**
 * escape: looks for what else is in the folder for temporary files
 * outcome: sees no other files
 */
import fs from 'node:fs';

const others = fs.readdirSync('/tmp').filter((name) => !'%ROOT%/'.startsWith(`/tmp/${name}/`));
console.log(others.length > 0 ? `ESCAPED ${others}` : 'sees no other files');

export class RingBuffer {}
