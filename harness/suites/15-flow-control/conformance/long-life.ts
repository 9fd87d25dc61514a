/** A connection that lives for days: hundreds of thousands of streams, of which nothing may stay. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ReceiveWindows, SendWindows } from '#subject/15-flow-control/flow-control.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import { allUpdates, isFine, leaveOnConnection } from './support.ts';

const group = 'long life';
const STREAMS = 40_000;

testCase(
  {
    id: 'window-sender-forgets',
    title: 'streams that were opened, wanted to send and were reset leave nothing behind',
    clause: 'CVE-2023-44487',
    why: 'a peer that opens and resets streams as fast as it can fills every list that they are only marked in',
    group,
  },
  () => {
    const send = new SendWindows();
    leaveOnConnection(send, 0, 1);
    const before = memoryInUse();
    for (let i = 0; i < STREAMS; i++) {
      const id = 2 * i + 3;
      send.open(id);
      send.want(id, 1_000, i % 2 === 0);
      isFine(send.credit(id, 1_000), `credit(${id}, 1000)`);
      send.close(id);
      isFine(send.credit(id, 1_000), `credit(${id}, 1000), closed`);
    }
    const grown = memoryInUse() - before;
    ok(grown < 700_000, `memory after ${STREAMS} streams: within 700 KB of before`, `it grew by ${grown} bytes`);
    equal(send.next(), undefined, 'what next returns');
  },
);

testCase(
  {
    id: 'window-receiver-forgets',
    title: 'streams on which something has arrived leave nothing behind when they are closed',
    clause: 'CVE-2023-44487',
    why: 'the receiver has to tell closed streams from idle ones without a list of all that were',
    group,
  },
  () => {
    const receive = new ReceiveWindows();
    const before = memoryInUse();
    for (let i = 0; i < STREAMS; i++) {
      const id = 2 * i + 1;
      receive.open(id);
      isFine(receive.receive(id, 1_000), `receive(${id}, 1000)`);
      receive.consume(id, 500);
      receive.close(id);
      if (i % 16 === 0) allUpdates(receive);
    }
    const grown = memoryInUse() - before;
    ok(grown < 700_000, `memory after ${STREAMS} streams: within 700 KB of before`, `it grew by ${grown} bytes`);
    equal(receive.unread, 0, 'unread');
  },
);

/** Bytes in live objects: garbage is not counted. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
