/** Callers who leave, and time that runs out. The time is a virtual clock's. */
import { createConnection, Socket } from 'node:net';
import { testCase } from '../../../kit/case.ts';
import { equal, ok, rejects } from '../../../kit/check.ts';
import { before, turn } from '../../../kit/deadline.ts';
import { closedByClient, listen, noMore, OK, ok200, requestLine, urlOf } from '../support/origin.ts';
import { answer, failsWith, firstExchange, poolOn, start, textOf } from './support.ts';

const group = 'on sockets: giving up';

/** It fails with this very reason. */
async function failsFor(response: Promise<unknown>, reason: Error, what: string): Promise<void> {
  const error = await before(rejects(response, {}, what), { what: `${what} fails` });
  ok(error === reason, `${what} fails with the signal’s reason`, `it failed with ${error.name}: ${error.message}`);
}

testCase(
  {
    id: 'pool-abort-before',
    title: 'a request whose signal is aborted already opens no connection',
    clause: 'notes ch. 12',
    why: 'work for a caller who has left is wasted on both sides',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const reason = new Error('gone');
    await failsFor(start(pool, { url: urlOf(server), signal: AbortSignal.abort(reason) }), reason, 'the request');
    await noMore(server, 'after the request');
  },
);

testCase(
  {
    id: 'pool-abort-in-queue',
    title: 'a request that is aborted while it waits is never sent',
    clause: 'notes ch. 12',
    why: 'its place in the queue must not cost the others anything',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 1 });
    const controller = new AbortController();
    const reason = new Error('gone');
    const first = start(pool, { url: urlOf(server, '/1') });
    const peer = await server.accept();
    await requestLine(peer);
    const second = start(pool, { url: urlOf(server, '/2'), signal: controller.signal });
    const third = start(pool, { url: urlOf(server, '/3') });
    controller.abort(reason);
    await failsFor(second, reason, 'the second request');
    await peer.send(OK);
    await textOf(first);
    equal(await requestLine(peer), 'GET /3 HTTP/1.1', 'the next request on the wire');
    await peer.send(OK);
    equal(await textOf(third), 'ok', 'the third response');
    await noMore(server, 'after three requests');
  },
);

testCase(
  {
    id: 'pool-abort-in-flight',
    title: 'a request that is aborted on the wire takes its connection with it',
    clause: 'RFC 9112 §9.3',
    why: 'its response is still coming: kept, the connection would answer the next request with it',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 1 });
    const controller = new AbortController();
    const reason = new Error('gone');
    const first = start(pool, { url: urlOf(server, '/1'), signal: controller.signal });
    const peer = await server.accept();
    await requestLine(peer);
    const second = start(pool, { url: urlOf(server, '/2') });
    controller.abort(reason);
    await failsFor(first, reason, 'the first request');
    await closedByClient(peer);
    const next = await server.accept('the next request gets a new connection');
    equal(await requestLine(next), 'GET /2 HTTP/1.1', 'the request on it');
    await next.send(ok200('two'));
    equal(await textOf(second), 'two', 'its response');
  },
);

testCase(
  {
    id: 'pool-abort-in-body',
    title: 'an abort in the middle of the body fails the body, and closes the connection',
    clause: 'RFC 9112 §9.3',
    why: 'a download that cannot be stopped goes on until it is done',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const controller = new AbortController();
    const reason = new Error('gone');
    const response = start(pool, { url: urlOf(server), signal: controller.signal });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234');
    const text = (await answer(response)).text();
    controller.abort(reason);
    await failsFor(text, reason, 'text()');
    await closedByClient(peer);
  },
);

testCase(
  {
    id: 'pool-abort-late',
    title: 'an abort after the response is complete does not touch the connection’s next request',
    clause: 'notes ch. 12',
    why: 'one signal for a whole page: it is aborted when the page is left, long after most of its requests',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const controller = new AbortController();
    const first = start(pool, { url: urlOf(server, '/1'), signal: controller.signal });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send(OK);
    await textOf(first);
    const second = start(pool, { url: urlOf(server, '/2') });
    await requestLine(peer);
    controller.abort();
    for (let i = 0; i < 3; i++) await turn();
    await peer.send(ok200('two'));
    equal(await textOf(second), 'two', 'the second response');
    await noMore(server, 'after two requests');
  },
);

