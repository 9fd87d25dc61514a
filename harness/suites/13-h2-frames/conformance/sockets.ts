/** Conversations with node:http2 over loopback sockets: the subject is one end, Node the other. */
import http2 from 'node:http2';
import { createConnection } from 'node:net';
import { CLIENT_PREFACE, type Frame, flowControlLength } from '#subject/13-h2-frames/h2-frames.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { bytes, equal } from '../../../kit/check.ts';
import { before } from '../../../kit/deadline.ts';
import { type Family, loopback } from '../../../kit/loopback.ts';
import { hex } from './support.ts';
import { literal, OK, polite, request, Talk } from './talk.ts';

const group = 'sockets';
const NOTHING = new Uint8Array(0);
const { PADDING_STRATEGY_MAX } = http2.constants;

type Serve = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

/** The subject as a client of a node:http2 server, after the exchange of SETTINGS. */
async function withServer(
  t: CaseContext,
  serve: Serve,
  react = polite,
  options: http2.ServerOptions = {},
): Promise<{ talk: Talk; session: http2.ServerHttp2Session }> {
  const net = loopback(t);
  const server = http2.createServer(options);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    serve(stream, headers);
  });
  const opened = new Promise<http2.ServerHttp2Session>((resolve) => {
    server.on('session', (session) => {
      session.on('error', () => {});
      t.defer(() => session.destroy());
      resolve(session);
    });
  });
  const address = await net.serve(server);
  const peer = await net.connect(address, { who: 'subject', protocol: 'http2' });
  const talk = new Talk(peer, 'server', react);
  void peer.send(CLIENT_PREFACE);
  talk.write({ type: 'SETTINGS', ack: false, settings: new Map([[2, 0]]) });
  const session = await before(opened, { what: 'Node opens a session' });
  return { talk, session };
}

/** The subject as the server of a node:http2 client. */
async function withClient(
  t: CaseContext,
  react = polite,
  family: Family = 4,
): Promise<{ talk: Talk; session: http2.ClientHttp2Session }> {
  const net = loopback(t);
  const listener = await net.listen({ who: 'subject', protocol: 'http2', family });
  const session = http2.connect('http://localhost', {
    createConnection: () => createConnection(listener.address as { host: string; port: number }),
  });
  session.on('error', () => {});
  t.defer(() => session.destroy());
  const peer = await listener.accept();
  const talk = new Talk(peer, 'client', react);
  talk.write({ type: 'SETTINGS', ack: false, settings: new Map([[3, 100]]) });
  return { talk, session };
}

function get(streamId: number, path: string): Frame {
  return { type: 'HEADERS', streamId, endStream: true, endHeaders: true, fragment: request('GET', path) };
}

testCase(
  {
    id: 'frame-socket-get',
    title: 'the subject gets a page from a node:http2 server',
    clause: 'RFC 9113 §3.4, §8.1',
    why: 'the shortest conversation: preface, SETTINGS, ACK, HEADERS; and the answer',
    group,
  },
  async (t) => {
    const { talk } = await withServer(t, (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(`you asked for ${headers[':path']}`);
    });
    talk.write(get(1, '/page'));
    const head = await talk.next('HEADERS');
    equal([head.streamId, head.endHeaders, head.endStream], [1, true, false], 'stream and flags of the answer');
    equal((await talk.content(1)).toString(), 'you asked for /page', 'the content');
  },
);

testCase(
  {
    id: 'frame-socket-settings',
    title: 'both sides’ SETTINGS are understood and acknowledged',
    clause: 'RFC 9113 §6.5.3',
    why: 'Node’s settings, which the subject reads, and the subject’s, which Node reads',
    group,
  },
  async (t) => {
    const { talk, session } = await withServer(t, () => {}, polite, {
      settings: { maxConcurrentStreams: 77, maxFrameSize: 20_000 },
    });
    const { settings } = await talk.next('SETTINGS');
    equal([settings.get(3), settings.get(5)], [77, 20_000], 'Node’s MAX_CONCURRENT_STREAMS and MAX_FRAME_SIZE');
    equal((await talk.next('SETTINGS')).ack, true, 'Node’s next SETTINGS is an ACK');
    equal(session.remoteSettings.enablePush, false, 'ENABLE_PUSH as Node understood it');
  },
);

