/** The encoder: exact octets, and what it refuses to send. */
import { encodeFrame, type Frame } from '#subject/13-h2-frames/h2-frames.ts';
import { type CaseFacts, testCase } from '../../../kit/case.ts';
import { bytes, throws } from '../../../kit/check.ts';
import type { Field } from '../../../kit/failure.ts';
import { hex } from './support.ts';

const group = 'writing';
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

const HEADER: Field[] = [
  { name: 'length', from: 0, to: 3 },
  { name: 'type', from: 3, to: 4 },
  { name: 'flags', from: 4, to: 5 },
  { name: 'stream identifier', from: 5, to: 9 },
];

/** Names of the payload's fields and where each ends, counted from the beginning of the frame. */
function fields(...payload: [name: string, to: number][]): Field[] {
  const all = [...HEADER];
  for (const [name, to] of payload) all.push({ name, from: all.at(-1)!.to, to });
  return all;
}

function writeCase(facts: Omit<CaseFacts, 'group'>, ...frames: [Frame, string, Field[]?][]): void {
  testCase({ ...facts, group }, () => {
    for (const [frame, wire, named = HEADER] of frames) {
      const written = encodeFrame(frame, 16_777_215);
      bytes(written, hex(wire), `${frame.type} on the wire`, named);
    }
  });
}

writeCase(
  {
    id: 'frame-write-data',
    title: 'DATA, plain and empty and at the end of a stream',
    clause: 'RFC 9113 §6.1',
    why: 'nine octets of header, most of them 0, none of them optional',
  },
  [{ type: 'DATA', streamId: 3, endStream: false, data: ascii('hello') }, '000005 00 00 00000003 | 68656c6c6f'],
  [{ type: 'DATA', streamId: 0x7fff_ffff, endStream: true, data: ascii('') }, '000000 00 01 7fffffff'],
);

writeCase(
  {
    id: 'frame-write-long',
    title: 'the length in all three octets',
    clause: 'RFC 9113 §4.1',
    why: 'a length written as 16 bits cuts a large frame into garbage',
  },
  [
    { type: 'DATA', streamId: 1, endStream: false, data: new Uint8Array(0x01_02_03) },
    `010203 00 00 00000001 ${'00'.repeat(0x01_02_03)}`,
  ],
);

writeCase(
  {
    id: 'frame-write-padded',
    title: 'padding: flag, Pad Length in front of everything, zeros behind everything, and all of it in the length',
    clause: 'RFC 9113 §6.1, §6.2, §6.6',
    why: 'padding octets must be zero when sending: what else would leak there?',
  },
  [
    { type: 'DATA', streamId: 1, endStream: true, data: ascii('abc'), padLength: 2 },
    '000006 00 09 00000001 | 02 616263 0000',
    fields(['pad length', 10], ['data', 13], ['padding', 15]),
  ],
  [
    { type: 'DATA', streamId: 1, endStream: false, data: ascii('abc'), padLength: 0 },
    '000004 00 08 00000001 | 00 616263',
  ],
  [
    { type: 'DATA', streamId: 1, endStream: false, data: ascii(''), padLength: 255 },
    `000100 00 08 00000001 | ff ${'00'.repeat(255)}`,
  ],
  [
    {
      type: 'HEADERS',
      streamId: 1,
      endStream: false,
      endHeaders: true,
      priority: { exclusive: false, streamDependency: 0, weight: 16 },
      fragment: hex('82'),
      padLength: 1,
    },
    '000008 01 2c 00000001 | 01 00000000 10 82 00',
    fields(['pad length', 10], ['stream dependency', 14], ['weight', 15], ['fragment', 16], ['padding', 17]),
  ],
  [
    { type: 'PUSH_PROMISE', streamId: 1, endHeaders: true, promisedStreamId: 2, fragment: hex('82'), padLength: 3 },
    '000009 05 0c 00000001 | 03 00000002 82 000000',
    fields(['pad length', 10], ['promised stream', 14], ['fragment', 15], ['padding', 18]),
  ],
);

