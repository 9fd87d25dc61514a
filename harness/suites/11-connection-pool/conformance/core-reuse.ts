/** Which connections may be used again, and what closes the others. */
import { coreCase } from './support.ts';

const group = 'deciding: reuse';

coreCase(
  {
    id: 'pool-core-not-reusable',
    title: 'a connection that does not persist is closed, and the next waiter dialled for',
    clause: 'RFC 9112 §9.3',
    why: 'after Connection: close the server reads nothing more',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.request(2).gives();
    desk.release(1, { reusable: false }).gives('close c1', 'dial c2');
    desk.connected(2).gives('send r2 on c2');
    desk.release(2, { reusable: false }).gives('close c2');
    desk.request(3).gives('dial c3');
  },
);

coreCase(
  {
    id: 'pool-core-idle-bytes',
    title: 'bytes on an idle connection close it',
    clause: 'RFC 9112 §9.2',
    why: 'response-queue poisoning: what the server sent too much becomes the answer to the next request',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    desk.received(1).gives('close c1');
    desk.request(2).gives('dial c2');
  },
);

coreCase(
  {
    id: 'pool-core-idle-bytes-of-several',
    title: 'only the connection that the bytes came on is closed',
    clause: 'RFC 9112 §9.2',
    why: 'the pool must take out the right one, which need not be the last',
    group,
  },
  (open) => {
    const desk = open();
    for (const id of [1, 2, 3]) desk.request(id).gives(`dial c${id}`);
    for (const id of [1, 2, 3]) desk.connected(id).gives(`send r${id} on c${id}`);
    for (const id of [1, 2, 3]) desk.release(id).gives();
    desk.received(2).gives('close c2');
    desk.request(4).gives('send r4 on c3');
    desk.request(5).gives('send r5 on c1');
    desk.request(6).gives('dial c4');
  },
);

coreCase(
  {
    id: 'pool-core-bytes-before-request',
    title: 'bytes on a connection that has not been used yet close it, too',
    clause: 'RFC 9112 §9.2',
    why: 'a server that speaks first does not speak HTTP',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.cancel(1).gives();
    desk.connected(1).gives();
    desk.received(1).gives('close c1');
  },
);

coreCase(
  {
    id: 'pool-core-idle-lost',
    title: 'a connection that the server closes while idle is forgotten',
    clause: 'RFC 9112 §9.5',
    why: 'servers close idle connections all the time: a request sent into one is lost',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 2 });
    desk.request(1).gives('dial c1');
    desk.request(2).gives('dial c2');
    for (const id of [1, 2]) desk.connected(id).gives(`send r${id} on c${id}`);
    for (const id of [1, 2]) desk.release(id).gives();
    desk.lost(2).gives();
    desk.request(3).gives('send r3 on c1');
    desk.request(4).gives('dial c3');
  },
);

coreCase(
  {
    id: 'pool-core-double-release',
    title: 'a second release of the same response changes nothing',
    clause: 'notes ch. 12',
    why: 'a connection that is twice in the list of idle ones is given to two requests',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    desk.release(1).gives();
    desk.release(1, { reusable: false }).gives();
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives('dial c2');
  },
);

coreCase(
  {
    id: 'pool-core-stale-events',
    title: 'events about what is gone or unknown change nothing',
    clause: 'notes ch. 12',
    why: 'a socket’s close comes after the core has closed it: counted twice it makes room that is not there',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.connected(1).gives();
    desk.cancel(1).gives();
    desk.request(2).gives('send r2 on c1');
    desk.connected(1).gives();
    desk.release(1, { reusable: false }).gives('close c1');
    for (const event of [desk.lost(1), desk.received(1), desk.release(1), desk.connected(1)]) event.gives();
    desk.request(3).gives('dial c2');
    desk.release(2).gives();
    desk.request(4).gives();
    desk.lost(1).gives();
    desk.lost(7).gives();
    desk.cancel(7).gives();
    desk.cancel(2).gives();
    desk.request(5).gives();
    desk.connected(2).gives('send r3 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-surplus-idle',
    title: 'above maxIdlePerOrigin, the connection that has been idle longest is closed',
    clause: 'RFC 9112 §9.4',
    why: 'after a burst the connections of the burst should not stay',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 4, maxIdlePerOrigin: 2 });
    for (const id of [1, 2, 3, 4]) desk.request(id).gives(`dial c${id}`);
    for (const id of [1, 2, 3, 4]) desk.connected(id).gives(`send r${id} on c${id}`);
    desk.release(3).gives();
    desk.release(1).gives();
    desk.release(4).gives('close c3');
    desk.release(2).gives('close c1');
    desk.request(5).gives('send r5 on c2');
    desk.request(6).gives('send r6 on c4');
    desk.request(7).gives('dial c5');
  },
);

coreCase(
  {
    id: 'pool-core-busy-is-not-surplus',
    title: 'only idle connections count as surplus',
    clause: 'RFC 9112 §9.4',
    why: 'httpcore counted all of them: a busy pool closed each connection after its request',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 4, maxIdlePerOrigin: 1 });
    for (const id of [1, 2, 3]) desk.request(id).gives(`dial c${id}`);
    for (const id of [1, 2, 3]) desk.connected(id).gives(`send r${id} on c${id}`);
    desk.release(1).gives();
    desk.request(4).gives('send r4 on c1');
    desk.release(1).gives();
  },
);

coreCase(
  {
    id: 'pool-core-no-idle-at-all',
    title: 'with maxIdlePerOrigin 0 a connection is still handed to a waiter, but never kept',
    clause: 'RFC 9112 §9.4',
    why: 'a hand-over is not idleness',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1, maxIdlePerOrigin: 0 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.request(2).gives();
    desk.release(1).gives('send r2 on c1');
    desk.release(1).gives('close c1');
  },
);
