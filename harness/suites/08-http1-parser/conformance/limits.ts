/** Every limit at its edge, and one octet beyond it. */
import { DEFAULT_LIMITS, RequestParser } from '#subject/08-http1-parser/http1-parser.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, throws } from '../../../kit/check.ts';
import { accepts, chunked, head, NEXT, refuses, seenChunked } from '../support/declare.ts';
import { Observer, type Outcome, observe, seen } from '../support/observe.ts';

const group = 'limits';

testCase(
  {
    id: 'h1-limits-default',
    title: 'the limits have the defaults that the statement names',
    clause: 'RFC 9112 §3, RFC 9110 §5.4',
    why: 'a limit that is off unless it is set protects nobody',
    group,
  },
  () => {
    const defaults = {
      maxMethod: 32,
      maxTarget: 8192,
      maxHeaders: 100,
      maxHeaderBytes: 16_384,
      maxExtensionBytes: 16_384,
    };
    equal({ ...DEFAULT_LIMITS }, defaults, 'DEFAULT_LIMITS');
    const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `X${i}: y`);
    const answer = (text: string): Partial<Outcome> => {
      const { last, code } = observe([Buffer.from(text)]);
      return { last, ...(code ? { code } : {}) };
    };
    equal(answer(head([], `GET /${'x'.repeat(8191)} HTTP/1.1`)), { last: 'need-more' }, 'a target of 8,192 octets');
    equal(
      answer(head([], `GET /${'x'.repeat(8192)} HTTP/1.1`)),
      { last: 'refused', code: 'target-too-long' },
      'of 8,193',
    );
    equal(answer(head(lines(99))), { last: 'need-more' }, '100 field lines');
    equal(answer(head(lines(100))), { last: 'refused', code: 'too-many-headers' }, '101 field lines');
    equal(answer(head(['X: '.padEnd(16_373, 'y')])), { last: 'need-more' }, 'headers of 16,384 octets');
    equal(answer(head(['X: '.padEnd(16_374, 'y')])), { last: 'refused', code: 'headers-too-large' }, 'of 16,385');
  },
);

testCase(
  {
    id: 'h1-limits-invalid',
    title: 'a limit that is no whole number ≥ 0 is a RangeError',
    clause: 'statement: limits',
    why: 'a comparison with NaN is always false: Number(process.env.UNSET) would switch the limit off',
    group,
  },
  () => {
    for (const name of Object.keys(DEFAULT_LIMITS)) {
      for (const value of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, '100' as unknown as number]) {
        throws(() => new RequestParser({ [name]: value }), { name: 'RangeError' }, `{ ${name}: ${String(value)} }`);
      }
    }
  },
);

testCase(
  {
    id: 'h1-limits-zero',
    title: 'every limit may be 0: then there must be none of what it counts',
    clause: 'statement: limits',
    why: 'who wants no chunk extensions says so with a 0, which is falsy, and no default',
    group,
  },
  () => {
    const codes = {
      maxMethod: 'method-too-long',
      maxTarget: 'target-too-long',
      maxHeaders: 'too-many-headers',
      maxHeaderBytes: 'headers-too-large',
      maxExtensionBytes: 'extensions-too-large',
    };
    for (const [name, code] of Object.entries(codes)) {
      const input = chunked('1;a\r\nx\r\n0\r\n\r\n');
      equal(observe([Buffer.from(input)], { limits: { [name]: 0 } }).code, code, `the error with ${name}: 0`);
    }
    const none = { maxHeaders: 0, maxHeaderBytes: 0, maxExtensionBytes: 0 };
    const { requests } = observe([Buffer.from('GET / HTTP/1.0\r\n\r\n')], { limits: none });
    equal(requests.length, 1, 'requests, of one without fields and extensions');
  },
);

accepts(
  {
    id: 'h1-limits-anew',
    title: 'each request has the limits to itself, and each trailer section too',
    clause: 'statement: limits',
    why: 'a connection that is kept alive would run into them after an hour of good behaviour',
    group,
  },
  {
    input: head(['A: b']) + head(['A: b']) + chunked('1;x\r\n1\r\n0\r\nA: b\r\nC: d\r\n\r\n').repeat(2),
    requests: [
      ...[1, 2].map(() =>
        seen({
          headers: [
            ['host', 'a'],
            ['a', 'b'],
          ],
        }),
      ),
      ...[1, 2].map(() =>
        seenChunked('1', [
          ['a', 'b'],
          ['c', 'd'],
        ]),
      ),
    ],
    limits: { maxTarget: 5, maxHeaders: 2, maxHeaderBytes: 37, maxExtensionBytes: 2 },
  },
);