writeCase(
  {
    id: 'frame-write-headers',
    title: 'HEADERS: END_STREAM, END_HEADERS and PRIORITY each by itself',
    clause: 'RFC 9113 §6.2',
    why: 'END_HEADERS forgotten makes everything that follows a connection error',
  },
  [
    { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: true, fragment: hex('828684') },
    '000003 01 05 00000001 | 828684',
  ],
  [
    { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: false, fragment: hex('82') },
    '000001 01 01 00000001 | 82',
  ],
  [
    { type: 'HEADERS', streamId: 1, endStream: false, endHeaders: true, fragment: hex('82') },
    '000001 01 04 00000001 | 82',
  ],
  [
    {
      type: 'HEADERS',
      streamId: 5,
      endStream: false,
      endHeaders: false,
      priority: { exclusive: true, streamDependency: 0x7fff_ffff, weight: 255 },
      fragment: hex('82'),
    },
    '000006 01 20 00000005 | ffffffff ff 82',
    fields(['stream dependency', 13], ['weight', 14], ['fragment', 15]),
  ],
);

writeCase(
  {
    id: 'frame-write-priority',
    title: 'PRIORITY',
    clause: 'RFC 9113 §6.3',
    why: 'exclusive is the first bit of the dependency',
  },
  [
    { type: 'PRIORITY', streamId: 3, priority: { exclusive: true, streamDependency: 1, weight: 200 } },
    '000005 02 00 00000003 | 80000001 c8',
  ],
  [
    { type: 'PRIORITY', streamId: 3, priority: { exclusive: false, streamDependency: 0, weight: 0 } },
    '000005 02 00 00000003 | 00000000 00',
  ],
);

writeCase(
  {
    id: 'frame-write-rst-stream',
    title: 'RST_STREAM with any 32-bit code',
    clause: 'RFC 9113 §6.4',
    why: 'codes from 2^31 up are negative for `|` and too large for writeInt32BE',
  },
  [{ type: 'RST_STREAM', streamId: 7, errorCode: 8 }, '000004 03 00 00000007 | 00000008'],
  [{ type: 'RST_STREAM', streamId: 7, errorCode: 0xfedc_ba98 }, '000004 03 00 00000007 | fedcba98'],
);

writeCase(
  {
    id: 'frame-write-settings',
    title: 'SETTINGS, in the order in which they were put in; ACK',
    clause: 'RFC 9113 §6.5',
    why: 'the receiver processes them in that order',
  },
  [
    {
      type: 'SETTINGS',
      ack: false,
      settings: new Map([
        [4, 0x7fff_ffff],
        [2, 0],
        [0xfafa, 0xffff_ffff],
      ]),
    },
    '000012 04 00 00000000 | 0004 7fffffff 0002 00000000 fafa ffffffff',
  ],
  [{ type: 'SETTINGS', ack: false, settings: new Map() }, '000000 04 00 00000000'],
  [{ type: 'SETTINGS', ack: true, settings: new Map() }, '000000 04 01 00000000'],
);

writeCase(
  {
    id: 'frame-write-push-promise',
    title: 'PUSH_PROMISE',
    clause: 'RFC 9113 §6.6',
    why: 'the promised stream stands in front of the fragment',
  },
  [
    { type: 'PUSH_PROMISE', streamId: 1, endHeaders: true, promisedStreamId: 0x0102_0304, fragment: hex('8284') },
    '000006 05 04 00000001 | 01020304 8284',
  ],
  [
    { type: 'PUSH_PROMISE', streamId: 1, endHeaders: false, promisedStreamId: 2, fragment: hex('82') },
    '000005 05 00 00000001 | 00000002 82',
  ],
);

