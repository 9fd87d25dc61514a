/** Which connections are fit for another request. */
import { createServer } from 'node:tls';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import { before } from '../../../kit/deadline.ts';
import { loopback } from '../../../kit/loopback.ts';
import { closedByClient, listen, noMore, OK, ok200, requestLine, urlOf } from '../support/origin.ts';
import { cert, key } from './certificate.ts';
import { answer, failsWith, firstExchange, poolOn, start, textOf } from './support.ts';

const group = 'on sockets: which connections to trust';

/** The first response is followed by a second request, which must come on a new connection and get its own response. */
async function notReused(t: CaseContext, reply: string, then?: 'FIN'): Promise<void> {
  const server = await listen(t);
  const { pool } = poolOn(t);
  const first = start(pool, { url: urlOf(server, '/1') });
  const peer = await server.accept();
  await requestLine(peer);
  await peer.send(reply);
  if (then) peer.end();
  equal(await textOf(first), 'one', 'the first body');
  await closedByClient(peer);
  const second = start(pool, { url: urlOf(server, '/2') });
  const next = await server.accept('the second request opens a connection');
  equal(await requestLine(next), 'GET /2 HTTP/1.1', 'the request on it');
  await next.send(ok200('two'));
  equal(await textOf(second), 'two', 'the second body');
}

testCase(
  {
    id: 'pool-connection-close',
    title: 'after Connection: close the connection is closed, though the server leaves it open',
    clause: 'RFC 9112 §9.6',
    why: 'the server has said that it reads nothing more',
    group,
  },
  (t) => notReused(t, ok200('one', 'connection: foo, Close\r\n')),
);

testCase(
  {
    id: 'pool-http10',
    title: 'after an HTTP/1.0 response the connection is closed',
    clause: 'RFC 9112 §9.3',
    why: 'HTTP/1.0 persists only if it says so',
    group,
  },
  (t) => notReused(t, ok200('one').replace('HTTP/1.1', 'HTTP/1.0')),
);

testCase(
  {
    id: 'pool-http10-keep-alive',
    title: 'HTTP/1.0 with Connection: keep-alive persists',
    clause: 'RFC 9112 §9.3',
    why: 'many simple servers speak it',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const peer = await firstExchange(
      pool,
      server,
      OK.replace('1.1', '1.0').replace('\r\n', '\r\nConnection: keep-alive\r\n'),
    );
    const second = start(pool, { url: urlOf(server, '/2') });
    equal(await requestLine(peer), 'GET /2 HTTP/1.1', 'the second request, on the same connection');
    await peer.send(OK);
    await textOf(second);
    await noMore(server, 'after two requests');
  },
);

testCase(
  {
    id: 'pool-close-delimited',
    title: 'a body without length ends with the connection',
    clause: 'RFC 9112 §6.3 item 8',
    why: 'the FIN is the end of the body here, and not an error',
    group,
  },
  (t) => notReused(t, 'HTTP/1.1 200 OK\r\n\r\none', 'FIN'),
);

testCase(
  {
    id: 'pool-poisoned-with-response',
    title: 'bytes right behind a response: the connection is closed, and they answer nobody',
    clause: 'RFC 9112 §9.2',
    why: 'response-queue poisoning: from here on every caller gets the response of the one before',
    group,
  },
  (t) => notReused(t, `${ok200('one')}${ok200('evil')}`),
);

testCase(
  {
    id: 'pool-poisoned-while-idle',
    title: 'bytes on an idle connection: it is closed, and they answer nobody',
    clause: 'RFC 9112 §9.2',
    why: 'the forged response may come a second later, when the connection is back in the pool',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const peer = await firstExchange(pool, server);
    await peer.send(ok200('evil'));
    await closedByClient(peer);
    const second = start(pool, { url: urlOf(server, '/2') });
    const next = await server.accept('the next request opens a connection');
    await requestLine(next);
    await next.send(ok200('good'));
    equal(await textOf(second), 'good', 'its response');
  },
);

