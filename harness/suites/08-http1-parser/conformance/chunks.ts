/** The chunked coding (RFC 9112 §7.1), octet by octet. */
import { accepts, chunked, head, post, refuses, seenChunked, seenPost } from '../support/declare.ts';
import { seen } from '../support/observe.ts';

const group = 'chunks';

accepts(
  {
    id: 'h1-chunk-size-hex',
    title: 'chunk sizes are hexadecimal, in either case, and may begin with zeros',
    clause: 'RFC 9112 §7.1',
    why: 'real senders use a, A and 0000000a',
    group,
  },
  {
    input: chunked(
      `a\r\n${'x'.repeat(10)}\r\nB\r\n${'y'.repeat(11)}\r\n000000000000000c\r\n${'z'.repeat(12)}\r\n1A\r\n${'!'.repeat(26)}\r\n0\r\n\r\n`,
    ),
    requests: [seenChunked('x'.repeat(10) + 'y'.repeat(11) + 'z'.repeat(12) + '!'.repeat(26))],
  },
);

accepts(
  {
    id: 'h1-chunk-empty-body',
    title: 'a chunked body may have no octets',
    clause: 'RFC 9112 §7.1',
    why: 'streams end before they begin',
    group,
  },
  { input: chunked('0\r\n\r\n'), requests: [seenChunked('')] },
);

accepts(
  {
    id: 'h1-chunk-last-zeros',
    title: 'the last chunk may have more than one zero',
    clause: 'RFC 9112 §7.1',
    why: 'last-chunk is 1*("0"): some senders pad all sizes to one width',
    group,
  },
  { input: chunked('0001\r\nx\r\n0000\r\n\r\n'), requests: [seenChunked('x')] },
);

accepts(
  {
    id: 'h1-chunk-any-data',
    title: 'chunk data may hold CRLF, NUL and what looks like chunks',
    clause: 'RFC 9112 §7.1',
    why: 'data is counted, never searched',
    group,
  },
  {
    input: chunked('e\r\n\r\n0\r\n\r\n\0\xff;\r\n1\r\r\n0\r\n\r\n'),
    requests: [seenChunked('\r\n0\r\n\r\n\0\xff;\r\n1\r')],
  },
);

accepts(
  {
    id: 'h1-chunk-extensions',
    title: 'chunk extensions are skipped',
    clause: 'RFC 9112 §7.1.1',
    why: 'a recipient MUST ignore those it does not know; signed uploads have them on every chunk',
    group,
  },
  {
    input: chunked('1;a\r\nx\r\n1;a=b;c="d;e"\r\ny\r\n1;chunk-signature=ad80c730\r\nz\r\n0;last="\\"\xe4"\r\n\r\n'),
    requests: [seenChunked('xyz')],
  },
);

accepts(
  {
    id: 'h1-chunk-extension-space',
    title: 'whitespace before the semicolon of an extension is put up with',
    clause: 'RFC 9112 §7.1.1, RFC 9110 §5.6.3',
    why: 'a recipient MUST parse such “bad” whitespace and remove it',
    group,
  },
  { input: chunked('1 ;a\r\nx\r\n1\t; a = b\r\ny\r\n0 \t;a\r\n\r\n'), requests: [seenChunked('xy')] },
);

accepts(
  {
    id: 'h1-trailers',
    title: 'trailers are reported with the end, by the same rules as headers',
    clause: 'RFC 9112 §7.1.2',
    why: 'checksums and the status of a stream come in them',
    group,
  },
  {
    input: chunked('1\r\nx\r\n0\r\nX-Sum: \t ABC \r\nempty:\r\nx-sum: d\r\n\r\n'),
    requests: [
      seenChunked('x', [
        ['x-sum', 'ABC'],
        ['empty', ''],
        ['x-sum', 'd'],
      ]),
    ],
  },
);

