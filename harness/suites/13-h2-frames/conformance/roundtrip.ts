/** What holds for every frame, and for every sequence of octets. */
import { encodeFrame, type Frame, FrameDecoder } from '#subject/13-h2-frames/h2-frames.ts';
import { testCase } from '../../../kit/case.ts';
import { bytes, equal } from '../../../kit/check.ts';
import { fc, property } from '../../../kit/property.ts';
import { decode, plain, Type } from './support.ts';

const group = 'round trips';

const u8 = fc.integer({ min: 0, max: 0xff });
const u31 = fc.integer({ min: 0, max: 0x7fff_ffff });
const u32 = fc.nat({ max: 0xffff_ffff });
const stream = fc.integer({ min: 1, max: 0x7fff_ffff });
const body = fc.uint8Array({ maxLength: 300 });
const padLength = fc.option(u8, { nil: undefined });
const priority = fc.record({ exclusive: fc.boolean(), streamDependency: u31, weight: u8 });

/** Any setting but those with bounds, and those within their bounds. */
const setting = fc.oneof(
  fc.tuple(fc.integer({ min: 6, max: 0xffff }), u32),
  fc.tuple(fc.constantFrom(1, 3), u32),
  fc.tuple(fc.constant(2), fc.integer({ min: 0, max: 1 })),
  fc.tuple(fc.constant(4), u31),
  fc.tuple(fc.constant(5), fc.integer({ min: 16_384, max: 0xff_ffff })),
);
const settings = fc.array(setting, { maxLength: 8 }).map((pairs) => new Map(pairs));

/** Frames that leave no field block open, so that they may follow each other in any order. */
const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('DATA' as const), streamId: stream, endStream: fc.boolean(), data: body, padLength }),
  fc.record({
    type: fc.constant('HEADERS' as const),
    streamId: stream,
    endStream: fc.boolean(),
    endHeaders: fc.constant(true),
    priority: fc.option(priority, { nil: undefined }),
    fragment: body,
    padLength,
  }),
  fc.record({ type: fc.constant('PRIORITY' as const), streamId: stream, priority }),
  fc.record({ type: fc.constant('RST_STREAM' as const), streamId: stream, errorCode: u32 }),
  fc.record({ type: fc.constant('SETTINGS' as const), ack: fc.constant(false), settings }),
  fc.record({ type: fc.constant('SETTINGS' as const), ack: fc.constant(true), settings: fc.constant(new Map()) }),
  fc.record({
    type: fc.constant('PUSH_PROMISE' as const),
    streamId: stream,
    endHeaders: fc.constant(true),
    promisedStreamId: stream,
    fragment: body,
    padLength,
  }),
  fc.record({
    type: fc.constant('PING' as const),
    ack: fc.boolean(),
    opaqueData: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  }),
  fc.record({ type: fc.constant('GOAWAY' as const), lastStreamId: u31, errorCode: u32, debugData: body }),
  fc.record({ type: fc.constant('WINDOW_UPDATE' as const), streamId: u31, increment: stream }),
  fc.record({
    type: fc.constant('UNKNOWN' as const),
    typeCode: fc.integer({ min: 0x0a, max: 0xff }),
    flags: u8,
    streamId: u31,
    payload: body,
  }),
);

/** A HEADERS frame and the CONTINUATIONs that end its block. */
const blocks: fc.Arbitrary<Frame[]> = fc
  .record({ streamId: stream, endStream: fc.boolean(), parts: fc.array(body, { minLength: 2, maxLength: 5 }) })
  .map(({ streamId, endStream, parts }) =>
    parts.map((fragment, i): Frame => {
      const endHeaders = i === parts.length - 1;
      if (i > 0) return { type: 'CONTINUATION', streamId, endHeaders, fragment };
      return { type: 'HEADERS', streamId, endStream, endHeaders, fragment };
    }),
  );

const conversation = fc.array(fc.oneof({ weight: 5, arbitrary: frames.map((frame) => [frame]) }, blocks), {
  maxLength: 12,
});
const cuts = fc.array(fc.nat(), { maxLength: 6 });

function* cutAt(octets: Uint8Array, places: number[]): Generator<Uint8Array> {
  const at = [0, ...places.map((place) => place % (octets.length + 1)), octets.length].sort((a, b) => a - b);
  for (let i = 1; i < at.length; i++) yield octets.subarray(at[i - 1], at[i]);
}

testCase(
  {
    id: 'frame-roundtrip',
    title: 'every sequence of frames, written and then read in any pieces, is the same sequence',
    clause: 'RFC 9113 §4, §6',
    why: 'what one side writes, the other side reads',
    group,
  },
  (t) => {
    property(
      t,
      'frames that were written are read',
      fc.record({ conversation, cuts }),
      (input) => {
        const sent = input.conversation.flat();
        const wire = Buffer.concat(sent.map((frame) => encodeFrame(frame)));
        equal(decode(cutAt(wire, input.cuts)), sent.map(plain), 'the frames that were read');
      },
      { runs: 300 },
    );
  },
);

