/** Field blocks: HEADERS or PUSH_PROMISE and its CONTINUATIONs, in one piece and of bounded size. */
import { testCase } from '../../../kit/case.ts';
import { frame, octets, type Plain, PROBE, PROBED, readCase, readsLong, Type, violationCases } from './support.ts';

const contiguity = 'field blocks in one piece';

const OPEN = frame(Type.HEADERS, 0x00, 1, '82');
const OPENED: Plain = { type: 'HEADERS', streamId: 1, endStream: false, endHeaders: false, fragment: '82' };

readCase(
  {
    id: 'frame-block-several',
    title: 'one block after the other, on other streams and of both kinds',
    clause: 'RFC 9113 §4.3',
    why: 'END_HEADERS closes a block: what follows is free again',
    group: contiguity,
  },
  {
    input: [
      frame(Type.HEADERS, 0x01, 1, '82'),
      frame(Type.CONTINUATION, 0x04, 1, '84'),
      frame(Type.DATA, 0x01, 3, '61'),
      frame(Type.PUSH_PROMISE, 0x00, 1, '00000002 82'),
      frame(Type.CONTINUATION, 0x00, 1, '86'),
      frame(Type.CONTINUATION, 0x04, 1, ''),
      frame(Type.HEADERS, 0x04, 5, '82'),
    ],
    expected: [
      { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: false, fragment: '82' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: true, fragment: '84' },
      { type: 'DATA', streamId: 3, endStream: true, data: '61' },
      { type: 'PUSH_PROMISE', streamId: 1, endHeaders: false, promisedStreamId: 2, fragment: '82' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: '86' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: true, fragment: '' },
      { type: 'HEADERS', streamId: 5, endStream: false, endHeaders: true, fragment: '82' },
    ],
  },
);

for (const [id, title, intruder, why] of [
  [
    'data',
    'DATA',
    frame(Type.DATA, 0, 1, '61'),
    'HPACK has one state for the connection: a block is decoded in one go',
  ],
  ['ping', 'PING', frame(Type.PING, 0, 0, '0102030405060708'), 'not even the connection’s own frames may interrupt'],
  ['headers', 'a second HEADERS', frame(Type.HEADERS, 4, 1, '84'), 'two blocks would run into one'],
  ['priority', 'PRIORITY', frame(Type.PRIORITY, 0, 1, '00000000 10'), '“in any state” does not mean inside a block'],
  [
    'unknown',
    'a frame of an unknown type',
    frame(0xfa, 0, 1, '00'),
    'elsewhere it is ignored; here it is an error (§5.5)',
  ],
  ['stream', 'CONTINUATION of another stream', frame(Type.CONTINUATION, 4, 3, '84'), 'it would end the wrong block'],
] as const) {
  violationCases(
    {
      id: `frame-block-${id}`,
      title: `${title} inside an open field block`,
      clause: 'RFC 9113 §4.3, §6.10',
      why,
      group: contiguity,
    },
    { input: [OPEN, intruder], before: [OPENED], errorCode: 'PROTOCOL_ERROR' },
  );
}

violationCases(
  {
    id: 'frame-block-after-continuation',
    title: 'DATA after a CONTINUATION that does not end the block',
    clause: 'RFC 9113 §6.10',
    why: 'the block stays open until END_HEADERS, not until the first CONTINUATION',
    group: contiguity,
  },
  {
    input: [OPEN, frame(Type.CONTINUATION, 0, 1, '84'), frame(Type.DATA, 0, 1, '61')],
    before: [OPENED, { type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: '84' }],
    errorCode: 'PROTOCOL_ERROR',
  },
);

violationCases(
  {
    id: 'frame-block-push-promise',
    title: 'DATA inside the open field block of a PUSH_PROMISE',
    clause: 'RFC 9113 §6.6',
    why: 'PUSH_PROMISE opens a block just as HEADERS does',
    group: contiguity,
  },
  {
    input: [frame(Type.PUSH_PROMISE, 0, 1, '00000002 82'), frame(Type.DATA, 0, 1, '61')],
    before: [{ type: 'PUSH_PROMISE', streamId: 1, endHeaders: false, promisedStreamId: 2, fragment: '82' }],
    errorCode: 'PROTOCOL_ERROR',
  },
);

