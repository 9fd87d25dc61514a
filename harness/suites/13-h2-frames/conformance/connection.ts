/** How a connection begins, and how it ends when something is wrong. */
import { FrameDecoder, type FrameDecoderOptions } from '#subject/13-h2-frames/h2-frames.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import { show } from '../../../kit/show.ts';
import { decode, frame, hex, PREFACE, PROBE, PROBED, plain, readCase, Type, violationCases } from './support.ts';

const beginning = 'the preface';
const clause = 'RFC 9113 §3.4';
const client = { preface: 'client' } as const;
const server = { preface: 'server' } as const;
const SETTINGS = frame(Type.SETTINGS, 0, 0, '0003 00000064');
const SET = { type: 'SETTINGS', ack: false, settings: [[3, 100]] };

readCase(
  {
    id: 'frame-preface-client',
    title: 'a client’s 24 octets, then SETTINGS, then anything',
    clause,
    why: 'clients send their first request without waiting for an answer: all of it may be in one segment',
    group: beginning,
  },
  {
    options: client,
    input: [PREFACE, SETTINGS, frame(Type.HEADERS, 5, 1, '828684')],
    expected: [SET, { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: true, fragment: '828684' }],
  },
);

readCase(
  {
    id: 'frame-preface-server',
    title: 'a server’s preface is a SETTINGS frame, which may be empty',
    clause,
    why: 'there are no 24 octets in this direction',
    group: beginning,
  },
  { options: server, input: frame(Type.SETTINGS, 0, 0), expected: [{ type: 'SETTINGS', ack: false, settings: [] }] },
);