accepts(
  {
    id: 'h1-limit-target-edge',
    title: 'a target of exactly maxTarget octets is accepted, a method of exactly maxMethod too',
    clause: 'RFC 9112 §3',
    why: 'a limit that is one off refuses what its documentation allows',
    group,
  },
  {
    input: head([], 'LONGEST /234567890 HTTP/1.1'),
    requests: [seen({ method: 'LONGEST', target: '/234567890' })],
    limits: { maxMethod: 7, maxTarget: 10 },
  },
);

refuses({
  group,
  id: 'h1-limit-target',
  title: 'a longer target is refused',
  clause: 'RFC 9112 §3, RFC 9110 §15.5.15',
  why: 'the server MUST say that this is what it does not like',
  inputs: [head([], 'GET /2345678901 HTTP/1.1'), head([], `GET /${'x'.repeat(200)} HTTP/1.1`)],
  limits: { maxTarget: 10 },
  status: 414,
  code: 'target-too-long',
});

refuses({
  group,
  id: 'h1-limit-method',
  title: 'a longer method is refused',
  clause: 'RFC 9112 §3',
  why: 'a server that reads a method longer than any it knows can stop there',
  inputs: [head([], 'LONGEST8 / HTTP/1.1'), head([], 'LONGEST89 /x HTTP/1.1')],
  limits: { maxMethod: 7 },
  status: 501,
  code: 'method-too-long',
});

const lines = 'Host: a\r\nAb: cd\r\n'; // 17 octets
accepts(
  {
    id: 'h1-limit-header-bytes-edge',
    title: 'a header section of exactly maxHeaderBytes octets is accepted',
    clause: 'RFC 9110 §5.4',
    why: 'each line counts with its CRLF; the empty line and the request line do not count',
    group,
  },
  {
    input: `GET /a/long/target/that/does/not/count HTTP/1.1\r\n${lines}\r\n`,
    requests: [
      seen({
        target: '/a/long/target/that/does/not/count',
        headers: [
          ['host', 'a'],
          ['ab', 'cd'],
        ],
      }),
    ],
    limits: { maxHeaderBytes: lines.length },
  },
);

refuses({
  group,
  id: 'h1-limit-header-bytes',
  title: 'a larger header section is refused',
  clause: 'RFC 9110 §5.4, RFC 6585 §5',
  why: 'a head is held in memory until it is complete: without a limit one client fills it',
  inputs: ['X', ' ', 'XX', 'X'.repeat(100)].map((more) => `GET / HTTP/1.1\r\nHost: a\r\nAb: cd${more}\r\n\r\n`),
  limits: { maxHeaderBytes: lines.length },
  status: 431,
  code: 'headers-too-large',
});

accepts(
  {
    id: 'h1-limit-header-count-edge',
    title: 'exactly maxHeaders field lines are accepted',
    clause: 'RFC 9110 §5.4',
    why: 'a limit that is one off refuses what its documentation allows',
    group,
  },
  {
    input: head(['A: 1', 'A: 2']),
    requests: [
      seen({
        headers: [
          ['host', 'a'],
          ['a', '1'],
          ['a', '2'],
        ],
      }),
    ],
    limits: { maxHeaders: 3 },
  },
);

refuses({
  group,
  id: 'h1-limit-header-count',
  title: 'more field lines are refused',
  clause: 'RFC 9110 §5.4, RFC 6585 §5',
  why: 'ten thousand lines of four octets each cost far more to keep than to send',
  inputs: [head(['A: 1', 'A: 2', 'A: 3']), head(['A:', 'B:', 'C:', 'D:', 'E:'])],
  limits: { maxHeaders: 3 },
  status: 431,
  code: 'too-many-headers',
});

refuses({
  group,
  id: 'h1-limit-trailer-bytes',
  title: 'a trailer section over maxHeaderBytes is refused',
  clause: 'RFC 9110 §5.4',
  why: 'what is forbidden in front of the body would otherwise be sent behind it',
  inputs: [chunked(`0\r\nA: ${'x'.repeat(50)}\r\n\r\n`), chunked(`1\r\nx\r\n0\r\n${'A: 1\r\n'.repeat(7)}\r\n`)],
  limits: { maxHeaderBytes: 40 },
  before: ['POST /'],
  status: 431,
  code: 'headers-too-large',
});

refuses({
  group,
  id: 'h1-limit-trailer-count',
  title: 'more than maxHeaders trailers are refused',
  clause: 'RFC 9110 §5.4',
  why: 'what is forbidden in front of the body would otherwise be sent behind it',
  inputs: [chunked('0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n')],
  limits: { maxHeaders: 2 },
  before: ['POST /'],
  status: 431,
  code: 'too-many-headers',
});

