/** How many connections a pool opens, counted at the server, and who waits for whom. */
import { createConnection } from 'node:net';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { closedByClient, listen, noMore, OK, ok200, requestLine, urlOf } from '../support/origin.ts';
import { answer, failsWith, firstExchange, poolOn, start, textOf } from './support.ts';

const group = 'on sockets: sharing';

testCase(
  {
    id: 'pool-hundred-on-one',
    title: 'a hundred requests one after the other: one connection',
    clause: 'RFC 9112 §9.3',
    why: 'this is what a pool is for',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const peer = await firstExchange(pool, server);
    for (let i = 1; i < 100; i++) {
      const response = start(pool, { url: urlOf(server, `/${i}`) });
      equal(await requestLine(peer), `GET /${i} HTTP/1.1`, 'the request');
      await peer.send(ok200(`number ${i}`));
      equal(await textOf(response), `number ${i}`, 'its response');
    }
    await noMore(server, 'after 100 requests');
  },
);

testCase(
  {
    id: 'pool-maximum',
    title: 'ten requests at once with a maximum of three: three connections, and the others in order',
    clause: 'RFC 9112 §9.4',
    why: 'dials in progress count, or a burst opens ten',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 3 });
    const responses = Array.from({ length: 10 }, (_, i) => start(pool, { url: urlOf(server, `/${i}`) }));
    const peers = [await server.accept(), await server.accept(), await server.accept()];
    // Which of the three gets which of the first three requests is a matter of the dials.
    const lines: string[] = [];
    for (const peer of peers) lines.push(await requestLine(peer));
    equal(
      [...lines].sort(),
      [0, 1, 2].map((i) => `GET /${i} HTTP/1.1`),
      'the first three requests',
    );
    for (let i = 3; i < 10; i++) {
      const [peer, line] = [peers[i % 3]!, lines[i % 3]!];
      await peer.send(ok200(line));
      equal(await textOf(responses[numberOf(line)]!), line, 'the response');
      lines[i % 3] = await requestLine(peer);
      equal(lines[i % 3], `GET /${i} HTTP/1.1`, 'the request on the connection that has become free');
    }
    for (const [i, peer] of peers.entries()) {
      await peer.send(ok200(lines[i]!));
      equal(await textOf(responses[numberOf(lines[i]!)]!), lines[i], 'the response');
    }
    await noMore(server, 'after ten requests');
  },
);

/** `GET /7 HTTP/1.1` is 7. */
function numberOf(line: string): number {
  return Number(line.split(/[/ ]/)[2]);
}

testCase(
  {
    id: 'pool-fifo-under-cancel',
    title: 'waiters are served in order, past those that have left',
    clause: 'notes ch. 12',
    why: 'a connection given to somebody who has left is lost, and the next in line waits for ever',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 1 });
    const leaving = new AbortController();
    const first = start(pool, { url: urlOf(server, '/first') });
    const peer = await server.accept();
    await requestLine(peer);
    const waiting = Array.from({ length: 12 }, (_, i) =>
      start(pool, { url: urlOf(server, `/${i}`), ...(i % 3 === 1 ? {} : { signal: leaving.signal }) }),
    );
    leaving.abort();
    await peer.send(OK);
    await textOf(first);
    for (let i = 0; i < 12; i++) {
      if (i % 3 !== 1) {
        await failsWithAbort(waiting[i]!, `request ${i}`);
        continue;
      }
      equal(await requestLine(peer), `GET /${i} HTTP/1.1`, 'the next request');
      await peer.send(ok200(`${i}`));
      equal(await textOf(waiting[i]!), `${i}`, `response ${i}`);
    }
    await noMore(server, 'after all of them');
  },
);

function failsWithAbort(response: Promise<unknown>, what: string): Promise<unknown> {
  return response.then(
    () => equal('a response', 'an AbortError', what),
    (error: Error) => equal(error.name, 'AbortError', `the name of the error of ${what}`),
  );
}

testCase(
  {
    id: 'pool-origins-apart',
    title: 'two servers, two connections; the maximum of one does not concern the other',
    clause: 'RFC 9110 §4.3.1',
    why: 'the ports differ, and that is enough',
    group,
  },
  async (t) => {
    const [a, b] = [await listen(t), await listen(t)];
    const { pool } = poolOn(t, { maxPerOrigin: 1 });
    const atA = start(pool, { url: urlOf(a, '/a') });
    const atB = start(pool, { url: urlOf(b, '/b') });
    const [peerA, peerB] = [await a.accept(), await b.accept()];
    equal(await requestLine(peerA), 'GET /a HTTP/1.1', 'the request at the one server');
    equal(await requestLine(peerB), 'GET /b HTTP/1.1', 'the request at the other');
    await peerB.send(ok200('from b'));
    equal(await textOf(atB), 'from b', 'the response of the other');
    await peerA.send(ok200('from a'));
    equal(await textOf(atA), 'from a', 'the response of the one');
  },
);

