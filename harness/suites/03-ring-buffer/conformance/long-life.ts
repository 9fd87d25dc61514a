/** A connection that lives for months: positions far beyond what fits in 31, 32 or 52 bits. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RingBuffer } from '#subject/03-ring-buffer/ring-buffer.ts';
import { testCase } from '../../../kit/case.ts';
import { bytes, equal, ok } from '../../../kit/check.ts';
import { ascii, pattern, ringCase, sendLetters } from './support.ts';

const group = 'long life';

ringCase(
  {
    id: 'ring-positions-count',
    title: 'positions count every byte that went in and out',
    clause: 'RFC 9293 §3.4',
    why: 'they are what TCP acknowledges with, and what a log can be cut at',
    group,
  },
  (make) => {
    const ring = make(4, { start: 1_000 });
    ring.write(ascii('ABCDEF'));
    equal(ring.writePosition, 1_004, 'writePosition: two bytes were not accepted');
    ring.read(1);
    ring.skip(1);
    ring.peek(1);
    ring.readInto(new Uint8Array(1));
    equal(ring.readPosition, 1_003, 'readPosition');
    ring.write(ascii('EF'));
    equal(ring.writePosition, 1_006, 'writePosition');
  },
);

/** Goes over `limit` in a ring of `capacity`. */
function crossing(id: string, limit: number, name: string, capacity: number, why: string): void {
  const of = capacity & (capacity - 1) ? `${capacity}, which is no power of two` : `${capacity}`;
  ringCase(
    { id, title: `byte ${name} passes like any other, in a ring of ${of}`, clause: 'statement: positions', why, group },
    (make) => sendLetters(make(capacity, { start: limit - 2 * capacity - 1 }), 5 * capacity),
  );
}

crossing(
  'ring-past-2-31',
  2 ** 31,
  '2^31',
  8,
  '`| 0` and `& mask` turn larger numbers negative, after 2 GiB of traffic',
);
crossing('ring-past-2-32', 2 ** 32, '2^32', 8, '`>>> 0` begins again at 0, after 4 GiB of traffic');
crossing('ring-past-2-32-odd', 2 ** 32, '2^32', 7, '2^32 is no multiple of 7: a counter that wraps there jumps');
crossing(
  'ring-past-2-40',
  2 ** 40,
  '2^40',
  10,
  'a terabyte is two and a half hours at 1 Gbit/s: many a connection lives longer',
);

ringCase(
  {
    id: 'ring-near-2-53',
    title: 'positions are exact up to 2^53 − 1',
    clause: 'statement: positions',
    why: 'doubles count single bytes up to there and no further: 2.3 years at 1 Gbit/s',
    group,
  },
  (make) => {
    const last = Number.MAX_SAFE_INTEGER;
    const ring = make(7, { start: last - 17 });
    for (const [i, text] of ['ABCDE', 'FGHIJ', 'KLMNOPQ'].entries()) {
      equal(ring.write(ascii(text)), text.length, 'bytes accepted');
      bytes(ring.read(), text, 'what is in the ring');
      equal(last - ring.readPosition, [12, 7, 0][i] as number, 'how far readPosition is from 2^53 − 1');
    }
  },
);

testCase(
  {
    id: 'ring-memory-steady',
    title: 'after 1 MB has passed through it, a ring of 4 KiB holds no more memory than before',
    clause: 'statement: limits and errors',
    why: 'a queue that forgets to let go of what was read grows until the process is killed',
    group,
  },
  () => {
    const ring = new RingBuffer(4_096);
    const source = pattern(0, 1_000);
    const target = new Uint8Array(1_000);
    const before = memoryInUse();
    for (let moved = 0; moved < 1_000_000; ) {
      ring.write(source);
      const count = ring.readInto(target);
      ok(count > 0, 'a write of 1,000 bytes, then a read: bytes move', 'none moved');
      moved += count;
    }
    let grown = memoryInUse() - before;
    // Array buffers are given back in the background, and what one collection found by the start of the next.
    for (let again = 0; again < 3 && grown >= 500_000; again++) grown = memoryInUse() - before;
    ok(grown < 500_000, 'memory held after 1,000,000 bytes: within 500 KB of before', `it grew by ${grown} bytes`);
    equal(ring.length, 0, 'length');
  },
);

/** Bytes in live objects and array buffers: garbage is not counted. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