accepts(
  {
    id: 'h1-limit-extensions-edge',
    title: 'exactly maxExtensionBytes of chunk extensions are accepted in a body',
    clause: 'RFC 9112 §7.1.1',
    why: 'everything from the semicolon to the CRLF counts',
    group,
  },
  {
    input: chunked('1;abc\r\nx\r\n2;def\r\nyz\r\n0;gh\r\n\r\n'),
    requests: [seenChunked('xyz')],
    limits: { maxExtensionBytes: 11 },
  },
);

refuses({
  group,
  id: 'h1-limit-extension',
  title: 'a longer chunk extension is refused',
  clause: 'RFC 9112 §7.1.1, CVE-2024-22019',
  why: 'Node read extensions without end: no limit on the body counts them, no timeout sees a slow client',
  inputs: [chunked('1;0123456789a\r\nx\r\n0\r\n\r\n'), chunked(`1;${'x'.repeat(200)}\r\nx\r\n0\r\n\r\n`)],
  limits: { maxExtensionBytes: 11 },
  before: ['POST /'],
  status: 400,
  code: 'extensions-too-large',
});

refuses({
  group,
  id: 'h1-limit-extensions-sum',
  title: 'chunk extensions count together over all chunks of a body',
  clause: 'RFC 9112 §7.1.1, CVE-2023-39326',
  why: 'a short extension on every octet of data makes a server read many times what the handler sees',
  inputs: [chunked('1;abc\r\nx\r\n1;def\r\ny\r\n1;ghi\r\nz\r\n0\r\n\r\n'), chunked('1;abcde\r\nx\r\n0;fghij\r\n\r\n')],
  limits: { maxExtensionBytes: 11 },
  before: ['POST /'],
  status: 400,
  code: 'extensions-too-large',
});

/** Feeds `piece` again and again after `start`, up to 64 octets over the limit; the line never ends. */
function endless(id: string, what: string, why: string, start: string, piece: string, limit: number): void {
  testCase(
    {
      id,
      title: `${what} without end is refused at the limit, not at the line’s end`,
      clause: 'statement: limits',
      why,
      group,
    },
    () => {
      const observer = new Observer(new RequestParser());
      observer.parser.push(Buffer.from(start, 'latin1'));
      observer.drain(start.length);
      let fed = 0;
      for (; fed <= limit + 64 && !observer.refusal; fed += piece.length) {
        observer.parser.push(Buffer.from(piece, 'latin1'));
        observer.drain(piece.length);
      }
      const { last } = observer.outcome();
      equal(last, 'refused', `how it ended after ${fed} octets of it, with a limit of ${limit}`);
    },
  );
}

const noEnd = 'a client that never ends its line would be given memory without end';
endless('h1-endless-target', 'a target', noEnd, 'GET /', 'abcdefg', 8192);
endless('h1-endless-method', 'a method', noEnd, '', 'ABCDEFG', 8192 + 32);
endless('h1-endless-header', 'a field line', noEnd, 'GET / HTTP/1.1\r\nHost: a\r\nX: ', 'abcdefg', 16_384);
endless('h1-endless-name', 'a field name', noEnd, 'GET / HTTP/1.1\r\nHost: a\r\n', 'abcdefg', 16_384);
endless('h1-endless-headers', 'a header section', noEnd, 'GET / HTTP/1.1\r\nHost: a\r\n', 'A: b\r\n', 16_384);
endless('h1-endless-extension', 'a chunk extension', noEnd, chunked('5;a='), 'abcdefg', 16_384);
endless('h1-endless-size', 'a chunk size', noEnd, chunked(''), '0000000', 16_384 + 16);
endless('h1-endless-trailer', 'a trailer', noEnd, chunked('0\r\nX: '), 'abcdefg', 16_384);
endless(
  'h1-endless-empty-lines',
  'a run of empty lines before a request',
  'it costs a client nothing to keep a connection busy with them',
  '',
  '\r\n',
  16_384,
);

accepts(
  {
    id: 'h1-limit-empty-lines-edge',
    title: 'empty lines of exactly maxHeaderBytes octets are skipped',
    clause: 'RFC 9112 §2.2',
    why: 'exactly the limit is allowed, here as everywhere',
    group,
  },
  {
    input: `${'\r\n'.repeat(5)}${head()}`,
    requests: [seen({})],
    limits: { maxHeaderBytes: 10 },
  },
);

testCase(
  {
    id: 'h1-after-endless',
    title: 'a second request may have empty lines before it again',
    clause: 'RFC 9112 §2.2',
    why: 'the count begins anew with each request',
    group,
  },
  () => {
    const empty = '\r\n'.repeat(5000);
    const { requests, last } = observe([Buffer.from(empty + NEXT + empty + NEXT)]);
    equal([requests.length, last], [2, 'need-more'], 'requests, and the last event');
  },
);
