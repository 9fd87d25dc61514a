/** Our own SETTINGS, once the peer has acknowledged them. */
import { equal, throws } from '../../../kit/check.ts';
import { allUpdates, arrive, DEFAULT, isError, isFine, MAX, update, windowCase } from './support.ts';

const group = 'receiving: our settings';
const clause = 'RFC 9113 §6.9.2';

windowCase(
  {
    id: 'window-acknowledged-difference',
    title: 'the windows of open streams change by the difference, the connection’s does not',
    clause,
    why: 'the peer does the same sum when it gets our SETTINGS: the books must agree',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.receive(1, 10_000);
    receive.setInitialWindow(100_000);
    equal(receive.streamWindow(1), 90_000, 'streamWindow(1), of which 10,000 are used');
    receive.setInitialWindow(5_000);
    equal(receive.streamWindow(1), -5_000, 'streamWindow(1), at 5,000');
    equal(receive.connectionWindow, 55_535, 'connectionWindow');
    receive.open(3);
    equal(receive.streamWindow(3), 5_000, 'streamWindow(3), opened afterwards');
  },
);

windowCase(
  {
    id: 'window-acknowledged-enforced',
    title: 'the new window is enforced, up and down',
    clause: 'RFC 9113 §6.9.3',
    why: 'after its ACK the peer has no excuse',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.setInitialWindow(100);
    isError(receive.receive(1, 101), { streamId: 1, errorCode: 'FLOW_CONTROL_ERROR' }, 'receive(1, 101)');
    isFine(receive.receive(1, 100), 'receive(1, 100)');
    receive.setInitialWindow(1_100);
    isFine(receive.receive(1, 1_000), 'receive(1, 1000), with 1,000 more');
  },
);

windowCase(
  {
    id: 'window-acknowledged-size',
    title: 'from then on credit fills the windows up to the new size',
    clause,
    why: 'thresholds and sizes that were computed once are those of yesterday',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.setInitialWindow(1_000);
    arrive(receive, 1, 900);
    receive.consume(1, 900);
    const updates = allUpdates(receive).filter(({ streamId }) => streamId === 1);
    equal(updates, [update(1, 900)], 'the updates of stream 1');
    equal(receive.streamWindow(1), 1_000, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-acknowledged-owed',
    title: 'what was owed before is still owed, and may be due at once in a smaller window',
    clause,
    why: 'a change of size neither gives nor takes what was read',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 10_000);
    receive.consume(1, 10_000);
    equal(receive.nextUpdate(), undefined, 'what nextUpdate returns, with 10,000 of 65,535 owed');
    receive.setInitialWindow(12_000);
    equal(receive.streamWindow(1), 2_000, 'streamWindow(1)');
    equal(receive.nextUpdate(), update(1, 10_000), 'what nextUpdate returns, with 10,000 of 12,000 owed');
    equal(receive.streamWindow(1), 12_000, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-acknowledged-negative',
    title: 'a window that has become negative is filled up as its octets are read',
    clause,
    why: 'the peer cannot send before it is above 0: it depends on us',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 60_000);
    receive.setInitialWindow(16_384);
    equal(receive.streamWindow(1), -43_616, 'streamWindow(1)');
    receive.consume(1, 60_000);
    const updates = allUpdates(receive).filter(({ streamId }) => streamId === 1);
    equal(updates, [update(1, 60_000)], 'the updates of stream 1');
    equal(receive.streamWindow(1), 16_384, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-acknowledged-zero',
    title: 'an initial window of 0 lets nothing in, and asks for no frames',
    clause,
    why: 'whoever wants no content says so; an update of 0 would be an error',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.setInitialWindow(0);
    receive.open(1);
    equal(receive.nextUpdate(), undefined, 'what nextUpdate returns');
    isFine(receive.receive(1, 0), 'receive(1, 0)');
    equal(receive.nextUpdate(), undefined, 'what nextUpdate returns after an empty frame');
    isError(receive.receive(1, 1), { streamId: 1, errorCode: 'FLOW_CONTROL_ERROR' }, 'receive(1, 1)');
  },
);

windowCase(
  {
    id: 'window-acknowledged-invalid',
    title: 'a size that is no window is the caller’s mistake',
    clause: 'RFC 9113 §6.5.2',
    why: 'it is our own setting: there is nobody to send an error to',
    group,
  },
  (make) => {
    const receive = make.receive();
    for (const size of [-1, 1.5, Number.NaN, 2 ** 31]) {
      throws(() => receive.setInitialWindow(size), { name: 'RangeError' }, `setInitialWindow(${size})`);
    }
    receive.open(1);
    equal(receive.streamWindow(1), DEFAULT, 'streamWindow(1)');
    receive.setInitialWindow(MAX);
    equal(receive.streamWindow(1), MAX, 'streamWindow(1)');
  },
);
