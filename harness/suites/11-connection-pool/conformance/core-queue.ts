/** Who gets a connection, and when one is dialled. */
import { coreCase } from './support.ts';

const group = 'deciding: the queue';
const clause = 'notes ch. 12';

coreCase(
  {
    id: 'pool-core-dial-then-send',
    title: 'the first request dials; it is sent when the connection is there',
    clause: 'RFC 9112 §9.1',
    why: 'a core that sends before the dial succeeds writes to a socket that may never connect',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.received(1).gives();
    desk.release(1).gives();
  },
);

coreCase(
  {
    id: 'pool-core-sequential-reuse',
    title: 'a hundred requests one after the other use one connection',
    clause: 'RFC 9112 §9.3',
    why: 'this is what a pool is for: one handshake instead of a hundred',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    for (let id = 2; id <= 100; id++) {
      desk.request(id).gives(`send r${id} on c1`);
      desk.received(1).gives();
      desk.release(1).gives();
    }
  },
);

coreCase(
  {
    id: 'pool-core-one-at-a-time',
    title: 'a connection carries one request at a time',
    clause: 'RFC 9112 §9.2',
    why: 'responses have no id: two requests on one connection depend on each other’s fate',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives('dial c2');
    desk.received(1).gives();
    desk.request(4).gives('dial c3');
  },
);

coreCase(
  {
    id: 'pool-core-lifo',
    title: 'the idle connection that was used last is used first',
    clause: 'RFC 9112 §9.5',
    why: 'it is the least likely to be closed by the server meanwhile, and the surplus gets to expire',
    group,
  },
  (open) => {
    const desk = open();
    for (const id of [1, 2, 3]) desk.request(id).gives(`dial c${id}`);
    for (const id of [1, 2, 3]) desk.connected(id).gives(`send r${id} on c${id}`);
    for (const connection of [2, 3, 1]) desk.release(connection).gives();
    desk.request(4).gives('send r4 on c1');
    desk.request(5).gives('send r5 on c3');
    desk.release(3).gives();
    desk.request(6).gives('send r6 on c3');
    desk.request(7).gives('send r7 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-maximum',
    title: 'never more connections than the maximum; dials in progress count',
    clause: 'RFC 9112 §9.4',
    why: 'a burst of requests before the first dial succeeds would open a connection for each of them',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 3 });
    for (const id of [1, 2, 3]) desk.request(id).gives(`dial c${id}`);
    for (const id of [4, 5]) desk.request(id).gives();
    desk.connected(2).gives('send r1 on c2');
    desk.request(6).gives();
    desk.connected(1).gives('send r2 on c1');
    desk.connected(3).gives('send r3 on c3');
    desk.request(7).gives();
    desk.release(1).gives('send r4 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-maximum-per-origin',
    title: 'the maximum is per origin, and so are the connections',
    clause: 'RFC 9112 §9.4',
    why: 'one slow server must not keep requests to all others waiting, nor get their requests',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.request(2, { key: 'b' }).gives('dial c2 to b');
    desk.request(3).gives();
    desk.connected(2).gives('send r2 on c2');
    desk.release(2).gives();
    desk.request(4, { key: '__proto__' }).gives('dial c3 to __proto__');
    desk.connected(1).gives('send r1 on c1');
    desk.release(1).gives('send r3 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-fifo',
    title: 'requests are served in the order in which they came',
    clause,
    why: 'with any other order some request waits for ever while later ones are served',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 2 });
    desk.request(1).gives('dial c1');
    desk.request(2).gives('dial c2');
    for (let id = 3; id <= 12; id++) desk.request(id).gives();
    desk.connected(1).gives('send r1 on c1');
    desk.connected(2).gives('send r2 on c2');
    for (let id = 3; id <= 12; id++) desk.release(1 + (id % 2)).gives(`send r${id} on c${1 + (id % 2)}`);
    desk.release(1).gives();
  },
);

