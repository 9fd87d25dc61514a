/** The header, and each of the ten types as it should be. */
import { FrameDecoder } from '#subject/13-h2-frames/h2-frames.ts';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { frame, hex, octets, PROBE, PROBED, plain, readCase, readsLong, Type } from './support.ts';

const header = 'the header';
const LONG = Buffer.alloc(0x01_02_03, 'x');

readCase(
  {
    id: 'frame-read-one',
    title: 'a DATA frame: length, type, flags, stream, payload',
    clause: 'RFC 9113 §4.1',
    why: 'everything in HTTP/2 is a frame',
    group: header,
  },
  {
    input: hex('000005 00 01 00000003 | 68656c6c6f'),
    expected: [{ type: 'DATA', streamId: 3, endStream: true, data: '68656c6c6f' }],
  },
);

testCase(
  {
    id: 'frame-read-nothing',
    title: 'an empty chunk, and one that completes no frame, give no events',
    clause: 'statement: push',
    why: '“not yet” is an ordinary answer: TCP cuts where it likes',
    group: header,
  },
  () => {
    const decoder = new FrameDecoder();
    equal(decoder.push(new Uint8Array(0)), [], 'events of an empty chunk');
    equal(decoder.push(PROBE.subarray(0, 4)), [], 'events of the first 4 octets of a header');
    equal(decoder.push(new Uint8Array(0)), [], 'events of an empty chunk in the middle of a header');
    equal(decoder.push(PROBE.subarray(4, 9)), [], 'events of the rest of the header');
    equal(decoder.push(PROBE.subarray(9, 16)), [], 'events of all of the payload but its last octet');
    equal(decoder.push(PROBE.subarray(16)).map(plain), [PROBED], 'events of the last octet');
  },
);

readCase(
  {
    id: 'frame-read-many',
    title: 'all frames of one chunk, in order',
    clause: 'RFC 9113 §4.1',
    why: 'a busy connection delivers dozens of frames in one read',
    group: header,
  },
  {
    input: [
      frame(Type.DATA, 0, 1, '61'),
      frame(Type.DATA, 0, 3, '6262'),
      frame(Type.WINDOW_UPDATE, 0, 0, '00000064'),
      frame(Type.DATA, 1, 1, '63'),
    ],
    expected: [
      { type: 'DATA', streamId: 1, endStream: false, data: '61' },
      { type: 'DATA', streamId: 3, endStream: false, data: '6262' },
      { type: 'WINDOW_UPDATE', streamId: 0, increment: 100 },
      { type: 'DATA', streamId: 1, endStream: true, data: '63' },
    ],
  },
);

readCase(
  {
    id: 'frame-read-empty-data',
    title: 'an empty DATA frame is a frame',
    clause: 'RFC 9113 §6.1',
    why: 'it is how a stream of unknown length is ended',
    group: header,
  },
  {
    input: [frame(Type.DATA, 0, 5), frame(Type.DATA, 1, 5)],
    expected: [
      { type: 'DATA', streamId: 5, endStream: false, data: '' },
      { type: 'DATA', streamId: 5, endStream: true, data: '' },
    ],
  },
);

testCase(
  {
    id: 'frame-read-length-three-octets',
    title: 'all three octets of the length count',
    clause: 'RFC 9113 §4.1',
    why: 'a length read as 16 bits works until the first large frame',
    group: header,
  },
  () => {
    const expected = { type: 'DATA', streamId: 1, endStream: false, data: octets(LONG) };
    readsLong(frame(Type.DATA, 0, 1, LONG), [expected], { maxFrameSize: 0x02_00_00 });
  },
);

readCase(
  {
    id: 'frame-read-reserved-bit',
    title: 'the reserved bit in front of the stream identifier is ignored',
    clause: 'RFC 9113 §4.1',
    why: 'with the bit left in, stream 1 becomes stream 2,147,483,649, which nobody knows',
    group: header,
  },
  {
    input: hex('000001 00 00 80000001 | 61'),
    expected: [{ type: 'DATA', streamId: 1, endStream: false, data: '61' }],
  },
);

