/** Sizes, streams and values that a frame may not have. */
import { FrameDecoder } from '#subject/13-h2-frames/h2-frames.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, throws } from '../../../kit/check.ts';
import { frame, octets, PROBE, PROBED, plain, readCase, Type, violationCases } from './support.ts';

const sizes = 'the largest frame';
const FULL = Buffer.alloc(16_384, 'x');

readCase(
  {
    id: 'frame-size-default',
    title: '16,384 octets of payload are taken by default',
    clause: 'RFC 9113 §4.2',
    why: 'the default maximum is 2^14: it is not 16,383, as is often written',
    group: sizes,
  },
  {
    input: frame(Type.DATA, 0, 1, FULL),
    expected: [{ type: 'DATA', streamId: 1, endStream: false, data: octets(FULL) }],
  },
);

violationCases(
  {
    id: 'frame-size-exceeded',
    title: 'a frame of 16,385 octets',
    clause: 'RFC 9113 §4.2',
    why: 'the bound is what lets a receiver say how much memory a connection costs',
    group: sizes,
  },
  { input: frame(Type.DATA, 0, 1, Buffer.alloc(16_385)), errorCode: 'FRAME_SIZE_ERROR' },
);

violationCases(
  {
    id: 'frame-size-exceeded-early',
    title: 'a frame that is too large, when nothing but its header has arrived,',
    clause: 'RFC 9113 §4.2',
    why: 'who waits for the payload has stored 16 MB before saying no to them',
    group: sizes,
  },
  {
    input: [PROBE, frame(Type.DATA, 0, 1, '', 16_385)],
    before: [PROBED],
    errorCode: 'FRAME_SIZE_ERROR',
  },
);

violationCases(
  {
    id: 'frame-size-exceeded-by-far',
    title: 'a frame of 2^24 - 1 octets, of a type that nobody knows,',
    clause: 'RFC 9113 §4.2',
    why: 'the bound holds for frames that are ignored, too',
    group: sizes,
  },
  { input: frame(0xee, 0, 0, '', 0xff_ffff), errorCode: 'FRAME_SIZE_ERROR' },
);

testCase(
  {
    id: 'frame-size-raised',
    title: 'maxFrameSize may be raised in mid-connection, and lowered again',
    clause: 'RFC 9113 §6.5.2',
    why: 'the new size holds once the peer has acknowledged our SETTINGS',
    group: sizes,
  },
  () => {
    const decoder = new FrameDecoder();
    const large = frame(Type.DATA, 0, 1, Buffer.alloc(16_385, 'x'));
    equal(decoder.push(PROBE).map(plain), [PROBED], 'events before');
    equal(decoder.maxFrameSize, 16_384, 'maxFrameSize of a new decoder');
    decoder.maxFrameSize = 16_385;
    equal(decoder.maxFrameSize, 16_385, 'maxFrameSize');
    equal(
      decoder.push(large).map((event) => event.type),
      ['DATA'],
      'events of a frame of 16,385 octets',
    );
    decoder.maxFrameSize = 16_384;
    const refused = [{ type: 'CONNECTION_ERROR', errorCode: 'FRAME_SIZE_ERROR' }];
    equal(decoder.push(large).map(plain), refused, 'events of the same frame after lowering it');
  },
);

testCase(
  {
    id: 'frame-size-bounds',
    title: 'maxFrameSize is a whole number from 2^14 to 2^24 - 1; anything else is a RangeError',
    clause: 'RFC 9113 §6.5.2',
    why: 'that is all that SETTINGS_MAX_FRAME_SIZE may say',
    group: sizes,
  },
  () => {
    const decoder = new FrameDecoder({ maxFrameSize: 16_777_215 });
    equal(decoder.maxFrameSize, 16_777_215, 'maxFrameSize');
    decoder.maxFrameSize = 16_384;
    for (const size of [16_383, 16_777_216, 0, -1, 20_000.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => new FrameDecoder({ maxFrameSize: size }), { name: 'RangeError' }, `maxFrameSize: ${size}`);
      throws(() => Reflect.set(decoder, 'maxFrameSize', size), { name: 'RangeError' }, `maxFrameSize = ${size}`);
    }
    equal(decoder.maxFrameSize, 16_384, 'maxFrameSize after what was refused');
  },
);

const lengths = 'lengths that are fixed';

for (const [octets, word] of [
  ['000000', 'short'],
  ['00000000 1000', 'long'],
] as const) {
  violationCases(
    {
      id: `frame-length-priority-${word}`,
      title: `PRIORITY with ${octets.replace(' ', '').length / 2} octets`,
      clause: 'RFC 9113 §6.3',
      why: 'of all fixed lengths the only one that costs a stream and not the connection',
      group: lengths,
    },
    { input: frame(Type.PRIORITY, 0, 3, octets), errorCode: 'FRAME_SIZE_ERROR', streamId: 3 },
  );
}

