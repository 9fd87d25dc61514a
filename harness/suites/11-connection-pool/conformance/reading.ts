/** Where a response ends, and what it says about the connection. */
import { ResponseReader } from '#subject/11-connection-pool/connection-pool.ts';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { everySplit } from '../../../kit/splits.ts';
import { type Outcome, read, readWhole } from './reader.ts';

const group = 'reading a response';
const plain = (body: string, more: Partial<Outcome> = {}): Outcome => ({
  status: 200,
  body,
  over: 'end',
  reusable: true,
  ...more,
});

testCase(
  {
    id: 'pool-read-content-length',
    title: 'a body of Content-Length bytes',
    clause: 'RFC 9112 §6.3 item 6',
    why: 'the next response begins where this one ends: one byte too many or too few mixes them up',
    group,
  },
  (t) =>
    everySplit(t, {
      what: 'the response',
      input: 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello\r\nyou\n',
      expected: plain('hello\r\nyou\n'),
      run: (chunks) => read('GET', chunks),
      trailing: [{ input: 'HTTP', expected: plain('hello\r\nyou\n', { reusable: false }) }],
      protocol: 'http1',
    }),
);

testCase(
  {
    id: 'pool-read-empty-body',
    title: 'Content-Length: 0 is a whole response',
    clause: 'RFC 9112 §6.3 item 6',
    why: 'a reader that waits for a body before it looks at the length hangs on every redirect',
    group,
  },
  (t) =>
    everySplit(t, {
      what: 'the response',
      input: 'HTTP/1.1 200 \r\ncontent-length:0\r\n\r\n',
      expected: plain(''),
      run: (chunks) => read('GET', chunks),
      trailing: [{ input: 'x', expected: plain('', { reusable: false }) }],
    }),
);

testCase(
  {
    id: 'pool-read-chunked',
    title: 'a chunked body: sizes in hex, extensions and trailers skipped',
    clause: 'RFC 9112 §7.1',
    why: 'most dynamic responses are chunked; the end is the empty chunk and the empty line after it',
    group,
  },
  (t) =>
    everySplit(t, {
      what: 'the response',
      input:
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n' +
        '5;name=value\r\nhello\r\n00A ; x="y"\r\n0123\r\n4567\r\n0\r\nTrailer: Content-Length: 7\r\n\r\n',
      expected: plain('hello0123\r\n4567'),
      run: (chunks) => read('GET', chunks),
      trailing: [{ input: '\n', expected: plain('hello0123\r\n4567', { reusable: false }) }],
      protocol: 'http1',
    }),
);

testCase(
  {
    id: 'pool-read-until-close',
    title: 'without a length the body ends with the connection, which is then not reusable',
    clause: 'RFC 9112 §6.3 item 8',
    why: 'HTTP/1.0 servers still do it; to return such a connection to the pool is to return a dead one',
    group,
  },
  (t) =>
    everySplit(t, {
      what: 'the response',
      input: 'HTTP/1.1 200 OK\r\n\r\nhello',
      expected: plain('hello', { reusable: false }),
      run: (chunks) => read('GET', chunks, { close: true }),
      trailing: [],
    }),
);

testCase(
  {
    id: 'pool-read-no-reason',
    title: 'a status line may do without its reason, and without the space in front of it',
    clause: 'RFC 9112 §4',
    why: 'the reason is for people, and many servers leave it out',
    group,
  },
  async (t) => {
    for (const line of ['HTTP/1.1 200', 'HTTP/1.1 200 ']) {
      await everySplit(t, {
        what: `the response that begins with “${line}”`,
        input: `${line}\r\nContent-Length: 2\r\n\r\nok`,
        expected: plain('ok'),
        run: (chunks) => read('GET', chunks),
      });
    }
  },
);

testCase(
  {
    id: 'pool-read-no-body',
    title: 'the response to HEAD, 204 and 304 have no body, whatever their fields say',
    clause: 'RFC 9112 §6.3 item 1',
    why: 'their Content-Length tells what a GET would get: who waits for it waits for ever',
    group,
  },
  async (t) => {
    const cases: [string, string, number][] = [
      ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 200],
      ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 200],
      ['HEAD', 'HTTP/1.1 404 Not Found\r\n\r\n', 404],
      ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 204],
      ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 304],
    ];
    for (const [method, input, status] of cases) {
      await everySplit(t, {
        what: `the response ${status} to ${method}`,
        input,
        expected: plain('', { status }),
        run: (chunks) => read(method, chunks),
        trailing: [{ input: 'hello', expected: plain('', { status, reusable: false }) }],
      });
    }
  },
);

testCase(
  {
    id: 'pool-read-interim',
    title: 'interim responses are skipped; the final one is the response',
    clause: 'RFC 9110 §15.2',
    why: 'servers send 103 Early Hints, and 100 Continue unasked: taken for the response they shift all that follow by one',
    group,
  },
  (t) =>
    everySplit(t, {
      what: 'the final response',
      input:
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      expected: plain('ok'),
      run: (chunks) => read('GET', chunks),
      trailing: [],
      protocol: 'http1',
    }),
);