writeCase(
  {
    id: 'frame-write-ping',
    title: 'PING and its answer',
    clause: 'RFC 9113 §6.7',
    why: 'the answer has the same eight octets and the ACK flag',
  },
  [{ type: 'PING', ack: false, opaqueData: hex('00ff10807f0a0d00') }, '000008 06 00 00000000 | 00ff10807f0a0d00'],
  [{ type: 'PING', ack: true, opaqueData: hex('00ff10807f0a0d00') }, '000008 06 01 00000000 | 00ff10807f0a0d00'],
);

writeCase(
  {
    id: 'frame-write-goaway',
    title: 'GOAWAY, with debug data and without',
    clause: 'RFC 9113 §6.8',
    why: 'the first step of a graceful shutdown names stream 2^31 - 1',
  },
  [
    { type: 'GOAWAY', lastStreamId: 0x7fff_ffff, errorCode: 0, debugData: new Uint8Array(0) },
    '000008 07 00 00000000 | 7fffffff 00000000',
  ],
  [
    { type: 'GOAWAY', lastStreamId: 5, errorCode: 11, debugData: ascii('calm') },
    '00000c 07 00 00000000 | 00000005 0000000b 63616c6d',
    fields(['last stream', 13], ['error code', 17], ['debug data', 21]),
  ],
);

writeCase(
  {
    id: 'frame-write-window-update',
    title: 'WINDOW_UPDATE of the connection and of a stream',
    clause: 'RFC 9113 §6.9',
    why: 'the smallest and the largest increment are legal',
  },
  [{ type: 'WINDOW_UPDATE', streamId: 0, increment: 1 }, '000004 08 00 00000000 | 00000001'],
  [{ type: 'WINDOW_UPDATE', streamId: 9, increment: 0x7fff_ffff }, '000004 08 00 00000009 | 7fffffff'],
);

writeCase(
  {
    id: 'frame-write-continuation',
    title: 'CONTINUATION',
    clause: 'RFC 9113 §6.10',
    why: 'END_HEADERS is its only flag',
  },
  [{ type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: hex('84') }, '000001 09 00 00000001 | 84'],
  [{ type: 'CONTINUATION', streamId: 1, endHeaders: true, fragment: hex('') }, '000000 09 04 00000001'],
);

writeCase(
  {
    id: 'frame-write-unknown',
    title: 'a frame of a type of one’s own, on any stream',
    clause: 'RFC 9113 §5.5',
    why: 'PRIORITY_UPDATE (RFC 9218) is one: type 0x10, on stream 0',
  },
  [
    { type: 'UNKNOWN', typeCode: 0x10, flags: 0, streamId: 0, payload: hex('00000001 753d32') },
    '000007 10 00 00000000 | 00000001 753d32',
  ],
  [{ type: 'UNKNOWN', typeCode: 0xff, flags: 0xa5, streamId: 5, payload: hex('') }, '000000 ff a5 00000005'],
);

testCase(
  {
    id: 'frame-write-own-memory',
    title: 'what was written is the caller’s: it does not change with the frame, nor with the next one',
    clause: 'statement: the rule for memory',
    why: 'a socket may hold the octets for seconds before it sends them',
    group,
  },
  () => {
    const data = ascii('hello');
    const first = encodeFrame({ type: 'DATA', streamId: 1, endStream: false, data });
    data.fill(0x21);
    const second = encodeFrame({ type: 'DATA', streamId: 3, endStream: true, data });
    bytes(first, hex('000005 00 00 00000001 | 68656c6c6f'), 'the first frame, after its data was overwritten');
    bytes(second, hex('000005 00 01 00000003 | 2121212121'), 'the second frame');
  },
);