const FIXED: {
  type: keyof typeof Type;
  stream: number;
  wrong: string[];
  flags?: number;
  clause: string;
  why: string;
}[] = [
  {
    type: 'RST_STREAM',
    stream: 3,
    wrong: ['000000', '00000008 00'],
    clause: 'RFC 9113 §6.4',
    why: 'half an error code is none',
  },
  {
    type: 'SETTINGS',
    stream: 0,
    wrong: ['0003 000000', '0003 00000064 00'],
    clause: 'RFC 9113 §6.5',
    why: 'a setting has 6 octets: what is left over would be read as half of one',
  },
  {
    type: 'PING',
    stream: 0,
    wrong: ['01020304050607', '010203040506070809'],
    clause: 'RFC 9113 §6.7',
    why: 'a PING of another length would have to be echoed at that length',
  },
  {
    type: 'WINDOW_UPDATE',
    stream: 0,
    wrong: ['000001', '00000001 00'],
    clause: 'RFC 9113 §6.9',
    why: 'a wrong increment makes the windows of both sides differ for ever',
  },
];

for (const { type, stream, wrong, clause, why } of FIXED) {
  for (const [i, payload] of wrong.entries()) {
    const input = frame(Type[type], 0, stream, payload);
    const id = `frame-length-${type.toLowerCase().replace('_', '-')}-${i === 0 ? 'short' : 'long'}`;
    const title = `${type} with ${input.length - 9} octets`;
    violationCases({ id, title, clause, why, group: lengths }, { input, errorCode: 'FRAME_SIZE_ERROR' });
  }
}

violationCases(
  {
    id: 'frame-length-settings-ack',
    title: 'SETTINGS with ACK and a payload',
    clause: 'RFC 9113 §6.5',
    why: 'an acknowledgement has nothing to say',
    group: lengths,
  },
  { input: frame(Type.SETTINGS, 1, 0, '0003 00000064'), errorCode: 'FRAME_SIZE_ERROR' },
);

violationCases(
  {
    id: 'frame-length-goaway-short',
    title: 'GOAWAY with 7 octets',
    clause: 'RFC 9113 §4.2, §6.8',
    why: 'too small for its mandatory fields',
    group: lengths,
  },
  { input: frame(Type.GOAWAY, 0, 0, '00000001 000000'), errorCode: 'FRAME_SIZE_ERROR' },
);

violationCases(
  {
    id: 'frame-length-push-promise-short',
    title: 'PUSH_PROMISE with 3 octets',
    clause: 'RFC 9113 §4.2, §6.6',
    why: 'too small for the promised stream, and it carries a field block',
    group: lengths,
  },
  { input: frame(Type.PUSH_PROMISE, 0x04, 1, '000000'), errorCode: 'FRAME_SIZE_ERROR' },
);

violationCases(
  {
    id: 'frame-length-headers-priority-short',
    title: 'HEADERS with PRIORITY and 4 octets',
    clause: 'RFC 9113 §4.2, §6.2',
    why: 'too small for the fields that its flags announce',
    group: lengths,
  },
  { input: frame(Type.HEADERS, 0x24, 1, '00000000'), errorCode: 'FRAME_SIZE_ERROR' },
);

const streams = 'on which stream';

for (const [type, payload, clause] of [
  ['DATA', '61', 'RFC 9113 §6.1'],
  ['HEADERS', '82', 'RFC 9113 §6.2'],
  ['PRIORITY', '00000000 10', 'RFC 9113 §6.3'],
  ['RST_STREAM', '00000008', 'RFC 9113 §6.4'],
  ['PUSH_PROMISE', '00000002 82', 'RFC 9113 §6.6'],
] as const) {
  violationCases(
    {
      id: `frame-stream-zero-${type.toLowerCase().replace('_', '-')}`,
      title: `${type} on stream 0`,
      clause,
      why: 'it is about one stream, and 0 is the connection',
      group: streams,
    },
    {
      input: frame(Type[type], type === 'HEADERS' || type === 'PUSH_PROMISE' ? 4 : 0, 0, payload),
      errorCode: 'PROTOCOL_ERROR',
    },
  );
}

