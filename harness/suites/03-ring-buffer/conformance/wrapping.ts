/** The end of the memory, met by writes, by reads, and by both. */
import { RingBuffer } from '#subject/03-ring-buffer/ring-buffer.ts';
import { testCase } from '../../../kit/case.ts';
import { bytes, equal, ok } from '../../../kit/check.ts';
import { everySplit } from '../../../kit/splits.ts';
import { ascii, pattern, ringCase, rotate, sendLetters } from './support.ts';

const group = 'wrapping';
const clause = 'statement: the end of the memory';

ringCase(
  {
    id: 'ring-wrap-write',
    title: 'a write over the end of the memory goes on at its front',
    clause,
    why: 'this is what makes it a ring',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDEF'));
    bytes(ring.read(4), 'ABCD', 'the first four');
    equal(ring.write(ascii('GHIJ')), 4, 'bytes accepted: two at the end of the memory, two at its front');
    equal(ring.length, 6, 'length');
    bytes(ring.read(2), 'EF', 'what is left of the first write');
    bytes(ring.read(2), 'GH', 'up to the end of the memory');
    bytes(ring.read(2), 'IJ', 'from its front');
  },
);

ringCase(
  {
    id: 'ring-wrap-read',
    title: 'a read over the end of the memory gives one piece',
    clause,
    why: 'the caller must not see where the memory ends',
    group,
  },
  (make) => {
    const ring = make(8);
    rotate(ring, 6);
    ring.write(ascii('AB'));
    ring.write(ascii('CD'));
    bytes(ring.read(4), 'ABCD', 'four bytes, the last two from the front of the memory');
    equal(ring.length, 0, 'length after the read');
  },
);

ringCase(
  {
    id: 'ring-wrap-read-into',
    title: 'readInto over the end of the memory gives one piece',
    clause,
    why: 'two copies are needed here, and the second must land behind the first',
    group,
  },
  (make) => {
    const ring = make(8);
    rotate(ring, 5);
    ring.write(ascii('ABCDEF'));
    const target = ascii('........');
    equal(ring.readInto(target), 6, 'bytes read');
    bytes(target, 'ABCDEF..', 'the target');
  },
);

ringCase(
  {
    id: 'ring-wrap-exactly',
    title: 'a write that ends exactly at the end of the memory does not wrap too early',
    clause,
    why: 'the boundary is where `<` and `<=` differ',
    group,
  },
  (make) => {
    const ring = make(4);
    rotate(ring, 1);
    equal(ring.write(ascii('ABC')), 3, 'bytes accepted up to the end of the memory');
    bytes(ring.read(3), 'ABC', 'the bytes up to the end of the memory');
    equal(ring.write(ascii('DEFG')), 4, 'bytes accepted from the front on');
    bytes(ring.read(), 'DEFG', 'the bytes from the front on');
  },
);

ringCase(
  {
    id: 'ring-full-while-wrapped',
    title: 'a ring can be filled to the brim from every index of its memory',
    clause,
    why: 'a free space that lies in two pieces is still one free space',
    group,
  },
  (make) => {
    for (let index = 0; index < 8; index++) {
      const ring = make(8);
      rotate(ring, index);
      equal(ring.write(ascii('ABCDEFGHI')), 8, `bytes accepted from index ${index} on`);
      equal(ring.free, 0, 'free');
      bytes(ring.read(), 'ABCDEFGH', `what is in the ring, from index ${index} on`);
    }
  },
);

ringCase(
  {
    id: 'ring-capacity-one',
    title: 'a ring of one byte works, round after round',
    clause: 'statement: limits and errors',
    why: 'the smallest capacity has no room for an off-by-one',
    group,
  },
  (make) => {
    const ring = make(1);
    for (const byte of 'ABC') {
      equal(ring.write(ascii(byte)), 1, 'bytes accepted by the empty ring');
      equal(ring.write(ascii('!')), 0, 'bytes accepted by the full ring');
      bytes(ring.read(), byte, 'what is in the ring');
    }
  },
);

ringCase(
  {
    id: 'ring-odd-capacities',
    title: 'capacities that are no power of two work',
    clause: 'statement: limits and errors',
    why: '`position & (capacity − 1)` is the remainder only for powers of two',
    group,
  },
  (make) => {
    for (const capacity of [3, 5, 6, 7, 10]) sendLetters(make(capacity), 4 * capacity);
  },
);

testCase(
  {
    id: 'ring-many-rounds',
    title: 'writes of 7 and reads of 5 through a ring of 16 lose nothing in 1,000 rounds',
    clause,
    why: 'sizes without a common factor meet the end of the memory in every possible way',
    group,
  },
  () => {
    const ring = new RingBuffer(16);
    let [written, read] = [0, 0];
    for (let round = 0; round < 1_000; round++) {
      written += ring.write(pattern(written, 7));
      const out = ring.read(5);
      bytes(out, pattern(read, out.length), `round ${round}: the bytes of the stream from ${read} on`);
      read += out.length;
      equal(ring.length, written - read, `round ${round}: length`);
    }
    equal(written - read, 11, 'bytes left: the ring is as full as these sizes make it');
  },
);

testCase(
  {
    id: 'ring-every-split',
    title: 'the same bytes come out however the writes are cut',
    clause: 'RFC 9293 §2.2',
    why: 'TCP may cut and join writes as it likes: no layer above may notice',
    group,
  },
  (t) => {
    const input = 'GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n';
    everySplit(t, {
      what: 'the bytes that came out of a ring of 13',
      input,
      expected: input,
      reuse: true,
      run: (chunks) => {
        const ring = new RingBuffer(13);
        let out = '';
        for (const chunk of chunks) out += writeAll(ring, chunk);
        return out + text(ring.read());
      },
    });
  },
);

/** Writes all of `chunk`, reading whenever the ring is full. Returns what was read. */
function writeAll(ring: RingBuffer, chunk: Uint8Array): string {
  let out = '';
  for (let from = ring.write(chunk); from < chunk.length; ) {
    const read = ring.read(11);
    const accepted = ring.write(chunk.subarray(from));
    ok(accepted > 0, 'a write after a read is accepted, at least in part', `accepted ${accepted} bytes`);
    out += text(read);
    from += accepted;
  }
  return out;
}

function text(data: Uint8Array): string {
  return Buffer.from(data).toString('latin1');
}
