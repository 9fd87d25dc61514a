/** A queue of bytes, before anything reaches the end of the memory. */
import { bytes, equal, throws } from '../../../kit/check.ts';
import { ascii, ringCase } from './support.ts';

const group = 'write and read';

ringCase(
  {
    id: 'ring-write-then-read',
    title: 'what was written is read',
    clause: 'pipe(7)',
    why: 'everything else is about doing this with bounded memory',
    group,
  },
  (make) => {
    const ring = make(8);
    equal(ring.write(ascii('ABCDE')), 5, 'bytes accepted');
    equal(ring.length, 5, 'length');
    bytes(ring.read(5), 'ABCDE', 'what read(5) returns');
    equal(ring.length, 0, 'length after the read');
  },
);

ringCase(
  {
    id: 'ring-first-in-first-out',
    title: 'bytes come out in the order in which they went in, however they are cut',
    clause: 'pipe(7)',
    why: 'a byte stream has no message boundaries: two writes may become three reads',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABC'));
    ring.write(ascii('DEFG'));
    bytes(ring.read(2), 'AB', 'the first read');
    bytes(ring.read(4), 'CDEF', 'the second read, across both writes');
    bytes(ring.read(1), 'G', 'the third read');
  },
);

ringCase(
  {
    id: 'ring-read-empty',
    title: 'reading an empty ring gives no bytes',
    clause: 'statement: read',
    why: '“nothing yet” is an ordinary answer, not an error',
    group,
  },
  (make) => {
    const ring = make(8);
    bytes(ring.read(5), '', 'what read(5) returns');
    bytes(ring.read(), '', 'what read() returns');
  },
);

ringCase(
  {
    id: 'ring-read-short',
    title: 'a read for more than there is gives what there is',
    clause: 'read(2)',
    why: 'recv() returns what has arrived, not what was asked for',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABC'));
    bytes(ring.read(100), 'ABC', 'what read(100) returns');
  },
);

ringCase(
  {
    id: 'ring-read-all',
    title: 'a read without a number gives all there is',
    clause: 'statement: read',
    why: 'the usual case: hand the application everything that has come',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDEF'));
    bytes(ring.read(), 'ABCDEF', 'what read() returns');
    equal(ring.length, 0, 'length after the read');
  },
);

ringCase(
  {
    id: 'ring-write-partial',
    title: 'a write that does not fit is accepted in part, and says how much',
    clause: 'write(2)',
    why: 'the return value is all that a sender learns; if it is wrong, bytes are lost or sent twice',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDE'));
    equal(ring.write(ascii('FGHIJK')), 3, 'bytes accepted of six, with three free');
    bytes(ring.read(), 'ABCDEFGH', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-whole-capacity',
    title: 'the whole capacity can be used',
    clause: 'RFC 9293 §3.8.6',
    why: 'a ring that keeps one slot unused advertises a window that it cannot honour',
    group,
  },
  (make) => {
    const ring = make(8);
    equal(ring.write(ascii('ABCDEFGH')), 8, 'bytes accepted');
    equal(ring.length, 8, 'length');
    bytes(ring.read(), 'ABCDEFGH', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-full-is-not-empty',
    title: 'a full ring and an empty one are told apart',
    clause: 'statement: full or empty?',
    why: 'with two indexes into the memory both look alike: the indexes are equal',
    group,
  },
  (make) => {
    const ring = make(4);
    ring.write(ascii('ABCD'));
    equal(ring.length, 4, 'length when full');
    equal(ring.free, 0, 'free when full');
    ring.read(4);
    equal(ring.length, 0, 'length when empty again');
    equal(ring.free, 4, 'free when empty again');
  },
);

ringCase(
  {
    id: 'ring-write-full',
    title: 'a full ring accepts nothing and keeps what it has',
    clause: 'RFC 9293 §3.8.6.1',
    why: 'this 0 is the zero window that stops the sender',
    group,
  },
  (make) => {
    const ring = make(4);
    ring.write(ascii('ABCD'));
    equal(ring.write(ascii('E')), 0, 'bytes accepted');
    equal(ring.length, 4, 'length');
    bytes(ring.read(), 'ABCD', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-write-larger-than-capacity',
    title: 'of a source larger than the ring the first bytes are accepted',
    clause: 'write(2)',
    why: 'a 64 KiB chunk meets a 4 KiB ring every day',
    group,
  },
  (make) => {
    const ring = make(4);
    equal(ring.write(ascii('ABCDEFGHIJ')), 4, 'bytes accepted');
    bytes(ring.read(), 'ABCD', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-free-is-the-window',
    title: 'free shrinks with each write and grows with each read',
    clause: 'RFC 9293 §3.8.6',
    why: 'a receiver advertises this number as its window; too large loses data, too small stalls',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABC'));
    equal(ring.free, 5, 'free after writing 3');
    ring.write(ascii('DEFG'));
    equal(ring.free, 1, 'free after writing 4 more');
    ring.read(2);
    equal(ring.free, 3, 'free after reading 2');
    equal(ring.write(ascii('HIJKL')), 3, 'bytes accepted: exactly what was free');
    equal(ring.free, 0, 'free when full');
  },
);

ringCase(
  {
    id: 'ring-zero-length',
    title: 'writing or reading nothing does nothing',
    clause: 'write(2), read(2)',
    why: 'empty chunks and empty targets happen, mostly at the edges of a protocol',
    group,
  },
  (make) => {
    const ring = make(4);
    equal(ring.write(ascii('')), 0, 'bytes accepted of none');
    equal(ring.length, 0, 'length');
    ring.write(ascii('ABCD'));
    equal(ring.write(ascii('')), 0, 'bytes accepted of none by a full ring');
    bytes(ring.read(0), '', 'what read(0) returns');
    equal(ring.readInto(new Uint8Array(0)), 0, 'bytes read into an empty target');
    bytes(ring.read(), 'ABCD', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-read-invalid',
    title: 'a read for a number that is no count is refused and takes nothing',
    clause: 'statement: limits and errors',
    why: 'read(-1) that moves a counter back gives old bytes out a second time',
    group,
  },
  (make) => {
    const ring = make(4);
    ring.write(ascii('ABC'));
    for (const max of [-1, 1.5, Number.NaN]) {
      throws(() => ring.read(max), { name: 'RangeError' }, `read(${max})`);
    }
    bytes(ring.read(), 'ABC', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-every-byte-value',
    title: 'every value of a byte passes unchanged',
    clause: 'pipe(7)',
    why: 'a detour over strings damages everything from 0x80 up',
    group,
  },
  (make) => {
    const ring = make(256);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    equal(ring.write(all), 256, 'bytes accepted');
    bytes(ring.read(), all, 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-read-into',
    title: 'readInto fills the caller’s memory and says how much it read',
    clause: 'read(2)',
    why: 'this is how recv() works, and why a server can run without garbage',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDEF'));
    const target = new Uint8Array(4);
    equal(ring.readInto(target), 4, 'bytes read');
    bytes(target, 'ABCD', 'the target');
    equal(ring.length, 2, 'length after the read');
    equal(ring.readInto(target), 2, 'bytes read the second time');
    bytes(target, 'EFCD', 'the target: its end is left as it was');
    equal(ring.readInto(target), 0, 'bytes read from the empty ring');
  },
);
