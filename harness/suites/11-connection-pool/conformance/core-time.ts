/** What time does: idle connections and waiting requests are given up. The clock is the case's. */
import { equal, ok, within } from '../../../kit/check.ts';
import { coreCase } from './support.ts';

const group = 'deciding: time';

coreCase(
  {
    id: 'pool-core-idle-timeout',
    title: 'an idle connection is closed when its time is over, not before',
    clause: 'RFC 9112 §9.5',
    why: 'the client should be the one that closes: then there is no race',
    group,
  },
  (open) => {
    const desk = open({ idleTimeout: 3000 });
    desk.now = 1000;
    desk.dialled(1, 1);
    desk.now = 3999;
    desk.tick().gives();
    desk.now = 4000;
    desk.tick().gives('close c1');
    desk.tick().gives();
    desk.request(2).gives('dial c2');
  },
);

coreCase(
  {
    id: 'pool-core-idle-restarts',
    title: 'the idle time begins anew with each release, and busy connections have none',
    clause: 'RFC 9112 §9.5',
    why: 'a connection in constant use must not be closed for its age, nor in the middle of a response',
    group,
  },
  (open) => {
    const desk = open({ idleTimeout: 3000 });
    desk.dialled(1, 1);
    desk.now = 2000;
    desk.request(2).gives('send r2 on c1');
    desk.now = 10_000;
    desk.tick().gives();
    desk.release(1).gives();
    desk.now = 12_999;
    desk.tick().gives();
    desk.now = 13_000;
    desk.tick().gives('close c1');
  },
);

coreCase(
  {
    id: 'pool-core-expired-not-used',
    title: 'a connection whose time is over is not used, though no tick has come',
    clause: 'RFC 9112 §9.5',
    why: 'timers are late when the process is busy, which is just when a request comes',
    group,
  },
  (open) => {
    const desk = open({ idleTimeout: 3000 });
    desk.dialled(1, 1);
    desk.now = 3000;
    desk.request(2).gives('close c1', 'dial c2');
  },
);

coreCase(
  {
    id: 'pool-core-expired-above-good',
    title: 'a good connection below an expired one is used',
    clause: 'RFC 9112 §9.5',
    why: 'hints differ from response to response: the one used last need not be the one that lasts longest',
    group,
  },
  (open) => {
    const desk = open({ idleTimeout: 10_000 });
    desk.request(1).gives('dial c1');
    desk.request(2).gives('dial c2');
    for (const id of [1, 2]) desk.connected(id).gives(`send r${id} on c${id}`);
    desk.release(1).gives();
    desk.release(2, { idleHint: 3000 }).gives();
    desk.now = 2000;
    desk.request(3).gives('close c2', 'send r3 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-hint',
    title: 'the server’s hint shortens the idle time, by a second more than it says',
    clause: 'RFC 9112 Appendix C.2.2',
    why: 'the server’s clock began earlier, by the time the response travelled',
    group,
  },
  (open) => {
    const desk = open({ idleTimeout: 60_000 });
    desk.dialled(1, 1, { idleHint: 5000 });
    desk.now = 3999;
    desk.tick().gives();
    desk.now = 4000;
    desk.tick().gives('close c1');
  },
);

coreCase(
  {
    id: 'pool-core-hint-only-shortens',
    title: 'a hint that is longer than idleTimeout does not prolong it',
    clause: 'RFC 9112 Appendix C.2.2',
    why: 'the limit is the client’s own: a server must not make it keep connections for a day',
    group,
  },
  (open) => {
    const desk = open({ idleTimeout: 3000 });
    desk.dialled(1, 1, { idleHint: 86_400_000 });
    desk.now = 3000;
    desk.tick().gives('close c1');
  },
);

coreCase(
  {
    id: 'pool-core-hint-too-short',
    title: 'a hint of a second or less: the connection is not kept, but may be handed on',
    clause: 'RFC 9112 Appendix C.2.2',
    why: 'by the time of the next request it will be closed',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.request(2).gives();
    desk.release(1, { idleHint: 1000 }).gives('send r2 on c1');
    desk.release(1, { idleHint: 1000 }).gives('close c1');
    desk.request(3).gives('dial c2');
    desk.connected(2).gives('send r3 on c2');
    desk.release(2, { idleHint: 0 }).gives('close c2');
  },
);

coreCase(
  {
    id: 'pool-core-hint-of-last-response',
    title: 'only the hint of the last response counts',
    clause: 'RFC 9112 §9.3',
    why: 'each response speaks for the time after it',
    group,
  },
  (open) => {
    const desk = open({ idleTimeout: 60_000 });
    desk.dialled(1, 1, { idleHint: 5000 });
    desk.request(2).gives('send r2 on c1');
    desk.release(1).gives();
    desk.now = 59_999;
    desk.tick().gives();
    desk.now = 60_000;
    desk.tick().gives('close c1');
  },
);

coreCase(
  {
    id: 'pool-core-wait-timeout',
    title: 'a request that has waited its full time fails; those behind it stay',
    clause: 'notes ch. 12',
    why: 'a queue without a limit of time turns one slow server into a client that hangs',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1, waitTimeout: 500 });
    desk.request(1).gives('dial c1');
    desk.now = 100;
    desk.connected(1).gives('send r1 on c1');
    desk.request(2).gives();
    desk.now = 300;
    desk.request(3).gives();
    desk.now = 599;
    desk.tick().gives();
    desk.now = 600;
    desk.tick().gives('fail r2 ETIMEDOUT');
    desk.release(1).gives('send r3 on c1');
    desk.now = 5000;
    desk.tick().gives();
  },
);

