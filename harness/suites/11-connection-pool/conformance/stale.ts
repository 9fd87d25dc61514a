/** The stale-reuse race on real sockets: the server closes an idle connection while a request is on its way. */
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import type { Peer } from '../../../kit/loopback.ts';
import { listen, noMore, OK, ok200, requestLine, urlOf } from '../support/origin.ts';
import { answer, failsWith, firstExchange, poolOn, start, textOf } from './support.ts';

const group = 'on sockets: the stale connection';

const ENDINGS = { reset: (peer: Peer) => peer.reset(), FIN: (peer: Peer) => peer.end() };

/** A request on a reused connection, which ends before a byte of the response: sent again, once, on a new one. */
async function retried(t: CaseContext, method: string, how: keyof typeof ENDINGS, body?: string): Promise<void> {
  const server = await listen(t);
  const { pool } = poolOn(t);
  const peer = await firstExchange(pool, server);
  const response = start(pool, { url: urlOf(server, '/2'), method, ...(body === undefined ? {} : { body }) });
  equal(await requestLine(peer), `${method} /2 HTTP/1.1`, 'the request on the old connection');
  ENDINGS[how](peer);
  const next = await server.accept(`after the ${how} a new connection is opened`);
  equal(await requestLine(next), `${method} /2 HTTP/1.1`, 'the request on the new connection');
  if (body !== undefined) await next.expect(body, 'its body');
  await next.send(method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n' : ok200('again'));
  equal(await textOf(response), method === 'HEAD' ? '' : 'again', 'the body of the response');
  const third = start(pool, { url: urlOf(server, '/3') });
  equal(await requestLine(next), 'GET /3 HTTP/1.1', 'another request, on the connection of the retry');
  await next.send('HTTP/1.1 200 OK\r\n\r\nthree');
  next.end();
  equal(await textOf(third), 'three', 'its response');
  await noMore(server, 'after the retry');
}

/** The same, but the request must fail, and nothing may be sent again. */
async function notRetried(t: CaseContext, method: string, how: keyof typeof ENDINGS): Promise<void> {
  const server = await listen(t);
  const { pool } = poolOn(t);
  const peer = await firstExchange(pool, server);
  const response = start(pool, { url: urlOf(server, '/2'), method });
  equal(await requestLine(peer), `${method} /2 HTTP/1.1`, 'the request on the old connection');
  ENDINGS[how](peer);
  await failsWith(response, 'ECONNRESET', `the ${method} whose connection ended`);
  await noMore(server, `after the ${how}`);
}

for (const how of ['reset', 'FIN'] as const) {
  testCase(
    {
      id: `pool-stale-${how === 'FIN' ? 'fin' : how}-retried`,
      title: `a GET on a reused connection that ends by ${how}: sent again on a new one, and the caller sees nothing`,
      clause: 'RFC 9112 §9.3.1',
      why: 'http.Agent, agentkeepalive, undici and fetch all hand this ECONNRESET to the caller',
      group,
    },
    (t) => retried(t, 'GET', how),
  );
}

testCase(
  {
    id: 'pool-stale-idempotent-methods',
    title: 'so are HEAD, OPTIONS, TRACE and DELETE',
    clause: 'RFC 9110 §9.2.2',
    why: 'safe methods are idempotent, and DELETE is: gone is gone',
    group,
  },
  async (t) => {
    for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'DELETE']) await retried(t, method, 'reset');
  },
);

testCase(
  {
    id: 'pool-stale-put-with-body',
    title: 'so is PUT, with its body',
    clause: 'RFC 9110 §9.2.2',
    why: 'a retry without the body stores an empty file',
    group,
  },
  (t) => retried(t, 'PUT', 'reset', 'the whole body'),
);

for (const how of ['reset', 'FIN'] as const) {
  testCase(
    {
      id: `pool-stale-post-${how === 'FIN' ? 'fin' : how}`,
      title: `a POST on a reused connection that ends by ${how} fails, and is sent once`,
      clause: 'RFC 9110 §9.2.2',
      why: 'the server may have carried it out before the connection ended: nobody can know',
      group,
    },
    (t) => notRetried(t, 'POST', how),
  );
}