accepts(
  {
    id: 'h1-trailers-apart',
    title: 'trailers change nothing about their request: not its headers, its length, its connection',
    clause: 'RFC 9112 §7.1.2, RFC 9110 §6.5.1',
    why: 'a trailer comes after all checks: as a header it would slip a Host or a length past them',
    group,
  },
  {
    input: chunked(
      '1\r\nx\r\n0\r\nContent-Length: 5\r\nHost: evil\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n',
    ),
    requests: [
      seenChunked('x', [
        ['content-length', '5'],
        ['host', 'evil'],
        ['transfer-encoding', 'gzip'],
        ['connection', 'close'],
      ]),
    ],
  },
);

accepts(
  {
    id: 'h1-chunked-pipelined',
    title: 'after a chunked body comes the next request',
    clause: 'RFC 9112 §9.3.2',
    why: 'the end of trailers is the one boundary without a number in front of it',
    group,
  },
  {
    input: `${chunked('1\r\nx\r\n0\r\nA: b\r\n\r\n')}${head()}${chunked('0\r\n\r\n')}`,
    requests: [seenChunked('x', [['a', 'b']]), seen(), seenChunked('')],
  },
);

accepts(
  {
    id: 'h1-chunk-largest',
    title: 'a chunk of 2^53 − 1 octets can be announced',
    clause: 'RFC 9112 §7.1',
    why: 'it is the largest size that can be counted down exactly',
    group,
  },
  {
    input: post(['Transfer-Encoding: chunked'], '1fffffffffffff\r\nx'),
    requests: [
      seenPost({ fields: [['transfer-encoding', 'chunked']], bodyLength: 'chunked', body: 'x', complete: false }),
    ],
  },
);

/** In the middle of a body: the request has been reported by then. */
const fault = { group, status: 400, code: 'bad-chunk', before: ['POST /'] };
const REST = '\r\nhello\r\n0\r\n\r\n';
const withSizes = (...sizes: string[]): string[] => sizes.map((size) => chunked(size + REST));

refuses({
  ...fault,
  id: 'h1-chunk-size-sign',
  title: 'a chunk size with a sign is refused',
  clause: 'RFC 9112 §7.1',
  why: 'parseInt and strtol read +5 and -1; a size of -1 is 2^64 − 1 in C',
  inputs: withSizes('+5', '-1', '-0', '-5'),
});

refuses({
  ...fault,
  id: 'h1-chunk-size-prefix',
  title: 'a chunk size with 0x in front is refused',
  clause: 'RFC 9112 §7.1',
  why: 'parseInt("0x5", 16) is 5: to whoever stops at the x this is the last chunk',
  inputs: withSizes('0x5', '0X5', '0x0'),
});

refuses({
  ...fault,
  id: 'h1-chunk-size-garbage',
  title: 'a chunk size with anything but hex digits in it is refused',
  clause: 'RFC 9112 §7.1',
  why: 'parseInt stops at the first character that it does not know: 5zz is 5 to it',
  inputs: withSizes('5zz', 'z', '5_0', '5,', '5.0', '5h', '5n', '"5"', '5\xa0', '5=a', '5 a', 'g'),
});

refuses({
  ...fault,
  id: 'h1-chunk-size-space',
  title: 'whitespace around a chunk size is refused',
  clause: 'RFC 9112 §7.1',
  why: 'the grammar has none there, and who trims reads on where others stop',
  inputs: withSizes(' 5', '\t5', '5 ', '5\t', '5 \t '),
});

refuses({
  ...fault,
  id: 'h1-chunk-size-empty',
  title: 'an empty chunk size is refused',
  clause: 'RFC 9112 §7.1',
  why: 'a size of NaN is neither larger nor smaller than what is there',
  inputs: withSizes('', ';a', ' ', ' ;a'),
});

refuses({
  ...fault,
  id: 'h1-chunk-size-too-large',
  title: 'a chunk size of 2^53 or more is refused',
  clause: 'RFC 9112 §7.1',
  why: '10000000000000005 is 5 in 64 bits: everything after 5 octets would be somebody else’s request',
  inputs: [
    ...withSizes(
      '20000000000000',

      'ffffffffffffffff',
      '8000000000000000',
      '10000000000000005',
      'f'.repeat(300),
    ),
    chunked('20000000000004\r\nhell\r\n0\r\n\r\n'),
  ],
});