testCase(
  {
    id: 'pool-unsolicited-408',
    title: 'a 408 on an idle connection is the answer to nothing',
    clause: 'RFC 9110 §15.5.9',
    why: 'some servers say 408 before they close an idle connection; the next caller must not get it',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const peer = await firstExchange(pool, server);
    await peer.send('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    peer.end();
    await closedByClient(peer);
    const second = start(pool, { url: urlOf(server, '/2') });
    const next = await server.accept('the next request opens a connection');
    await requestLine(next);
    await next.send(OK);
    equal((await answer(second)).status, 200, 'its status');
    equal(await textOf(second), 'ok', 'its response');
  },
);

testCase(
  {
    id: 'pool-fin-while-idle',
    title: 'a connection that the server closes while idle is closed, too',
    clause: 'RFC 9112 §9.5',
    why: 'half-closed it lies in CLOSE_WAIT for ever, and the next request is sent into it',
    group,
  },
  async (t) => {
    const server = await loopback(t).listen({ protocol: 'http1' });
    const { pool } = poolOn(t);
    const peer = await firstExchange(pool, server);
    peer.end();
    await closedByClient(peer);
    // A POST, which no retry would save.
    const second = start(pool, { url: urlOf(server, '/2'), method: 'POST' });
    const next = await server.accept('the next request opens a connection');
    equal(await requestLine(next), 'POST /2 HTTP/1.1', 'the request on it');
    await next.send(OK);
    equal(await textOf(second), 'ok', 'its response');
  },
);

testCase(
  {
    id: 'pool-bad-response',
    title: 'what is no response fails the request and closes the connection',
    clause: 'RFC 9112 §6.3 item 5',
    why: 'whatever comes next cannot be told apart from a response any more',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 1 });
    const peer = await firstExchange(pool, server);
    const bad = start(pool, { url: urlOf(server, '/2') });
    await requestLine(peer);
    await peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello');
    await failsWith(
      bad.then((response) => response.text()),
      'EPROTO',
      'the request, or its body',
    );
    await closedByClient(peer);
    const third = start(pool, { url: urlOf(server, '/3') });
    const next = await server.accept('the next request opens a connection');
    await requestLine(next);
    await next.send(OK);
    equal(await textOf(third), 'ok', 'its response');
  },
);

testCase(
  {
    id: 'pool-early-response',
    title: 'a response that overtakes its request: the connection is not used again',
    clause: 'RFC 9112 §9.3',
    why: 'a server that refuses a body (413) need not read it: the next request would stand behind it for ever',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const upload = start(pool, { url: urlOf(server, '/large'), method: 'PUT', body: Buffer.alloc(32 * 1024 * 1024) });
    const peer = await server.accept();
    await requestLine(peer);
    peer.stall();
    await peer.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig');
    equal((await answer(upload)).status, 413, 'status');
    equal(await textOf(upload), 'big', 'body');
    const second = start(pool, { url: urlOf(server, '/2') });
    const next = await server.accept('the next request opens a connection');
    equal(await requestLine(next), 'GET /2 HTTP/1.1', 'the request on it');
    await next.send(OK);
    equal(await textOf(second), 'ok', 'its response');
  },
);

testCase(
  {
    id: 'pool-tls-identity',
    title: 'a connection that was not verified is not used for a request that asks for it',
    clause: 'CVE-2024-35195',
    why: 'one call with verification turned off would turn it off for every call after it',
    group,
  },
  async (t) => {
    const seen: string[] = [];
    const server = createServer({ key, cert }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        seen.push(String(data).split(' ')[1]!);
        socket.write(OK);
      });
    });
    const address = (await loopback(t).serve(server)) as { host: string; port: number };
    let connections = 0;
    server.on('connection', () => connections++);
    const { pool } = poolOn(t);
    const get = (path: string, tls?: { ca?: string; rejectUnauthorized?: boolean }) =>
      start(pool, { url: `https://${address.host}:${address.port}${path}`, ...(tls ? { tls } : {}) });
    equal(await textOf(get('/1', { rejectUnauthorized: false })), 'ok', 'the response to who does not verify');
    const strict = await before(
      get('/2').then(
        () => undefined,
        (error: unknown) => error,
      ),
      { what: 'the request that verifies fails' },
    );
    ok(
      strict instanceof Error,
      'the request that verifies fails: the certificate is signed by nobody',
      'it was answered',
    );
    equal(await textOf(get('/3', { ca: cert })), 'ok', 'the response to who trusts the certificate');
    equal(await textOf(get('/4', { rejectUnauthorized: false })), 'ok', 'the response to who does not verify');
    equal(await textOf(get('/5', { ca: cert })), 'ok', 'the response to who trusts the certificate');
    equal(seen, ['/1', '/3', '/4', '/5'], 'the requests that the server saw');
    equal(connections, 3, 'connections');
  },
);
