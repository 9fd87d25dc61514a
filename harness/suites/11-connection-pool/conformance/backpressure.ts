/** Bodies that nobody reads: the socket is not read either, and TCP stops the server. */
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { before, turn } from '../../../kit/deadline.ts';
import type { Listener, Peer } from '../../../kit/loopback.ts';
import { listen, OK, requestLine, Sending, urlOf } from '../support/origin.ts';
import { answer, poolOn, start, textOf } from './support.ts';

const group = 'on sockets: an exchange';

const TOTAL = 32 * 1024 * 1024;

async function readAll(body: AsyncIterable<Uint8Array>): Promise<void> {
  let read = 0;
  const reading = (async () => {
    for await (const part of body) read += part.length;
  })();
  await before(reading, {
    what: 'the body can be read to its end',
    seen: () => `${read} of ${TOTAL} bytes were read`,
  });
  equal(read, TOTAL, 'bytes read');
}

testCase(
  {
    id: 'pool-backpressure',
    title: 'a body that nobody reads stops the server',
    clause: 'RFC 9293 §3.8.6',
    why: 'a client that reads on for a caller who does not fills its memory with one download',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const response = start(pool, { url: urlOf(server) });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`);
    const { body } = await answer(response);
    await new Sending(peer, TOTAL).hasStopped('while nobody reads the body');
    await readAll(body);
  },
);

testCase(
  {
    id: 'pool-late-body',
    title: 'a body that is read late does not set the next one on its connection flowing',
    clause: 'notes ch. 12',
    why: 'the socket is somebody else’s by then: a fast caller must not fill the memory of a slow one',
    group,
  },
  async (t) => {
    const server = await listen(t);
    const { pool } = poolOn(t);
    const first = start(pool, { url: urlOf(server, '/1') });
    const peer = await server.accept();
    await requestLine(peer);
    await peer.send(OK);
    await answer(first);
    const second = start(pool, { url: urlOf(server, '/2') });
    const next = await peerOfNext(server, peer);
    await requestLine(next);
    await next.send(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`);
    const { body } = await answer(second);
    const sending = new Sending(next, TOTAL);
    await sending.hasStopped('while nobody reads the second body');
    equal(await textOf(first), 'ok', 'the first body');
    await sending.hasStopped('after the first body has been read');
    await readAll(body);
  },
);

/** A body that has arrived whole may free its connection at once, or when it has been read: the statement leaves it open. */
async function peerOfNext(server: Listener, peer: Peer): Promise<Peer> {
  const arrives = async (): Promise<void> => {
    while (peer.unread.length === 0 && server.backlog === 0 && !peer.socket.destroyed) await turn();
  };
  await before(arrives(), { what: 'the next request arrives' });
  return server.backlog > 0 ? server.accept() : peer;
}
