/** What is no response: the connection must go, and nothing may be made up. */
import { ResponseReader } from '#subject/11-connection-pool/connection-pool.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal, ok, within } from '../../../kit/check.ts';
import { everySplit } from '../../../kit/splits.ts';
import { read, readWhole } from './reader.ts';

const group = 'responses that are none';

/** Each input is refused, however it is cut. The body that came before the error is delivered. */
async function refused(t: CaseContext, inputs: string[], body = ''): Promise<void> {
  for (const input of inputs) {
    await everySplit(t, {
      what: `what is made of ${JSON.stringify(input)}`,
      input,
      expected: { body, over: 'EPROTO', reusable: false },
      // Whether the head was delivered is left open: some look at its lengths first.
      run: (chunks) => {
        const { status: _, ...outcome } = read('GET', chunks);
        return outcome;
      },
      random: 2,
      protocol: 'http1',
    });
  }
}

testCase(
  {
    id: 'pool-read-bad-status-line',
    title: 'a status line of another protocol, version or form',
    clause: 'RFC 9112 §4',
    why: 'bytes that are out of step with the requests look like this: it is the last chance to notice',
    group,
  },
  (t) =>
    refused(
      t,
      ['HTTP/2 200 OK', 'HTTP/1.10 200 OK', 'http/1.1 200 OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK', 'HTTP/1.1 099 OK']
        .concat(['HTTP/1.1  200 OK', 'HTTP/1.1 0x1 OK', 'HTTP/1.1 200OK', 'SSH-2.0-OpenSSH_9', 'xHTTP/1.1 200 OK'])
        .map((line) => `${line}\r\n\r\n`),
    ),
);

