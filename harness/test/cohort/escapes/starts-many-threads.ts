/**
 * escape: starts threads without end
 * outcome: EAGAIN|[killed memory]|[exited
 */
import { Worker } from 'node:worker_threads';

/** Each is as a process to the kernel. */
for (let i = 0; i < 200; i++) {
  new Worker('setInterval(() => {}, 1000)', { eval: true }).on('error', ({ code, message }: NodeJS.ErrnoException) => {
    console.log(code, message);
    process.exit(3);
  });
}
setTimeout(() => console.log('ESCAPED 200 threads'), 1_500);

export class RingBuffer {}