readCase(
  {
    id: 'frame-read-largest-stream',
    title: 'stream 2^31 - 1, with and without the reserved bit, is a positive number',
    clause: 'RFC 9113 §5.1.1',
    why: '`<<` and `|` make signed 32-bit numbers',
    group: header,
  },
  {
    input: hex('000001 00 00 7fffffff | 61 000001 00 00 ffffffff | 62'),
    expected: [
      { type: 'DATA', streamId: 0x7fff_ffff, endStream: false, data: '61' },
      { type: 'DATA', streamId: 0x7fff_ffff, endStream: false, data: '62' },
    ],
  },
);

readCase(
  {
    id: 'frame-read-unknown-flags',
    title: 'flags without a meaning for the type are ignored',
    clause: 'RFC 9113 §4.1',
    why: 'extensions use them: 0x08 means PADDED on DATA and nothing at all on PING',
    group: header,
  },
  {
    input: [
      frame(Type.DATA, 0xf6, 1, '61'),
      frame(Type.PRIORITY, 0xff, 1, '00000000 10'),
      frame(Type.RST_STREAM, 0xff, 1, '00000008'),
      frame(Type.SETTINGS, 0xfe, 0, '0003 00000064'),
      frame(Type.PING, 0xfe, 0, '0102030405060708'),
      frame(Type.GOAWAY, 0xff, 0, '00000001 00000000'),
      frame(Type.WINDOW_UPDATE, 0xff, 1, '00000001'),
      frame(Type.HEADERS, 0xd2, 3, '82'),
      frame(Type.CONTINUATION, 0xff, 3, '84'),
      frame(Type.PUSH_PROMISE, 0xf3, 3, '00000002 82'),
      frame(Type.CONTINUATION, 0xfb, 3, '84'),
    ],
    open: true,
    expected: [
      { type: 'DATA', streamId: 1, endStream: false, data: '61' },
      { type: 'PRIORITY', streamId: 1, priority: { exclusive: false, streamDependency: 0, weight: 16 } },
      { type: 'RST_STREAM', streamId: 1, errorCode: 8 },
      { type: 'SETTINGS', ack: false, settings: [[3, 100]] },
      { type: 'PING', ack: false, opaqueData: '0102030405060708' },
      { type: 'GOAWAY', lastStreamId: 1, errorCode: 0, debugData: '' },
      { type: 'WINDOW_UPDATE', streamId: 1, increment: 1 },
      { type: 'HEADERS', streamId: 3, endStream: false, endHeaders: false, fragment: '82' },
      { type: 'CONTINUATION', streamId: 3, endHeaders: true, fragment: '84' },
      { type: 'PUSH_PROMISE', streamId: 3, endHeaders: false, promisedStreamId: 2, fragment: '82' },
      { type: 'CONTINUATION', streamId: 3, endHeaders: false, fragment: '84' },
    ],
  },
);

readCase(
  {
    id: 'frame-read-unknown-type',
    title: 'a frame of an unknown type is no error, on any stream: it comes out as UNKNOWN, and the next frame is read',
    clause: 'RFC 9113 §5.5',
    why: 'browsers send types made up at random, so that nobody dares to choke on the next extension',
    group: header,
  },
  {
    input: [
      frame(0x0a, 0x00, 0, '000b 6f726967696e'),
      frame(0x10, 0x00, 0, '00000001 753d32'),
      frame(0xff, 0xff, 7, ''),
      frame(Type.DATA, 0, 1, '61'),
    ],
    expected: [
      { type: 'UNKNOWN', typeCode: 0x0a, flags: 0, streamId: 0, payload: '000b6f726967696e' },
      { type: 'UNKNOWN', typeCode: 0x10, flags: 0, streamId: 0, payload: '00000001753d32' },
      { type: 'UNKNOWN', typeCode: 0xff, flags: 0xff, streamId: 7, payload: '' },
      { type: 'DATA', streamId: 1, endStream: false, data: '61' },
    ],
  },
);

const types = 'the ten types';

readCase(
  {
    id: 'frame-read-headers',
    title: 'HEADERS: a fragment of a field block, END_STREAM and END_HEADERS apart',
    clause: 'RFC 9113 §6.2',
    why: 'a GET is one HEADERS frame with both flags; trailers have END_STREAM as well',
    group: types,
  },
  {
    input: [frame(Type.HEADERS, 0x05, 1, '828684'), frame(Type.HEADERS, 0x04, 3, '82')],
    expected: [
      { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: true, fragment: '828684' },
      { type: 'HEADERS', streamId: 3, endStream: false, endHeaders: true, fragment: '82' },
    ],
  },
);