testCase(
  {
    id: 'frame-write-max-size',
    title: 'a payload may be as large as the peer takes, padding included: 16,384 octets unless it said otherwise',
    clause: 'RFC 9113 §4.2',
    why: 'one octet more, and the peer closes the connection',
    group,
  },
  () => {
    const data = (length: number, padLength?: number): Frame => {
      return { type: 'DATA', streamId: 1, endStream: false, data: new Uint8Array(length), padLength };
    };
    bytes(encodeFrame(data(16_384)).subarray(0, 9), hex('004000 00 00 00000001'), 'header of 16,384 octets');
    bytes(
      encodeFrame(data(16_380, 3)).subarray(0, 9),
      hex('004000 00 08 00000001'),
      'header of 16,380 octets and padding',
    );
    bytes(encodeFrame(data(20_000), 20_000).subarray(0, 9), hex('004e20 00 00 00000001'), 'header of 20,000 octets');
    throws(() => encodeFrame(data(16_385)), { name: 'RangeError' }, '16,385 octets');
    throws(
      () => encodeFrame(data(16_380, 4)),
      { name: 'RangeError' },
      '16,380 octets, 4 of padding and the Pad Length',
    );
    throws(() => encodeFrame(data(20_001), 20_000), { name: 'RangeError' }, '20,001 octets where 20,000 are taken');
  },
);

/** `RangeError` for each of these, and a case of its own for each rule. */
function refuseCase(facts: Omit<CaseFacts, 'group'>, ...frames: [what: string, frame: Frame][]): void {
  testCase({ ...facts, group: 'what must not be sent' }, () => {
    for (const [what, frame] of frames) throws(() => encodeFrame(frame), { name: 'RangeError' }, what);
  });
}

const none = new Uint8Array(0);
const priority = { exclusive: false, streamDependency: 0, weight: 16 };

refuseCase(
  {
    id: 'frame-refuse-stream-zero',
    title: 'what belongs to a stream is not written on stream 0',
    clause: 'RFC 9113 §6',
    why: 'the peer would close the connection',
  },
  ['DATA on stream 0', { type: 'DATA', streamId: 0, endStream: false, data: none }],
  ['HEADERS on stream 0', { type: 'HEADERS', streamId: 0, endStream: false, endHeaders: true, fragment: none }],
  ['PRIORITY on stream 0', { type: 'PRIORITY', streamId: 0, priority }],
  ['RST_STREAM on stream 0', { type: 'RST_STREAM', streamId: 0, errorCode: 8 }],
  [
    'PUSH_PROMISE on stream 0',
    { type: 'PUSH_PROMISE', streamId: 0, endHeaders: true, promisedStreamId: 2, fragment: none },
  ],
  ['CONTINUATION on stream 0', { type: 'CONTINUATION', streamId: 0, endHeaders: true, fragment: none }],
);

refuseCase(
  {
    id: 'frame-refuse-stream-identifier',
    title: 'a stream identifier is a whole number of 31 bits',
    clause: 'RFC 9113 §4.1',
    why: 'the reserved bit must stay 0, and a fraction would be cut off without a word',
  },
  ...[2 ** 31, -1, 1.5, Number.NaN].flatMap((streamId): [string, Frame][] => [
    [`DATA on stream ${streamId}`, { type: 'DATA', streamId, endStream: false, data: none }],
    [`WINDOW_UPDATE on stream ${streamId}`, { type: 'WINDOW_UPDATE', streamId, increment: 1 }],
    [
      `a frame of an unknown type on stream ${streamId}`,
      { type: 'UNKNOWN', typeCode: 16, flags: 0, streamId, payload: none },
    ],
    [
      `GOAWAY with the last stream ${streamId}`,
      { type: 'GOAWAY', lastStreamId: streamId, errorCode: 0, debugData: none },
    ],
    [
      `a dependency on stream ${streamId}`,
      { type: 'PRIORITY', streamId: 1, priority: { ...priority, streamDependency: streamId } },
    ],
  ]),
);

refuseCase(
  {
    id: 'frame-refuse-promised-stream',
    title: 'a promised stream is a whole number from 1 to 2^31 - 1',
    clause: 'RFC 9113 §6.6',
    why: 'stream 0 cannot be opened',
  },
  ...[0, 2 ** 31, -2, 2.5].map((promisedStreamId): [string, Frame] => [
    `PUSH_PROMISE of stream ${promisedStreamId}`,
    { type: 'PUSH_PROMISE', streamId: 1, endHeaders: true, promisedStreamId, fragment: none },
  ]),
);