for (const [type, payload, clause] of [
  ['SETTINGS', '0003 00000064', 'RFC 9113 §6.5'],
  ['PING', '0102030405060708', 'RFC 9113 §6.7'],
  ['GOAWAY', '00000001 00000000', 'RFC 9113 §6.8'],
] as const) {
  violationCases(
    {
      id: `frame-stream-nonzero-${type.toLowerCase()}`,
      title: `${type} on stream 1`,
      clause,
      why: 'it is about the whole connection, never about one stream',
      group: streams,
    },
    { input: frame(Type[type], 0, 1, payload), errorCode: 'PROTOCOL_ERROR' },
  );
}

readCase(
  {
    id: 'frame-stream-reserved-bit-zero',
    title: 'the reserved bit does not make a stream of stream 0',
    clause: 'RFC 9113 §4.1',
    why: 'it is ignored before the identifier is judged',
    group: streams,
  },
  {
    input: [frame(Type.PING, 0, 0x8000_0000, '0102030405060708')],
    expected: [{ type: 'PING', ack: false, opaqueData: '0102030405060708' }],
  },
);

violationCases(
  {
    id: 'frame-stream-promised-zero',
    title: 'PUSH_PROMISE of stream 0',
    clause: 'RFC 9113 §6.6, §5.1.1',
    why: 'stream 0 cannot be opened',
    group: streams,
  },
  { input: frame(Type.PUSH_PROMISE, 0x04, 1, '80000000 82'), errorCode: 'PROTOCOL_ERROR' },
);

const values = 'values';

violationCases(
  {
    id: 'frame-window-zero-stream',
    title: 'WINDOW_UPDATE of 0 on a stream',
    clause: 'RFC 9113 §6.9',
    why: 'the reserved bit is no increment either',
    group: values,
  },
  { input: frame(Type.WINDOW_UPDATE, 0, 5, '80000000'), errorCode: 'PROTOCOL_ERROR', streamId: 5 },
);

violationCases(
  {
    id: 'frame-window-zero-connection',
    title: 'WINDOW_UPDATE of 0 on the connection',
    clause: 'RFC 9113 §6.9',
    why: 'an error on the connection’s window is the connection’s',
    group: values,
  },
  { input: frame(Type.WINDOW_UPDATE, 0, 0, '00000000'), errorCode: 'PROTOCOL_ERROR' },
);

readCase(
  {
    id: 'frame-settings-bounds',
    title: 'the outermost values that a setting may have are taken',
    clause: 'RFC 9113 §6.5.2',
    why: 'a bound that is off by one refuses peers that are right',
    group: values,
  },
  {
    input: [
      frame(Type.SETTINGS, 0, 0, '0002 00000000 | 0004 00000000 | 0005 00004000'),
      frame(Type.SETTINGS, 0, 0, '0002 00000001 | 0004 7fffffff | 0005 00ffffff'),
      frame(Type.SETTINGS, 0, 0, '0001 ffffffff | 0003 00000000 | 0006 ffffffff'),
    ],
    expected: [
      {
        type: 'SETTINGS',
        ack: false,
        settings: [
          [2, 0],
          [4, 0],
          [5, 16_384],
        ],
      },
      {
        type: 'SETTINGS',
        ack: false,
        settings: [
          [2, 1],
          [4, 0x7fff_ffff],
          [5, 16_777_215],
        ],
      },
      {
        type: 'SETTINGS',
        ack: false,
        settings: [
          [1, 0xffff_ffff],
          [3, 0],
          [6, 0xffff_ffff],
        ],
      },
    ],
  },
);

for (const [id, title, payload, errorCode, why] of [
  ['push', 'SETTINGS_ENABLE_PUSH of 2', '0002 00000002', 'PROTOCOL_ERROR', 'it is 0 or 1'],
  [
    'window',
    'SETTINGS_INITIAL_WINDOW_SIZE of 2^31',
    '0004 80000000',
    'FLOW_CONTROL_ERROR',
    'a window larger than 2^31 - 1 is a matter of flow control, so it has the other code',
  ],
  ['frame-size-small', 'SETTINGS_MAX_FRAME_SIZE of 16,383', '0005 00003fff', 'PROTOCOL_ERROR', 'everybody takes 2^14'],
  [
    'frame-size-large',
    'SETTINGS_MAX_FRAME_SIZE of 2^24',
    '0005 01000000',
    'PROTOCOL_ERROR',
    'the length field could not say it',
  ],
  [
    'corrected',
    'SETTINGS with a wrong value that a later one in the same frame corrects',
    '0005 00000000 | 0005 00004000',
    'PROTOCOL_ERROR',
    'values are processed in order: the wrong one has been seen',
  ],
] as const) {
  violationCases(
    { id: `frame-settings-${id}`, title, clause: 'RFC 9113 §6.5.2', why, group: values },
    { input: frame(Type.SETTINGS, 0, 0, payload), errorCode },
  );
}
