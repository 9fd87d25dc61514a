/** Looking without taking, and taking without looking. */
import { bytes, equal, throws } from '../../../kit/check.ts';
import { ascii, ringCase, rotate } from './support.ts';

const group = 'peek, skip, clear';

ringCase(
  {
    id: 'ring-peek',
    title: 'peek shows the oldest bytes and leaves them where they are',
    clause: 'recv(2) MSG_PEEK',
    why: 'a server tells TLS from HTTP by the first byte, then hands on the whole stream',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDE'));
    bytes(ring.peek(3), 'ABC', 'what peek(3) returns');
    bytes(ring.peek(3), 'ABC', 'what peek(3) returns again');
    equal(ring.length, 5, 'length');
    equal(ring.readPosition, 0, 'readPosition');
    bytes(ring.read(), 'ABCDE', 'what read() returns');
  },
);

ringCase(
  {
    id: 'ring-peek-short',
    title: 'peek gives what there is, if that is less, and all there is without a number',
    clause: 'recv(2) MSG_PEEK',
    why: 'a frame header may have arrived by half',
    group,
  },
  (make) => {
    const ring = make(8);
    bytes(ring.peek(9), '', 'what peek(9) of an empty ring returns');
    ring.write(ascii('ABC'));
    bytes(ring.peek(9), 'ABC', 'what peek(9) returns');
    bytes(ring.peek(), 'ABC', 'what peek() returns');
    bytes(ring.peek(0), '', 'what peek(0) returns');
  },
);

ringCase(
  {
    id: 'ring-peek-wrap',
    title: 'peek over the end of the memory gives one piece',
    clause: 'statement: the end of the memory',
    why: 'a nine-byte header lies across the end once in a while: it must not look shorter then',
    group,
  },
  (make) => {
    const ring = make(8);
    rotate(ring, 6);
    ring.write(ascii('ABCDE'));
    bytes(ring.peek(4), 'ABCD', 'what peek(4) returns');
    equal(ring.length, 5, 'length');
  },
);

ringCase(
  {
    id: 'ring-skip',
    title: 'skip drops the oldest bytes and says how many',
    clause: 'statement: skip',
    why: 'after peeking at a header, its bytes are dropped without copying them again',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDEF'));
    equal(ring.skip(2), 2, 'bytes skipped');
    equal(ring.length, 4, 'length');
    bytes(ring.read(2), 'CD', 'the next two bytes');
    equal(ring.skip(0), 0, 'bytes skipped by skip(0)');
    equal(ring.skip(100), 2, 'bytes skipped by skip(100), with two left');
    equal(ring.skip(1), 0, 'bytes skipped in an empty ring');
  },
);

ringCase(
  {
    id: 'ring-skip-frees',
    title: 'skipped bytes make room, over the end of the memory too',
    clause: 'RFC 9293 §3.8.6',
    why: 'the window opens by what was taken away, whether somebody looked at it or not',
    group,
  },
  (make) => {
    const ring = make(8);
    rotate(ring, 5);
    ring.write(ascii('ABCDEFGH'));
    ring.skip(5);
    equal(ring.free, 5, 'free');
    equal(ring.write(ascii('IJKLM')), 5, 'bytes accepted');
    bytes(ring.read(), 'FGHIJKLM', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-clear',
    title: 'clear drops everything and says how much',
    clause: 'statement: clear',
    why: 'what is left of an aborted message must not begin the next one',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDE'));
    equal(ring.clear(), 5, 'bytes dropped');
    equal(ring.length, 0, 'length');
    equal(ring.free, 8, 'free');
    bytes(ring.read(), '', 'what read() returns');
    equal(ring.clear(), 0, 'bytes dropped from an empty ring');
  },
);

ringCase(
  {
    id: 'ring-clear-while-wrapped',
    title: 'after a clear in the middle of the memory the ring works as before',
    clause: 'statement: clear',
    why: 'a clear that resets one counter and not the other leaves a ring that is neither empty nor full',
    group,
  },
  (make) => {
    const ring = make(8);
    rotate(ring, 6);
    ring.write(ascii('ABCDE'));
    ring.clear();
    equal(ring.write(ascii('FGHIJKLMN')), 8, 'bytes accepted: the whole capacity');
    bytes(ring.read(3), 'FGH', 'the next three bytes');
    bytes(ring.read(), 'IJKLM', 'the rest');
  },
);

ringCase(
  {
    id: 'ring-clear-keeps-position',
    title: 'clear does not turn the stream back: positions only grow',
    clause: 'statement: clear',
    why: 'both ends count the same bytes: a number that goes back would mean other bytes from then on',
    group,
  },
  (make) => {
    const ring = make(8);
    rotate(ring, 2);
    ring.write(ascii('ABC'));
    ring.clear();
    equal(ring.readPosition, 5, 'readPosition');
    equal(ring.writePosition, 5, 'writePosition');
  },
);

ringCase(
  {
    id: 'ring-count-invalid',
    title: 'peek and skip refuse a number that is no count, and change nothing',
    clause: 'statement: limits and errors',
    why: 'skip(-1) would bring back a byte that may be overwritten already',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABC'));
    ring.read(1);
    for (const count of [-1, 1.5, Number.NaN]) {
      throws(() => ring.peek(count), { name: 'RangeError' }, `peek(${count})`);
      throws(() => ring.skip(count), { name: 'RangeError' }, `skip(${count})`);
    }
    bytes(ring.read(), 'BC', 'what is in the ring');
  },
);