violationCases(
  {
    id: 'frame-preface-wrong',
    title: 'a client preface whose last octet is wrong',
    clause,
    why: 'all 24 octets are compared, not the first few',
    group: beginning,
  },
  {
    options: client,
    input: [Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r', 'latin1'), SETTINGS],
    marks: [],
    errorCode: 'PROTOCOL_ERROR',
  },
);

testCase(
  {
    id: 'frame-preface-wrong-early',
    title: 'a wrong octet is refused when it comes, not when 24 have come',
    clause,
    why: 'an HTTP/1.0 client sends 18 octets and waits: so would we, for ever',
    group: beginning,
  },
  () => {
    const refused = [{ type: 'CONNECTION_ERROR', errorCode: 'PROTOCOL_ERROR' }];
    for (const start of ['GET / HTTP/1.0\r\n\r\n', 'PRI * HTTP/1', 'PO', '\0']) {
      equal(decode([Buffer.from(start, 'latin1')], client), refused, `events of ${JSON.stringify(start)}`);
    }
    equal(decode([PREFACE.subarray(0, 23)], client), [], 'events of the first 23 octets of the preface');
  },
);

violationCases(
  {
    id: 'frame-preface-no-settings',
    title: 'a client’s first frame that is not SETTINGS',
    clause,
    why: 'the preface is both: the 24 octets and SETTINGS',
    group: beginning,
  },
  { options: client, input: [PREFACE, PROBE], errorCode: 'PROTOCOL_ERROR' },
);

violationCases(
  {
    id: 'frame-preface-ack',
    title: 'a first frame that acknowledges SETTINGS',
    clause,
    why: 'an ACK sets nothing',
    group: beginning,
  },
  { options: client, input: [PREFACE, frame(Type.SETTINGS, 1, 0)], errorCode: 'PROTOCOL_ERROR' },
);

violationCases(
  {
    id: 'frame-preface-server-no-settings',
    title: 'a server’s first frame that is not SETTINGS',
    clause,
    why: 'before SETTINGS, nobody knows which limits hold',
    group: beginning,
  },
  { options: server, input: frame(Type.WINDOW_UPDATE, 0, 0, '00000001'), errorCode: 'PROTOCOL_ERROR' },
);

violationCases(
  {
    id: 'frame-preface-http1-server',
    title: 'an HTTP/1.1 response in the place of a server’s preface',
    clause,
    why: 'read as a header, “HTT” is a length of 4,740,180; but the fault is that this is no HTTP/2',
    group: beginning,
  },
  {
    options: server,
    input: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n', 'latin1'),
    marks: [],
    errorCode: 'PROTOCOL_ERROR',
  },
);

readCase(
  {
    id: 'frame-preface-none',
    title: 'without a preface any frame may come first',
    clause: 'statement: options',
    why: 'whoever has sniffed the preface already hands over what comes after it',
    group: beginning,
  },
  { input: PROBE, expected: [PROBED] },
);

const ending = 'errors';
/** One of each kind. */
const FAULTS: [what: string, input: Uint8Array, options?: FrameDecoderOptions][] = [
  ['a wrong preface', Buffer.from('GET'), client],
  ['a first frame that is not SETTINGS', PROBE, server],
  ['a frame that is too large', frame(Type.DATA, 0, 1, '', 16_385)],
  ['CONTINUATION of nothing', frame(Type.CONTINUATION, 4, 1, '82')],
  ['a field block that is too long', frame(Type.HEADERS, 4, 1, '8282'), { maxFieldBlock: 1 }],
  [
    'a CONTINUATION too many',
    Buffer.concat([frame(Type.HEADERS, 0, 1, '82'), frame(Type.CONTINUATION, 4, 1, '82')]),
    { maxContinuations: 0 },
  ],
  ['DATA on stream 0', frame(Type.DATA, 0, 0, '61')],
  ['PING of 7 octets', frame(Type.PING, 0, 0, '00000000000000')],
  ['PRIORITY of 1 octet', frame(Type.PRIORITY, 0, 1, '00')],
  ['SETTINGS with ACK and a payload', frame(Type.SETTINGS, 1, 0, '0003 00000064')],
  ['a PADDED frame without a payload', frame(Type.DATA, 8, 1)],
  ['too much padding', frame(Type.DATA, 8, 1, '01')],
  ['PUSH_PROMISE of stream 0', frame(Type.PUSH_PROMISE, 4, 1, '00000000')],
  ['an increment of 0', frame(Type.WINDOW_UPDATE, 0, 0, '00000000')],
  ['ENABLE_PUSH of 2', frame(Type.SETTINGS, 0, 0, '0002 00000002')],
  ['INITIAL_WINDOW_SIZE of 2^31', frame(Type.SETTINGS, 0, 0, '0004 80000000')],
  ['MAX_FRAME_SIZE of 0', frame(Type.SETTINGS, 0, 0, '0005 00000000')],
];

const BAD = hex('000007 06 00 00000000 | 00000000000000');
const FAILED = { type: 'CONNECTION_ERROR', errorCode: 'FRAME_SIZE_ERROR' };

readCase(
  {
    id: 'frame-error-after-frames',
    title: 'frames before the error are delivered, and the error comes last',
    clause: 'RFC 9113 §5.4.1',
    why: 'GOAWAY names the last stream that was received: it must have been received',
    group: ending,
  },
  {
    input: [PROBE, frame(Type.DATA, 1, 1, '61'), BAD, PROBE],
    expected: [PROBED, { type: 'DATA', streamId: 1, endStream: true, data: '61' }, FAILED],
  },
);

testCase(
  {
    id: 'frame-error-final',
    title: 'after a connection error, every push returns [], whatever comes',
    clause: 'RFC 9113 §5.4.1',
    why: 'one report, and no frame out of a stream of octets that has lost its place',
    group: ending,
  },
  () => {
    const decoder = new FrameDecoder();
    equal(decoder.push(BAD).map(plain), [FAILED], 'events of a PING of 7 octets');
    for (const chunk of [PROBE, BAD, new Uint8Array(0), PREFACE]) {
      equal(decoder.push(chunk), [], 'events after it');
    }
    const opened = new FrameDecoder(client);
    equal(
      opened.push(Buffer.from('GET')).map((event) => event.type),
      ['CONNECTION_ERROR'],
      'events of “GET”',
    );
    equal(opened.push(Buffer.concat([PREFACE, SETTINGS])), [], 'events of a preface after a wrong one');
  },
);

readCase(
  {
    id: 'frame-error-stream-goes-on',
    title: 'a stream error takes the place of its frame, and decoding goes on, on that stream too',
    clause: 'RFC 9113 §5.4.2',
    why: 'a stream error must not affect other streams',
    group: ending,
  },
  {
    input: [
      frame(Type.PRIORITY, 0, 3, '00'),
      frame(Type.DATA, 0, 1, '61'),
      frame(Type.WINDOW_UPDATE, 0, 5, '00000000'),
      frame(Type.WINDOW_UPDATE, 0, 5, '00000001'),
    ],
    expected: [
      { type: 'STREAM_ERROR', streamId: 3, errorCode: 'FRAME_SIZE_ERROR' },
      { type: 'DATA', streamId: 1, endStream: false, data: '61' },
      { type: 'STREAM_ERROR', streamId: 5, errorCode: 'PROTOCOL_ERROR' },
      { type: 'WINDOW_UPDATE', streamId: 5, increment: 1 },
    ],
  },
);

testCase(
  {
    id: 'frame-error-reason',
    title: 'an error says why, for people',
    clause: 'statement: errors',
    why: 'it goes into the debug data of GOAWAY and into the log, where somebody will look for it at night',
    group: ending,
  },
  () => {
    for (const [what, input, options] of FAULTS) {
      const event = new FrameDecoder(options).push(input).at(-1);
      const error = event?.type === 'CONNECTION_ERROR' || event?.type === 'STREAM_ERROR' ? event : undefined;
      const reason: unknown = error?.reason;
      ok(
        typeof reason === 'string' && reason.length > 0,
        `a reason that is not empty for ${what}`,
        `it is ${show(reason)}`,
      );
    }
  },
);

const order = 'one error for a frame that has several';

for (const [id, title, input, errorCode, options, why] of [
  [
    'size-first',
    'a frame that is too large and on the wrong stream',
    frame(Type.DATA, 0, 0, '', 20_000),
    'FRAME_SIZE_ERROR',
    {},
    'what is judged first is what must be judged first: the size',
  ],
  [
    'block-first',
    'inside a field block, a PRIORITY of a wrong length',
    Buffer.concat([frame(Type.HEADERS, 0, 1, '82'), frame(Type.PRIORITY, 0, 1, '00')]),
    'PROTOCOL_ERROR',
    {},
    'that would be a stream’s error elsewhere; a broken field block is the connection’s',
  ],
  [
    'stream-before-length',
    'a PING on stream 1 with 7 octets',
    frame(Type.PING, 0, 1, '00000000000000'),
    'PROTOCOL_ERROR',
    {},
    'the statement’s order: stream, then length, then contents',
  ],
] as const) {
  const before =
    id === 'block-first' ? [{ type: 'HEADERS', streamId: 1, endStream: false, endHeaders: false, fragment: '82' }] : [];
  readCase(
    { id: `frame-order-${id}`, title: `${title}: ${errorCode}`, clause: 'RFC 9113 §5.4', why, group: order },
    { input, options, expected: [...before, { type: 'CONNECTION_ERROR', errorCode }] },
  );
}
