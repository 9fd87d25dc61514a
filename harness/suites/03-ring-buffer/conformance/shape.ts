/** What a ring is before anything happened to it. */
import { equal, throws } from '../../../kit/check.ts';
import { ringCase } from './support.ts';

const group = 'shape';

ringCase(
  {
    id: 'ring-starts-empty',
    title: 'a new ring is empty and has all of its capacity free',
    clause: 'RFC 9293 §3.8.6',
    why: 'the first window that a receiver advertises is its whole buffer',
    group,
  },
  (make) => {
    const ring = make(8);
    equal(ring.capacity, 8, 'capacity');
    equal(ring.length, 0, 'length');
    equal(ring.free, 8, 'free');
  },
);

ringCase(
  {
    id: 'ring-starts-open',
    title: 'a new ring is neither closed nor ended, and nothing of it was overwritten',
    clause: 'statement: end of stream',
    why: 'a reader that takes “nothing yet” for “nothing more” hangs up on a slow peer',
    group,
  },
  (make) => {
    const ring = make(8);
    equal(ring.closed, false, 'closed');
    equal(ring.ended, false, 'ended');
    equal(ring.overwritten, 0, 'overwritten');
  },
);

ringCase(
  {
    id: 'ring-capacity-invalid',
    title: 'a capacity that is no whole number ≥ 1 is refused',
    clause: 'statement: limits and errors',
    why: 'new Uint8Array(NaN) is an empty array and new Uint8Array(1.5) has one byte, both without a word',
    group,
  },
  (make) => {
    for (const capacity of [0, -1, 1.5, Number.NaN]) {
      throws(() => make(capacity), { name: 'RangeError' }, `new RingBuffer(${capacity})`);
    }
  },
);

ringCase(
  {
    id: 'ring-start',
    title: 'both positions begin at options.start, and at 0 without it',
    clause: 'RFC 9293 §3.4.1',
    why: 'a TCP stream begins at a number of the sender’s choice, a resumed download in the middle',
    group,
  },
  (make) => {
    const plain = make(8);
    equal(plain.readPosition, 0, 'readPosition without start');
    equal(plain.writePosition, 0, 'writePosition without start');
    const resumed = make(8, { start: 1_000_003 });
    equal(resumed.readPosition, 1_000_003, 'readPosition');
    equal(resumed.writePosition, 1_000_003, 'writePosition');
    equal(resumed.length, 0, 'length: no byte has come in yet');
  },
);

ringCase(
  {
    id: 'ring-start-invalid',
    title: 'a start that is no whole number from 0 to 2^53 − 1 is refused',
    clause: 'statement: limits and errors',
    why: 'from 2^53 on, doubles skip every other number: a position could no longer count single bytes',
    group,
  },
  (make) => {
    for (const start of [-1, 0.5, Number.NaN, 2 ** 53]) {
      throws(() => make(8, { start }), { name: 'RangeError' }, `new RingBuffer(8, { start: ${start} })`);
    }
  },
);
