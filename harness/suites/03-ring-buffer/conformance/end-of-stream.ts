/** Nothing more will be written: what that means for the reader, and for a writer who did not notice. */
import { bytes, equal, throws } from '../../../kit/check.ts';
import { ascii, ringCase, rotate } from './support.ts';

const group = 'end of stream';

ringCase(
  {
    id: 'ring-close-then-drain',
    title: 'what is buffered can be read after close',
    clause: 'pipe(7)',
    why: 'the last bytes of a response arrive together with the FIN: dropping them cuts every download short',
    group,
  },
  (make) => {
    const ring = make(8);
    rotate(ring, 6);
    ring.write(ascii('ABCDE'));
    ring.close();
    equal(ring.closed, true, 'closed');
    equal(ring.length, 5, 'length');
    bytes(ring.read(2), 'AB', 'the first two bytes');
    bytes(ring.read(), 'CDE', 'the rest');
  },
);

ringCase(
  {
    id: 'ring-ended-when-drained',
    title: 'the stream has ended when the ring is closed and drained, not before',
    clause: 'pipe(7)',
    why: 'end of stream comes after the last byte, in order like everything else',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('AB'));
    ring.close();
    equal(ring.ended, false, 'ended, with two bytes left');
    ring.read(1);
    equal(ring.ended, false, 'ended, with one byte left');
    ring.read(1);
    equal(ring.ended, true, 'ended, with none left');
  },
);

ringCase(
  {
    id: 'ring-empty-is-not-ended',
    title: 'an empty ring that is open has not ended',
    clause: 'read(2)',
    why: 'for read() the two differ too: EAGAIN is “not yet”, 0 is “never again”',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('AB'));
    ring.read();
    equal(ring.length, 0, 'length');
    equal(ring.ended, false, 'ended');
  },
);

ringCase(
  {
    id: 'ring-close-empty',
    title: 'closing an empty ring ends it at once',
    clause: 'pipe(7)',
    why: 'a peer may connect and hang up without a word',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.close();
    equal(ring.ended, true, 'ended');
    bytes(ring.read(5), '', 'what read(5) returns');
    equal(ring.readInto(new Uint8Array(5)), 0, 'bytes read by readInto');
  },
);

ringCase(
  {
    id: 'ring-write-after-close',
    title: 'a write after close is refused',
    clause: 'send(2) EPIPE',
    why: 'bytes behind the end of a stream have no place: the reader may have gone already',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('AB'));
    ring.close();
    throws(() => ring.write(ascii('CD')), {}, 'a write after close');
    bytes(ring.read(), 'AB', 'what is in the ring');
    equal(ring.writePosition, 2, 'writePosition');
  },
);

ringCase(
  {
    id: 'ring-write-after-close-code',
    title: 'the error of a write after close has the code EPIPE',
    clause: 'send(2) EPIPE',
    why: 'callers branch on codes; a TypeError would look like a bug in the ring',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.close();
    throws(() => ring.write(ascii('AB')), { code: 'EPIPE' }, 'a write after close');
  },
);

ringCase(
  {
    id: 'ring-close-twice',
    title: 'a second close changes nothing',
    clause: 'statement: end of stream',
    why: 'FIN and an error handler often both close',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('AB'));
    ring.close();
    ring.close();
    equal(ring.closed, true, 'closed');
    bytes(ring.read(), 'AB', 'what is in the ring');
  },
);

ringCase(
  {
    id: 'ring-clear-after-close',
    title: 'clear ends a closed ring and does not open it again',
    clause: 'statement: clear',
    why: 'a reader who gives up clears; a late writer must still be told',
    group,
  },
  (make) => {
    const ring = make(8);
    ring.write(ascii('AB'));
    ring.close();
    ring.clear();
    equal(ring.ended, true, 'ended');
    throws(() => ring.write(ascii('CD')), { code: 'EPIPE' }, 'a write after close and clear');
  },
);