violationCases(
  {
    id: 'frame-block-push-promise-stream',
    title: 'CONTINUATION on the promised stream',
    clause: 'RFC 9113 §6.6',
    why: 'the block goes on where the PUSH_PROMISE stood',
    group: contiguity,
  },
  {
    input: [frame(Type.PUSH_PROMISE, 0, 1, '00000002 82'), frame(Type.CONTINUATION, 4, 2, '84')],
    before: [{ type: 'PUSH_PROMISE', streamId: 1, endHeaders: false, promisedStreamId: 2, fragment: '82' }],
    errorCode: 'PROTOCOL_ERROR',
  },
);

violationCases(
  {
    id: 'frame-block-none-open',
    title: 'CONTINUATION when no field block is open',
    clause: 'RFC 9113 §6.10',
    why: 'it continues nothing; on stream 0 as little as elsewhere',
    group: contiguity,
  },
  {
    input: [frame(Type.HEADERS, 0x04, 1, '82'), frame(Type.CONTINUATION, 0x04, 1, '84')],
    before: [{ type: 'HEADERS', streamId: 1, endStream: false, endHeaders: true, fragment: '82' }],
    errorCode: 'PROTOCOL_ERROR',
  },
);

violationCases(
  {
    id: 'frame-block-continuation-zero',
    title: 'CONTINUATION on stream 0',
    clause: 'RFC 9113 §6.10',
    why: 'no block can be open there: whoever marks “no block” with a 0 must not be fooled by it',
    group: contiguity,
  },
  { input: frame(Type.CONTINUATION, 0, 0, '84'), errorCode: 'PROTOCOL_ERROR' },
);

const caps = 'field blocks of bounded size';
const calm = 'CVE-2024-27316, RFC 9113 §10.5';
const small = { maxFieldBlock: 10, maxContinuations: 2 };

readCase(
  {
    id: 'frame-cap-reached',
    title: 'a block of exactly as many octets and CONTINUATIONs as may be is taken, and so is the next block',
    clause: 'statement: limits',
    why: 'the count is of one block: a connection with many requests must not use it up',
    group: caps,
  },
  {
    options: small,
    input: [1, 3].flatMap((stream) => [
      frame(Type.HEADERS, 0, stream, '11111111'),
      frame(Type.CONTINUATION, 0, stream, '22222222'),
      frame(Type.CONTINUATION, 4, stream, '3333'),
    ]),
    expected: [1, 3].flatMap((streamId) => [
      { type: 'HEADERS', streamId, endStream: false, endHeaders: false, fragment: '11111111' },
      { type: 'CONTINUATION', streamId, endHeaders: false, fragment: '22222222' },
      { type: 'CONTINUATION', streamId, endHeaders: true, fragment: '3333' },
    ]),
  },
);

violationCases(
  {
    id: 'frame-cap-octets',
    title: 'a field block of more than maxFieldBlock octets',
    clause: calm,
    why: 'CONTINUATIONs without an end filled the memory of half of the world’s servers in 2024',
    group: caps,
  },
  {
    options: small,
    input: [frame(Type.HEADERS, 0, 1, '11111111'), frame(Type.CONTINUATION, 4, 1, '22222222222222')],
    before: [{ type: 'HEADERS', streamId: 1, endStream: false, endHeaders: false, fragment: '11111111' }],
    errorCode: 'ENHANCE_YOUR_CALM',
  },
);

violationCases(
  {
    id: 'frame-cap-octets-early',
    title: 'a CONTINUATION beyond maxFieldBlock, when nothing but its header has arrived,',
    clause: calm,
    why: 'the header says that it will be too much: why store it first?',
    group: caps,
  },
  {
    options: small,
    input: [frame(Type.HEADERS, 0, 1, '11111111'), frame(Type.CONTINUATION, 4, 1, '', 7)],
    before: [{ type: 'HEADERS', streamId: 1, endStream: false, endHeaders: false, fragment: '11111111' }],
    errorCode: 'ENHANCE_YOUR_CALM',
  },
);

violationCases(
  {
    id: 'frame-cap-first',
    title: 'a single HEADERS frame with more than maxFieldBlock octets',
    clause: calm,
    why: 'the bound is the block’s, however many frames it comes in',
    group: caps,
  },
  { options: small, input: frame(Type.HEADERS, 5, 1, '1111111111111111111111'), errorCode: 'ENHANCE_YOUR_CALM' },
);

