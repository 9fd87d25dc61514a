/** Upgrade and CONNECT: the octets behind the request may belong to another protocol. */
import { RequestParser } from '#subject/08-http1-parser/http1-parser.ts';
import { testCase } from '../../../kit/case.ts';
import { bytes, equal, throws } from '../../../kit/check.ts';
import { accepts, chunked, head, NEXT, post, seenPost } from '../support/declare.ts';
import { Observer, seen } from '../support/observe.ts';

const group = 'upgrade and CONNECT';
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const UPGRADE_FIELDS: [string, string][] = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
];
const UPGRADE_SEEN = seen({ headers: [['host', 'a'], ...UPGRADE_FIELDS], upgrade: 'websocket' });

accepts(
  {
    id: 'h1-upgrade-pauses',
    title: 'after an upgrade request the parser pauses, whatever comes next',
    clause: 'RFC 9110 §7.8',
    why: 'a WebSocket frame is not a bad request line, and not a good one either',
    group,
  },
  { input: `${head(UPGRADE)}\x81\x85\0\r\n${NEXT}`, requests: [UPGRADE_SEEN], last: 'paused' },
);

accepts(
  {
    id: 'h1-upgrade-with-body',
    title: 'the body of an upgrade request still is its body',
    clause: 'RFC 9110 §7.8',
    why: 'the client cannot change protocols in the middle of a message',
    group,
  },
  {
    input: `${post([...UPGRADE, 'Content-Length: 2'], 'ab')}\x81`,
    requests: [
      seenPost({
        fields: [...UPGRADE_FIELDS, ['content-length', '2']],
        bodyLength: 2,
        body: 'ab',
        upgrade: 'websocket',
      }),
    ],
    last: 'paused',
  },
);

accepts(
  {
    id: 'h1-upgrade-list',
    title: 'the Upgrade field is surfaced as it is, its connection option found in any list and case',
    clause: 'RFC 9110 §7.8',
    why: 'Firefox sends `Connection: keep-alive, Upgrade`',
    group,
  },
  {
    input: head(['Upgrade: h2c, IRC/6.9', 'Connection: keep-alive, HTTP2-Settings ,UPGRADE', 'upgrade: x']),
    requests: [
      seen({
        headers: [
          ['host', 'a'],
          ['upgrade', 'h2c, IRC/6.9'],
          ['connection', 'keep-alive, HTTP2-Settings ,UPGRADE'],
          ['upgrade', 'x'],
        ],
        upgrade: 'h2c, IRC/6.9, x',
      }),
    ],
    last: 'paused',
  },
);

accepts(
  {
    id: 'h1-upgrade-not-meant',
    title: 'Upgrade without its connection option, or the option alone, is no upgrade',
    clause: 'RFC 9110 §7.6.1, §7.8',
    why: 'without the option it was meant for somebody else along the way',
    group,
  },
  {
    input: head(['Upgrade: websocket']) + head(['Connection: upgrade']) + head(['Upgrade: x', 'Connection: upgrades']),
    requests: [
      [['upgrade', 'websocket']],
      [['connection', 'upgrade']],
      [
        ['upgrade', 'x'],
        ['connection', 'upgrades'],
      ],
    ].map((fields) => seen({ headers: [['host', 'a'], ...(fields as [string, string][])] })),
  },
);

accepts(
  {
    id: 'h1-upgrade-1-0',
    title: 'Upgrade in an HTTP/1.0 request is ignored',
    clause: 'RFC 9110 §7.8',
    why: 'a 101 is an interim response, which HTTP/1.0 does not know',
    group,
  },
  {
    input: head([...UPGRADE, 'Connection: keep-alive'], 'GET / HTTP/1.0'),
    requests: [seen({ version: '1.0', headers: [['host', 'a'], ...UPGRADE_FIELDS, ['connection', 'keep-alive']] })],
  },
);

accepts(
  {
    id: 'h1-connect-pauses',
    title: 'after CONNECT the parser pauses',
    clause: 'RFC 9110 §9.3.6',
    why: 'what follows is for the other end of the tunnel',
    group,
  },
  {
    input: `${head([], 'CONNECT b.example:443 HTTP/1.1')}\x16\x03\x01`,
    requests: [seen({ method: 'CONNECT', target: 'b.example:443' })],
    last: 'paused',
  },
);