testCase(
  {
    id: 'pool-unread-body',
    title: 'a connection with a body still to come is not used for another request',
    clause: 'RFC 9112 §9.3',
    why: 'the rest of the body would be read as the head of the next response',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t, { maxPerOrigin: 2 });
    const first = start(pool, { url: urlOf(server, '/large') });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234');
    await answer(first);
    const second = start(pool, { url: urlOf(server, '/other') });
    const other = await server.accept('the other request opens a connection of its own');
    equal(await requestLine(other), 'GET /other HTTP/1.1', 'the request on it');
    await other.send(OK);
    equal(await textOf(second), 'ok', 'its response');
    await peer.send('56789');
    equal(await textOf(first), '0123456789', 'the first body');
    const third = start(pool, { url: urlOf(server, '/third') });
    await requestLine(peer);
    await peer.send(ok200('again'));
    equal(await textOf(third), 'again', 'a third response, on the connection that was used last');
    await noMore(server, 'after three requests');
  },
);

for (const how of ['discard()', 'break'] as const) {
  testCase(
    {
      id: how === 'break' ? 'pool-break-gives-up' : 'pool-discard-gives-up',
      title: `a body given up by ${how} closes its connection, and the next waiter gets a new one`,
      clause: 'RFC 9112 §9.3',
      why: 'a caller who looks only at the status must not block the pool, nor poison it',
      group,
    },
    async (t) => {
      const server = await listen(t);
      const { pool } = poolOn(t, { maxPerOrigin: 1 });
      const first = start(pool, { url: urlOf(server, '/large') });
      const peer = await server.accept();
      await requestLine(peer);
      await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234');
      const response = await answer(first);
      const second = start(pool, { url: urlOf(server, '/other') });
      await noMore(server, 'while the body is being read');
      if (how === 'discard()') response.discard();
      else for await (const _ of response.body) break;
      await closedByClient(peer);
      const other = await server.accept('the next request gets a new connection');
      equal(await requestLine(other), 'GET /other HTTP/1.1', 'the request on it');
      await other.send(OK);
      equal(await textOf(second), 'ok', 'its response');
    },
  );
}

testCase(
  {
    id: 'pool-late-discard',
    title: 'to discard a body that is complete does not touch the connection’s next request',
    clause: 'notes ch. 12',
    why: 'released twice: the second time somebody else is on the connection',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const first = start(pool, { url: urlOf(server, '/1') });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send(OK);
    const response = await answer(first);
    equal(await textOf(first), 'ok', 'the first body');
    const second = start(pool, { url: urlOf(server, '/2') });
    await requestLine(peer);
    response.discard();
    const third = start(pool, { url: urlOf(server, '/3') });
    const other = await server.accept('the third request finds the connection busy');
    await requestLine(other);
    await other.send(ok200('three'));
    await peer.send(ok200('two'));
    equal(await textOf(second), 'two', 'the second body');
    equal(await textOf(third), 'three', 'the third body');
  },
);

testCase(
  {
    id: 'pool-dial-refused',
    title: 'a refused connection fails its request; it is not tried again',
    clause: 'notes ch. 12',
    why: 'nobody listens there: the error says so at once',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const url = urlOf(server);
    await new Promise((resolve) => void server.server.close(resolve));
    let dials = 0;
    const { pool } = poolOn(t, {
      connect: ({ host, port }) => {
        dials++;
        return createConnection({ host, port });
      },
    });
    await failsWith(start(pool, { url }), 'ECONNREFUSED', 'the request');
    equal(dials, 1, 'dials');
  },
);

for (const how of ['is refused', 'throws'] as const) {
  testCase(
    {
      id: how === 'throws' ? 'pool-connect-throws' : 'pool-dial-failure-wakes-next',
      title: `when a dial ${how}, the next waiter is dialled for`,
      clause: 'notes ch. 12',
      why: 'a slot that is never given back is a pool that hangs after its first error',
      group,
    },
    async (t) => {
      const [server, gone] = [await listen(t), await listen(t)];
      await new Promise((resolve) => void gone.server.close(resolve));
      const dead = Number(new URL(urlOf(gone)).port);
      let dials = 0;
      const { pool } = poolOn(t, {
        maxPerOrigin: 1,
        connect: ({ host, port }) => {
          const first = dials++ === 0;
          if (first && how === 'throws')
            throw Object.assign(new Error('a certificate that is none'), { code: 'EBADCERT' });
          return createConnection({ host, port: first ? dead : port });
        },
      });
      const first = start(pool, { url: urlOf(server, '/1') });
      const second = start(pool, { url: urlOf(server, '/2') });
      await failsWith(first, how === 'throws' ? 'EBADCERT' : 'ECONNREFUSED', 'the first request');
      const peer = await server.accept('the second request is dialled for');
      equal(await requestLine(peer), 'GET /2 HTTP/1.1', 'the request');
      await peer.send(OK);
      equal(await textOf(second), 'ok', 'its response');
      equal(dials, 2, 'dials');
    },
  );
}
