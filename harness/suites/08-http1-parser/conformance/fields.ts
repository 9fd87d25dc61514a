/** field-line = field-name ":" OWS field-value OWS (RFC 9112 §5), and what no field line may be. */
import { fieldValue } from '#subject/08-http1-parser/http1-parser.ts';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { accepts, head, refuses } from '../support/declare.ts';
import { type Seen, seen } from '../support/observe.ts';

const group = 'fields';

function withFields(...fields: [string, string][]): Seen[] {
  return [seen({ headers: [['host', 'a'], ...fields] })];
}

accepts(
  {
    id: 'h1-field-name-case',
    title: 'field names come out in lower case, values as they are',
    clause: 'RFC 9110 §5.1',
    why: 'field names are case-insensitive: CONTENT-LENGTH is a length as well',
    group,
  },
  { input: head(['X-MixedCase: MiXeD', 'ACCEPT: A']), requests: withFields(['x-mixedcase', 'MiXeD'], ['accept', 'A']) },
);

accepts(
  {
    id: 'h1-field-ows',
    title: 'spaces and tabs around a value are not part of it, inside it they are',
    clause: 'RFC 9112 §5.1',
    why: 'a token in a header must not depend on how the client likes to align its lines',
    group,
  },
  {
    input: head(['A:1', 'B: \t 2 \t ', 'C:\t3', 'D: x \t y ', 'E: :;"a, b" ']),
    requests: withFields(['a', '1'], ['b', '2'], ['c', '3'], ['d', 'x \t y'], ['e', ':;"a, b"']),
  },
);

accepts(
  {
    id: 'h1-field-empty-value',
    title: 'a value may be empty, or whitespace alone',
    clause: 'RFC 9110 §5.5',
    why: 'browsers send empty fields, and `TE:` means something',
    group,
  },
  { input: head(['A:', 'B: ', 'C: \t \t']), requests: withFields(['a', ''], ['b', ''], ['c', '']) },
);

accepts(
  {
    id: 'h1-field-obs-text',
    title: 'octets from 0x80 on come out one character each, and none of them is whitespace',
    clause: 'RFC 9110 §5.5',
    why: 'decoding as UTF-8 loses octets, and String.trim() eats U+00A0 and U+FEFF',
    group,
  },
  {
    input: head(['A: \xa0x\xa0', 'B: \xc3\xa4\x85', 'C: \xff\xfe', 'D: \xef\xbb\xbf', 'E:\xa0']),
    requests: withFields(
      ['a', '\xa0x\xa0'],
      ['b', '\xc3\xa4\x85'],
      ['c', '\xff\xfe'],
      ['d', '\xef\xbb\xbf'],
      ['e', '\xa0'],
    ),
  },
);

accepts(
  {
    id: 'h1-field-name-tchar',
    title: 'every character of a token may stand in a field name',
    clause: 'RFC 9110 §5.6.2',
    why: 'names with dots, underscores and the like are in use',
    group,
  },
  { input: head(["!#$%&'*+-.^_`|~09Az: 1"]), requests: withFields(["!#$%&'*+-.^_`|~09az", '1']) },
);

accepts(
  {
    id: 'h1-field-proto',
    title: '__proto__, constructor and hasOwnProperty are fields like any other',
    clause: 'RFC 9110 §5.1',
    why: 'in a plain object __proto__ disappears, or changes what every other look-up finds',
    group,
  },
  {
    input: head(['__proto__: 1', 'constructor: 2', 'hasOwnProperty: 3', '__proto__: 4']),
    requests: withFields(['__proto__', '1'], ['constructor', '2'], ['hasownproperty', '3'], ['__proto__', '4']),
  },
);

testCase(
  {
    id: 'h1-field-value',
    title: 'fieldValue joins the values of one name with a comma and a space, in order',
    clause: 'RFC 9110 §5.3',
    why: 'two Connection lines mean the same as one with both options in it',
    group,
  },
  () => {
    const fields = [
      { name: 'via', value: 'a' },
      { name: 'x', value: '' },
      { name: 'via', value: 'b, c' },
      { name: 'via', value: 'd' },
      { name: '__proto__', value: 'e' },
    ];
    equal(fieldValue(fields, 'via'), 'a, b, c, d', "fieldValue(fields, 'via')");
    equal(fieldValue(fields, 'x'), '', "fieldValue(fields, 'x'), which is there and empty");
    equal(fieldValue(fields, '__proto__'), 'e', "fieldValue(fields, '__proto__')");
    equal(fieldValue(fields, 'constructor'), undefined, "fieldValue(fields, 'constructor'), which is not there");
    equal(fieldValue([], 'via'), undefined, "fieldValue([], 'via')");
  },
);

const malformed = { group, status: 400, code: 'bad-header' };

refuses({
  ...malformed,
  id: 'h1-field-no-colon',
  title: 'a field line without a colon is refused',
  clause: 'RFC 9112 §5',
  why: 'who takes it for the end of the head and who skips it see different requests',
  inputs: [head(['Accept']), head(['GET /x HTTP/1.1'])],
});

