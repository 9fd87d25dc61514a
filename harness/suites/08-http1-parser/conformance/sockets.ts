/** The parser behind a real socket, and real clients in front of it. */
import http from 'node:http';
import type { Socket } from 'node:net';
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { fetch } from '../../../kit/clients.ts';
import { before } from '../../../kit/deadline.ts';
import { type Address, loopback } from '../../../kit/loopback.ts';
import type { Peer } from '../../../kit/peer.ts';
import { chunked, head, NEXT, post } from '../support/declare.ts';
import { echoServer, type Report } from '../support/server.ts';

const group = 'live clients';

interface Live {
  net: ReturnType<typeof loopback>;
  address: Address;
  port: number;
  hangUp(): Promise<void>;
}

/** A case with a server around the parser. What the parser throws in there is what the case fails with. */
function live(
  facts: Omit<CaseFacts, 'group'>,
  act: (live: Live, t: CaseContext) => Promise<void>,
  family: 4 | 6 = 4,
): void {
  testCase({ ...facts, group }, async (t) => {
    const net = loopback(t);
    const echo = echoServer();
    const address = await net.serve(echo.server, family);
    try {
      await act({ net, address, port: 'port' in address ? address.port : 0, hangUp: echo.hangUp }, t);
    } catch (error) {
      throw echo.crash ?? error;
    }
    if (echo.crash) throw echo.crash;
  });
}

/** The next response: its status and its body. */
async function response(client: Peer): Promise<{ status: number; body: string }> {
  const lines = (await client.until('\r\n\r\n', 'the head of a response')).toString('latin1');
  const length = Number(/content-length: (\d+)/i.exec(lines)?.[1] ?? 0);
  const body = (await client.read(length, `${length} octets of a response`)).toString('utf8');
  return { status: Number(lines.split(' ')[1]), body };
}

async function report(client: Peer): Promise<Partial<Report>> {
  const { status, body } = await response(client);
  equal(status, 200, 'status of the response');
  const { target, body: seen, trailers } = JSON.parse(body) as Report;
  return { target, body: seen, trailers };
}

live(
  {
    id: 'h1-live-pipelined',
    title: 'requests pipelined on a socket are answered in order',
    clause: 'RFC 9112 §9.3.2',
    why: 'the client tells the answers apart by their order alone',
  },
  async ({ net, address }) => {
    const client = await net.connect(address, { protocol: 'http1' });
    await client.send(
      head([], 'GET /1 HTTP/1.1') + post(['Content-Length: 3'], 'two') + chunked('5\r\nthree\r\n0\r\nA: b\r\n\r\n'),
    );
    await client.send(NEXT.slice(0, 11));
    equal(await report(client), { target: '/1', body: '', trailers: [] }, 'the first answer');
    equal(await report(client), { target: '/', body: 'two', trailers: [] }, 'the second answer');
    equal(await report(client), { target: '/', body: 'three', trailers: [['a', 'b']] }, 'the third answer');
    await client.send(NEXT.slice(11));
    equal(await report(client), { target: '/next', body: '', trailers: [] }, 'the fourth answer');
  },
);

live(
  {
    id: 'h1-live-drip',
    title: 'a request that arrives octet by octet is answered like any other',
    clause: 'RFC 9112 §2.2',
    why: 'a terminal, a phone on the edge of its cell, or somebody who wants to see what the server does',
  },
  async ({ net, address }) => {
    const client = await net.connect(address, { protocol: 'http1' });
    await client.drip(chunked('2;a=b\r\nhi\r\n0\r\nA: b\r\n\r\n'));
    equal(await report(client), { target: '/', body: 'hi', trailers: [['a', 'b']] }, 'the answer');
  },
  6,
);

live(
  {
    id: 'h1-live-refused',
    title: 'a bad request is answered with its status after the good ones before it, and the connection ends',
    clause: 'RFC 9112 §2.2, §9.6',
    why: 'a client that gets no answer tries again, for ever',
  },
  async ({ net, address }) => {
    const client = await net.connect(address, { protocol: 'http1' });
    await client.send(head() + post(['Content-Length: 3', 'Content-Length: 4'], 'abcd') + NEXT);
    equal((await report(client)).target, '/', 'target of the first answer');
    equal(await response(client), { status: 400, body: 'bad-content-length' }, 'the second answer');
    await client.ended('the end of the connection, and no third answer');
  },
);

live(
  {
    id: 'h1-live-half-close',
    title: 'a client that half-closes after its request still gets the answer',
    clause: 'RFC 9112 §9.6',
    why: 'nc and old scripts do that: FIN says that there are no more requests, not that nobody listens',
  },
  async ({ net, address }) => {
    const client = await net.connect(address, { protocol: 'http1' });
    await client.send(head());
    client.end();
    equal((await report(client)).target, '/', 'target of the answer');
    await client.ended();
    const early = await net.connect(address, { protocol: 'http1' });
    await early.send(post(['Content-Length: 5'], 'hell'));
    early.end();
    equal(await response(early), { status: 400, body: 'incomplete' }, 'the answer to half a request');
    await early.ended();
  },
);

