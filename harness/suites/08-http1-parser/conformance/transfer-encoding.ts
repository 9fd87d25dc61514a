/** Transfer-Encoding (RFC 9112 §6.1, §6.3): `chunked`, and nothing that anybody might take for it. */
import { accepts, chunked, post, refuses, seenChunked, seenPost } from '../support/declare.ts';

const group = 'transfer-encoding';
const BODY = '5\r\nhello\r\n0\r\n\r\n';
const withCoding = (coding: string): string => post([`Transfer-Encoding: ${coding}`], BODY);

accepts(
  {
    id: 'h1-chunked',
    title: 'a chunked body is put together from its chunks',
    clause: 'RFC 9112 §7.1',
    why: 'it is how everything is sent whose length is not known beforehand',
    group,
  },
  { input: chunked('5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n'), requests: [seenChunked('hello, world')] },
);

accepts(
  {
    id: 'h1-chunked-case',
    title: 'chunked may be written in any case, with whitespace around it',
    clause: 'RFC 9112 §7',
    why: 'names of transfer codings are case-insensitive',
    group,
  },
  {
    input: post(['transfer-ENCODING: \t ChunkeD \t'], BODY),
    requests: [seenPost({ fields: [['transfer-encoding', 'ChunkeD']], bodyLength: 'chunked', body: 'hello' })],
  },
);

refuses({
  group,
  id: 'h1-both-lengths',
  title: 'Content-Length and Transfer-Encoding in one request are refused',
  clause: 'RFC 9112 §6.1, §11.2',
  why: 'a proxy that goes by the one and a server that goes by the other make two requests of it',
  inputs: [
    post(['Content-Length: 5', 'Transfer-Encoding: chunked'], BODY),
    post(['Transfer-Encoding: chunked', 'X: y', 'Content-Length: 15'], BODY),
    post(['Transfer-Encoding: chunked', 'Content-Length: 0'], BODY),
  ],
  status: 400,
  code: 'ambiguous-length',
});

const fault = { group, status: 400, code: 'bad-transfer-encoding' };

refuses({
  ...fault,
  id: 'h1-coding-not-last',
  title: 'a list of codings that does not end in chunked is refused',
  clause: 'RFC 9112 §6.3',
  why: 'nobody can tell where such a body ends',
  inputs: ['gzip', 'chunked, gzip', 'chunked,gzip', 'identity', 'chunked, identity', 'x'].map(withCoding),
});

refuses({
  ...fault,
  id: 'h1-coding-look-alike',
  title: 'a coding that only looks like chunked is refused',
  clause: 'RFC 9112 §6.1, CVE-2022-32213',
  why: 'includes("chunked") finds it in xchunked, and so do some proxies',
  inputs: [
    'xchunked',
    'chunkedx',
    'chunked-',
    'chunke',
    '"chunked"',
    "'chunked'",
    'chunked;',
    'chunked;q=1',
    'ch unked',
  ].map(withCoding),
});

refuses({
  ...fault,
  id: 'h1-coding-twice',
  title: 'chunked twice is refused, in one line or in two',
  clause: 'RFC 9112 §6.1',
  why: 'a body is chunked once; the second list entry is there to confuse somebody',
  inputs: [
    withCoding('chunked, chunked'),
    withCoding('chunked,chunked'),
    withCoding('Chunked, gzip, chunked'),
    post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], BODY),
    post(['Transfer-Encoding: chunked', 'X: y', 'transfer-encoding: Chunked'], BODY),
  ],
});

refuses({
  ...fault,
  id: 'h1-coding-empty-member',
  title: 'an empty list member beside chunked is refused',
  clause: 'RFC 9112 §6.1',
  why: 'the policy of this kit: the list rule allows it, and smugglers count on those who do not know that',
  inputs: [',chunked', 'chunked,', ', chunked', 'chunked ,', '', ',', 'gzip,, chunked'].map(withCoding),
});

refuses({
  ...fault,
  id: 'h1-coding-malformed-member',
  title: 'a list whose other members are no tokens is refused',
  clause: 'RFC 9112 §7, RFC 9110 §5.6.2',
  why: 'it is no list of codings: 501 would say that the request is right',
  inputs: ['@gzip, chunked', 'gzip@, chunked', 'gz ip, chunked', 'br, g@zip, chunked'].map(withCoding),
});

refuses({
  ...fault,
  id: 'h1-coding-high-octets',
  title: 'octets from 0x80 on beside chunked are refused',
  clause: 'RFC 9110 §5.5',
  why: 'trim() takes U+00A0 for whitespace, and isspace() 0x85 in some locales: others see no chunked there',
  inputs: ['\xa0chunked', 'chunked\xa0', '\x85chunked', '\xef\xbb\xbfchunked', 'chun\xebked'].map(withCoding),
});

refuses({
  group,
  id: 'h1-coding-controls',
  title: 'controls beside chunked are refused',
  clause: 'RFC 9110 §5.5',
  why: 'a vertical tab is whitespace to some, and a NUL the end of the value to others',
  inputs: ['\x0bchunked', 'chunked\x0c', '\0chunked', 'chunked\0', 'chunked\x1f'].map(withCoding),
  status: 400,
  code: 'bad-header',
});

refuses({
  group,
  id: 'h1-coding-folded',
  title: 'a Transfer-Encoding whose value stands in a folded line is refused',
  clause: 'RFC 9112 §5.2, CVE-2022-32215',
  why: 'who does not know folds sees an empty value, and takes the body for the next request',
  inputs: [
    post(['Transfer-Encoding:', ' chunked'], BODY),
    post(['Transfer-Encoding: gzip,', '\tchunked'], BODY),
    post(['Transfer-Encoding: chunked', ' , gzip'], BODY),
  ],
  status: 400,
  code: 'bad-header',
});

refuses({
  group,
  id: 'h1-coding-unknown',
  title: 'another coding under chunked is refused',
  clause: 'RFC 9112 §6.1',
  why: 'the end of such a body is known, its content is not: handed on as it is, it would be garbage to the handler',
  inputs: [
    withCoding('gzip, chunked'),
    withCoding('deflate , gzip ,chunked'),
    post(['Transfer-Encoding: br', 'Transfer-Encoding: chunked'], BODY),
  ],
  status: 501,
  code: 'unknown-transfer-coding',
});

refuses({
  ...fault,
  id: 'h1-coding-1-0',
  title: 'Transfer-Encoding in an HTTP/1.0 request is refused',
  clause: 'RFC 9112 §6.1',
  why: 'it was forwarded by somebody who did not know the field: the framing is faulty',
  inputs: [withCoding('chunked').replace('HTTP/1.1', 'HTTP/1.0')],
});
