/** What a request means for its connection, and how a connection ends (RFC 9112 §8, §9). */
import { type ParserEvent, RequestParser } from '#subject/08-http1-parser/http1-parser.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok, throws } from '../../../kit/check.ts';
import { accepts, chunked, head, NEXT, post, seenPost } from '../support/declare.ts';
import { Observer, observe, type Seen, seen } from '../support/observe.ts';

const group = 'connection';

function withConnection(...values: string[]): Pick<Seen, 'headers'> {
  return { headers: [['host', 'a'], ...values.map((value): [string, string] => ['connection', value])] };
}

accepts(
  {
    id: 'h1-keep-alive',
    title: 'an HTTP/1.1 connection persists unless there is a close option',
    clause: 'RFC 9112 §9.3',
    why: 'a new connection for every request costs a round trip each, with TLS two',
    group,
  },
  {
    input: ['keep-alive', 'Upgrade-Insecure', 'closed', 'x-close', '\xa0close', '']
      .map((v) => head([`Connection: ${v}`]))
      .join(''),
    requests: ['keep-alive', 'Upgrade-Insecure', 'closed', 'x-close', '\xa0close', ''].map((v) =>
      seen(withConnection(v)),
    ),
  },
);

accepts(
  {
    id: 'h1-close',
    title: 'close ends the connection after the request: in any case, in a list, before keep-alive',
    clause: 'RFC 9112 §9.3, §9.6',
    why: 'a server that keeps it open waits for a client that waits for the end',
    group,
  },
  {
    input: [head(['Connection: keep-alive ,\tCLOSE , x'])],
    requests: [seen({ ...withConnection('keep-alive ,\tCLOSE , x'), keepAlive: false })],
    last: 'closed',
  },
);

accepts(
  {
    id: 'h1-close-second-line',
    title: 'close counts in a second Connection line as well',
    clause: 'RFC 9110 §5.3',
    why: 'several lines of a list field are one list',
    group,
  },
  {
    input: head(['Connection: keep-alive', 'connection: close']),
    requests: [seen({ ...withConnection('keep-alive', 'close'), keepAlive: false })],
    last: 'closed',
  },
);

accepts(
  {
    id: 'h1-nothing-after-close',
    title: 'what follows a request with close is not parsed',
    clause: 'RFC 9112 §9.6',
    why: 'the server MUST NOT process it, and what it is nobody knows',
    group,
  },
  {
    input: `${post(['Connection: close', 'Content-Length: 2'], 'ab')}${NEXT}\0\0\0`,
    requests: [
      seenPost({
        fields: [
          ['connection', 'close'],
          ['content-length', '2'],
        ],
        bodyLength: 2,
        body: 'ab',
        keepAlive: false,
      }),
    ],
    last: 'closed',
  },
);

accepts(
  {
    id: 'h1-keep-alive-1-0',
    title: 'an HTTP/1.0 connection persists only with keep-alive, in any case',
    clause: 'RFC 9112 §9.3',
    why: 'it is how benchmarks reuse connections, and old proxies do not',
    group,
  },
  {
    input: `${head(['Connection: Keep-Alive'], 'GET / HTTP/1.0')}${head(['Connection: x-keep-alive'], 'GET / HTTP/1.0')}`,
    requests: [
      seen({ ...withConnection('Keep-Alive'), version: '1.0' }),
      seen({ ...withConnection('x-keep-alive'), version: '1.0', keepAlive: false }),
    ],
    last: 'closed',
  },
);

accepts(
  {
    id: 'h1-expect',
    title: 'an expectation of 100-continue is surfaced',
    clause: 'RFC 9110 §10.1.1',
    why: 'curl waits a second for it before each large upload',
    group,
  },
  {
    input: post(['Expect: 100-Continue', 'Content-Length: 2'], 'ab'),
    requests: [
      seenPost({
        fields: [
          ['expect', '100-Continue'],
          ['content-length', '2'],
        ],
        bodyLength: 2,
        body: 'ab',
        expectContinue: true,
      }),
    ],
  },
);

accepts(
  {
    id: 'h1-expect-other',
    title: 'another expectation is not one of 100-continue, and of HTTP/1.0 none is',
    clause: 'RFC 9110 §10.1.1',
    why: 'an interim response breaks an HTTP/1.0 client, which takes it for the answer',
    group,
  },
  {
    input: `${head(['Expect: 100-continued'])}${head(['Expect: 100-continue', 'Connection: keep-alive'], 'GET / HTTP/1.0')}`,
    requests: [
      seen({
        headers: [
          ['host', 'a'],
          ['expect', '100-continued'],
        ],
      }),
      seen({
        version: '1.0',
        headers: [
          ['host', 'a'],
          ['expect', '100-continue'],
          ['connection', 'keep-alive'],
        ],
      }),
    ],
  },
);

accepts(
  {
    id: 'h1-end-between',
    title: 'the end of the connection between requests is a clean one',
    clause: 'RFC 9112 §9.5',
    why: 'most connections end like this: it must not fill the log with errors',
    group,
  },
  { input: `${head()}\r\n`, requests: [seen()], end: true, last: 'closed' },
);

testCase(
  {
    id: 'h1-end-before-any',
    title: 'a connection that ends before its first octet is closed, and stays so',
    clause: 'RFC 9112 §9.5',
    why: 'browsers open connections in advance and never use them',
    group,
  },
  () => {
    const parser = new RequestParser();
    parser.end();
    equal(parser.next().type, 'closed', 'the event');
    parser.end();
    equal(parser.next().type, 'closed', 'the event after a second end()');
  },
);