refuseCase(
  {
    id: 'frame-refuse-increment',
    title: 'an increment is a whole number from 1 to 2^31 - 1',
    clause: 'RFC 9113 §6.9',
    why: 'an increment of 0 is an error at the peer’s',
  },
  ...[0, 2 ** 31, -1, 0.5, Number.NaN].map((increment): [string, Frame] => [
    `an increment of ${increment}`,
    { type: 'WINDOW_UPDATE', streamId: 0, increment },
  ]),
);

refuseCase(
  {
    id: 'frame-refuse-pad-length',
    title: 'a pad length is a whole number from 0 to 255',
    clause: 'RFC 9113 §6.1',
    why: 'it is one octet: 256 would become 0 and the padding part of the data',
  },
  ...[256, -1, 1.5, Number.NaN].flatMap((padLength): [string, Frame][] => [
    [`DATA with a pad length of ${padLength}`, { type: 'DATA', streamId: 1, endStream: false, data: none, padLength }],
    [
      `HEADERS with a pad length of ${padLength}`,
      { type: 'HEADERS', streamId: 1, endStream: false, endHeaders: true, fragment: none, padLength },
    ],
  ]),
);

refuseCase(
  {
    id: 'frame-refuse-numbers',
    title: 'error codes have 32 bits, weights, flags and type codes 8; a type that has a name is not UNKNOWN',
    clause: 'RFC 9113 §4.1, §7',
    why: 'typed arrays cut numbers to size without a word',
  },
  ['an error code of 2^32', { type: 'RST_STREAM', streamId: 1, errorCode: 2 ** 32 }],
  ['an error code of -1', { type: 'GOAWAY', lastStreamId: 0, errorCode: -1, debugData: none }],
  ['a weight of 256', { type: 'PRIORITY', streamId: 1, priority: { ...priority, weight: 256 } }],
  ['flags of 256', { type: 'UNKNOWN', typeCode: 16, flags: 256, streamId: 0, payload: none }],
  ['an unknown type of 256', { type: 'UNKNOWN', typeCode: 256, flags: 0, streamId: 0, payload: none }],
  ['an unknown type of 9', { type: 'UNKNOWN', typeCode: 9, flags: 0, streamId: 1, payload: none }],
);

refuseCase(
  {
    id: 'frame-refuse-ping',
    title: 'PING has eight octets',
    clause: 'RFC 9113 §6.7',
    why: 'any other length is a connection error at the peer’s',
  },
  ['a PING of 7 octets', { type: 'PING', ack: false, opaqueData: new Uint8Array(7) }],
  ['a PING of 9 octets', { type: 'PING', ack: true, opaqueData: new Uint8Array(9) }],
);

const settings = (...pairs: [number, number][]): Frame => ({ type: 'SETTINGS', ack: false, settings: new Map(pairs) });

refuseCase(
  {
    id: 'frame-refuse-settings',
    title: 'settings keep their bounds, and an ACK has none',
    clause: 'RFC 9113 §6.5.2',
    why: 'each of these is a connection error at the peer’s',
  },
  ['ENABLE_PUSH of 2', settings([2, 2])],
  ['INITIAL_WINDOW_SIZE of 2^31', settings([4, 2 ** 31])],
  ['MAX_FRAME_SIZE of 16,383', settings([5, 16_383])],
  ['MAX_FRAME_SIZE of 2^24', settings([3, 100], [5, 2 ** 24])],
  ['a value of 2^32', settings([3, 2 ** 32])],
  ['a value of -1', settings([3, -1])],
  ['an identifier of 65,536', settings([65_536, 0])],
  ['an ACK with a setting', { type: 'SETTINGS', ack: true, settings: new Map([[3, 100]]) }],
);