/** Pushes each piece, asking for events after it. */
function paused(...pieces: string[]): Observer {
  const observer = new Observer(new RequestParser());
  for (const piece of pieces) {
    observer.parser.push(Buffer.from(piece, 'latin1'));
    observer.drain(piece.length);
  }
  equal(observer.outcome().last, 'paused', 'the event after an upgrade request');
  return observer;
}

testCase(
  {
    id: 'h1-rest',
    title: 'rest hands over every octet after the request, those pushed since the pause too',
    clause: 'RFC 9110 §7.8',
    why: 'the first WebSocket frame often comes in the same segment as the request',
    group,
  },
  () => {
    const whole = paused(`${head(UPGRADE)}\0\r\nfirst`);
    bytes(whole.parser.rest(), '\0\r\nfirst', 'what rest() returns');
    const pieces = paused(head(UPGRADE), '\x81', '', '\x82 more');
    bytes(pieces.parser.rest(), '\x81\x82 more', 'what rest() returns after three pushes');
    const none = paused(head(UPGRADE));
    bytes(none.parser.rest(), '', 'what rest() returns if nothing came');
    const [early, late] = [head(UPGRADE).slice(0, 20), head(UPGRADE).slice(20)];
    const cut = paused(early, `${late}first`);
    bytes(cut.parser.rest(), 'first', 'what rest() returns if the request came in two pieces');
  },
);

testCase(
  {
    id: 'h1-rest-closes',
    title: 'after rest the parser is closed',
    clause: 'RFC 9110 §7.8',
    why: 'the connection does not come back to HTTP',
    group,
  },
  () => {
    const { parser } = paused(head(UPGRADE) + NEXT);
    parser.rest();
    equal(parser.next().type, 'closed', 'the event');
    parser.push(Buffer.from(NEXT));
    equal(parser.next().type, 'closed', 'the event after another push');
  },
);

testCase(
  {
    id: 'h1-resume',
    title: 'after resume the requests that follow are parsed',
    clause: 'RFC 9110 §7.8',
    why: 'a server MAY ignore an upgrade: browsers do not repeat the requests behind it',
    group,
  },
  () => {
    const observer = paused(head(UPGRADE), chunked('1\r\nx\r\n0\r\n\r\n').slice(0, 70), '');
    observer.parser.resume();
    observer.parser.push(Buffer.from(chunked('1\r\nx\r\n0\r\n\r\n').slice(70) + NEXT));
    observer.drain(200);
    const { requests, last } = observer.outcome();
    equal(
      requests.map(({ target, body, complete }) => [target, body, complete]),
      [
        ['/', '', true],
        ['/', 'x', true],
        ['/next', '', true],
      ],
      'requests',
    );
    equal(last, 'need-more', 'the last event');
  },
);

testCase(
  {
    id: 'h1-resume-close',
    title: 'resume after an upgrade request with close closes',
    clause: 'RFC 9112 §9.6',
    why: 'an upgrade that was not taken up leaves the close option as it was',
    group,
  },
  () => {
    const { parser } = paused(head(['Upgrade: x', 'Connection: upgrade, close']) + NEXT);
    parser.resume();
    equal(parser.next().type, 'closed', 'the event');
  },
);

testCase(
  {
    id: 'h1-switch-misuse',
    title: 'resume and rest without a pause are the caller’s mistakes: TypeErrors',
    clause: 'statement: rest and resume',
    why: 'octets of the next request would be handed to a protocol that nobody asked for',
    group,
  },
  () => {
    const parser = new RequestParser();
    throws(() => parser.rest(), { name: 'TypeError' }, 'rest() before any request');
    parser.push(Buffer.from(head() + NEXT));
    parser.next();
    throws(() => parser.resume(), { name: 'TypeError' }, 'resume() after a plain request');
    throws(() => parser.rest(), { name: 'TypeError' }, 'rest() after a plain request');
  },
);