readCase(
  {
    id: 'frame-read-headers-priority',
    title: 'HEADERS with the PRIORITY flag: five octets stand in front of the fragment',
    clause: 'RFC 9113 §6.2',
    why: 'deprecated, and still sent by curl and by browsers: misread, it poisons the header decompression',
    group: types,
  },
  {
    input: [frame(Type.HEADERS, 0x25, 3, '00000001 0f 8284'), frame(Type.HEADERS, 0x25, 5, 'ffffffff ff 82')],
    expected: [
      {
        type: 'HEADERS',
        streamId: 3,
        endStream: true,
        endHeaders: true,
        priority: { exclusive: false, streamDependency: 1, weight: 15 },
        fragment: '8284',
      },
      {
        type: 'HEADERS',
        streamId: 5,
        endStream: true,
        endHeaders: true,
        priority: { exclusive: true, streamDependency: 0x7fff_ffff, weight: 255 },
        fragment: '82',
      },
    ],
  },
);

readCase(
  {
    id: 'frame-read-priority',
    title: 'PRIORITY: exclusive bit, 31 bits of stream dependency, weight as it stands',
    clause: 'RFC 9113 §6.3',
    why: 'the dependency shares an octet with a flag',
    group: types,
  },
  {
    input: [frame(Type.PRIORITY, 0, 5, '80000003 c8'), frame(Type.PRIORITY, 0, 7, '00000000 00')],
    expected: [
      { type: 'PRIORITY', streamId: 5, priority: { exclusive: true, streamDependency: 3, weight: 200 } },
      { type: 'PRIORITY', streamId: 7, priority: { exclusive: false, streamDependency: 0, weight: 0 } },
    ],
  },
);

readCase(
  {
    id: 'frame-read-rst-stream',
    title: 'RST_STREAM: an error code of 32 bits, known or not',
    clause: 'RFC 9113 §6.4, §7',
    why: 'codes are unsigned, and an unknown one must not trigger anything special',
    group: types,
  },
  {
    input: [
      frame(Type.RST_STREAM, 0, 1, '00000008'),
      frame(Type.RST_STREAM, 0, 3, 'ffffffff'),
      frame(Type.RST_STREAM, 0, 5, '80000000'),
    ],
    expected: [
      { type: 'RST_STREAM', streamId: 1, errorCode: 8 },
      { type: 'RST_STREAM', streamId: 3, errorCode: 0xffff_ffff },
      { type: 'RST_STREAM', streamId: 5, errorCode: 0x8000_0000 },
    ],
  },
);

readCase(
  {
    id: 'frame-read-settings',
    title: 'SETTINGS: pairs of 16-bit identifier and 32-bit value, known or not; none at all is fine',
    clause: 'RFC 9113 §6.5.1, §6.5.2',
    why: 'unknown settings must be ignored by those who do not know them: they are how extensions are announced',
    group: types,
  },
  {
    input: [
      frame(Type.SETTINGS, 0, 0, '0001 00002000 | 0003 ffffffff | 0006 00004000 | 0008 00000001 | fafa deadbeef'),
      frame(Type.SETTINGS, 0, 0, ''),
    ],
    expected: [
      {
        type: 'SETTINGS',
        ack: false,
        settings: [
          [1, 8192],
          [3, 0xffff_ffff],
          [6, 16384],
          [8, 1],
          [0xfafa, 0xdead_beef],
        ],
      },
      { type: 'SETTINGS', ack: false, settings: [] },
    ],
  },
);

readCase(
  {
    id: 'frame-read-settings-duplicate',
    title: 'of a setting that comes twice, the last value holds',
    clause: 'RFC 9113 §6.5',
    why: 'settings are processed in the order in which they appear',
    group: types,
  },
  {
    input: frame(Type.SETTINGS, 0, 0, '0004 0000ffff | 0003 00000064 | 0004 00000001'),
    expected: [
      {
        type: 'SETTINGS',
        ack: false,
        settings: [
          [3, 100],
          [4, 1],
        ],
      },
    ],
  },
);

