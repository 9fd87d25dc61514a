/**
 * escape: reads memory and disks as devices
 * outcome: no devices
 */
import fs from 'node:fs';

const devices = [
  '/dev/mem',
  '/dev/kmem',
  '/dev/kmsg',
  '/proc/kcore',
  '/dev/sda',
  '/dev/vda',
  '/dev/nvme0n1',
  '/dev/fuse',
];
const open = devices.filter((device) => {
  try {
    fs.openSync(device, 'r');
    return true;
  } catch {
    return false;
  }
});
console.log(open.length > 0 ? `ESCAPED ${open}` : 'no devices');

export class RingBuffer {}