testCase(
  {
    id: 'pool-idle-timeout',
    title: 'an idle connection is closed after idleTimeout, and not before',
    clause: 'RFC 9112 §9.5',
    why: 'the timer is the shell’s: the core only says when',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool, clock } = poolOn(t, { idleTimeout: 3000 });
    const peer = await firstExchange(pool, server);
    clock.advance(2999);
    const second = start(pool, { url: urlOf(server, '/2') });
    equal(await requestLine(peer), 'GET /2 HTTP/1.1', 'the request at 2,999 ms, on the same connection');
    await peer.send(OK);
    await textOf(second);
    clock.advance(2999);
    for (let i = 0; i < 3; i++) await turn();
    equal(peer.socket.readableEnded, false, 'closed, at 2,999 ms after the second response');
    clock.advance(1);
    await closedByClient(peer, 'the client closes the connection at 3,000 ms');
    clock.idle('when no connection is left');
  },
);

testCase(
  {
    id: 'pool-keep-alive-hint',
    title: 'Keep-Alive: timeout=3: closed a second before that',
    clause: 'RFC 9112 Appendix C.2.2',
    why: 'the server will close at 3 s by its clock: a request at 2.9 s would race with it',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool, clock } = poolOn(t, { idleTimeout: 60_000 });
    const peer = await firstExchange(pool, server, OK.replace('\r\n', '\r\nKeep-Alive: timeout=3, max=100\r\n'));
    clock.advance(1999);
    for (let i = 0; i < 3; i++) await turn();
    equal(peer.socket.readableEnded, false, 'closed, at 1,999 ms');
    clock.advance(1);
    await closedByClient(peer, 'the client closes the connection at 2,000 ms');
  },
);

testCase(
  {
    id: 'pool-wait-timeout',
    title: 'a request that waits longer than waitTimeout fails; the one on the wire does not',
    clause: 'notes ch. 12',
    why: 'the limit is on waiting for a connection, not on the server’s work',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool, clock } = poolOn(t, { maxPerOrigin: 1, waitTimeout: 500 });
    const first = start(pool, { url: urlOf(server, '/1') });
    const peer = await server.accept();
    await requestLine(peer);
    const second = start(pool, { url: urlOf(server, '/2') });
    clock.advance(499);
    const third = start(pool, { url: urlOf(server, '/3') });
    clock.advance(1);
    await failsWith(second, 'ETIMEDOUT', 'the request that waited 500 ms');
    await peer.send(OK);
    equal(await textOf(first), 'ok', 'the first response');
    equal(await requestLine(peer), 'GET /3 HTTP/1.1', 'the next request on the wire');
    await peer.send(OK);
    await textOf(third);
  },
);

testCase(
  {
    id: 'pool-wait-timeout-dialing',
    title: 'a dial that never ends: the request fails in time, destroy ends the dial',
    clause: 'notes ch. 12',
    why: 'a host that answers no SYN: connect(2) gives up after two minutes',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const sockets: Socket[] = [];
    const { pool, clock } = poolOn(t, {
      waitTimeout: 500,
      connect: () => {
        sockets.push(new Socket());
        return sockets.at(-1)!;
      },
    });
    const response = start(pool, { url: urlOf(server) });
    await turn();
    clock.advance(500);
    await failsWith(response, 'ETIMEDOUT', 'the request that waited 500 ms');
    const other = start(pool, { url: urlOf(server) });
    await before(pool.destroy(), { what: 'destroy() resolves' });
    await failsWith(other, 'ESHUTDOWN', 'the other request');
    equal(
      sockets.map((socket) => socket.destroyed),
      [true],
      'the sockets destroyed',
    );
  },
);

testCase(
  {
    id: 'pool-connect-target',
    title: 'connect is told what to dial',
    clause: 'RFC 3986 §3.2',
    why: 'proxies, Unix sockets and tests come in here',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { port } = server.address as { port: number };
    const targets: unknown[] = [];
    const { pool } = poolOn(t, {
      connect: (target) => {
        targets.push(target);
        return target.scheme === 'http' ? createConnection({ host: '127.0.0.1', port }) : new Socket().destroy();
      },
    });
    const response = start(pool, { url: 'http://[::2]/' });
    const peer = await server.accept();
    equal(await requestLine(peer), 'GET / HTTP/1.1', 'the request');
    await peer.send(OK);
    await textOf(response);
    const tls = { servername: 'example.org', rejectUnauthorized: false };
    await before(
      start(pool, { url: 'https://EXAMPLE.com/', tls }).catch(() => {}),
      { what: 'a request whose socket is dead from the start fails' },
    );
    const [plain, secure] = targets as { scheme: string; host: string; port: number; tls?: object }[];
    equal(plain, { scheme: 'http', host: '::2', port: 80 }, 'the target of http://[::2]/');
    equal(
      { ...secure, tls: undefined },
      { scheme: 'https', host: 'example.com', port: 443, tls: undefined },
      'the other',
    );
    const { servername, rejectUnauthorized } = (secure?.tls ?? {}) as typeof tls;
    equal({ servername, rejectUnauthorized }, tls, 'its TLS identity');
  },
);
