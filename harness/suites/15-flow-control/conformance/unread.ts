/** What nobody reads: it must neither hold up the others nor fill the memory, and comes back when its stream is gone. */
import { ReceiveWindows } from '#subject/15-flow-control/flow-control.ts';
import { equal, ok } from '../../../kit/check.ts';
import { allUpdates, arrive, DEFAULT, FRAME, isFine, windowCase } from './support.ts';

const group = 'receiving: what nobody reads';

windowCase(
  {
    id: 'window-unread-does-not-pin',
    title: 'a stream that is never read does not hold up the others',
    clause: 'RFC 9113 §5.2.2',
    why: 'both windows are 65,535 at first: credit only for what was read, and one unread stream stops all others',
    group,
  },
  () => {
    const receive = new ReceiveWindows();
    receive.open(1);
    isFine(arrive(receive, 1, DEFAULT), '65,535 octets on stream 1, which nobody reads');
    allUpdates(receive);
    receive.open(3);
    for (let sent = 0; sent < 1_000_000; sent += 10_000) {
      ok(receive.connectionWindow >= 10_000, `the peer can go on after ${sent} octets of stream 3`, 'it has no credit');
      isFine(receive.receive(3, 10_000), 'receive(3, 10000)');
      receive.consume(3, 10_000);
      allUpdates(receive);
    }
    equal(receive.streamWindow(1), 0, 'streamWindow(1): it gets no more itself');
    equal(receive.unread, DEFAULT, 'unread');
  },
);

windowCase(
  {
    id: 'window-unread-several',
    title: 'ten streams that are never read do not hold up the others',
    clause: 'RFC 9113 §5.2.2',
    why: 'maxUnread says how much may lie here, not how many streams may be slow',
    group,
  },
  () => {
    const receive = new ReceiveWindows();
    for (let id = 1; id < 21; id += 2) {
      receive.open(id);
      isFine(arrive(receive, id, 60_000), `60,000 octets on stream ${id}`);
      allUpdates(receive);
    }
    equal(receive.unread, 600_000, 'unread');
    ok(receive.connectionWindow > DEFAULT / 4, 'the connection is open', `it has ${receive.connectionWindow} octets`);
  },
);

windowCase(
  {
    id: 'window-unread-limit',
    title: 'never may more than maxUnread lie here, whatever the peer sends',
    clause: 'RFC 9113 §5.2.2, §10.5',
    why: 'a thousand streams of 64 KB that nobody reads are 64 MB for one connection',
    group,
  },
  () => {
    const maxUnread = 200_000;
    const receive = new ReceiveWindows({ maxUnread });
    for (let id = 1; receive.connectionWindow > 0; id += 2) {
      ok(id < 100, 'the connection’s window comes to an end', `${receive.unread} octets are unread`);
      receive.open(id);
      const length = Math.min(receive.connectionWindow, FRAME);
      isFine(receive.receive(id, length), `receive(${id}, ${length})`);
      allUpdates(receive);
      const promised = receive.unread + receive.connectionWindow;
      ok(promised <= maxUnread, 'unread and promised octets: at most 200,000', `they are ${promised}`);
    }
    ok(receive.unread > maxUnread - DEFAULT, 'about maxUnread octets were let in', `${receive.unread} were`);
  },
);

windowCase(
  {
    id: 'window-unread-limit-reopens',
    title: 'when something is read, the connection opens again',
    clause: 'RFC 9113 §6.9.1',
    why: 'a limit that was reached once must not be the end',
    group,
  },
  (make) => {
    const receive = make.receive({ maxUnread: DEFAULT });
    receive.open(1);
    arrive(receive, 1, DEFAULT);
    equal(allUpdates(receive), [], 'the updates, with maxUnread octets unread');
    equal(receive.connectionWindow, 0, 'connectionWindow');
    receive.consume(1, 40_000);
    allUpdates(receive);
    equal(receive.connectionWindow, 40_000, 'connectionWindow, after 40,000 were read');
    equal(receive.streamWindow(1), 40_000, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-close-returns-unread',
    title: 'closing a stream gives back what lay there unread',
    clause: 'RFC 9113 §5.1, §6.9',
    why: 'uploads that are reset half-way would eat up the connection, a little each time',
    group,
  },
  (make) => {
    const receive = make.receive({ maxUnread: DEFAULT });
    receive.open(1);
    receive.open(3);
    arrive(receive, 1, 60_000);
    receive.receive(3, 5_535);
    allUpdates(receive);
    equal(receive.connectionWindow, 0, 'connectionWindow');
    receive.close(1);
    equal(receive.unread, 5_535, 'unread');
    allUpdates(receive);
    equal(receive.connectionWindow, 60_000, 'connectionWindow');
    receive.close(1);
    equal(receive.unread, 5_535, 'unread, after the stream was closed again');
  },
);

windowCase(
  {
    id: 'window-consume-after-close',
    title: 'what is read after its stream was closed is not given back a second time',
    clause: 'RFC 9113 §6.9.1',
    why: 'the application still has the octets in its hands when the reset comes: counted twice, credit grows out of nothing',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    arrive(receive, 1, 40_000);
    receive.close(1);
    receive.consume(1, 40_000);
    equal(receive.unread, 0, 'unread');
    allUpdates(receive);
    equal(receive.connectionWindow, DEFAULT, 'connectionWindow: not more than its size');
  },
);

windowCase(
  {
    id: 'window-reset-again-and-again',
    title: 'a hundred uploads that are reset half-way leave the connection as open as before',
    clause: 'RFC 9113 §5.1, §6.9',
    why: 'a leak of 40,000 octets per reset stops everything at the second one',
    group,
  },
  () => {
    const receive = new ReceiveWindows({ maxUnread: 100_000 });
    for (let id = 1; id < 200; id += 2) {
      receive.open(id);
      isFine(arrive(receive, id, 30_000), `30,000 octets on stream ${id}`);
      receive.consume(id, 10_000);
      receive.close(id);
      isFine(arrive(receive, id, 2_000), `2,000 more that were under way on stream ${id}`);
      allUpdates(receive);
      ok(receive.connectionWindow > DEFAULT / 2, `after stream ${id} the connection is open`, 'it is not');
    }
    equal(receive.unread, 0, 'unread');
  },
);