testCase(
  {
    id: 'pool-read-fields',
    title: 'fields in the order of the wire: names in lower case, duplicates apart, only SP and HTAB trimmed',
    clause: 'RFC 9110 §5.5',
    why: 'Set-Cookie may not be joined; a name like __proto__ must be a name like any other',
    group,
  },
  async (t) => {
    const headers = [
      ['set-cookie', 'a=1, b'],
      ['__proto__', 'x'],
      ['set-cookie', 'c=2'],
      ['x-empty', ''],
      ['x-space', '\xa0 a\tb \x85'],
      ['content-length', '0'],
    ];
    await everySplit(t, {
      what: 'the fields',
      input:
        'HTTP/1.1 200 OK\r\nSet-Cookie: a=1, b\r\n__proto__:x\r\nSET-COOKIE:\t c=2 \t\r\nX-Empty:\r\n' +
        'X-Space: \xa0 a\tb \x85 \r\nContent-Length: 0\r\n\r\n',
      expected: { ...plain(''), headers },
      run: (chunks) => read('GET', chunks, { headers: true }),
      trailing: [],
    });
  },
);

testCase(
  {
    id: 'pool-read-obs-fold',
    title: 'a field line that begins with a blank continues the one before it',
    clause: 'RFC 9112 §5.2',
    why: 'a user agent must read the fold as a space; old servers still send it',
    group,
  },
  (t) =>
    everySplit(t, {
      what: 'the fields',
      input: 'HTTP/1.1 200 OK\r\nX-Long: one\r\n \ttwo\r\nContent-Length: 0\r\n\r\n',
      expected: {
        ...plain(''),
        headers: [
          ['x-long', 'one two'],
          ['content-length', '0'],
        ],
      },
      run: (chunks) => read('GET', chunks, { headers: true }),
      trailing: [],
    }),
);

testCase(
  {
    id: 'pool-read-persistence',
    title: 'version and Connection field decide whether the connection persists',
    clause: 'RFC 9112 §9.3',
    why: 'a request sent on a connection that the server has said it will close is lost',
    group,
  },
  () => {
    const length = 'Content-Length: 0\r\n';
    const table: [reusable: boolean, version: string, fields: string][] = [
      [true, '1.1', ''],
      [false, '1.1', 'Connection: close\r\n'],
      [false, '1.1', 'Connection: keep-alive, Close\r\n'],
      [false, '1.1', 'Connection: upgrade\r\nconnection: x,\tclose\r\n'],
      [true, '1.1', 'Connection: closed\r\n'],
      [true, '1.1', 'X-Connection: close\r\n'],
      [false, '1.0', ''],
      [true, '1.0', 'Connection: Keep-Alive\r\n'],
      [false, '1.0', 'Connection: keep-alive, close\r\n'],
      [false, '1.0', 'Keep-Alive: timeout=5\r\n'],
    ];
    for (const [reusable, version, fields] of table) {
      const response = `HTTP/${version} 200 OK\r\n${fields}${length}\r\n`;
      equal(readWhole('GET', response).reusable, reusable, `reusable after ${JSON.stringify(response)}`);
    }
  },
);

testCase(
  {
    id: 'pool-read-not-reusable-before-end',
    title: 'a connection is not reusable before the response is complete',
    clause: 'RFC 9112 §9.3',
    why: 'the rest of the body would be read as the next response',
    group,
  },
  () => {
    const reader = new ResponseReader('GET');
    equal(reader.reusable, false, 'reusable, before anything came');
    reader.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab'));
    equal(reader.reusable, false, 'reusable, with a byte to come');
    reader.push(Buffer.from('c'));
    equal(reader.reusable, true, 'reusable, when complete');
    equal(reader.end(), [], 'end() after the end');
    equal(reader.reusable, false, 'reusable, when the server has closed');
  },
);

testCase(
  {
    id: 'pool-read-hint',
    title: 'the Keep-Alive field tells for how long',
    clause: 'RFC 9112 Appendix C.2.2',
    why: 'who knows when the server closes can stop using the connection before that',
    group,
  },
  () => {
    const forever = Number.POSITIVE_INFINITY;
    const table: [hint: number, fields: string][] = [
      [forever, ''],
      [5000, 'Keep-Alive: timeout=5\r\n'],
      [72_000, 'Keep-Alive: timeout=72, max=100\r\n'],
      [7000, 'KEEP-ALIVE: max=3,\tTimeout=7\r\n'],
      [0, 'Keep-Alive: timeout=0\r\n'],
      ...['', '-1', '+5', '1e3', '0x10', '5s', '1_0'].map((value): [number, string] => [
        forever,
        `Keep-Alive: timeout=${value}\r\n`,
      ]),
      [forever, 'Keep-Alive: 300\r\n'],
      [forever, 'Keep-Alive: xtimeout=5\r\n'],
    ];
    for (const [hint, fields] of table) {
      const response = `HTTP/1.1 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`;
      equal(readWhole('GET', response).idleHint, hint, `idleHint after ${JSON.stringify(fields)}`);
    }
  },
);