testCase(
  {
    id: 'frame-socket-ping',
    title: 'PING goes both ways, its octets unchanged',
    clause: 'RFC 9113 §6.7',
    why: 'Node checks what comes back, and so does this case',
    group,
  },
  async (t) => {
    const { talk, session } = await withServer(t, () => {});
    talk.write({ type: 'PING', ack: false, opaqueData: hex('00ff10807f0a0d00') });
    const answer = await talk.next('PING');
    equal(answer.ack, true, 'the answer is an ACK');
    bytes(answer.opaqueData, hex('00ff10807f0a0d00'), 'the octets that came back');
    const echoed = new Promise<Buffer>((resolve, reject) => {
      session.ping(hex('0123456789abcdef'), (error, _, payload) => (error ? reject(error) : resolve(payload)));
    });
    bytes(await before(echoed, { what: 'Node’s PING is answered' }), hex('0123456789abcdef'), 'what Node got back');
  },
);

testCase(
  {
    id: 'frame-socket-post-padded',
    title: 'Node takes the subject’s padding off, and the subject Node’s',
    clause: 'RFC 9113 §6.1, §6.2',
    why: 'padding in either direction must not show in the content',
    group,
  },
  async (t) => {
    const { talk } = await withServer(
      t,
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.pipe(stream);
      },
      polite,
      { paddingStrategy: PADDING_STRATEGY_MAX },
    );
    const sent = t.random.bytes(3_000);
    const fragment = request('POST', '/echo');
    talk.write(
      {
        type: 'HEADERS',
        streamId: 1,
        endStream: false,
        endHeaders: true,
        fragment,
        padLength: 255,
        priority: { exclusive: true, streamDependency: 0, weight: 255 },
      },
      { type: 'DATA', streamId: 1, endStream: false, data: sent.subarray(0, 1_000), padLength: 255 },
      { type: 'DATA', streamId: 1, endStream: false, data: NOTHING, padLength: 7 },
      { type: 'DATA', streamId: 1, endStream: false, data: sent.subarray(1_000, 2_999), padLength: 0 },
      { type: 'DATA', streamId: 1, endStream: true, data: sent.subarray(2_999), padLength: 100 },
    );
    const head = await talk.next('HEADERS');
    equal(head.padLength !== undefined, true, 'Node’s HEADERS are padded');
    bytes(await talk.content(1), sent, 'what came back');
  },
);

testCase(
  {
    id: 'frame-socket-padding-counts',
    title: '100 KB of padding: credit given for whole payloads keeps the connection going',
    clause: 'RFC 9113 §6.1, §6.9',
    why: 'with credit for the data only, the window of 65,535 is used up after 250 of these frames, and all is still',
    group,
  },
  async (t) => {
    const { talk } = await withServer(
      t,
      async (stream) => {
        stream.respond({ ':status': 200 });
        for (let i = 0; i < 400; i++)
          await new Promise((resolve) => void stream.write(`${i % 10}`.repeat(10), resolve));
        stream.end();
      },
      (event, talk) => {
        polite(event, talk);
        if (event.type !== 'DATA') return;
        const increment = flowControlLength(event);
        if (increment === 0) return;
        talk.write(
          { type: 'WINDOW_UPDATE', streamId: 0, increment },
          { type: 'WINDOW_UPDATE', streamId: event.streamId, increment },
        );
      },
      { paddingStrategy: PADDING_STRATEGY_MAX },
    );
    talk.write(get(1, '/many'));
    equal((await talk.content(1)).length, 4_000, 'octets of content');
  },
);

testCase(
  {
    id: 'frame-socket-continuation',
    title: 'header sections larger than a frame, in both directions',
    clause: 'RFC 9113 §6.10',
    why: 'Node reads the subject’s CONTINUATIONs, and answers with its own',
    group,
  },
  async (t) => {
    const { talk } = await withServer(
      t,
      (stream, headers) => {
        stream.respond({ ':status': 200, 'x-got': String(headers['x-long']?.length), 'x-long': '~'.repeat(20_000) });
        stream.end(String(headers['x-long']?.length));
      },
      polite,
      { maxSendHeaderBlockLength: 100_000 },
    );
    const block = request('GET', '/long', { 'x-long': 'x'.repeat(40_000) });
    const [a, b] = [16_384, 32_768];
    talk.write(
      { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: false, fragment: block.subarray(0, a) },
      { type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: block.subarray(a, b) },
      { type: 'CONTINUATION', streamId: 1, endHeaders: true, fragment: block.subarray(b) },
    );
    const head = await talk.next('HEADERS');
    equal(head.endHeaders, false, 'END_HEADERS on Node’s HEADERS');
    const rest = await talk.next('CONTINUATION');
    equal([rest.streamId, rest.endHeaders], [1, true], 'stream and END_HEADERS of Node’s CONTINUATION');
    equal((await talk.content(1)).toString(), '40000', 'how much of the long field Node got');
  },
);

