/** Content-Length (RFC 9110 §8.6, RFC 9112 §6.3): one decimal number, or the framing is invalid. */
import { accepts, post, refuses, seenPost } from '../support/declare.ts';

const group = 'content-length';

accepts(
  {
    id: 'h1-length-digits',
    title: 'leading zeros and whitespace around the number change nothing',
    clause: 'RFC 9110 §8.6',
    why: 'the grammar is 1*DIGIT, and 05 is five in it, not an octal number',
    group,
  },
  {
    input: post(['CONTENT-LENGTH: \t010 '], '0123456789'),
    requests: [seenPost({ fields: [['content-length', '010']], bodyLength: 10, body: '0123456789' })],
  },
);

accepts(
  {
    id: 'h1-length-any-method',
    title: 'a GET may have a body, a POST may have none',
    clause: 'RFC 9112 §6',
    why: 'framing does not depend on the method: a body that is not read becomes the next request',
    group,
  },
  {
    input: `${post(['Content-Length: 2'], 'ab').replace('POST', 'GET')}${post([])}`,
    requests: [
      seenPost({ method: 'GET', fields: [['content-length', '2']], bodyLength: 2, body: 'ab' }),
      seenPost({ fields: [] }),
    ],
  },
);

accepts(
  {
    id: 'h1-length-largest',
    title: '2^53 − 1 octets can be announced',
    clause: 'RFC 9110 §8.6',
    why: 'it is the largest length that can be counted down exactly',
    group,
  },
  {
    input: post(['Content-Length: 9007199254740991'], 'x'),
    requests: [
      seenPost({
        fields: [['content-length', '9007199254740991']],
        bodyLength: Number.MAX_SAFE_INTEGER,
        body: 'x',
        complete: false,
      }),
    ],
  },
);

const fault = { group, status: 400, code: 'bad-content-length' };
const withLength = (length: string): string => post([`Content-Length: ${length}`], '0123456789');

refuses({
  ...fault,
  id: 'h1-length-sign',
  title: 'a Content-Length with a sign is refused',
  clause: 'RFC 9110 §8.6',
  why: 'parseInt and strtol read +1 and -48; a negative length once made a server read backwards',
  inputs: ['+1', '-48', '-0', '+'].map(withLength),
});

refuses({
  ...fault,
  id: 'h1-length-notation',
  title: 'a Content-Length in any other notation than decimal is refused',
  clause: 'RFC 9110 §8.6',
  why: 'Number("0x10") is 16 and Number("1e1") is 10 here, and something else elsewhere',
  inputs: ['0x10', '1e1', '0b1', '0o7', '1.0', '.1', '1.', '1_0', '1,000', '1n', 'Infinity', 'NaN'].map(withLength),
});

refuses({
  ...fault,
  id: 'h1-length-garbage',
  title: 'a Content-Length with anything but digits in it is refused',
  clause: 'RFC 9110 §8.6, CVE-2018-7159',
  why: 'parseInt stops at the first character that it does not know: 1Z is 1, and `1 2` was 12 in Node',
  inputs: ['1Z', 'Z1', '1 2', '1\t2', '1;', '"1"', '\xb2', '1\xa0', '\xa01', '5\x85', 'chunked'].map(withLength),
});

refuses({
  ...fault,
  id: 'h1-length-empty',
  title: 'an empty Content-Length is refused',
  clause: 'RFC 9110 §8.6',
  why: 'Number("") is 0',
  inputs: ['', ' \t '].map(withLength),
});

refuses({
  ...fault,
  id: 'h1-length-too-large',
  title: 'a Content-Length of 2^53 or more is refused',
  clause: 'RFC 9110 §8.6',
  why: '2^64 is 0 in 64 bits, and 2^53 + 1 is 2^53 in a double: the next request would begin in the wrong place',
  inputs: ['9007199254740992', '18446744073709551616', '18446744073709551626', '9'.repeat(400)].map(withLength),
});

refuses({
  ...fault,
  id: 'h1-length-differ',
  title: 'two Content-Length lines that differ are refused',
  clause: 'RFC 9112 §6.3',
  why: 'one recipient takes the first, one the last: the classic of request smuggling',
  inputs: [
    post(['Content-Length: 5', 'Content-Length: 6'], '012345'),
    post(['Content-Length: 0', 'X: y', 'content-length: 10'], '0123456789'),
    post(['Content-Length: 5', 'Content-Length:'], '01234'),
    withLength('5, 6'),
  ],
});

refuses({
  ...fault,
  id: 'h1-length-same',
  title: 'two Content-Length lines that agree are refused too',
  clause: 'RFC 9110 §8.6',
  why: 'the policy of this kit: who sends two has merged messages that were two',
  inputs: [
    post(['Content-Length: 5', 'Content-Length: 5'], '01234'),
    post(['Content-Length: 5', 'Content-Length: 05'], '01234'),
    withLength('10, 10'),
    withLength('10,10'),
    withLength('10,'),
  ],
});