testCase(
  {
    id: 'frame-roundtrip-octets',
    title:
      'every frame that was read, written again, is read as the same, and written a third time has the same octets',
    clause: 'RFC 9113 §4.1',
    why: 'a proxy reads and writes: reserved bits and unused flags are gone, nothing else is',
    group,
  },
  (t) => {
    const header = fc.record({
      type: fc.integer({ min: 0, max: 11 }),
      flags: u8,
      streamId: u32,
      payload: fc.uint8Array({ maxLength: 20 }),
    });
    property(
      t,
      'frames that were read are written as they were',
      header,
      ({ type, flags, streamId, payload }) => {
        const wire = Buffer.concat([Buffer.of(0, 0, payload.length, type, flags, 0, 0, 0, 0), payload]);
        wire.writeUInt32BE(streamId, 5);
        const [event] = new FrameDecoder().push(wire);
        if (event === undefined || event.type === 'CONNECTION_ERROR' || event.type === 'STREAM_ERROR') return;
        if (event.type === 'CONTINUATION') return;
        const written = encodeFrame(event);
        const [again] = new FrameDecoder().push(written);
        equal(again && plain(again), plain(event), 'the frame, read again');
        bytes(encodeFrame(again as Frame), written, 'its octets, written again');
      },
      { runs: 500 },
    );
  },
);

/** Octets that look enough like frames to get past the first checks. */
const nearlyFrames = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: frames.map((frame) => ({ octets: encodeLater(frame), spoil: -1, by: 0 })) },
    { weight: 2, arbitrary: fc.record({ octets: frames.map(encodeLater), spoil: fc.nat(), by: u8 }) },
    {
      weight: 1,
      arbitrary: fc.record({
        octets: fc.uint8Array({ maxLength: 30 }).map((raw) => () => raw),
        spoil: fc.constant(-1),
        by: u8,
      }),
    },
  ),
  { minLength: 1, maxLength: 8 },
);

/** Encoding is the subject's: it must run inside the property, so that a stub says that it is one. */
function encodeLater(frame: Frame): () => Uint8Array {
  return () => encodeFrame(frame);
}

testCase(
  {
    id: 'frame-any-octets',
    title: 'whatever comes in: push throws nothing, an error is the last event, and the pieces make no difference',
    clause: 'RFC 9113 §5.4.1',
    why: 'the first octets that a server on the internet sees are rarely polite',
    group,
  },
  (t) => {
    property(
      t,
      'any octets in any pieces',
      fc.record({ nearlyFrames, cuts }),
      (input) => {
        const wire = Buffer.concat(input.nearlyFrames.map(({ octets, spoil, by }) => spoiled(octets(), spoil, by)));
        const whole = decode([wire]);
        const end = whole.findIndex((event) => event.type === 'CONNECTION_ERROR');
        equal(end === -1 || end === whole.length - 1, true, 'the connection error is the last event');
        equal(decode(cutAt(wire, input.cuts)), whole, 'the events of the same octets in pieces');
      },
      {
        runs: 400,
        show: ({ nearlyFrames: parts }) =>
          parts.map((part) => Buffer.from(spoiled(part.octets(), part.spoil, part.by)).toString('hex')),
      },
    );
  },
);

function spoiled(octets: Uint8Array, at: number, by: number): Uint8Array {
  const out = Uint8Array.from(octets);
  if (at >= 0 && out.length > 0) out[at % Math.min(out.length, 14)]! ^= by;
  return out;
}

testCase(
  {
    id: 'frame-fuzz-headers',
    title: 'every type, with every combination of flags, on two streams and with each length from 0 to 20',
    clause: 'RFC 9113 §4.1',
    why: 'no header may lead to anything but frames and errors',
    group,
  },
  () => {
    const seen = new Set<string>();
    for (let type = 0; type <= 10; type++) {
      for (let flags = 0; flags < 256; flags++) {
        for (const [length, streamId] of [
          [0, 0],
          [3, 1],
          [4, 1],
          [5, 1],
          [6, 0],
          [6, 1],
          [8, 0],
          [20, 1],
        ] as const) {
          const wire = Buffer.alloc(9 + length, 1);
          wire.set([0, 0, length, type, flags, 0, 0, 0, streamId]);
          const [event, ...more] = new FrameDecoder().push(wire);
          equal(more, [], 'events after the first');
          seen.add(event?.type ?? 'nothing');
        }
      }
    }
    const all = [...Object.keys(Type).filter((name) => name !== 'CONTINUATION'), 'UNKNOWN'];
    equal([...seen].sort(), [...all, 'CONNECTION_ERROR', 'STREAM_ERROR'].sort(), 'the types of event that came');
  },
);
