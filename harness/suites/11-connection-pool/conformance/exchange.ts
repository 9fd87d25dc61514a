/** One request and its response, on a real socket. */
import { createConnection } from 'node:net';
import { Pool } from '#subject/11-connection-pool/connection-pool.ts';
import { testCase } from '../../../kit/case.ts';
import { bytes, equal, ok } from '../../../kit/check.ts';
import { Clock } from '../../../kit/clock.ts';
import { before } from '../../../kit/deadline.ts';
import { closedByClient, listen, noMore, OK, requestLine, urlOf } from '../support/origin.ts';
import { answer, firstExchange, poolOn, start, textOf } from './support.ts';

const group = 'on sockets: an exchange';

testCase(
  {
    id: 'pool-sends-request',
    title: 'the request on the wire, byte for byte',
    clause: 'RFC 9112 §3',
    why: 'without Host or the empty line no server answers',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const headers: [string, string][] = [
      ['X-One', '1'],
      ['X-Two', 'gr\u00fc\u00dfe\t'],
    ];
    const response = start(pool, { url: urlOf(server, '/a%20b?c=d#e'), headers });
    const peer = await server.accept();
    const { host } = new URL(urlOf(server));
    const head = await peer.until('\r\n\r\n', 'the request');
    bytes(head, `GET /a%20b?c=d HTTP/1.1\r\nHost: ${host}\r\nX-One: 1\r\nX-Two: gr\xfc\xdfe\t\r\n\r\n`, 'the request');
    await peer.send(OK);
    equal(await textOf(response), 'ok', 'the body of the response');
    equal(peer.unread.toString(), '', 'what came after the request');
  },
);

testCase(
  {
    id: 'pool-sends-body',
    title: 'a request’s body, with its length in bytes',
    clause: 'RFC 9110 §8.6',
    why: 'a length counted in characters leaves bytes behind that the server reads as the next request',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const { host } = new URL(urlOf(server));
    const bodies: [string, string | Uint8Array | undefined, string][] = [
      ['POST', 'grüße', 'Content-Length: 7\r\n\r\ngr\xc3\xbc\xc3\x9fe'],
      ['PUT', Uint8Array.of(0, 255, 13, 10), 'Content-Length: 4\r\n\r\n\x00\xff\r\n'],
      ...['POST', 'PUT', 'PATCH'].map((method): [string, undefined, string] => [
        method,
        undefined,
        'Content-Length: 0\r\n\r\n',
      ]),
      ['PATCH', '', 'Content-Length: 0\r\n\r\n'],
      ['DELETE', undefined, '\r\n'],
    ];
    let peer: Awaited<ReturnType<typeof server.accept>> | undefined;
    for (const [method, body, sent] of bodies) {
      const response = start(pool, { url: urlOf(server), method, ...(body === undefined ? {} : { body }) });
      peer ??= await server.accept();
      await peer.expect(`${method} / HTTP/1.1\r\nHost: ${host}\r\n${sent}`, `the ${method} request`);
      await peer.send(OK);
      await textOf(response);
    }
  },
);

testCase(
  {
    id: 'pool-refuses-injection',
    title: 'what would become another request on the wire is refused, before any connection is opened',
    clause: 'RFC 9110 §5.5',
    why: 'request splitting: U+010A written as latin1 is a line feed (CVE-2018-12116)',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const url = urlOf(server);
    const header = (name: string, value: string) => ({ url, headers: [[name, value]] as [string, string][] });
    const requests = [
      header('X', 'a\r\nY: b'),
      header('X', 'a\nb'),
      header('X', 'a\0b'),
      header('X', 'a\u010d\u010ab'),
      header('X\r\nY', 'a'),
      header('X ', 'a'),
      header('', 'a'),
      header('Content-Length', '5'),
      header('transfer-encoding', 'chunked'),
      header('HOST', 'other'),
      header('Connection', 'close'),
      header('Upgrade', 'websocket'),
      header('Expect', '100-continue'),
      { url, method: 'GET /x HTTP/1.1\r\nX:' },
      { url, method: '' },
      { url, method: 'CONNECT' },
      { url: url.replace('http', 'ftp') },
    ];
    for (const request of requests) {
      const what = `the request ${JSON.stringify({ ...request, url: undefined })}`;
      const error = await before(
        start(pool, request).then(
          () => undefined,
          (reason: unknown) => reason,
        ),
        { what: `${what} is refused` },
      );
      ok(error instanceof TypeError, `${what} is refused with a TypeError`, `it gave ${error}`);
    }
    await noMore(server, 'after the refused requests');
  },
);

