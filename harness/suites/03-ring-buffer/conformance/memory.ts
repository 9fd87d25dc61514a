/** The rule for memory: the ring and its callers never share any. */
import { bytes, equal } from '../../../kit/check.ts';
import { ascii, ringCase } from './support.ts';

const group = 'memory';
const clause = 'statement: the rule for memory';

ringCase(
  {
    id: 'ring-source-reused',
    title: 'the caller may overwrite its source after a write',
    clause,
    why: 'every reader that reuses one receive buffer does so',
    group,
  },
  (make) => {
    const ring = make(8);
    const source = ascii('ABCD');
    ring.write(source);
    source.fill(0x21);
    bytes(ring.read(), 'ABCD', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-source-view',
    title: 'a source that is a view of larger memory gives its own bytes only',
    clause,
    why: 'small Buffers are views of one shared pool: their memory begins before them and ends after them',
    group,
  },
  (make) => {
    const ring = make(8);
    const memory = ascii('..ABCD..');
    equal(ring.write(memory.subarray(2, 6)), 4, 'bytes accepted');
    equal(ring.write(Buffer.from('XY')), 2, 'bytes accepted of a pooled Buffer');
    bytes(ring.read(), 'ABCDXY', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-source-view-in-part',
    title: 'so does a view of which only a part fits, or which wraps',
    clause,
    why: 'the part is easily taken from the start of the memory instead of from the start of the view',
    group,
  },
  (make) => {
    const ring = make(6);
    const memory = ascii('....ABCDEFGH....');
    equal(ring.write(memory.subarray(4, 12)), 6, 'bytes accepted of a view of eight');
    bytes(ring.read(4), 'ABCD', 'the first four');
    equal(ring.write(memory.subarray(10, 12)), 2, 'bytes accepted');
    equal(ring.write(memory.subarray(4, 7)), 2, 'bytes accepted of a view of three');
    bytes(ring.read(), 'EFGHAB', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-target-view',
    title: 'a target that is a view of larger memory is filled inside its own bounds',
    clause,
    why: 'writing past the view damages a neighbour’s data, which is found days later',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('ABCDEF'));
    const memory = ascii('........');
    equal(ring.readInto(memory.subarray(2, 5)), 3, 'bytes read');
    bytes(memory, '..ABC...', 'the memory around the target');
    equal(ring.readInto(memory.subarray(1, 7)), 3, 'bytes read into a target larger than what is left');
    bytes(memory, '.DEFC...', 'the memory around the second target');
  },
);

ringCase(
  {
    id: 'ring-read-stays',
    title: 'bytes that were read never change afterwards',
    clause,
    why: 'an application keeps what it read while the ring goes round: a view would change under its hands',
    group,
  },
  (make) => {
    const ring = make(4);
    ring.write(ascii('ABCD'));
    const first = ring.read(4);
    ring.write(ascii('wxyz'));
    bytes(first, 'ABCD', 'what the first read returned, after four more bytes came in');
    const second = ring.read(2);
    ring.clear();
    ring.write(ascii('!!!!'));
    bytes(second, 'wx', 'what the second read returned, after four more bytes came in');
  },
);

ringCase(
  {
    id: 'ring-peek-stays',
    title: 'bytes that were peeked at never change afterwards',
    clause,
    why: 'the same rule for both: a caller need not remember where its bytes came from',
    group,
  },
  (make) => {
    const ring = make(4);
    ring.write(ascii('ABCD'));
    const seen = ring.peek(4);
    ring.read(4);
    ring.write(ascii('wxyz'));
    bytes(seen, 'ABCD', 'what peek returned, after four more bytes came in');
  },
);

ringCase(
  {
    id: 'ring-result-is-the-callers',
    title: 'the caller may change what it was given',
    clause,
    why: 'WebSocket unmasks in place; through a view that would unmask the ring’s own bytes',
    group,
  },
  (make) => {
    const ring = make(4);
    ring.write(ascii('ABCD'));
    ring.peek(4).fill(0x21);
    const read = ring.read(4);
    bytes(read, 'ABCD', 'what read returns, after the caller changed what peek had returned');
    ring.write(ascii('EFGH'));
    read.fill(0x21);
    bytes(ring.read(4), 'EFGH', 'what read returns, after the caller changed what it had returned before');
  },
);