coreCase(
  {
    id: 'pool-core-dial-for-all',
    title: 'a connection that becomes free goes to who has waited longest, even if the dial was made for it',
    clause,
    why: 'to bind a request to its own dial makes it wait for a handshake beside a connection that is free',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives('dial c2');
    desk.request(4).gives('dial c3');
    desk.release(1).gives('send r3 on c1');
    desk.connected(3).gives('send r4 on c3');
    desk.connected(2).gives();
    desk.request(5).gives('send r5 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-no-surplus-dial',
    title: 'no dial for a request that a dial in progress will serve',
    clause,
    why: 'one dial too many per burst, and the pool holds connections that nobody uses',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.cancel(1).gives();
    desk.request(2).gives();
    desk.request(3).gives('dial c2');
    desk.connected(2).gives('send r2 on c2');
    desk.connected(1).gives('send r3 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-cancel-waiting',
    title: 'a cancelled waiter is passed over; the others keep their order',
    clause,
    why: 'a connection handed to somebody who has left is lost to the pool',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    for (let id = 2; id <= 8; id++) desk.request(id).gives();
    for (const id of [2, 5, 8]) desk.cancel(id).gives();
    for (const id of [3, 4, 6, 7]) desk.release(1).gives(`send r${id} on c1`);
    desk.release(1).gives();
    desk.request(9).gives('send r9 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-cancel-all-waiting',
    title: 'when every waiter has left, the connection is idle and the queue works on',
    clause,
    why: 'removing the first, the last and the only one are the three ways to break a queue',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    for (const id of [2, 3, 4]) desk.request(id).gives();
    for (const id of [4, 2, 3]) desk.cancel(id).gives();
    desk.request(5).gives();
    desk.cancel(5).gives();
    desk.request(6).gives();
    desk.request(7).gives();
    desk.release(1).gives('send r6 on c1');
    desk.release(1).gives('send r7 on c1');
    desk.release(1).gives();
  },
);

coreCase(
  {
    id: 'pool-core-cancel-dialing',
    title: 'the dial of a request that has left goes on, and its connection is idle',
    clause,
    why: 'the handshake is under way: to break it off wastes it, and the next request dials again',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.cancel(1).gives();
    desk.connected(1).gives();
    desk.request(2).gives('send r2 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-cancel-in-flight',
    title: 'the connection of a cancelled request is closed, and the next waiter gets a new one',
    clause: 'RFC 9112 §9.3',
    why: 'the response will still come: on a connection that is kept it answers the next request',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives();
    desk.cancel(2).gives('close c1', 'dial c2');
    desk.connected(2).gives('send r3 on c2');
    desk.received(2).gives();
    desk.cancel(3).gives('close c2');
  },
);

coreCase(
  {
    id: 'pool-core-dial-fails',
    title: 'a failed dial fails the request that has waited longest, with its error',
    clause,
    why: 'a request whose dial has failed in silence waits for ever',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.request(2).gives('dial c2');
    desk.lost(2, 'ECONNREFUSED').gives('fail r1 ECONNREFUSED');
    desk.connected(1).gives('send r2 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-dial-failure-wakes-next',
    title: 'a failed dial makes room: the next waiter is dialled for',
    clause,
    why: 'a slot that is never given back is a pool that hangs after its first refused connection',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.request(2).gives();
    desk.request(3).gives();
    desk.lost(1, 'ECONNREFUSED').gives('fail r1 ECONNREFUSED', 'dial c2');
    desk.lost(2, 'ETIMEDOUT').gives('fail r2 ETIMEDOUT', 'dial c3');
    desk.connected(3).gives('send r3 on c3');
    desk.release(3).gives();
  },
);

coreCase(
  {
    id: 'pool-core-dial-fails-for-nobody',
    title: 'a failed dial that nobody waits for is nobody’s failure',
    clause,
    why: 'the request it was made for was cancelled or served by another connection',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.cancel(1).gives();
    desk.lost(1, 'ECONNREFUSED').gives();
    desk.request(2).gives('dial c2');
  },
);