refuses({
  ...malformed,
  id: 'h1-field-no-name',
  title: 'a field line that begins with the colon is refused',
  clause: 'RFC 9110 §5.1',
  why: 'a name is at least one character',
  inputs: [head([': x']), head([':'])],
});

refuses({
  ...malformed,
  id: 'h1-field-space-before-colon',
  title: 'whitespace between a field name and the colon is refused',
  clause: 'RFC 9112 §5.1, CVE-2021-22959',
  why: '`Content-Length : 5` is a length to some and an unknown field to others: requests were smuggled in between',
  inputs: [head(['A : b']), head(['A\t: b']), head(['Content-Length : 5']), head(['Transfer-Encoding : chunked'])],
});

refuses({
  ...malformed,
  id: 'h1-field-name-no-token',
  title: 'a field name that is no token is refused',
  clause: 'RFC 9110 §5.6.2',
  why: 'whatever it becomes in the next program (a variable, a path, an object’s key) was not meant to have it',
  inputs: ['"(),/;<=>?@[\\]{}', '\x7f\x80\xa0\xff']
    .join('')
    .split('')
    .map((octet) => head([`A${octet}: b`])),
});

refuses({
  ...malformed,
  id: 'h1-field-fold',
  title: 'a folded line is refused',
  clause: 'RFC 9112 §5.2',
  why: 'a fold hides the rest of a value, or a field, from those who do not know it',
  inputs: [
    head(['A: b', ' c']),
    head(['A: b', '\tc']),
    head(['A: b', ' C: d']),
    head(['A:', ' b']),
    head(['A: b', ' ']),
  ],
});

refuses({
  ...malformed,
  id: 'h1-field-hidden-length',
  title: 'a Content-Length or Transfer-Encoding behind whitespace is refused',
  clause: 'RFC 9112 §5.2, CVE-2024-27982',
  why: 'Node took it for part of the line before, others for a length: the body became a second request',
  inputs: [
    `${head(['A: b', ' Content-Length: 31'], 'POST / HTTP/1.1')}GET /smuggled HTTP/1.1\r\nA: b\r\n\r\n`,
    `${head(['A: b', '\tTransfer-Encoding: chunked'], 'POST / HTTP/1.1')}0\r\n\r\n`,
  ],
});

refuses({
  ...malformed,
  id: 'h1-field-space-before-first',
  title: 'whitespace before the first field is refused',
  clause: 'RFC 9112 §2.2',
  why: 'there is no line before it that it could continue',
  inputs: [' Host: a', '\tHost: a', ' ', ' X: y\r\nHost: a'].map((first) => `GET / HTTP/1.1\r\n${first}\r\n\r\n`),
});

refuses({
  ...malformed,
  id: 'h1-field-bare-cr',
  title: 'a CR without LF in a field line is refused',
  clause: 'RFC 9112 §2.2',
  why: 'whoever prints the value, or takes a CR for a line end, sees another field than was checked',
  inputs: [
    head(['A: b\rc']),
    head(['A: b\r']),
    head(['A: b\r\rC: d']),
    head(['A\r: b']),
    head(['A: b\rContent-Length: 5']),
  ],
});

refuses({
  ...malformed,
  id: 'h1-field-bare-lf',
  title: 'a LF without CR does not end a field line: it is refused',
  clause: 'RFC 9112 §2.2, CVE-2022-32214',
  why: 'it may be taken for a line end, but who does and who does not sees two different requests',
  inputs: ['GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nB: c\n\r\n'],
});

refuses({
  ...malformed,
  id: 'h1-field-nul',
  title: 'a NUL in a field line is refused',
  clause: 'RFC 9110 §5.5',
  why: 'for a program in C the value ends there',
  inputs: [head(['A: b\0c']), head(['A: \0']), head(['A\0: b']), head(['\0'])],
});

refuses({
  ...malformed,
  id: 'h1-field-controls',
  title: 'any other control character but the tab is refused as well',
  clause: 'RFC 9110 §5.5',
  why: 'vertical tab and form feed are whitespace to isspace() and trim(), and to nobody else',
  inputs: ['\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f'].map((control) => head([`A: b${control}c`])),
});

refuses({
  ...malformed,
  id: 'h1-head-end-cr',
  title: 'CR and then anything but LF does not end a head',
  clause: 'RFC 9112 §2.1, CVE-2025-23167',
  why: 'llhttp took CRLF CR X for the end of a head, so a proxy in front of it checked other fields than it saw',
  inputs: [
    'GET / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\n\rGET /x HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\n\r\r\n',
  ],
});

refuses({
  ...malformed,
  id: 'h1-head-end-lf',
  title: 'a LF alone does not end a head',
  clause: 'RFC 9112 §2.2',
  why: 'the head ends in one place for all, or requests can be smuggled',
  inputs: ['GET / HTTP/1.1\r\nHost: a\r\n\nGET /x HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\n\n'],
});