readCase(
  {
    id: 'frame-cap-fragment-only',
    title: 'padding, priority and the promised stream are no part of the block’s octets',
    clause: 'RFC 9113 §4.3',
    why: 'the block is what HPACK is given: the fragments',
    group: caps,
  },
  {
    options: small,
    input: [
      frame(Type.HEADERS, 0x2c, 1, '04 00000000 10 11111111111111111111 00000000'),
      frame(Type.PUSH_PROMISE, 0x04, 1, '00000002 22222222222222222222'),
    ],
    expected: [
      {
        type: 'HEADERS',
        streamId: 1,
        endStream: false,
        endHeaders: true,
        priority: { exclusive: false, streamDependency: 0, weight: 16 },
        fragment: '11111111111111111111',
        padLength: 4,
      },
      { type: 'PUSH_PROMISE', streamId: 1, endHeaders: true, promisedStreamId: 2, fragment: '22222222222222222222' },
    ],
  },
);

readCase(
  {
    id: 'frame-cap-other-frames',
    title: 'frames that carry no field block are not bounded by its caps, the first SETTINGS neither',
    clause: 'statement: limits',
    why: 'who wants short headers still wants SETTINGS, and DATA',
    group: caps,
  },
  {
    options: { preface: 'server', maxFieldBlock: 4, maxContinuations: 0 },
    input: [frame(Type.SETTINGS, 0, 0, '0003 00000064'), frame(Type.HEADERS, 4, 1, '82'), PROBE],
    expected: [
      { type: 'SETTINGS', ack: false, settings: [[3, 100]] },
      { type: 'HEADERS', streamId: 1, endStream: false, endHeaders: true, fragment: '82' },
      PROBED,
    ],
  },
);

violationCases(
  {
    id: 'frame-cap-count',
    title: 'one CONTINUATION more than maxContinuations, all of them empty,',
    clause: 'CVE-2019-9518, RFC 9113 §10.5',
    why: 'empty frames never reach a bound in octets',
    group: caps,
  },
  {
    options: small,
    input: [
      frame(Type.HEADERS, 0, 1, '11'),
      frame(Type.CONTINUATION, 0, 1),
      frame(Type.CONTINUATION, 0, 1),
      frame(Type.CONTINUATION, 4, 1),
    ],
    before: [
      { type: 'HEADERS', streamId: 1, endStream: false, endHeaders: false, fragment: '11' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: '' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: '' },
    ],
    errorCode: 'ENHANCE_YOUR_CALM',
  },
);

const DEFAULTS = Array.from({ length: 9 }, () => frame(Type.CONTINUATION, 0, 1, '84'));

violationCases(
  {
    id: 'frame-cap-count-default',
    title: 'the ninth CONTINUATION of a block, where nothing else was agreed,',
    clause: calm,
    why: 'a cap that has to be switched on protects nobody',
    group: caps,
  },
  {
    input: [OPEN, ...DEFAULTS],
    before: [
      OPENED,
      ...DEFAULTS.slice(1).map(() => ({ type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: '84' })),
    ],
    errorCode: 'ENHANCE_YOUR_CALM',
  },
);

const QUARTER = Buffer.alloc(16_384, 0x84);

testCase(
  {
    id: 'frame-cap-octets-default',
    title: 'by default a block of 65,536 octets is taken, and one of 65,537 is not',
    clause: calm,
    why: 'four full frames are more than any honest header needs',
    group: caps,
  },
  () => {
    const part = { streamId: 1, endHeaders: false, fragment: octets(QUARTER) };
    const block = [frame(Type.HEADERS, 0, 1, QUARTER), ...[0, 0, 0].map(() => frame(Type.CONTINUATION, 0, 1, QUARTER))];
    const wire = Buffer.concat([...block, frame(Type.CONTINUATION, 4, 1, '84')]);
    readsLong(wire, [
      { type: 'HEADERS', endStream: false, ...part },
      ...[0, 0, 0].map(() => ({ type: 'CONTINUATION', ...part })),
      { type: 'CONNECTION_ERROR', errorCode: 'ENHANCE_YOUR_CALM' },
    ]);
  },
);