refuses({
  ...fault,
  id: 'h1-chunk-size-digits',
  title: 'more than 16 digits of chunk size are refused, zeros or not',
  clause: 'statement: limits',
  why: 'zeros without end are a request that never goes on',
  inputs: withSizes('00000000000000005', '0'.repeat(17), '0'.repeat(300)),
});

refuses({
  ...fault,
  id: 'h1-chunk-data-too-long',
  title: 'chunk data that does not end where its size says is refused',
  clause: 'RFC 9112 §7.1',
  why: 'skipping ahead to the next line end finds a boundary that the sender did not mean',
  inputs: [chunked('4\r\nhello\r\n0\r\n\r\n'), chunked('3\r\nhello\r\n0\r\n\r\n'), chunked('1\r\nx0\r\n\r\n0\r\n\r\n')],
});

refuses({
  ...fault,
  id: 'h1-chunk-data-too-short',
  title: 'a chunk size that reaches into the next line is refused',
  clause: 'RFC 9112 §7.1',
  why: 'size and data disagree: nobody knows which is right',
  inputs: [chunked('6\r\nhello\r\n0\r\n\r\n'), chunked('7\r\nhello\r\n0\r\n\r\n0\r\n\r\n')],
});

refuses({
  ...fault,
  id: 'h1-chunk-data-line-end',
  title: 'chunk data must be followed by CRLF, not by CR or LF alone',
  clause: 'RFC 9112 §7.1',
  why: 'two octets are skipped by some, one by others: a chunk size apart',
  inputs: ['\n', '\r', '\r\r\n', '\n\r\n', '\rX', '  ', '\n\n'].map((end) => chunked(`5\r\nhello${end}0\r\n\r\n\r\n`)),
});

refuses({
  ...fault,
  id: 'h1-chunk-size-line-end',
  title: 'a chunk size must be followed by CRLF, not by CR or LF alone',
  clause: 'RFC 9112 §7.1',
  why: 'it is where a proxy and a server were made to count differently more than once',
  inputs: ['\n', '\r', '\r\r\n', '\n\r\n'].map((end) => chunked(`5${end}hello\r\n0\r\n\r\n`)),
});

refuses({
  ...fault,
  id: 'h1-chunk-extension-lf',
  title: 'a LF in a chunk extension is refused',
  clause: 'RFC 9112 §7.1.1',
  why: 'a proxy that ends the line there sees data where the server still sees an extension',
  inputs: [
    chunked('5;a\nb\r\nhello\r\n0\r\n\r\n'),
    chunked('5;\n\r\nhello\r\n0\r\n\r\n'),
    chunked('5;a\nhello\r\n0\r\n\r\n'),
  ],
});

refuses({
  ...fault,
  id: 'h1-chunk-extension-controls',
  title: 'a CR, a NUL or another control in a chunk extension is refused',
  clause: 'RFC 9112 §7.1.1, §2.2',
  why: 'extensions are ignored, but their line has to end in the same place for everybody',
  inputs: ['\r', '\0', '\x0b', '\x7f'].map((control) => chunked(`5;a${control}b\r\nhello\r\n0\r\n\r\n`)),
});

refuses({
  ...fault,
  id: 'h1-trailer-malformed',
  title: 'a malformed trailer is refused like a malformed header',
  clause: 'RFC 9112 §7.1.2, §5',
  why: 'the trailer section ends a request: whatever is unclear in it can hide the next one',
  inputs: [
    ...[' A: b', 'A: b\r\n c', 'A', ': b', 'A : b', 'A: b\0', 'A: \x0b', 'A: b\rC: d', 'A: b\nC: d', '\r', '5'].map(
      (line) => chunked(`5\r\nhello\r\n0\r\n${line}\r\n\r\n`),
    ),
    chunked('5\r\nhello\r\n0\r\n\nGET / HTTP/1.1\r\n\r\n'),
    chunked('5\r\nhello\r\n0\r\n\rX\r\n\r\n'),
  ],
  code: 'bad-header',
});
