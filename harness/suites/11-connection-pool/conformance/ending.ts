/** The end of a pool, and what it must not leave behind. */
import { getEventListeners } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { Pool } from '#subject/11-connection-pool/connection-pool.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import { before, turn } from '../../../kit/deadline.ts';
import { closedByClient, listen, noMore, OK, requestLine, urlOf } from '../support/origin.ts';
import { failsWith, firstExchange, poolOn, start, textOf } from './support.ts';

const group = 'on sockets: the end';
const clause = 'notes ch. 12';

testCase(
  {
    id: 'pool-close-waits',
    title: 'close waits for what was accepted, refuses what comes after, and closes every connection',
    clause,
    why: 'a deployment that drops the requests under way is an outage',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 2 });
    const wired = ['/1', '/2'].map((path) => start(pool, { url: urlOf(server, path) }));
    const peers = [await server.accept(), await server.accept()] as const;
    // Which of the two is on which connection is a matter of the dials.
    if ((await requestLine(peers[0])) !== 'GET /1 HTTP/1.1') wired.reverse();
    await requestLine(peers[1]);
    const waiting = start(pool, { url: urlOf(server, '/3') });
    let closed = false;
    const closing = pool.close().then(() => {
      closed = true;
    });
    await failsWith(start(pool, { url: urlOf(server, '/4') }), 'ESHUTDOWN', 'a request after close()');
    await peers[0].send(OK);
    equal(await textOf(wired[0]!), 'ok', 'a response that was under way');
    equal(await requestLine(peers[0]), 'GET /3 HTTP/1.1', 'the request that was waiting');
    await peers[0].send(OK);
    equal(await textOf(waiting), 'ok', 'its response');
    await closedByClient(peers[0], 'the client closes the connection that nobody needs any more');
    for (let i = 0; i < 5; i++) await turn();
    equal(closed, false, 'close() has resolved, with a request under way');
    await peers[1].send(OK);
    equal(await textOf(wired[1]!), 'ok', 'the other response that was under way');
    await before(closing, { what: 'close() resolves' });
    await closedByClient(peers[1]);
  },
);

testCase(
  {
    id: 'pool-close-idle',
    title: 'close with only idle connections closes them; a second close resolves, too',
    clause,
    why: 'a process ends when its last socket is closed',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool, clock } = poolOn(t);
    const peer = await firstExchange(pool, server);
    await before(pool.close(), { what: 'close() resolves' });
    await closedByClient(peer);
    await before(pool.close(), { what: 'a second close() resolves' });
    clock.idle('after close()');
  },
);

testCase(
  {
    id: 'pool-destroy',
    title: 'destroy rejects what is on the wire, in a body and in the queue, with its error',
    clause,
    why: 'a promise that is neither kept nor broken holds its caller for ever',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool, clock } = poolOn(t, { maxPerOrigin: 2 });
    const inBody = start(pool, { url: urlOf(server, '/1') });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234');
    const text = before(inBody, { what: 'the head of the first response arrives' }).then((response) => response.text());
    text.catch(() => {});
    await inBody;
    const onWire = start(pool, { url: urlOf(server, '/2') });
    const other = await server.accept();
    await requestLine(other);
    const inQueue = start(pool, { url: urlOf(server, '/3') });
    await before(pool.destroy(Object.assign(new Error('over'), { code: 'EOVER' })), { what: 'destroy() resolves' });
    await failsWith(text, 'EOVER', 'the body');
    await failsWith(onWire, 'EOVER', 'the request on the wire');
    await failsWith(inQueue, 'EOVER', 'the request in the queue');
    await failsWith(start(pool, { url: urlOf(server) }), 'ESHUTDOWN', 'a request after destroy()');
    await Promise.all([closedByClient(peer), closedByClient(other)]);
    clock.idle('after destroy()');
    await noMore(server, 'after destroy()');
  },
);

testCase(
  {
    id: 'pool-destroy-after-throw',
    title: 'destroy right after connect has thrown: the request fails, and destroy resolves',
    clause,
    why: 'a dial that never was has no socket to close',
    group,
  },
  async (t) => {
    const { pool } = poolOn(t, {
      connect: () => {
        throw Object.assign(new Error('a certificate that is none'), { code: 'EBADCERT' });
      },
    });
    const response = start(pool, { url: 'http://127.0.0.1/' });
    const destroyed = pool.destroy();
    await before(destroyed, { what: 'destroy() resolves' });
    const code = await before(
      response.then(
        () => 'an answer',
        (error: { code?: string }) => error.code,
      ),
      { what: 'the request fails' },
    );
    ok(code === 'EBADCERT' || code === 'ESHUTDOWN', 'the request fails with either error', `it got ${code}`);
  },
);

testCase(
  {
    id: 'pool-no-listener-leak',
    title: 'a thousand requests on one connection with one signal leave no listener and no timer behind',
    clause,
    why: 'the warning at eleven listeners is how most pools are found out; the memory is how the others are',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const sockets: Socket[] = [];
    const { pool, clock } = poolOn(t, {
      connect: ({ host, port }) => {
        sockets.push(createConnection({ host, port, noDelay: true }));
        return sockets.at(-1)!;
      },
    });
    const { signal } = new AbortController();
    const peer = await firstExchange(pool, server);
    peer.socket.removeAllListeners('data').on('data', () => peer.socket.write(OK));
    const [socket] = sockets as [Socket];
    let early = 0;
    for (let i = 1; i <= 1000; i++) {
      equal(await textOf(start(pool, { url: urlOf(server), signal })), 'ok', `response ${i}`);
      if (i === 10) early = listeners(socket);
    }
    equal(sockets.length, 1, 'connections');
    ok(
      listeners(socket) <= early,
      `listeners on the socket after 1,000 requests: ${early}, as after 10`,
      `${listeners(socket)}`,
    );
    equal(getEventListeners(signal, 'abort').length, 0, 'listeners on the signal');
    ok(clock.pending <= 2, 'one timer, or two', `${clock.pending} timers are set`);
  },
);

function listeners(socket: Socket): number {
  return socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0);
}

testCase(
  {
    id: 'pool-real-timer-cleared',
    title: 'a pool that is closed leaves no timer behind, on the real clock either',
    clause,
    why: 'a timer keeps a program from ending until it is over',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const pool = new Pool();
    t.defer(() => before(pool.destroy(), { what: 'destroy() resolves' }));
    await firstExchange(pool, server);
    await before(pool.close(), { what: 'close() resolves' });
    // Every case fails that leaves a timer.
  },
);