testCase(
  {
    id: 'pool-stale-other-methods',
    title: 'PATCH and methods that are unknown fail, too',
    clause: 'RFC 9110 §9.2.2',
    why: 'a method is idempotent if it is known to be; “get” in lower case is another method (§9.1)',
    group,
  },
  async (t) => {
    for (const method of ['PATCH', 'PURGE', 'get']) await notRetried(t, method, 'reset');
  },
);

testCase(
  {
    id: 'pool-stale-after-first-byte',
    title: 'no retry after a byte of the response, even of half a status line',
    clause: 'RFC 9110 §9.2.2',
    why: 'the server was answering: this is no idle connection that was closed',
    group,
  },
  async (t) => {
    for (const begun of ['H', 'HTTP/1.1 100 Continue\r\n\r\n']) {
      const server = await listen(t);
      const { pool } = poolOn(t);
      const peer = await firstExchange(pool, server);
      const response = start(pool, { url: urlOf(server, '/2') });
      await requestLine(peer);
      await peer.send(begun);
      peer.end();
      await failsWith(response, 'ECONNRESET', `the request answered with ${JSON.stringify(begun)} and FIN`);
      await noMore(server, 'after the FIN');
    }
  },
);

testCase(
  {
    id: 'pool-reset-in-body',
    title: 'a reset in the middle of a body fails the body',
    clause: 'RFC 9112 §8',
    why: 'half a file that is taken for the whole is worse than an error',
    group,
  },
  async (t) => {
    for (const how of ['reset', 'FIN'] as const) {
      const server = await listen(t);
      const { pool } = poolOn(t);
      const peer = await firstExchange(pool, server);
      const response = start(pool, { url: urlOf(server, '/2') });
      await requestLine(peer);
      await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234');
      const { body } = await answer(response);
      const parts = body[Symbol.asyncIterator]();
      await parts.next();
      ENDINGS[how](peer);
      await failsWith(parts.next(), 'ECONNRESET', `the rest of the body, after ${how}`);
      await noMore(server, 'after the loss');
    }
  },
);

testCase(
  {
    id: 'pool-stale-twice',
    title: 'when the retry’s connection ends as well, the request fails',
    clause: 'RFC 9110 §9.2.2',
    why: 'a request that kills the server must not be sent for ever',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const peer = await firstExchange(pool, server);
    const response = start(pool, { url: urlOf(server, '/2') });
    await requestLine(peer);
    peer.reset();
    const next = await server.accept('a new connection is opened');
    await requestLine(next);
    next.reset();
    await failsWith(response, 'ECONNRESET', 'the request');
    await noMore(server, 'after the second reset');
  },
);

testCase(
  {
    id: 'pool-fresh-not-retried',
    title: 'no retry on a connection that was opened for this request',
    clause: 'RFC 9112 §9.3.1',
    why: 'it was never idle: the server closes because of the request',
    group,
  },
  async (t) => {
    for (const how of ['reset', 'FIN'] as const) {
      const server = await listen(t);
      const { pool } = poolOn(t);
      const response = start(pool, { url: urlOf(server) });
      const peer = await server.accept();
      await requestLine(peer);
      ENDINGS[how](peer);
      await failsWith(response, 'ECONNRESET', `the request whose connection ended by ${how}`);
      await noMore(server, `after the ${how}`);
    }
  },
);

testCase(
  {
    id: 'pool-stale-all-at-once',
    title: 'the server restarts: three stale connections, three requests, three new connections, no error',
    clause: 'RFC 9112 §9.3.1',
    why: 'a retry that takes the next idle connection finds it as stale as the first',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 3 });
    const first = [1, 2, 3].map((i) => start(pool, { url: urlOf(server, `/${i}`) }));
    const old = [await server.accept(), await server.accept(), await server.accept()];
    for (const peer of old) await requestLine(peer);
    for (const peer of old) await peer.send(OK);
    for (const response of first) await textOf(response);
    const stale = start(pool, { url: urlOf(server, '/4') });
    const hit = await Promise.race(
      old.map((peer) =>
        requestLine(peer).then(
          () => peer,
          () => new Promise<Peer>(() => {}),
        ),
      ),
    );
    hit.reset();
    const next = await server.accept('the retry gets a new connection, though two others are idle');
    equal(await requestLine(next), 'GET /4 HTTP/1.1', 'the request on it');
    await next.send(OK);
    equal(await textOf(stale), 'ok', 'its response');
    for (const peer of old) if (peer !== hit) peer.reset();
  },
);
