/**
 * The pool in a process of its own, behind a gateway that passes requests on through it (remote/program.ts). Real time,
 * real sockets, and nothing of it within reach: what counts is what the two ends of the wire see.
 */
import type { CaseContext, CaseFacts } from '../../kit/case.ts';
import { equal } from '../../kit/check.ts';
import { type Listener, loopback, type Peer } from '../../kit/loopback.ts';
import { type Remote, remoteCase, type Start } from '../../kit/remote.ts';
import type { GatewayOptions } from './remote/program.ts';
import { closedByClient, listen, noMore, OK, ok200, requestLine, Sending, urlOf } from './support/origin.ts';

interface Scene {
  t: CaseContext;
  origin: Listener;
  gateway: Remote;
}

/** A case with an origin, a gateway before it, and the time it takes. */
function gatewayCase(
  facts: Omit<CaseFacts, 'group'>,
  options: Omit<GatewayOptions, 'origin'>,
  body: (scene: Scene) => Promise<void>,
): void {
  remoteCase({ ...facts, group: 'in a process of its own' }, async (t: CaseContext, start: Start) => {
    const origin = await listen(t);
    await body({ t, origin, gateway: await start({ ...options, origin: urlOf(origin, '') }) });
  });
}

/** One request to the gateway, on a connection of its own. */
async function ask({ t, gateway }: Scene, line: string): Promise<Peer> {
  const client = await loopback(t).connect(gateway.address, { protocol: 'http1' });
  await client.send(`${line} HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n`);
  return client;
}

/** Status and body, whole. */
async function answerTo(client: Peer): Promise<string> {
  const text = (await client.rest('the response of the gateway')).toString('latin1');
  return `${text.split(' ', 2)[1]} ${text.slice(text.indexOf('\r\n\r\n') + 4)}`;
}

/** The origin's next connection has answered one request, and is idle. */
async function idleConnection(scene: Scene): Promise<Peer> {
  const client = await ask(scene, 'GET /first');
  const peer = await scene.origin.accept();
  await requestLine(peer);
  await peer.send(OK);
  equal(await answerTo(client), '200 ok', 'the first response');
  return peer;
}

gatewayCase(
  {
    id: 'pool-remote-reuse',
    title: 'a hundred requests one after the other: one connection',
    clause: 'RFC 9112 §9.3',
    why: 'with the defaults, as nearly everybody runs it',
  },
  {},
  async (scene) => {
    const peer = await idleConnection(scene);
    for (let i = 1; i < 100; i++) {
      const client = await ask(scene, `GET /${i}`);
      equal(await requestLine(peer), `GET /${i} HTTP/1.1`, 'the request, on the same connection');
      await peer.send(ok200(`number ${i}`));
      equal(await answerTo(client), `200 number ${i}`, 'its response');
    }
    await noMore(scene.origin, 'after 100 requests');
  },
);

gatewayCase(
  {
    id: 'pool-remote-maximum',
    title: 'thirty callers at once and a maximum of three: three connections, and everybody’s own response',
    clause: 'RFC 9112 §9.4',
    why: 'a response that goes to somebody else is the worst that a pool can do',
  },
  { maxPerOrigin: 3 },
  async (scene) => {
    const clients = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(scene, `GET /${i}`)));
    const peers = [await scene.origin.accept(), await scene.origin.accept(), await scene.origin.accept()];
    // All thirty are in the gateway before the first is answered.
    for (let i = 0; i < 10; i++) await scene.gateway.answers();
    for (const peer of peers) void echo(peer);
    for (const [i, client] of clients.entries()) {
      equal(await answerTo(client), `200 GET /${i} HTTP/1.1`, `the response of caller ${i}`);
    }
    await noMore(scene.origin, 'after thirty requests');
  },
);

/** Answers each request on a connection with its first line, until the connection ends. */
async function echo(peer: Peer): Promise<void> {
  for (;;) {
    const line = await requestLine(peer).catch(() => undefined);
    if (line === undefined) return;
    await peer.send(ok200(line));
  }
}

gatewayCase(
  {
    id: 'pool-remote-idle-poison',
    title: 'bytes on an idle connection answer nobody',
    clause: 'RFC 9112 §9.2',
    why: 'response-queue poisoning',
  },
  {},
  async (scene) => {
    const peer = await idleConnection(scene);
    await peer.send(ok200('evil'));
    await closedByClient(peer);
    const client = await ask(scene, 'GET /2');
    const next = await scene.origin.accept('the next request opens a connection');
    await requestLine(next);
    await next.send(ok200('two'));
    equal(await answerTo(client), '200 two', 'its response');
  },
);

