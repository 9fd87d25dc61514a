/** When credit is given: in time, in one piece, and never in crumbs. */
import { ReceiveWindows } from '#subject/15-flow-control/flow-control.ts';
import { equal, ok, within } from '../../../kit/check.ts';
import { allUpdates, arrive, DEFAULT, FRAME, isFine, MAX, update, windowCase } from './support.ts';

const group = 'receiving: credit';

windowCase(
  {
    id: 'window-update',
    title: 'what was read is given back to the stream and to the connection',
    clause: 'RFC 9113 §6.9.1',
    why: 'without credit every upload ends after 65,535 octets',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 50_000);
    receive.consume(1, 50_000);
    const updates = allUpdates(receive).sort((a, b) => a.streamId - b.streamId);
    equal(updates, [update(0, 50_000), update(1, 50_000)], 'the updates, in whatever order');
    equal(receive.streamWindow(1), DEFAULT, 'streamWindow(1)');
    equal(receive.connectionWindow, DEFAULT, 'connectionWindow');
    equal(receive.nextUpdate(), undefined, 'what nextUpdate returns then');
  },
);

windowCase(
  {
    id: 'window-update-when-read',
    title: 'a stream gets credit for what was read, not for what has arrived',
    clause: 'RFC 9113 §5.2.2',
    why: 'a stream’s window bounds what waits for its reader: credit on arrival makes it unbounded',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 60_000);
    const early = allUpdates(receive).filter(({ streamId }) => streamId === 1);
    equal(early, [], 'the updates of stream 1, with nothing read');
    receive.consume(1, 40_000);
    const late = allUpdates(receive).filter(({ streamId }) => streamId === 1);
    equal(late, [update(1, 40_000)], 'the updates of stream 1, with 40,000 of 60,000 read');
    equal(receive.streamWindow(1), 45_535, 'streamWindow(1): with the 20,000 unread it makes 65,535');
  },
);

windowCase(
  {
    id: 'window-update-in-time',
    title: 'credit comes when half the window can be given back, not later',
    clause: 'RFC 9113 §5.2.3, §6.9.1',
    why: 'a sender that has used up its window waits a whole round trip for nothing',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 32_768);
    receive.consume(1, 32_768);
    const streams = allUpdates(receive).map(({ streamId }) => streamId);
    equal(
      streams.sort((a, b) => a - b),
      [0, 1],
      'the streams of the updates, with 32,768 of 65,535 read',
    );
  },
);

windowCase(
  {
    id: 'window-update-no-crumbs',
    title: 'credit is given in pieces of a quarter of the window at least, however small the reads',
    clause: 'RFC 9113 §6.9.1',
    why: 'an update for each read of a line is a frame of 13 octets for each: silly windows',
    group,
  },
  () => {
    const receive = new ReceiveWindows();
    receive.open(1);
    let given = 0;
    for (let read = 0; read < 400_000; read += 1_000) {
      isFine(receive.receive(1, 1_000), `receive(1, 1000) after ${read} octets`);
      for (let i = 0; i < 10; i++) {
        receive.consume(1, 100);
        for (const { streamId, increment } of allUpdates(receive)) {
          within(increment, Math.ceil(DEFAULT / 4), DEFAULT, `the increment of stream ${streamId}`);
          if (streamId === 1) given += increment;
        }
      }
    }
    within(given, 400_000 - DEFAULT, 400_000, 'octets given back to the stream, of 400,000 read');
  },
);

windowCase(
  {
    id: 'window-update-one-octet',
    title: 'a single octet that was read is not worth a frame',
    clause: 'RFC 9113 §6.9.1',
    why: 'one-octet credit makes one-octet DATA frames: ten octets on the wire for one of content',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.receive(1, 1);
    receive.consume(1, 1);
    equal(receive.nextUpdate(), undefined, 'what nextUpdate returns, with the window nearly full');
    arrive(receive, 1, 65_534);
    allUpdates(receive);
    receive.consume(1, 1);
    const crumbs = allUpdates(receive).filter(({ streamId }) => streamId === 1);
    equal(crumbs, [], 'the updates of stream 1, with its window at 0 and two octets read');
  },
);

windowCase(
  {
    id: 'window-update-coalesced',
    title: 'what came together while nobody asked is one update',
    clause: 'RFC 9113 §10.5',
    why: 'a peer that does not read its socket must not make us queue a frame for every frame of its own',
    group,
  },
  () => {
    const receive = new ReceiveWindows({ connectionWindowSize: 10_000_000, maxUnread: 10_000_000 });
    allUpdates(receive);
    receive.setInitialWindow(10_000_000);
    receive.open(1);
    for (let i = 0; i < 8_000; i++) {
      isFine(receive.receive(1, 1_000), 'receive(1, 1000)');
      receive.consume(1, 1_000);
    }
    const updates = allUpdates(receive).sort((a, b) => a.streamId - b.streamId);
    equal(updates, [update(0, 8_000_000), update(1, 8_000_000)], 'the updates');
  },
);

