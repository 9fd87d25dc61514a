/** Who owns which memory: the chunk is the caller's, and so is every frame. */
import { type DataFrame, FrameDecoder, type FrameEvent, type PingFrame } from '#subject/13-h2-frames/h2-frames.ts';
import { testCase } from '../../../kit/case.ts';
import { bytes, equal, ok, within } from '../../../kit/check.ts';
import { frame, PROBE, Type } from './support.ts';

const group = 'memory';
const clause = 'statement: the rule for memory';

/** One frame of each kind that holds octets, and the octets. */
const HOLDERS: [wire: Buffer, held: string][] = [
  [frame(Type.DATA, 0, 1, '6461746120646174'), 'data dat'],
  [frame(Type.PING, 0, 0, '70696e6770696e67'), 'pingping'],
  [frame(Type.GOAWAY, 0, 0, '00000001 00000000 64656275672e2e2e'), 'debug...'],
  [frame(0xee, 0, 0, '756e6b6e6f776e21'), 'unknown!'],
  [frame(Type.PUSH_PROMISE, 4, 1, '00000002 70726f6d69736564'), 'promised'],
  [frame(Type.HEADERS, 0, 1, '6865616465727321'), 'headers!'],
  [frame(Type.CONTINUATION, 4, 1, '636f6e74696e7565'), 'continue'],
];
/** What a payload may keep alive besides itself: a pool such as Node’s own. */
const SPARE = Math.max(8_192, Buffer.poolSize);
const WIRE = Buffer.concat(HOLDERS.map(([wire]) => wire));

/** The octets that an event holds, whatever its type calls them. */
function held(event: FrameEvent | undefined): Uint8Array {
  const found = Object.values(event ?? {}).find((value) => value instanceof Uint8Array);
  ok(found instanceof Uint8Array, 'a frame that holds octets', `there is none in ${JSON.stringify(event)}`);
  return found;
}

function checkHeld(events: FrameEvent[]): void {
  equal(events.length, HOLDERS.length, 'number of events');
  for (const [i, event] of events.entries())
    bytes(held(event), HOLDERS[i]![1], `the octets of the ${event.type} frame`);
}

testCase(
  {
    id: 'frame-memory-chunk-reused',
    title: 'the caller may overwrite its chunk as soon as push has returned',
    clause,
    why: 'a socket with onread reads into the same buffer again and again',
    group,
  },
  () => {
    const decoder = new FrameDecoder();
    const chunk = Buffer.from(WIRE);
    const events = decoder.push(chunk);
    chunk.fill(0xee);
    checkHeld(events);
  },
);

testCase(
  {
    id: 'frame-memory-later-pushes',
    title: 'a frame does not change when later chunks are pushed, however the first one was cut',
    clause,
    why: 'frames wait in queues: HEADERS for the CONTINUATION, DATA for a reader',
    group,
  },
  () => {
    for (const cut of [4, 9, 12, 17]) {
      const decoder = new FrameDecoder();
      const octets = frame(Type.DATA, 0, 1, '6461746120646174');
      const events = [...decoder.push(octets.subarray(0, cut)), ...decoder.push(octets.subarray(cut))];
      for (let i = 0; i < 5; i++) {
        decoder.push(PROBE.subarray(0, 12));
        decoder.push(PROBE.subarray(12));
      }
      decoder.push(frame(Type.DATA, 0, 1, Buffer.alloc(64, 0xff)));
      bytes(held(events[0]), 'data dat', `the data of a frame cut at ${cut}, after more was pushed`);
    }
  },
);

testCase(
  {
    id: 'frame-memory-frames-apart',
    title: 'whoever changes one frame’s octets changes no other’s, and not the chunk',
    clause,
    why: 'a reader that unmasks or decrypts in place must not reach into its neighbour',
    group,
  },
  () => {
    const decoder = new FrameDecoder();
    const chunk = Buffer.from(WIRE);
    const events = decoder.push(chunk);
    checkHeld(events);
    for (const [i, event] of events.entries()) {
      bytes(
        held(event),
        HOLDERS[i]![1],
        `the octets of the ${event.type} frame, after those before it were overwritten`,
      );
      held(event).fill(0xff);
    }
    bytes(chunk, WIRE, 'the chunk, after every frame was overwritten');
  },
);

