/**
 * escape: writes wherever there is a folder
 * outcome: wrote nothing
 */
import fs from 'node:fs';

const folders = ['/', '/dev', '/dev/shm', '/etc', '/usr', '/proc/self', '%ROOT%/node_modules', process.cwd()];
const written = folders.filter((folder) => {
  // A kit in the folder for temporary files has its own, which is as private as that.
  if (folder === process.cwd() && folder.startsWith('/tmp/')) return false;
  try {
    fs.writeFileSync(`${folder}/escaped`, '');
    return true;
  } catch {
    return false;
  }
});
console.log(written.length > 0 ? `ESCAPED ${written}` : 'wrote nothing');

export class RingBuffer {}
