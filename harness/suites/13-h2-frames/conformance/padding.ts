/** Padding: where it stands, how much there may be, and what it costs. */
import { type DataFrame, FrameDecoder, flowControlLength } from '#subject/13-h2-frames/h2-frames.ts';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { frame, readCase, Type, violationCases } from './support.ts';

const group = 'padding';

readCase(
  {
    id: 'frame-padding-data',
    title: 'padded DATA: the Pad Length octet in front, the padding behind, neither in the data',
    clause: 'RFC 9113 §6.1',
    why: 'padding hides the length of a message; delivered with it, it corrupts the message',
    group,
  },
  {
    input: frame(Type.DATA, 0x09, 1, '03 616263 000000'),
    expected: [{ type: 'DATA', streamId: 1, endStream: true, data: '616263', padLength: 3 }],
  },
);

readCase(
  {
    id: 'frame-padding-zero',
    title: 'a Pad Length of 0 is one octet that is there, and is not the same as no padding',
    clause: 'RFC 9113 §6.1',
    why: 'that octet counts in the flow-control windows',
    group,
  },
  {
    input: [frame(Type.DATA, 0x08, 1, '00 6162'), frame(Type.DATA, 0x08, 1, '00'), frame(Type.DATA, 0, 1, '6162')],
    expected: [
      { type: 'DATA', streamId: 1, endStream: false, data: '6162', padLength: 0 },
      { type: 'DATA', streamId: 1, endStream: false, data: '', padLength: 0 },
      { type: 'DATA', streamId: 1, endStream: false, data: '6162' },
    ],
  },
);

readCase(
  {
    id: 'frame-padding-all',
    title: 'padding of the payload’s length - 1 is fine: nothing is left of the data',
    clause: 'RFC 9113 §6.1',
    why: 'the bound is “the length of the payload or greater”: one less is legal',
    group,
  },
  {
    input: [
      frame(Type.DATA, 0x08, 1, '04 00000000'),
      frame(Type.DATA, 0x08, 1, Buffer.concat([Buffer.of(255), Buffer.alloc(255)])),
    ],
    expected: [
      { type: 'DATA', streamId: 1, endStream: false, data: '', padLength: 4 },
      { type: 'DATA', streamId: 1, endStream: false, data: '', padLength: 255 },
    ],
  },
);

readCase(
  {
    id: 'frame-padding-headers',
    title: 'padded HEADERS, without and with PRIORITY: Pad Length comes first, then the priority, then the fragment',
    clause: 'RFC 9113 §6.2',
    why: 'the order of the two optional fields is easily turned round',
    group,
  },
  {
    input: [
      frame(Type.HEADERS, 0x0d, 1, '02 828684 0000'),
      frame(Type.HEADERS, 0x2c, 3, '01 80000001 07 82 00'),
      frame(Type.HEADERS, 0x2c, 5, '03 00000001 07 000000'),
    ],
    expected: [
      { type: 'HEADERS', streamId: 1, endStream: true, endHeaders: true, fragment: '828684', padLength: 2 },
      {
        type: 'HEADERS',
        streamId: 3,
        endStream: false,
        endHeaders: true,
        priority: { exclusive: true, streamDependency: 1, weight: 7 },
        fragment: '82',
        padLength: 1,
      },
      {
        type: 'HEADERS',
        streamId: 5,
        endStream: false,
        endHeaders: true,
        priority: { exclusive: false, streamDependency: 1, weight: 7 },
        fragment: '',
        padLength: 3,
      },
    ],
  },
);

readCase(
  {
    id: 'frame-padding-push-promise',
    title: 'padded PUSH_PROMISE: Pad Length, promised stream, fragment, padding',
    clause: 'RFC 9113 §6.6',
    why: 'the third of the three types that may be padded, and the one that is forgotten',
    group,
  },
  {
    input: frame(Type.PUSH_PROMISE, 0x0c, 1, '02 00000004 8284 0000'),
    expected: [
      { type: 'PUSH_PROMISE', streamId: 1, endHeaders: true, promisedStreamId: 4, fragment: '8284', padLength: 2 },
    ],
  },
);

readCase(
  {
    id: 'frame-padding-not-continuation',
    title: 'CONTINUATION is never padded, whatever its flags say',
    clause: 'RFC 9113 §6.10',
    why: '0x08 has no meaning there: the octets belong to the fragment',
    group,
  },
  {
    input: [frame(Type.HEADERS, 0x00, 1, '82'), frame(Type.CONTINUATION, 0x0c, 1, '0184 00')],
    expected: [
      { type: 'HEADERS', streamId: 1, endStream: false, endHeaders: false, fragment: '82' },
      { type: 'CONTINUATION', streamId: 1, endHeaders: true, fragment: '018400' },
    ],
  },
);

violationCases(
  {
    id: 'frame-padding-too-long',
    title: 'DATA whose padding is as long as its payload',
    clause: 'RFC 9113 §6.1',
    why: 'a length of -1 for the data reads memory that belongs to the next frame',
    group,
  },
  { input: frame(Type.DATA, 0x08, 1, '05 00000000'), errorCode: 'PROTOCOL_ERROR' },
);

violationCases(
  {
    id: 'frame-padding-headers-too-long',
    title: 'HEADERS whose padding reaches into the priority',
    clause: 'RFC 9113 §6.2',
    why: 'the padding is shorter than the payload and yet leaves a fragment of negative length',
    group,
  },
  { input: frame(Type.HEADERS, 0x2c, 1, '03 00000000 10 8200'), errorCode: 'PROTOCOL_ERROR' },
);

violationCases(
  {
    id: 'frame-padding-push-promise-too-long',
    title: 'PUSH_PROMISE whose padding reaches into the promised stream',
    clause: 'RFC 9113 §6.6',
    why: 'the same mistake behind another field',
    group,
  },
  { input: frame(Type.PUSH_PROMISE, 0x0c, 1, '02 00000002 82'), errorCode: 'PROTOCOL_ERROR' },
);

violationCases(
  {
    id: 'frame-padding-missing',
    title: 'a PADDED frame without a payload, so without a Pad Length',
    clause: 'RFC 9113 §4.2',
    why: 'what is read as Pad Length would be the first octet of the next frame',
    group,
  },
  { input: frame(Type.DATA, 0x08, 1, ''), errorCode: 'FRAME_SIZE_ERROR' },
);

testCase(
  {
    id: 'frame-padding-flow-control',
    title: 'flow control counts the whole payload of DATA: Pad Length octet, data and padding',
    clause: 'RFC 9113 §6.1',
    why: 'count the data only, and both sides’ windows drift apart until the connection stalls',
    group,
  },
  () => {
    const octets = Buffer.concat([
      frame(Type.DATA, 0x08, 1, '03 616263 000000'),
      frame(Type.DATA, 0x08, 1, '00 616263'),
      frame(Type.DATA, 0x00, 1, '616263'),
      frame(Type.DATA, 0x01, 1, ''),
    ]);
    const lengths = new FrameDecoder().push(octets).map((event) => flowControlLength(event as DataFrame));
    equal(lengths, [7, 4, 3, 0], 'flow-control lengths of four DATA frames');
  },
);