readCase(
  {
    id: 'frame-read-settings-ack',
    title: 'SETTINGS with ACK is empty, and told apart from empty SETTINGS',
    clause: 'RFC 9113 §6.5',
    why: 'an ACK that is itself acknowledged goes to and fro for ever',
    group: types,
  },
  {
    input: [frame(Type.SETTINGS, 1, 0), frame(Type.SETTINGS, 0, 0)],
    expected: [
      { type: 'SETTINGS', ack: true, settings: [] },
      { type: 'SETTINGS', ack: false, settings: [] },
    ],
  },
);

readCase(
  {
    id: 'frame-read-push-promise',
    title: 'PUSH_PROMISE: a promised stream, its reserved bit ignored, and a fragment',
    clause: 'RFC 9113 §6.6',
    why: 'a client that said nothing about push may be sent one',
    group: types,
  },
  {
    input: [frame(Type.PUSH_PROMISE, 0x04, 1, '80000002 8284'), frame(Type.PUSH_PROMISE, 0x04, 1, '7ffffffe')],
    expected: [
      { type: 'PUSH_PROMISE', streamId: 1, endHeaders: true, promisedStreamId: 2, fragment: '8284' },
      { type: 'PUSH_PROMISE', streamId: 1, endHeaders: true, promisedStreamId: 0x7fff_fffe, fragment: '' },
    ],
  },
);

readCase(
  {
    id: 'frame-read-ping',
    title: 'PING: eight opaque octets, and ACK',
    clause: 'RFC 9113 §6.7',
    why: 'the octets go back unchanged; an ACK is not answered',
    group: types,
  },
  {
    input: [frame(Type.PING, 0, 0, '00ff10807f0a0d00'), frame(Type.PING, 1, 0, '00ff10807f0a0d00')],
    expected: [
      { type: 'PING', ack: false, opaqueData: '00ff10807f0a0d00' },
      { type: 'PING', ack: true, opaqueData: '00ff10807f0a0d00' },
    ],
  },
);

readCase(
  {
    id: 'frame-read-goaway',
    title: 'GOAWAY: last stream without its reserved bit, a 32-bit code, debug data if there is any',
    clause: 'RFC 9113 §6.8',
    why: 'the last stream decides what may be tried again elsewhere; servers explain themselves in the debug data',
    group: types,
  },
  {
    input: [
      frame(Type.GOAWAY, 0, 0, '80000005 0000000b 63616c6d'),
      frame(Type.GOAWAY, 0, 0, '7fffffff 00000000'),
      frame(Type.GOAWAY, 0, 0, '00000000 ffffffff'),
    ],
    expected: [
      { type: 'GOAWAY', lastStreamId: 5, errorCode: 11, debugData: '63616c6d' },
      { type: 'GOAWAY', lastStreamId: 0x7fff_ffff, errorCode: 0, debugData: '' },
      { type: 'GOAWAY', lastStreamId: 0, errorCode: 0xffff_ffff, debugData: '' },
    ],
  },
);

readCase(
  {
    id: 'frame-read-window-update',
    title: 'WINDOW_UPDATE: of the connection or of a stream, 31 bits without the reserved one',
    clause: 'RFC 9113 §6.9',
    why: 'an increment with the reserved bit left in overflows every window',
    group: types,
  },
  {
    input: [
      frame(Type.WINDOW_UPDATE, 0, 0, '00010000'),
      frame(Type.WINDOW_UPDATE, 0, 9, '80000001'),
      frame(Type.WINDOW_UPDATE, 0, 9, '7fffffff'),
    ],
    expected: [
      { type: 'WINDOW_UPDATE', streamId: 0, increment: 65_536 },
      { type: 'WINDOW_UPDATE', streamId: 9, increment: 1 },
      { type: 'WINDOW_UPDATE', streamId: 9, increment: 0x7fff_ffff },
    ],
  },
);

readCase(
  {
    id: 'frame-read-continuation',
    title: 'CONTINUATION: the next fragment of the same field block',
    clause: 'RFC 9113 §6.10',
    why: 'a large cookie does not fit into one frame',
    group: types,
  },
  {
    input: [
      frame(Type.HEADERS, 0x01, 1, '82'),
      frame(Type.CONTINUATION, 0x00, 1, ''),
      frame(Type.CONTINUATION, 0x04, 1, '8684'),
    ],
    expected: [
      { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: false, fragment: '82' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: false, fragment: '' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: true, fragment: '8684' },
    ],
  },
);