testCase(
  {
    id: 'frame-socket-goaway',
    title: 'GOAWAY from Node: last stream, code and debug data',
    clause: 'RFC 9113 §6.8',
    why: 'how connections end in good order',
    group,
  },
  async (t) => {
    const { talk, session } = await withServer(t, (stream) => {
      stream.respond({ ':status': 204 }, { endStream: true });
    });
    talk.write(get(5, '/'));
    await talk.next('HEADERS');
    session.goaway(0xb, 5, Buffer.from('calm down'));
    const { lastStreamId, errorCode, debugData } = await talk.next('GOAWAY');
    equal([lastStreamId, errorCode], [5, 0xb], 'last stream and code');
    bytes(debugData, 'calm down', 'debug data');
  },
);

testCase(
  {
    id: 'frame-socket-goaway-sent',
    title: 'Node understands the subject’s GOAWAY',
    clause: 'RFC 9113 §6.8',
    why: 'the debug data is what an operator will read',
    group,
  },
  async (t) => {
    const { talk, session } = await withClient(t);
    const told = new Promise((resolve) => {
      session.once('goaway', (code, last, data) => resolve([code, last, String(data)]));
    });
    session.request({ ':path': '/' }).on('error', () => {});
    await talk.next('HEADERS');
    talk.write({ type: 'GOAWAY', lastStreamId: 1, errorCode: 0xb, debugData: Buffer.from('calm down') });
    equal(await before(told, { what: 'Node gets GOAWAY' }), [0xb, 1, 'calm down'], 'what Node got');
  },
);

testCase(
  {
    id: 'frame-socket-many-streams',
    title: 'a hundred requests at once: the answers arrive interleaved, each complete',
    clause: 'RFC 9113 §5',
    why: 'multiplexing is what frames are for',
    group,
  },
  async (t) => {
    const contents = new Map<number, string>();
    let complete: (value: unknown) => void = () => {};
    const done = new Promise((resolve) => {
      complete = resolve;
    });
    const { talk } = await withServer(
      t,
      (stream, headers) => {
        stream.respond({ ':status': 200 });
        stream.write(`${headers[':path']} `);
        setImmediate(() => stream.end('x'.repeat(Number(headers[':path']?.slice(1)))));
      },
      (event, talk) => {
        polite(event, talk);
        if (event.type !== 'DATA') return;
        contents.set(event.streamId, (contents.get(event.streamId) ?? '') + Buffer.from(event.data).toString());
        if (event.data.length > 0) talk.write({ type: 'WINDOW_UPDATE', streamId: 0, increment: event.data.length });
        if (event.endStream && event.streamId === 199) complete(undefined);
      },
    );
    for (let i = 0; i < 100; i++) talk.write(get(2 * i + 1, `/${i * 11}`));
    await talk.until(done, {
      what: 'the last of a hundred answers arrives',
      seen: () => `${contents.size} have begun`,
    });
    const wrong = [...contents].filter(
      ([id, text]) => text !== `/${((id - 1) / 2) * 11} ${'x'.repeat(((id - 1) / 2) * 11)}`,
    );
    equal([contents.size, wrong.map(([id]) => id)], [100, []], 'number of answers, and the streams with a wrong one');
  },
);

