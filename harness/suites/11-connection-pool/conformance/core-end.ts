/** The end of a pool: close finishes, destroy does not. */
import { coreCase } from './support.ts';

const group = 'deciding: the end';
const clause = 'notes ch. 12';

coreCase(
  {
    id: 'pool-core-close-refuses',
    title: 'after close no request is accepted, and idle connections are closed',
    clause,
    why: 'a pool that still accepts requests never comes to its end',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.request(2, { key: 'b' }).gives('dial c2 to b');
    desk.connected(1).gives('send r1 on c1');
    desk.connected(2).gives('send r2 on c2');
    desk.release(1).gives();
    desk.release(2).gives();
    desk.close().gives('close c1', 'close c2');
    desk.request(3).gives('fail r3 ESHUTDOWN');
    desk.close().gives();
  },
);

coreCase(
  {
    id: 'pool-core-close-waits',
    title: 'what was accepted before close is served; then its connection is closed',
    clause,
    why: 'a deployment that drops the requests under way is an outage',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.request(2).gives();
    desk.request(3).gives();
    desk.close().gives();
    desk.release(1).gives('send r2 on c1');
    desk.release(1, { reusable: false }).gives('close c1', 'dial c2');
    desk.connected(2).gives('send r3 on c2');
    desk.release(2).gives('close c2');
  },
);

coreCase(
  {
    id: 'pool-core-close-retries',
    title: 'a retry is still made while closing',
    clause,
    why: 'it is part of a request that was accepted',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives();
    desk.close().gives();
    desk.lost(1).gives('dial c2');
    desk.connected(2).gives('send r2 on c2');
    desk.release(2).gives('send r3 on c2');
    desk.release(2).gives('close c2');
  },
);

coreCase(
  {
    id: 'pool-core-close-dials',
    title: 'a dial that nobody waits for is given up by close, or when the last waiter leaves',
    clause,
    why: 'a dial to a host that does not answer would hold up the end for minutes',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.cancel(1).gives();
    desk.request(2, { key: 'b' }).gives('dial c2 to b');
    desk.close().gives('close c1');
    desk.cancel(2).gives('close c2');
  },
);

coreCase(
  {
    id: 'pool-core-destroy',
    title: 'destroy fails every request with its error and closes every connection, dials included',
    clause,
    why: 'a promise that is neither kept nor broken holds its caller for ever',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 2 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives('dial c2');
    desk.request(4).gives();
    desk.request(5, { key: 'b' }).gives('dial c3 to b');
    desk.connected(3).gives('send r5 on c3');
    desk.release(3).gives();
    desk
      .destroy('EOVER')
      .gives(...[2, 3, 4].map((id) => `fail r${id} EOVER`), ...[1, 2, 3].map((connection) => `close c${connection}`));
    desk.request(6).gives('fail r6 ESHUTDOWN');
    for (const event of [desk.lost(1), desk.connected(2), desk.release(1), desk.cancel(4), desk.tick()]) event.gives();
    desk.destroy('EAGAIN').gives();
  },
);