live(
  {
    id: 'h1-live-node-http',
    title: 'node:http sends four requests over one connection',
    clause: 'RFC 9112 §9.3',
    why: 'most of what talks to your server will be a library like this',
  },
  async ({ port, address }, t) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    t.defer(() => agent.destroy());
    const host = 'host' in address ? address.host : '';
    const ask = (options: http.RequestOptions, ...body: string[]): Promise<Report> =>
      before(request({ host, port, agent, ...options }, body), {
        what: `node:http gets an answer for ${options.path}`,
      });
    equal((await ask({ path: '/get?a=%20' })).target, '/get?a=%20', 'target');
    const pieces = await ask(
      { path: '/', method: 'POST', headers: { Trailer: 'X-Sum' } },
      'one',
      'two two',
      '3'.repeat(300),
    );
    equal([pieces.body, pieces.trailers], [`onetwo two${'3'.repeat(300)}`, [['x-sum', '3']]], 'body and trailers');
    const length = await ask({ path: '/', method: 'PUT', headers: { 'Content-Length': 5 } }, 'hello');
    equal(length.body, 'hello', 'body with a length');
    const expect = { Expect: '100-continue', 'Content-Length': 5 };
    equal(
      (await ask({ path: '/', method: 'POST', headers: expect }, 'hello')).body,
      'hello',
      'body after 100 (Continue)',
    );
  },
);

/** Resolves to the report of the server. A request with an expectation sends its body when it is told to. */
function request(options: http.RequestOptions, body: string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    outgoing.on('error', reject);
    const send = (): void => {
      for (const piece of body) outgoing.write(piece);
      if (body.length > 1) outgoing.addTrailers({ 'X-Sum': String(body.length) });
      outgoing.end();
    };
    if ((options.headers as http.OutgoingHttpHeaders | undefined)?.Expect) {
      outgoing.on('continue', send);
      outgoing.flushHeaders();
    } else send();
  });
}

live(
  {
    id: 'h1-live-fetch',
    title: 'fetch sends JSON, a stream, and many requests at once',
    clause: 'RFC 9112 §7.1',
    why: 'a stream has no length: fetch sends it in chunks',
  },
  async ({ port, hangUp }) => {
    const ask = async (path: string, init: RequestInit = {}): Promise<Report> => {
      const answer = fetch(`http://127.0.0.1:${port}${path}`, init).then((got) => got.json() as Promise<Report>);
      return before(answer, { what: `fetch gets an answer for ${path}` });
    };
    const json = await ask('/', { method: 'POST', body: JSON.stringify({ text: 'wörld' }) });
    equal(Buffer.from(json.body, 'latin1').toString('utf8'), '{"text":"wörld"}', 'body');
    const pieces = ['one', 'two two', '3'.repeat(300)];
    const stream = new Blob(pieces).stream();
    const streamed = await ask('/', { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    equal(streamed.body, pieces.join(''), 'body sent as a stream');
    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
    const targets = (await Promise.all(paths.map((path) => ask(path)))).map(({ target }) => target);
    equal(targets, paths, 'targets of twenty requests at once');
    await hangUp();
  },
);

live(
  {
    id: 'h1-live-upgrade',
    title: 'a client changes protocol, and its first octets arrive with the request',
    clause: 'RFC 9110 §7.8',
    why: 'octets that the parser keeps are lost to the new protocol',
  },
  async ({ net, address, port }) => {
    const client = await net.connect(address, { protocol: 'http1' });
    await client.send(`${head(['Connection: upgrade', 'Upgrade: echo'])}\0first`);
    await client.until('\r\n\r\n', 'the 101');
    await client.expect('\0first', 'what was sent with the request');
    await client.send('then');
    await client.expect('then', 'what was sent after it');
    const upgraded = new Promise<Socket>((resolve, reject) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'echo' };
      const outgoing = http.request({ host: '127.0.0.1', port, headers, agent: false });
      outgoing
        .on('upgrade', (_, socket) => resolve(socket))
        .on('error', reject)
        .end();
    });
    const peer = net.adopt(await before(upgraded, { what: 'node:http is told to change protocols' }), 'node:http');
    await peer.send('frame');
    await peer.expect('frame', 'its echo');
    peer.socket.destroy();
    await peer.closed();
  },
);

live(
  {
    id: 'h1-live-upgrade-ignored',
    title: 'an upgrade that the server does not take up leaves the connection with HTTP',
    clause: 'RFC 9110 §7.8',
    why: 'curl --http2 offers h2c with its first request to every server',
  },
  async ({ net, address }) => {
    const client = await net.connect(address, { protocol: 'http1' });
    await client.send(head(['Connection: upgrade', 'Upgrade: h2c']) + NEXT);
    equal((await report(client)).target, '/', 'target of the first answer');
    equal((await report(client)).target, '/next', 'target of the second answer');
  },
);

live(
  {
    id: 'h1-live-connect',
    title: 'CONNECT opens a tunnel',
    clause: 'RFC 9110 §9.3.6',
    why: 'every https request through a proxy begins with it',
  },
  async ({ net, address }) => {
    const client = await net.connect(address, { protocol: 'http1' });
    await client.send('CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n\x16\x03\x01');
    await client.until('\r\n\r\n', 'the 200');
    await client.expect('\x16\x03\x01', 'what was sent into the tunnel');
  },
);