windowCase(
  {
    id: 'window-update-size-1',
    title: 'a window of 1 is opened octet by octet: there is no smaller piece to save',
    clause: 'RFC 9113 §6.9',
    why: 'half of 1, rounded down, is nothing; rounded up it is never reached if the comparison is wrong',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.setInitialWindow(1);
    receive.open(1);
    for (let octet = 0; octet < 5; octet++) {
      isFine(receive.receive(1, 1), `octet ${octet} arrives`);
      equal(receive.nextUpdate(), undefined, 'what nextUpdate returns before it is read');
      receive.consume(1, 1);
      equal(receive.nextUpdate(), update(1, 1), 'what nextUpdate returns when it is read');
      equal(receive.nextUpdate(), undefined, 'what nextUpdate returns then');
    }
  },
);

windowCase(
  {
    id: 'window-update-never-stuck',
    title: 'with windows of any size, who reads everything gets everything',
    clause: 'RFC 9113 §6.9.1',
    why: 'a threshold that a small window never reaches is a deadlock: both sides wait for the other',
    group,
  },
  () => {
    for (const size of [1, 2, 3, 4, 5, 7, 10, 100, 1_000, 65_536, 200_000]) {
      const receive = new ReceiveWindows();
      receive.setInitialWindow(size);
      receive.open(1);
      for (let round = 0; round < 100; round++) {
        const open = Math.min(receive.streamWindow(1) ?? 0, receive.connectionWindow, FRAME);
        ok(open > 0, `with a window of ${size} the peer can go on after ${round} frames`, 'it has no credit');
        isFine(receive.receive(1, open), `receive(1, ${open})`);
        receive.consume(1, open);
        allUpdates(receive);
      }
    }
  },
);

windowCase(
  {
    id: 'window-update-many',
    title: 'each stream that has something to get gets its own update, once',
    clause: 'RFC 9113 §6.9',
    why: 'credit goes to the stream whose octets were read',
    group,
  },
  (make) => {
    const receive = make.receive({ connectionWindowSize: 1_000_000 });
    allUpdates(receive);
    for (const id of [1, 3, 5, 7]) {
      receive.open(id);
      arrive(receive, id, 60_000);
    }
    for (const id of [7, 3, 1]) receive.consume(id, id * 100 + 40_000);
    const updates = allUpdates(receive)
      .filter(({ streamId }) => streamId !== 0)
      .sort((a, b) => a.streamId - b.streamId);
    equal(updates, [update(1, 40_100), update(3, 40_300), update(7, 40_700)], 'the updates of the streams');
  },
);

windowCase(
  {
    id: 'window-update-ended',
    title: 'a stream that has ended needs no credit; the connection does',
    clause: 'RFC 9113 §6.9',
    why: 'nothing will come on it: the frame would be wasted, at the end of every single upload',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 50_000, true);
    receive.consume(1, 50_000);
    equal(allUpdates(receive), [update(0, 50_000)], 'the updates');
  },
);

windowCase(
  {
    id: 'window-update-ended-while-due',
    title: 'an update that was due and not written yet is not written after the end',
    clause: 'RFC 9113 §6.9',
    why: 'the last frame of an upload arrives while the update for the one before still waits',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 50_000);
    receive.consume(1, 50_000);
    receive.receive(1, 100, { endStream: true });
    equal(allUpdates(receive), [update(0, 50_100)], 'the updates');
  },
);

windowCase(
  {
    id: 'window-update-closed-while-due',
    title: 'an update that was due and not written yet is not written after its stream was closed',
    clause: 'RFC 9113 §5.1',
    why: 'WINDOW_UPDATE on a stream that we have reset is a frame on a closed stream',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 50_000);
    receive.consume(1, 50_000);
    receive.close(1);
    equal(allUpdates(receive), [update(0, 50_000)], 'the updates');
  },
);

windowCase(
  {
    id: 'window-update-connection-size',
    title: 'a larger window of the connection is opened by an update at the beginning',
    clause: 'RFC 9113 §6.9.2',
    why: 'SETTINGS cannot do it, and nobody else will',
    group,
  },
  (make) => {
    const receive = make.receive({ connectionWindowSize: 1_000_000 });
    equal(receive.connectionWindow, DEFAULT, 'connectionWindow, before the peer has been told');
    equal(receive.nextUpdate(), update(0, 934_465), 'what nextUpdate returns');
    equal(receive.connectionWindow, 1_000_000, 'connectionWindow');
    equal(receive.nextUpdate(), undefined, 'what nextUpdate returns then');
  },
);

windowCase(
  {
    id: 'window-update-largest',
    title: 'no update opens a window beyond 2^31 − 1',
    clause: 'RFC 9113 §6.9.1',
    why: 'the peer would have to close the connection',
    group,
  },
  (make) => {
    const receive = make.receive({ connectionWindowSize: MAX, maxUnread: MAX });
    equal(receive.nextUpdate(), update(0, MAX - DEFAULT), 'what nextUpdate returns');
    receive.setInitialWindow(MAX);
    receive.open(1);
    const length = 2 ** 30 + 1;
    isFine(receive.receive(1, length), 'receive(1, 2^30 + 1)');
    receive.consume(1, length);
    const updates = allUpdates(receive).sort((a, b) => a.streamId - b.streamId);
    equal(updates, [update(0, length), update(1, length)], 'the updates');
    equal([receive.connectionWindow, receive.streamWindow(1)], [MAX, MAX], 'connectionWindow and streamWindow(1)');
  },
);
