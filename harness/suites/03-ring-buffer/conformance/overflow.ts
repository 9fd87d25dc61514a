/** `overflow: 'overwrite'`: the newest bytes are worth more than the oldest. */
import { bytes, equal } from '../../../kit/check.ts';
import { ascii, ringCase, rotate } from './support.ts';

const group = 'overflow';
const clause = 'statement: overwriting';

ringCase(
  {
    id: 'ring-overwrite-with-room',
    title: 'as long as there is room, overwriting makes no difference',
    clause,
    why: 'nothing may be lost while nothing has to be',
    group,
  },
  (make) => {
    const ring = make(8, { overflow: 'overwrite' });
    equal(ring.write(ascii('ABCDE')), 5, 'bytes accepted');
    bytes(ring.read(3), 'ABC', 'the first three bytes');
    equal(ring.write(ascii('FGHIJK')), 6, 'bytes accepted: exactly what was free');
    equal(ring.overwritten, 0, 'overwritten');
    bytes(ring.read(), 'DEFGHIJK', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-overwrite-keeps-newest',
    title: 'a write that does not fit takes the place of the oldest bytes',
    clause,
    why: 'a flight recorder is asked for the last minute, not for the first',
    group,
  },
  (make) => {
    const ring = make(8, { overflow: 'overwrite' });
    ring.write(ascii('ABCDEF'));
    equal(ring.write(ascii('GHIJ')), 4, 'bytes accepted: all of them');
    equal(ring.length, 8, 'length');
    equal(ring.free, 0, 'free');
    bytes(ring.read(), 'CDEFGHIJ', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-overwrite-while-wrapped',
    title: 'overwriting works from every index of the memory',
    clause,
    why: 'the oldest byte may lie anywhere, and the newest runs over the end of the memory',
    group,
  },
  (make) => {
    for (let index = 0; index < 7; index++) {
      const ring = make(7, { overflow: 'overwrite' });
      rotate(ring, index);
      ring.write(ascii('ABCDE'));
      ring.write(ascii('FGHI'));
      bytes(ring.read(), 'CDEFGHI', `what is in the ring, from index ${index} on`);
    }
  },
);

ringCase(
  {
    id: 'ring-overwrite-larger-than-capacity',
    title: 'of a source larger than the ring the last bytes remain',
    clause,
    why: 'the beginning of such a source is old before its end has come',
    group,
  },
  (make) => {
    const ring = make(4, { overflow: 'overwrite' });
    rotate(ring, 3);
    ring.write(ascii('AB'));
    equal(ring.write(ascii('CDEFGHIJKL')), 10, 'bytes accepted: all of them');
    bytes(ring.read(), 'IJKL', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-overwrite-counts',
    title: 'overwritten counts every byte that nobody can read any more',
    clause,
    why: 'a recorder that loses data must say how much: a wrong count is worse than none',
    group,
  },
  (make) => {
    const ring = make(4, { overflow: 'overwrite' });
    ring.write(ascii('ABCD'));
    equal(ring.overwritten, 0, 'overwritten by a write that fits');
    ring.write(ascii('E'));
    equal(ring.overwritten, 1, 'overwritten: A');
    ring.write(ascii('FG'));
    equal(ring.overwritten, 3, 'overwritten: A, B and C');
    ring.write(ascii('HIJKLMNOP'));
    equal(ring.overwritten, 12, 'overwritten: A to L, of which H to L never got into memory');
  },
);

ringCase(
  {
    id: 'ring-overwrite-counts-only-lost',
    title: 'bytes that were read, skipped or cleared are not counted as overwritten',
    clause,
    why: 'their place is free: writing there loses nothing',
    group,
  },
  (make) => {
    const ring = make(4, { overflow: 'overwrite' });
    ring.write(ascii('ABCD'));
    ring.read(1);
    ring.skip(1);
    ring.write(ascii('EF'));
    equal(ring.overwritten, 0, 'overwritten, after a read and a skip had made room');
    ring.clear();
    ring.write(ascii('GHIJ'));
    equal(ring.overwritten, 0, 'overwritten, after a clear had made room');
    bytes(ring.read(), 'GHIJ', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-overwrite-moves-the-reader',
    title: 'the read position jumps over what was overwritten',
    clause,
    why: 'the gap in the positions tells the reader where its stream is torn',
    group,
  },
  (make) => {
    const ring = make(4, { overflow: 'overwrite', start: 100 });
    ring.write(ascii('ABCDEF'));
    equal(ring.writePosition, 106, 'writePosition');
    equal(ring.readPosition, 102, 'readPosition: A and B are gone');
    bytes(ring.read(1), 'C', 'the next byte');
    equal(ring.readPosition, 103, 'readPosition after reading it');
  },
);

ringCase(
  {
    id: 'ring-reject-loses-nothing',
    title: 'without the option, nothing is ever overwritten',
    clause: 'statement: overwriting',
    why: 'TCP must not drop what it has acknowledged; dropping is for data that can age',
    group,
  },
  (make) => {
    for (const ring of [make(4), make(4, { overflow: 'reject' })]) {
      ring.write(ascii('ABC'));
      equal(ring.write(ascii('DEFGHI')), 1, 'bytes accepted');
      equal(ring.overwritten, 0, 'overwritten');
      bytes(ring.read(), 'ABCD', 'what is in the ring');
    }
  },
);