testCase(
  {
    id: 'pool-read-unasked-upgrade',
    title: '101 Switching Protocols, which was not asked for',
    clause: 'RFC 9110 §15.2.2',
    why: 'what follows a 101 is not HTTP: skipped like another interim response it is read as one',
    group,
  },
  (t) =>
    refused(t, ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']),
);

testCase(
  {
    id: 'pool-read-bad-field',
    title: 'a field line without colon, or whose name is no token',
    clause: 'RFC 9112 §5',
    why: 'two readers who disagree about such a line disagree about where the body ends',
    group,
  },
  (t) =>
    refused(
      t,
      ['no colon', 'Content-Length : 5', ': empty', 'a b: c', 'a\0: b', '\xe9: c'].map(
        (line) => `HTTP/1.1 200 OK\r\n${line}\r\n\r\n`,
      ),
    ),
);

testCase(
  {
    id: 'pool-read-control-characters',
    title: 'CR and NUL in a value are refused, or become spaces',
    clause: 'RFC 9110 §5.5',
    why: 'a value that is passed on with a CR in it becomes two lines for the next reader',
    group,
  },
  () => {
    for (const value of ['a\rb', 'a\0b', 'a\r']) {
      const { headers, over } = readWhole('GET', `HTTP/1.1 200 OK\r\nX: ${value}\r\nContent-Length: 0\r\n\r\n`);
      const clean = over === 'EPROTO' || (headers ?? []).every(([, text]) => !/[\r\0]/.test(text ?? ''));
      ok(clean, `${JSON.stringify(value)} is refused or cleaned`, 'it was delivered as it is');
    }
  },
);

testCase(
  {
    id: 'pool-read-bad-length',
    title: 'a Content-Length that is not digits, too large, or several that differ',
    clause: 'RFC 9112 §6.3 item 5',
    why: 'Number() and parseInt() accept most of these, each in its own way',
    group,
  },
  async (t) => {
    const values = [
      '+1',
      '-1',
      '1_0',
      '0x10',
      '1e1',
      '1 1',
      '',
      '1Z',
      '5.0',
      '\xa05',
      '5, 6',
      '5,',
      '9007199254740993',
    ];
    values.push('18446744073709551616', '5\r\nContent-Length: 6');
    await refused(
      t,
      values.map((value) => `HTTP/1.1 200 OK\r\nContent-Length: ${value}\r\n\r\n`),
    );
  },
);

testCase(
  {
    id: 'pool-read-same-lengths',
    title: 'several Content-Lengths that agree are one',
    clause: 'RFC 9112 §6.3 item 5',
    why: 'proxies that merge fields produce "5, 5": it is valid',
    group,
  },
  () => {
    for (const fields of ['Content-Length: 2, 2', 'Content-Length: 2\r\nContent-Length: 2']) {
      const { body, over, reusable } = readWhole('GET', `HTTP/1.1 200 OK\r\n${fields}\r\n\r\nok`);
      equal({ body, over, reusable }, { body: 'ok', over: 'end', reusable: true }, `the response with ${fields}`);
    }
  },
);

testCase(
  {
    id: 'pool-read-bad-coding',
    title: 'a Transfer-Encoding other than chunked, or together with a Content-Length',
    clause: 'RFC 9112 §6.3 item 3',
    why: 'a response with two lengths is how one server’s answer is smuggled into another request’s place',
    group,
  },
  async (t) => {
    const fields = ['gzip', 'xchunked', 'chunked, chunked', 'gzip, chunked', '\xa0chunked', 'chunked;a=b']
      .map((coding) => `Transfer-Encoding: ${coding}`)
      .concat(['Transfer-Encoding: chunked\r\nContent-Length: 5', 'Content-Length: 0\r\nTransfer-Encoding: chunked'])
      .map((field) => `HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
    await refused(t, fields);
  },
);

testCase(
  {
    id: 'pool-read-bad-chunk',
    title: 'a chunk size that is not hex digits, and chunk data longer than its size',
    clause: 'RFC 9112 §7.1',
    why: 'a lenient reader and a strict one see different ends of the same body',
    group,
  },
  async (t) => {
    const sizes = ['0x1', '-1', '+1', '1_0', '', '1zz', ' 1', 'g', ';ext', '1.', 'FFFFFFFFFFFFFFFFF', '20000000000000'];
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    await refused(
      t,
      sizes.map((size) => `${head}${size}\r\n`),
    );
    await refused(t, [`${head}2\r\nabc\r\n`, `${head}2\r\nab0\r\n\r\n`, `${head}2\r\nab\n`], 'ab');
  },
);

testCase(
  {
    id: 'pool-read-incomplete',
    title: 'a connection that closes too early leaves the response incomplete',
    clause: 'RFC 9112 §8',
    why: 'half a file that is taken for the whole is worse than an error',
    group,
  },
  async (t) => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const cases: [input: string, status: number | undefined, body: string][] = [
      ['HTTP/1.1 2', undefined, ''],
      ['HTTP/1.1 200 OK\r\n\r', undefined, ''],
      ['HTTP/1.1 100 Continue\r\n\r\n', undefined, ''],
      ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', 200, 'hell'],
      [`${chunked}5\r\nhello\r\n`, 200, 'hello'],
      [`${chunked}5\r\nhello\r\n0\r\n`, 200, 'hello'],
      [`${chunked}5\r\nhel`, 200, 'hel'],
    ];
    for (const [input, status, body] of cases) {
      await everySplit(t, {
        what: `what is made of ${JSON.stringify(input)} and the close`,
        input,
        expected: { ...(status ? { status } : {}), body, over: 'ECONNRESET', reusable: false },
        run: (chunks) => read('GET', chunks, { close: true }),
        trailing: [],
        random: 2,
      });
    }
    const nothing = read('GET', [], { close: true });
    equal(nothing.over, 'ECONNRESET', 'how it ends when the server closes without a byte');
  },
);

testCase(
  {
    id: 'pool-read-over',
    title: 'after the end or an error nothing more is returned, not even by end()',
    clause: 'RFC 9112 §9.2',
    why: 'a second error for the same response fails somebody else’s request',
    group,
  },
  () => {
    const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    for (const input of [
      whole,
      `${whole}${whole}`,
      'nonsense\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    ]) {
      const reader = new ResponseReader('GET');
      reader.push(Buffer.from(input));
      equal(reader.push(Buffer.from(whole)), [], `what another push gives after ${JSON.stringify(input)}`);
      equal(reader.end(), [], `what end() gives after ${JSON.stringify(input)} and more`);
      equal(reader.end(), [], 'what a second end() gives');
      equal(reader.reusable, false, 'reusable');
    }
    const cut = new ResponseReader('GET');
    cut.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no'));
    equal(cut.end().length, 1, 'parts that end() gives in the middle of a body');
    equal(cut.end(), [], 'what a second end() gives');
  },
);

testCase(
  {
    id: 'pool-read-bounded',
    title: 'a head of 16,000 bytes is read, an endless one refused before 64 KiB',
    clause: 'RFC 9110 §5.4',
    why: 'a server that never sends the empty line must not fill the client’s memory',
    group,
  },
  () => {
    const long = `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(15_900)}\r\nContent-Length: 2\r\n\r\nok`;
    equal(readWhole('GET', long).over, 'end', 'how a head of 16,000 bytes ends');
    const endless: [string, string, string][] = [
      ['a field', 'HTTP/1.1 200 OK\r\nX: ', 'a'.repeat(97)],
      ['fields', 'HTTP/1.1 200 OK\r\n', `X: ${'a'.repeat(92)}\r\n`],
      ['interim responses', '', 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n'],
      ['a chunk extension', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;', 'a'.repeat(97)],
      ['trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n', `X: ${'a'.repeat(92)}\r\n`],
    ];
    for (const [what, start, more] of endless)
      within(refusedAfter(start, more), 1, 65_536, `bytes of endless ${what} read`);
  },
);

/** How many bytes it takes until the reader gives up. */
function refusedAfter(start: string, more: string): number {
  const reader = new ResponseReader('GET');
  reader.push(Buffer.from(start));
  for (let bytes = start.length; bytes < 200_000; bytes += more.length) {
    const [error] = reader.push(Buffer.from(more)).filter((part) => part.type === 'error');
    if (!error) continue;
    equal((error.error as { code?: string }).code, 'EPROTO', 'the code of the error');
    return bytes;
  }
  return Number.POSITIVE_INFINITY;
}

testCase(
  {
    id: 'pool-read-long-chunked',
    title: 'any number of chunks is read: the limit is on lines, not on the body',
    clause: 'RFC 9112 §7.1',
    why: 'a limit that counts the whole response cuts long downloads',
    group,
  },
  () => {
    const reader = new ResponseReader('GET');
    reader.push(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'));
    const chunk = Buffer.from('4\r\nabcd\r\n'.repeat(1000));
    for (let i = 0; i < 20; i++) {
      const parts = reader.push(chunk);
      ok(
        parts.every(({ type }) => type === 'data'),
        'chunks give data',
        `${parts.at(-1)?.type} came`,
      );
    }
    equal(reader.push(Buffer.from('0\r\n\r\n')), [{ type: 'end' }], 'the last chunk');
  },
);