testCase(
  {
    id: 'frame-memory-no-slab',
    title: 'a kept payload does not keep alive the chunk that it came in',
    clause,
    why: 'a 9-octet view of a 64 KiB slab keeps all of it: a thousand idle streams keep 64 MiB',
    group,
  },
  () => {
    const one = frame(Type.PING, 0, 0, '70696e6770696e67');
    const large = frame(Type.DATA, 0, 1, Buffer.alloc(6_000, 'x'));
    const count = Math.ceil((4 * SPARE) / one.length);
    const slab = Buffer.concat([...Array.from({ length: count }, () => one), large]);
    const events = new FrameDecoder().push(slab);
    equal(events.length, count + 1, 'number of events of one chunk');
    const { opaqueData } = events[count >> 1] as PingFrame;
    within(opaqueData.buffer.byteLength, 8, 8 + SPARE, 'octets of memory behind the 8 octets of a PING');
    const { data } = events[count] as DataFrame;
    within(data.buffer.byteLength, 6_000, 6_000 + SPARE, 'octets of memory behind 6,000 octets of DATA');
    const halves = new FrameDecoder({ maxFrameSize: 1_000_000 });
    const huge = frame(Type.DATA, 0, 1, Buffer.alloc(500_000, 'x'));
    halves.push(huge.subarray(0, 400_000));
    const [whole] = halves.push(huge.subarray(400_000)) as DataFrame[];
    within(
      held(whole).buffer.byteLength,
      500_000,
      500_000 + SPARE,
      'octets of memory behind 500,000 octets that came in two chunks',
    );
  },
);

testCase(
  {
    id: 'frame-memory-nothing-ahead',
    title: 'a header that announces 16 MB reserves nothing: memory follows what has arrived',
    clause: 'RFC 9113 §10.5',
    why: 'nine octets are cheap to send, 16 MB are not cheap to have',
    group,
  },
  () => {
    const header = frame(Type.DATA, 0, 1, 'ff', 16_000_000);
    const decoders: FrameDecoder[] = [];
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 16; i++) {
      const decoder = new FrameDecoder({ maxFrameSize: 16_777_215 });
      equal(decoder.push(header.subarray(0, 9)), [], 'events of a header');
      equal(decoder.push(header.subarray(9)), [], 'events of one octet more');
      decoders.push(decoder);
    }
    const grown = process.memoryUsage().arrayBuffers - before;
    ok(grown < 4_000_000, 'less than 4 MB for 16 decoders that have been sent 10 octets each', `${grown} octets`);
    equal(decoders.length, 16, 'decoders');
  },
);

testCase(
  {
    id: 'frame-memory-any-view',
    title: 'a chunk may be any Uint8Array: a plain one, or a view in the middle of larger memory',
    clause,
    why: 'WebStreams deliver Uint8Arrays, which have no readUInt32BE',
    group,
  },
  () => {
    const octets = Buffer.concat([PROBE, frame(Type.DATA, 1, 7, '616263')]);
    const memory = new Uint8Array(octets.length + 20).fill(0xee);
    memory.set(octets, 11);
    for (const cut of [octets.length, 3, 20]) {
      const decoder = new FrameDecoder();
      const view = memory.subarray(11, 11 + octets.length);
      const events = [...decoder.push(view.subarray(0, cut)), ...decoder.push(view.subarray(cut))];
      equal(
        events.map((event) => event.type),
        ['PING', 'DATA'],
        `types of the events, cut at ${cut}`,
      );
      bytes(held(events[0]), 'probe   ', 'the octets of the PING');
      bytes(held(events[1]), 'abc', 'the octets of the DATA');
    }
  },
);