gatewayCase(
  {
    id: 'pool-remote-retry',
    title: 'GET is sent once more when its used connection is reset; POST is not',
    clause: 'RFC 9112 §9.3.1',
    why: 'the server closes what is idle just when it is used again: every pool meets it, every day',
  },
  {},
  async (scene) => {
    for (const method of ['GET', 'POST']) {
      const peer = await idleConnection(scene);
      const client = await ask(scene, `${method} /2`);
      equal(await requestLine(peer), `${method} /2 HTTP/1.1`, 'the request, on the used connection');
      peer.reset();
      if (method === 'GET') {
        const next = await scene.origin.accept('the request is sent once more, on a new connection');
        equal(await requestLine(next), 'GET /2 HTTP/1.1', 'the request');
        await next.send(ok200('again', 'Connection: close\r\n'));
        equal(await answerTo(client), '200 again', 'its response');
      } else {
        equal(await answerTo(client), '502 ECONNRESET', 'what the caller of POST is told');
        await noMore(scene.origin, 'after the reset');
      }
    }
  },
);

gatewayCase(
  {
    id: 'pool-remote-caller-leaves',
    title: 'a caller who leaves takes the connection along, and the next in line gets a new one',
    clause: 'RFC 9112 §9.3',
    why: 'the response is still coming: kept, the connection would answer the next request with it',
  },
  { maxPerOrigin: 1 },
  async (scene) => {
    const leaving = await ask(scene, 'GET /slow');
    const peer = await scene.origin.accept();
    await requestLine(peer);
    const waiting = await ask(scene, 'GET /next');
    leaving.reset();
    await closedByClient(peer);
    const next = await scene.origin.accept('the next request gets a new connection');
    equal(await requestLine(next), 'GET /next HTTP/1.1', 'the request on it');
    await next.send(OK);
    equal(await answerTo(waiting), '200 ok', 'its response');
  },
);

/** Two hops of kernel buffers must fit into it many times. */
const TOTAL = 128 * 1024 * 1024;

gatewayCase(
  {
    id: 'pool-remote-backpressure',
    title: 'a caller who does not read stops the origin',
    clause: 'RFC 9293 §3.8.6',
    why: 'a gateway in the way of a large download must not hold it in its memory',
  },
  {},
  async (scene) => {
    const client = await ask(scene, 'GET /large');
    client.stall();
    const peer = await scene.origin.accept();
    await requestLine(peer);
    await peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`);
    await new Sending(peer, TOTAL).hasStopped('while the caller does not read', () => scene.gateway.answers());
    client.reset();
    await closedByClient(peer, 'the client closes the connection when the caller has left');
  },
);

gatewayCase(
  {
    id: 'pool-remote-half-a-body',
    title: 'a body that breaks off is not passed on as a whole one',
    clause: 'RFC 9112 §8',
    why: 'half a file that is taken for the whole is worse than an error',
  },
  {},
  async (scene) => {
    const client = await ask(scene, 'GET /file');
    const peer = await scene.origin.accept();
    await requestLine(peer);
    await peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n');
    await client.until('\r\n\r\n5\r\n01234\r\n', 'the head of the response, and half its body');
    peer.end();
    equal((await client.rest()).toString('latin1'), '', 'what comes behind it: not the chunk that ends a body');
  },
);

gatewayCase(
  {
    id: 'pool-remote-idle-timeout',
    title: 'an idle connection is closed in real time',
    clause: 'RFC 9112 §9.5',
    why: 'the clock that was passed in everywhere else is not there',
  },
  { idleTimeout: 30 },
  async (scene) => {
    const peer = await idleConnection(scene);
    await closedByClient(peer, 'the client closes the connection after 30 ms of idleness');
  },
);

gatewayCase(
  {
    id: 'pool-remote-process-ends',
    title: 'after close() the process ends of itself',
    clause: 'notes ch. 12',
    why: 'a timer or a socket that is left keeps a program running after its last line',
  },
  { idleTimeout: 3_600_000, waitTimeout: 3_600_000 },
  async (scene) => {
    const peer = await idleConnection(scene);
    const client = await ask(scene, 'GET /last');
    await requestLine(peer);
    await peer.send(OK);
    equal(await answerTo(client), '200 ok', 'the last response');
    await scene.gateway.close();
    await closedByClient(peer);
  },
);