testCase(
  {
    id: 'pool-response',
    title: 'status, fields and body of the response',
    clause: 'RFC 9112 §4',
    why: 'the caller sees what the server sent: all of it, nothing else',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const response = start(pool, { url: urlOf(server) });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send(
      'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\ngr\xc3\xbc\xc3\x9fe',
    );
    const { status, headers } = await answer(response);
    equal(status, 404, 'status');
    equal(
      headers,
      [
        ['content-type', 'text/plain'],
        ['content-length', '7'],
      ],
      'headers',
    );
    equal(await textOf(response), 'grüße', 'text()');
  },
);

testCase(
  {
    id: 'pool-response-dripped',
    title: 'a chunked response that arrives byte by byte',
    clause: 'RFC 9293 §2.2',
    why: 'TCP keeps the bytes and their order, nothing else',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const response = start(pool, { url: urlOf(server) });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.drip('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
    equal(await textOf(response), 'abcde', 'the body');
    const next = start(pool, { url: urlOf(server) });
    await requestLine(peer);
    await peer.send(OK);
    equal(await textOf(next), 'ok', 'the body of the next response, on the same connection');
    await noMore(server, 'after two exchanges');
  },
);

testCase(
  {
    id: 'pool-response-streams',
    title: 'the response is there with its head, and the body as it arrives',
    clause: 'RFC 9112 §6',
    why: 'events and large downloads never end, or do not fit into memory',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const response = start(pool, { url: urlOf(server) });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n');
    const { body } = await answer(response, 'the request is answered with the head');
    const parts = body[Symbol.asyncIterator]();
    for (const part of ['abc', 'def']) {
      await peer.send(part);
      const { value } = await before(parts.next(), { what: `“${part}” is delivered before more is sent` });
      bytes(value as Uint8Array, part, 'the part of the body');
    }
    const { done } = await before(parts.next(), { what: 'the body ends' });
    equal(done, true, 'done');
  },
);

testCase(
  {
    id: 'pool-ipv6',
    title: 'an IPv6 address in the URL',
    clause: 'RFC 3986 §3.2.2',
    why: 'it stands in brackets in the URL and in Host, and without them in connect(2)',
    group,
  },
  async (t) => {
    const server = await listen(t, 6);
    const hosts: string[] = [];
    const { pool } = poolOn(t, {
      connect: ({ host, port }) => {
        hosts.push(host);
        return createConnection({ host: '::1', port });
      },
    });
    const response = start(pool, { url: urlOf(server) });
    const peer = await server.accept();
    equal(hosts, ['::1'], 'the hosts dialled');
    const { host } = new URL(urlOf(server));
    bytes(await peer.until('\r\n\r\n'), `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'the request');
    await peer.send(OK);
    equal(await textOf(response), 'ok', 'the body');
  },
);

testCase(
  {
    id: 'pool-real-time',
    title: 'without further options the pool uses the real clock and real sockets',
    clause: 'notes ch. 12',
    why: 'the defaults are what nearly everybody runs',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const pool = new Pool({ idleTimeout: 20 });
    t.defer(() => before(pool.destroy(), { what: 'destroy() resolves' }));
    const response = start(pool, { url: urlOf(server) });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send(OK);
    equal(await textOf(response), 'ok', 'the body');
    await closedByClient(peer, 'the connection is closed after 20 ms of idleness');
  },
);

testCase(
  {
    id: 'pool-long-timeout',
    title: 'no timer is set for longer than timers can be',
    clause: 'notes ch. 12',
    why: 'Node turns a delay of more than 2^31 - 1 ms into 1 ms: an idle time of a month becomes none',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const clock = new Clock();
    const delays: number[] = [];
    const timers = {
      now: clock.now,
      clearTimer: clock.clearTimer,
      setTimer(act: () => void, ms: number) {
        delays.push(ms);
        return clock.setTimer(act, ms);
      },
    };
    const { pool } = poolOn(t, { idleTimeout: 2 ** 40, timers });
    const peer = await firstExchange(pool, server);
    ok(
      delays.every((ms) => ms < 2 ** 31),
      'delays are below 2^31 ms',
      `${delays}`,
    );
    clock.advance(2 ** 31);
    const second = start(pool, { url: urlOf(server, '/2') });
    equal(await requestLine(peer), 'GET /2 HTTP/1.1', 'the request after 2^31 ms, on the same connection');
    await peer.send(OK);
    await textOf(second);
  },
);