coreCase(
  {
    id: 'pool-core-wait-timeout-dialing',
    title: 'to wait for a dial is to wait; the dial goes on',
    clause: 'notes ch. 12',
    why: 'a host that answers no SYN keeps a dial busy for two minutes',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1, waitTimeout: 500 });
    desk.request(1).gives('dial c1');
    desk.now = 500;
    desk.tick().gives('fail r1 ETIMEDOUT');
    desk.request(2).gives();
    desk.connected(1).gives('send r2 on c1');
  },
);

coreCase(
  {
    id: 'pool-core-wait-timeout-retry',
    title: 'a retry waits for its connection no longer than any other, counted from its failure',
    clause: 'notes ch. 12',
    why: 'it has left the queue once, and must not be forgotten by the clock',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1, waitTimeout: 500, idleTimeout: 60_000 });
    desk.dialled(1, 1);
    desk.request(2).gives('send r2 on c1');
    desk.now = 2000;
    desk.lost(1).gives('dial c2');
    desk.now = 2499;
    desk.tick().gives();
    desk.now = 2500;
    desk.tick().gives('fail r2 ETIMEDOUT');
    desk.connected(2).gives();
  },
);

coreCase(
  {
    id: 'pool-core-wake-at',
    title: 'wakeAt is never later than the next thing that is due',
    clause: 'notes ch. 12',
    why: 'the shell sets one timer to it: a late one leaves a request hanging, none at all for ever',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1, waitTimeout: 500, idleTimeout: 3000 });
    const due = (latest: number, what: string) => within(desk.core.wakeAt, 0, latest, `wakeAt, with ${what}`);
    equal(desk.core.wakeAt, Number.POSITIVE_INFINITY, 'wakeAt of a new pool');
    desk.now = 1000;
    desk.request(1).gives('dial c1');
    due(1500, 'a request waiting since 1000');
    desk.connected(1).gives('send r1 on c1');
    desk.request(2).gives();
    due(1500, 'another one waiting since 1000');
    desk.now = 1500;
    desk.tick().gives('fail r2 ETIMEDOUT');
    desk.release(1).gives();
    due(4500, 'a connection idle since 1500');
    desk.request(3, { key: 'b' }).gives('dial c2 to b');
    due(2000, 'a request to another origin waiting since 1500');
    desk.connected(2).gives('send r3 on c2');
    desk.release(2, { idleHint: 1500 }).gives();
    due(2000, 'a connection idle since 1500, with a hint of 1500 ms');
    desk.now = 2000;
    desk.tick().gives('close c2');
    due(4500, 'the other connection idle since 1500');
    desk.request(4).gives('send r4 on c1');
    desk.request(5).gives();
    desk.now = 2200;
    desk.request(6).gives();
    desk.now = 2500;
    desk.tick().gives('fail r5 ETIMEDOUT');
    due(2700, 'a request waiting since 2200, after a tick');
  },
);

coreCase(
  {
    id: 'pool-core-wake-at-moves-on',
    title: 'after tick(now), wakeAt is later than now; with nothing left it is Infinity',
    clause: 'notes ch. 12',
    why: 'a shell that is always due at once spins',
    group,
  },
  (open) => {
    const desk = open({ maxPerOrigin: 1, waitTimeout: 500, idleTimeout: 3000 });
    desk.request(1).gives('dial c1');
    desk.connected(1).gives('send r1 on c1');
    desk.now = 250;
    desk.request(2).gives();
    for (let now = 500; now <= 4000; now += 250) {
      desk.now = now;
      if (now === 1000) desk.release(1).gives();
      desk.tick();
      ok(desk.core.wakeAt > now, `after tick at ${now} ms, wakeAt is later`, `it is ${desk.core.wakeAt}`);
    }
    equal(desk.core.wakeAt, Number.POSITIVE_INFINITY, 'wakeAt, when nothing is left');
  },
);
