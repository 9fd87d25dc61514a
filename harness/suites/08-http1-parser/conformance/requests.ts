/** Requests as they should be: what is reported, and when. */
import { RequestParser } from '#subject/08-http1-parser/http1-parser.ts';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { accepts, head, post, seenPost } from '../support/declare.ts';
import { Observer, observe, seen } from '../support/observe.ts';

const group = 'requests';

testCase(
  {
    id: 'h1-nothing-yet',
    title: 'a new parser needs more, however often it is asked',
    clause: 'statement: next',
    why: 'a server asks as soon as a client has connected, before that has said a word',
    group,
  },
  () => {
    const parser = new RequestParser();
    for (let asked = 0; asked < 3; asked++) equal(parser.next().type, 'need-more', 'the event');
    parser.push(new Uint8Array(0));
    equal(parser.next().type, 'need-more', 'the event after an empty push');
  },
);

accepts(
  {
    id: 'h1-get',
    title: 'a GET without a body is a request and its end',
    clause: 'RFC 9112 §2.1',
    why: 'most requests on the web look like this one',
    group,
  },
  { input: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', requests: [seen()] },
);

testCase(
  {
    id: 'h1-need-more',
    title: 'no part of a head is reported before its last octet is there',
    clause: 'RFC 9110 §5.3',
    why: 'the last line of a head may change what all the others mean',
    group,
  },
  () => {
    const bytes = Buffer.from('GET /a HTTP/1.1\r\nHost: a\r\nX-Last: line\r\n\r\n');
    for (let length = 1; length < bytes.length; length++) {
      const outcome = observe([bytes.subarray(0, length)]);
      equal(outcome, { requests: [], last: 'need-more' }, `outcome of the first ${length} bytes`);
    }
  },
);

accepts(
  {
    id: 'h1-fields-in-order',
    title: 'all fields are reported in their order, repeated ones too',
    clause: 'RFC 9110 §5.3',
    why: 'the order of lines with one name is part of their meaning',
    group,
  },
  {
    input: head(['Via: 1.0 p', 'Accept: text/html', 'Via: 1.1 q', 'accept: image/png']),
    requests: [
      seen({
        headers: [
          ['host', 'a'],
          ['via', '1.0 p'],
          ['accept', 'text/html'],
          ['via', '1.1 q'],
          ['accept', 'image/png'],
        ],
      }),
    ],
  },
);

accepts(
  {
    id: 'h1-body',
    title: 'Content-Length octets after the head are the body, whatever they are',
    clause: 'RFC 9112 §6.3',
    why: 'a body may hold line ends, NULs and what looks like a request',
    group,
  },
  {
    input: post(['Content-Length: 33'], 'GET /x HTTP/1.1\r\n\r\n\0\xff\xe2\x80\xa8 PUT\r\n\r\n\r'),
    requests: [
      seenPost({
        fields: [['content-length', '33']],
        bodyLength: 33,
        body: 'GET /x HTTP/1.1\r\n\r\n\0\xff\xe2\x80\xa8 PUT\r\n\r\n\r',
      }),
    ],
    marks: [{ at: 55, name: 'between head and body' }],
  },
);

accepts(
  {
    id: 'h1-body-empty',
    title: 'Content-Length: 0 is a body of no octets, and the end comes at once',
    clause: 'RFC 9112 §6.3',
    why: 'a parser that waits for the first octet of an empty body hangs every such POST',
    group,
  },
  {
    input: post(['Content-Length: 0']),
    requests: [seenPost({ fields: [['content-length', '0']] })],
  },
);

testCase(
  {
    id: 'h1-body-at-once',
    title: 'what has come of a body is reported at once, not when all of it is there',
    clause: 'statement: data',
    why: 'an upload of 1 GB must not be held in memory, and a server that waits for all of it cannot refuse it early',
    group,
  },
  () => {
    const observer = new Observer(new RequestParser());
    const pieces = [post(['Content-Length: 1000000000000']), 'x', 'yz'.repeat(1000), 'ä'];
    let body = '';
    for (const [i, piece] of pieces.entries()) {
      observer.parser.push(Buffer.from(piece, 'latin1'));
      observer.drain(piece.length);
      if (i > 0) body += piece;
      equal(observer.outcome().requests[0]?.body, body, `body after ${i + 1} pushes`);
    }
    equal(observer.outcome().requests[0]?.bodyLength, 1e12, 'bodyLength');
    equal(observer.outcome().requests[0]?.complete, false, 'whether the request is complete');
  },
);

testCase(
  {
    id: 'h1-data-stays',
    title: 'a data event still holds its octets when later ones have been parsed',
    clause: 'statement: data',
    why: 'a handler may keep a piece while it waits for the disk: a buffer that is used again changes it under its hands',
    group,
  },
  () => {
    const body = (letter: string): string => letter.repeat(40);
    const bytes = Buffer.from(
      ['a', 'b', 'c', 'd'].map((letter) => post(['Content-Length: 40'], body(letter))).join(''),
      'latin1',
    );
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 7) chunks.push(Buffer.from(bytes.subarray(at, at + 7)));
    const bodies = observe(chunks).requests.map((request) => request.body);
    equal(bodies, ['a', 'b', 'c', 'd'].map(body), 'bodies, read at the end');
  },
);

accepts(
  {
    id: 'h1-pipelined',
    title: 'requests that come together are reported one after the other, bodies apart',
    clause: 'RFC 9112 §9.3.2',
    why: 'a client may send the next request before it has the answer to the last one',
    group,
  },
  {
    input: `${head([], 'GET /1 HTTP/1.1')}${post(['Content-Length: 3'], 'two')}${head([], 'GET /3 HTTP/1.1')}`,
    requests: [
      seen({ target: '/1' }),
      seenPost({ fields: [['content-length', '3']], bodyLength: 3, body: 'two' }),
      seen({ target: '/3' }),
    ],
  },
);

accepts(
  {
    id: 'h1-leading-empty-lines',
    title: 'empty lines before a request line are skipped',
    clause: 'RFC 9112 §2.2',
    why: 'old clients send a CRLF after a POST that its length does not count',
    group,
  },
  { input: `\r\n\r\n${head()}\r\n${head()}`, requests: [seen(), seen()] },
);
