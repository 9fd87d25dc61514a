/** The stale-reuse race: when a request may be sent a second time. */
import { coreCase } from './support.ts';

const group = 'deciding: the retry';

coreCase(
  {
    id: 'pool-core-retry',
    title: 'an idempotent request whose reused connection ends unanswered is sent again, on a new one',
    clause: 'RFC 9110 §9.2.2',
    why: 'the server closed the idle connection while the request was on its way: neither side did wrong',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.lost(1).gives('dial c2');
    desk.connected(2).gives('send r2 on c2');
    desk.received(2).gives();
    desk.release(2).gives();
    desk.request(3).gives('send r3 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-retry-on-new-connection',
    title: 'the retry waits for a connection of its own, though others are idle or become free',
    clause: 'RFC 9110 §9.2.2',
    why: 'after a restart of the server all its idle connections are stale: the retry would meet the next one',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 3 });
    for (const id of [1, 2, 3]) desk.request(id).gives(`dial c${id}`);
    for (const id of [1, 2, 3]) desk.connected(id).gives(`send r${id} on c${id}`);
    desk.release(1).gives();
    desk.release(2).gives();
    desk.request(4).gives('send r4 on c2');
    desk.lost(2).gives('dial c4');
    desk.request(5).gives('send r5 on c1');
    desk.release(3).gives();
    desk.connected(4).gives('send r4 on c4');
  },
);

coreCase(
  {
    id: 'pool-core-retry-first',
    title: 'the retry comes before those that wait, and takes the place of the connection that was lost',
    clause: 'RFC 9110 §9.2.2',
    why: 'it was accepted first; and at the maximum there is no other place',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives();
    desk.request(4).gives();
    desk.lost(1).gives('dial c2');
    desk.connected(2).gives('send r2 on c2');
    desk.release(2).gives('send r3 on c2');
    desk.release(2).gives('send r4 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-no-retry-not-idempotent',
    title: 'a request that is not idempotent fails instead',
    clause: 'RFC 9110 §9.2.2',
    why: 'nobody knows whether the server has carried it out: sent twice, an order is placed twice',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    desk.request(2, { idempotent: false }).gives('send r2 on c1');
    desk.lost(1).gives('fail r2 ECONNRESET');
    desk.request(3).gives('dial c2');
  },
);

coreCase(
  {
    id: 'pool-core-no-retry-after-byte',
    title: 'no retry once a byte of the response has come',
    clause: 'RFC 9110 §9.2.2',
    why: 'the server was there and at work: the race that the retry is for has not happened',
    group,
  },
  (open) => {
    const desk = open();
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.received(1).gives();
    desk.lost(1).gives('fail r2 ECONNRESET');
  },
);

coreCase(
  {
    id: 'pool-core-no-retry-fresh',
    title: 'no retry on a connection straight from its dial',
    clause: 'RFC 9112 §9.3.1',
    why: 'it was never idle, so it was not closed for being idle: the server does not like the request',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.lost(1).gives('fail r1 ECONNRESET');
    desk.request(2).gives('dial c2');
  },
);

coreCase(
  {
    id: 'pool-core-retry-once',
    title: 'a retry that fails is not retried',
    clause: 'RFC 9110 §9.2.2',
    why: 'a request that kills the server would be sent for ever',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives();
    desk.lost(1).gives('dial c2');
    desk.connected(2).gives('send r2 on c2');
    desk.lost(2).gives('fail r2 ECONNRESET', 'dial c3');
    desk.connected(3).gives('send r3 on c3');
  },
);

coreCase(
  {
    id: 'pool-core-retry-dial-fails',
    title: 'the retry fails if its dial does',
    clause: 'RFC 9110 §9.2.2',
    why: 'the server is gone: the caller learns it from the dial’s error',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives();
    desk.lost(1).gives('dial c2');
    desk.lost(2, 'ECONNREFUSED').gives('fail r2 ECONNREFUSED', 'dial c3');
  },
);

coreCase(
  {
    id: 'pool-core-retry-cancelled',
    title: 'a retry can be cancelled; its connection serves others',
    clause: 'notes ch. 12',
    why: 'between the two attempts the request is in neither place in which one looks for it',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.request(3).gives();
    desk.lost(1).gives('dial c2');
    desk.cancel(2).gives();
    desk.connected(2).gives('send r3 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-each-request-anew',
    title: 'what counts is a byte for this request, not for an earlier one',
    clause: 'RFC 9110 §9.2.2',
    why: 'a flag that is set once and never cleared turns the retry off for good',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.received(1).gives();
    desk.request(3).gives();
    desk.release(1).gives('send r3 on c1');
    desk.lost(1).gives('dial c2');
  },
);

coreCase(
  {
    id: 'pool-core-handed-over-is-reused',
    title: 'a connection handed from one request to the next is a reused one',
    clause: 'RFC 9112 §9.3.1',
    why: 'the server may close after the response without having said so',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.request(2).gives();
    desk.received(1).gives();
    desk.release(1).gives('send r2 on c1');
    desk.lost(1).gives('dial c2');
    desk.connected(2).gives('send r2 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-parked-is-reused',
    title: 'so is one that was idle before it was ever used',
    clause: 'RFC 9112 §9.3.1',
    why: 'a dial that came too late is as stale after a minute as any other idle connection',
    group,
  },
  (open) => {
    const desk = open();
    desk.request(1).gives('dial c1');
    desk.cancel(1).gives();
    desk.connected(1).gives();
    desk.request(2).gives('send r2 on c1');
    desk.lost(1).gives('dial c2');
    desk.connected(2).gives('send r2 on c2');
  },
);

coreCase(
  {
    id: 'pool-core-several-retries',
    title: 'several stale connections at once: each retry gets a new one',
    clause: 'RFC 9110 §9.2.2',
    why: 'a restart of the server ends all connections in the same moment',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 2 });
    desk.request(1).gives('dial c1');
    desk.request(2).gives('dial c2');
    for (const id of [1, 2]) desk.connected(id).gives(`send r${id} on c${id}`);
    for (const id of [1, 2]) desk.release(id).gives();
    desk.request(3).gives('send r3 on c2');
    desk.request(4).gives('send r4 on c1');
    desk.request(5).gives();
    desk.lost(1).gives('dial c3');
    desk.lost(2).gives('dial c4');
    desk.connected(3).gives('send r4 on c3');
    desk.lost(4, 'ECONNREFUSED').gives('fail r3 ECONNREFUSED', 'dial c5');
    desk.connected(5).gives('send r5 on c5');
  },
);