testCase(
  {
    id: 'h1-end-still-parses',
    title: 'what was pushed before the end is parsed before it counts',
    clause: 'RFC 9112 §9.6',
    why: 'a client may send its request and FIN in one segment, and still wait for the answer',
    group,
  },
  () => {
    const parser = new RequestParser();
    parser.push(Buffer.from(post(['Content-Length: 2'], 'ab')));
    parser.end();
    const types: ParserEvent['type'][] = [];
    for (let i = 0; i < 4; i++) types.push(parser.next().type);
    equal(types, ['request', 'data', 'end', 'closed'], 'the events');
  },
);

/** What is left of a request if the connection ends within it. */
function cutShort(id: string, title: string, why: string, whole: string, from: number, before: string[]): void {
  const facts = { clause: 'RFC 9112 §8', why, group };
  const outcomes = (): [length: number, ReturnType<typeof observe>][] =>
    Array.from({ length: whole.length - from }, (_, i) => from + i).map((length) => [
      length,
      observe([Buffer.from(whole.slice(0, length), 'latin1')], { end: true }),
    ]);
  testCase({ ...facts, id, title }, () => {
    for (const [length, { requests, last }] of outcomes()) {
      equal(last, 'refused', `how it ended after ${length} of ${whole.length} bytes and FIN`);
      const targets = requests.map(({ method, target }) => `${method} ${target}`);
      equal(targets, before, `requests reported of ${length} of ${whole.length} bytes`);
      equal(requests.filter(({ complete }) => complete).length, 0, 'requests that were complete');
    }
  });
  testCase({ ...facts, id: `${id}-answer`, title: `${title}: 400, incomplete` }, () => {
    for (const [length, { status, code }] of outcomes()) {
      equal({ status, code }, { status: 400, code: 'incomplete' }, `the ParseError after ${length} bytes and FIN`);
    }
  });
}

cutShort(
  'h1-end-in-head',
  'a connection that ends within a head leaves no request',
  'half a head may lack the one field that forbids everything',
  head(['A: b']),
  1,
  [],
);
cutShort(
  'h1-end-in-body',
  'a connection that ends within a body leaves an incomplete request',
  'half an upload must not be stored as a whole one',
  post(['Content-Length: 5'], 'hello'),
  post(['Content-Length: 5']).length,
  ['POST /'],
);
cutShort(
  'h1-end-in-chunks',
  'a connection that ends within a chunked body, even right before its last line end, leaves it incomplete',
  'only the last chunk and the empty line say that everything is there',
  chunked('5\r\nhello\r\n0\r\nA: b\r\n\r\n'),
  chunked('').length,
  ['POST /'],
);

testCase(
  {
    id: 'h1-refusal-stays',
    title: 'after an error every call of next throws the same error, whatever is pushed',
    clause: 'RFC 9112 §2.2',
    why: 'after a fault nobody knows where the next request begins: looking for one is how they are smuggled',
    group,
  },
  () => {
    const parser = new RequestParser();
    parser.push(Buffer.from('GET /bad target HTTP/1.1\r\nHost: a\r\n\r\n'));
    const error = throws(
      () => parser.next(),
      { name: 'ParseError', code: 'bad-request-line' },
      'the first call of next',
    );
    for (const more of ['', '\r\n\r\n', NEXT]) {
      parser.push(Buffer.from(more));
      const again = throws(
        () => parser.next(),
        { name: 'ParseError', code: 'bad-request-line' },
        'a later call of next',
      );
      equal(again === error, true, 'whether it is the same error object');
    }
  },
);

testCase(
  {
    id: 'h1-refusal-after-requests',
    title: 'requests before a bad one are reported before it is refused',
    clause: 'RFC 9112 §9.3.2',
    why: 'they are answered first: what comes behind them is not their fault',
    group,
  },
  () => {
    const { requests, last } = observe([
      Buffer.from(`${head()}${post(['Content-Length: 2'], 'ab')}G@T / HTTP/1.1\r\n\r\n`),
    ]);
    equal(
      requests.map(({ target, body, complete }) => [target, body, complete]),
      [
        ['/', '', true],
        ['/', 'ab', true],
      ],
      'requests',
    );
    equal(last, 'refused', 'how it ended');
  },
);

testCase(
  {
    id: 'h1-push-after-end',
    title: 'push after end is the caller’s mistake: a TypeError',
    clause: 'statement: end',
    why: 'a ParseError would blame the peer for a bug in the server',
    group,
  },
  () => {
    const parser = new RequestParser();
    parser.end();
    throws(() => parser.push(Buffer.from('GET')), { name: 'TypeError' }, 'push after end');
  },
);

testCase(
  {
    id: 'h1-closed-drops',
    title: 'what is pushed into a closed parser is dropped, not kept',
    clause: 'statement: next',
    why: 'a client that goes on sending after the error, while the answer is under way, must cost nothing',
    group,
  },
  () => {
    const endings: [how: string, input: string][] = [
      ['a request with close', head(['Connection: close'])],
      ['a fault', 'G@T / HTTP/1.1\r\n\r\n'],
    ];
    const chunk = Buffer.alloc(1_048_576, 'x');
    for (const [how, input] of endings) {
      const parser = new RequestParser();
      const observer = new Observer(parser);
      parser.push(Buffer.from(input));
      observer.drain(input.length);
      const before = process.memoryUsage().arrayBuffers;
      for (let pushed = 0; pushed < 128; pushed++) parser.push(chunk);
      const grown = process.memoryUsage().arrayBuffers - before;
      ok(grown < 64 * chunk.length, `after ${how}, 128 MB that are pushed take less than 64 MB`, `${grown} bytes`);
    }
  },
);