testCase(
  {
    id: 'frame-socket-serve',
    title: 'the subject answers a node:http2 client: HEADERS, padded DATA, trailers; over IPv6 too',
    clause: 'RFC 9113 §3.4, §8.1',
    why: 'the other role: the client preface is read, the server’s is written',
    group,
  },
  async (t) => {
    for (const family of [4, 6] as const) {
      const { talk, session } = await withClient(t, polite, family);
      const answer = session.request({ ':path': '/', ':method': 'POST' }, { endStream: false });
      const status = new Promise((resolve) => answer.once('response', (headers) => resolve(headers[':status'])));
      const trailers = new Promise((resolve) => answer.once('trailers', (headers) => resolve(headers['x-end'])));
      const got: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => void got.push(chunk)).on('error', () => {});
      answer.end('question');
      const { streamId } = await talk.next('HEADERS');
      equal((await talk.content(streamId)).toString(), 'question', 'what Node sent');
      talk.write(
        { type: 'HEADERS', streamId, endStream: false, endHeaders: true, fragment: OK },
        { type: 'DATA', streamId, endStream: false, data: Buffer.from('ans'), padLength: 200 },
        { type: 'DATA', streamId, endStream: false, data: Buffer.from('wer') },
        {
          type: 'HEADERS',
          streamId,
          endStream: true,
          endHeaders: true,
          fragment: literal('x-end', 'yes'),
          padLength: 3,
        },
      );
      equal(await before(status, { what: 'Node gets the response' }), 200, 'the status that Node got');
      equal(await before(trailers, { what: 'Node gets the trailers' }), 'yes', 'the trailer that Node got');
      equal(Buffer.concat(got).toString(), 'answer', 'the content that Node got');
    }
  },
);

testCase(
  {
    id: 'frame-socket-push',
    title: 'Node understands the subject’s PUSH_PROMISE, continued in a CONTINUATION',
    clause: 'RFC 9113 §6.6, §8.4',
    why: 'the only frame that names two streams',
    group,
  },
  async (t) => {
    const { talk, session } = await withClient(t);
    const pushed = new Promise<string>((resolve) => {
      session.once('stream', (stream, headers) => {
        stream.on('error', () => {});
        stream.once('data', (data: Buffer) => resolve(`${headers[':path']}: ${data}`));
      });
    });
    const main = session.request({ ':path': '/' });
    main.on('error', () => {}).resume();
    const { streamId } = await talk.next('HEADERS');
    const promise = request('GET', '/pushed');
    talk.write(
      {
        type: 'PUSH_PROMISE',
        streamId,
        endHeaders: false,
        promisedStreamId: 2,
        fragment: promise.subarray(0, 3),
        padLength: 9,
      },
      { type: 'CONTINUATION', streamId, endHeaders: true, fragment: promise.subarray(3) },
      { type: 'HEADERS', streamId: 2, endStream: false, endHeaders: true, fragment: OK },
      { type: 'DATA', streamId: 2, endStream: true, data: Buffer.from('surprise') },
    );
    equal(await before(pushed, { what: 'Node gets the pushed stream' }), '/pushed: surprise', 'what Node got');
  },
);

testCase(
  {
    id: 'frame-socket-reset',
    title: 'RST_STREAM both ways, with its code',
    clause: 'RFC 9113 §6.4',
    why: 'one stream ends, the connection goes on',
    group,
  },
  async (t) => {
    const { talk, session } = await withClient(t);
    const [first, second] = [session.request({ ':path': '/1' }), session.request({ ':path': '/2' })];
    first.on('error', () => {});
    const refused = new Promise((resolve) => second.once('error', () => resolve(second.rstCode)));
    await talk.next('HEADERS');
    const { streamId } = await talk.next('HEADERS');
    first.close(http2.constants.NGHTTP2_CANCEL);
    const reset = await talk.next('RST_STREAM');
    equal([reset.streamId, reset.errorCode], [1, 8], 'stream and code of Node’s RST_STREAM');
    talk.write({ type: 'RST_STREAM', streamId, errorCode: 7 });
    equal(await before(refused, { what: 'Node’s second request ends' }), 7, 'the code that Node got');
  },
);

testCase(
  {
    id: 'frame-socket-drip',
    title: 'a client that sends one octet at a time is understood',
    clause: 'RFC 9113 §3.4, §4.1',
    why: 'TCP promises octets in order and nothing about their number',
    group,
  },
  async (t) => {
    const net = loopback(t);
    const [client, server] = await net.pair({ protocol: 'http2' });
    const talk = new Talk(server, 'client');
    await client.drip(CLIENT_PREFACE);
    await client.drip(hex('00000c 04 00 00000000 0003 00000064 0004 0000ffff 000003 01 05 00000001 828684'));
    await client.drip(hex('000006 00 09 00000003 02 616263 0000'));
    equal(
      [...(await talk.next('SETTINGS')).settings],
      [
        [3, 100],
        [4, 65_535],
      ],
      'the settings',
    );
    bytes((await talk.next('HEADERS')).fragment, hex('828684'), 'the fragment');
    bytes((await talk.next('DATA')).data, 'abc', 'the data');
  },
);
