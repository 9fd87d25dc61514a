/** Who may send, when all want to: fair shares, and peers who open their windows octet by octet. */
import { equal, ok, within } from '../../../kit/check.ts';
import { allPermits, data, FRAME, isFine, leaveOnConnection, MAX, octetsOf, windowCase } from './support.ts';

const group = 'sending: fair shares';
const clause = 'RFC 9113 §5.2.2';

/** How far one may be ahead of another who could have used the octets as well. */
const AHEAD = 2 * FRAME;

function spread(octets: number[]): number {
  return Math.max(...octets) - Math.min(...octets);
}

windowCase(
  {
    id: 'window-fair',
    title: 'ten streams that want a megabyte each go forward side by side',
    clause,
    why: 'a stream that takes all the credit lets nine requests wait until its own is done',
    group,
  },
  (make) => {
    const send = make.send();
    const ids = Array.from({ length: 10 }, (_, i) => 2 * i + 1);
    send.setInitialWindow(MAX);
    for (const id of ids) {
      send.open(id);
      send.want(id, 1_000_000, true);
    }
    const got = new Map(ids.map((id) => [id, 0]));
    send.credit(0, 10_000_000);
    for (let frame = 1; frame <= 400; frame++) {
      const permit = send.next();
      ok(permit !== undefined, 'next gives a frame', 'there was none');
      got.set(permit.streamId, (got.get(permit.streamId) ?? 0) + permit.length);
      within(spread([...got.values()]), 0, AHEAD, `octets between the first and the last after ${frame} frames`);
    }
  },
);

windowCase(
  {
    id: 'window-fair-octets',
    title: 'shares are fair in octets, not in frames',
    clause,
    why: 'the peer’s credit may come in turns of 16,384 and 100: the second stream would get all the crumbs',
    group,
  },
  (make) => {
    // Credit of these octets, again and again: in frames, one stream would have much more of it than the other.
    for (const pattern of [
      [FRAME, 100],
      [FRAME - 1, FRAME, FRAME],
    ]) {
      const send = make.send();
      leaveOnConnection(send, 0, 1);
      send.setInitialWindow(MAX);
      for (const id of [3, 5]) {
        send.open(id);
        send.want(id, 10_000_000);
      }
      const permits = [];
      for (let round = 0; round < 60; round++) {
        send.credit(0, pattern[round % pattern.length] as number);
        permits.push(...allPermits(send));
        const octets = octetsOf(permits, 3, 5);
        within(spread(octets), 0, AHEAD, `octets between the two streams, which have ${octets.join(' and ')}`);
      }
      equal(send.connectionWindow, 0, 'connectionWindow');
    }
  },
);

windowCase(
  {
    id: 'window-fair-newcomer',
    title: 'a stream that begins late gets its share at once, and no more than that',
    clause,
    why: 'a small request must not wait for ten downloads, nor make up for ten minutes in which it was not there',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(MAX);
    send.credit(0, MAX - 65_535);
    for (const id of [1, 3]) {
      send.open(id);
      send.want(id, 10_000_000);
    }
    for (let frame = 0; frame < 100; frame++) send.next();
    send.open(5);
    send.want(5, 10_000_000);
    const permits = [];
    for (let frame = 0; frame < 60; frame++) {
      const permit = send.next();
      if (permit) permits.push(permit);
      const octets = octetsOf(permits, 1, 3, 5);
      within(spread(octets), 0, AHEAD, `octets between streams 1, 3 and 5 since 5 began: ${octets.join(', ')}`);
    }
  },
);

windowCase(
  {
    id: 'window-fair-returns',
    title: 'a stream that was blocked for long gets its share at once, and no more than that',
    clause,
    why: 'credit that comes late is no reason to let all others wait',
    group,
  },
  (make) => {
    const send = make.send();
    for (const id of [1, 3]) {
      send.open(id);
      send.want(id, 10_000_000);
    }
    send.credit(0, MAX - 65_535);
    send.credit(1, 5_000_000);
    for (let frame = 0; frame < 200; frame++) send.next();
    isFine(send.credit(3, 5_000_000), 'credit(3, 5000000)');
    const permits = [];
    for (let frame = 0; frame < 40; frame++) {
      const permit = send.next();
      if (permit) permits.push(permit);
      const octets = octetsOf(permits, 1, 3);
      within(spread(octets), 0, AHEAD, `octets between streams 1 and 3 since 3 goes on: ${octets.join(', ')}`);
    }
  },
);

windowCase(
  {
    id: 'window-fair-take',
    title: 'a stream that is served with take beside has its place in the queue all the same',
    clause,
    why: 'whoever mixes the two must not lose a stream',
    group,
  },
  (make) => {
    const send = make.send();
    for (const id of [1, 3]) {
      send.open(id);
      send.want(id, 20_000, true);
    }
    send.take(1, 100);
    const permits = allPermits(send);
    equal(octetsOf(permits, 1, 3), [20_000, 20_000], 'octets permitted on streams 1 and 3');
    equal(permits.filter((permit) => permit.endStream).length, 2, 'frames with END_STREAM');
  },
);

windowCase(
  {
    id: 'window-dribble',
    title: 'windows of 1: one frame of 1 octet for each, and then there is nothing to do',
    clause: 'CVE-2019-9511',
    why: 'a peer that opens each window by an octet makes a sender that queues ahead burn memory and time',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(1);
    const ids = Array.from({ length: 20 }, (_, i) => 2 * i + 1);
    for (const id of ids) {
      send.open(id);
      send.want(id, 1_000_000, true);
    }
    const permits = allPermits(send);
    equal(permits.map((permit) => permit.length).join(), ids.map(() => 1).join(), 'the lengths of the frames');
    equal(new Set(permits.map((permit) => permit.streamId)).size, 20, 'streams among them');
    equal(send.next(), undefined, 'what next returns then');
  },
);

windowCase(
  {
    id: 'window-dribble-coalesced',
    title: 'a thousand credits of 1 that came before the next frame are one frame of a thousand',
    clause: 'CVE-2019-9511',
    why: 'while the socket is busy, crumbs add up: how many frames there are is not for the peer to decide',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(0);
    send.open(1);
    send.want(1, 5_000);
    for (let i = 0; i < 1_000; i++) send.credit(1, 1);
    equal(allPermits(send), [data(1, 1_000)], 'the frames');
  },
);

windowCase(
  {
    id: 'window-dribble-connection',
    title: 'a thousand credits of 1 for the connection are one frame of a thousand as well',
    clause: 'CVE-2019-9511',
    why: 'a turn that is cut short for each crumb of credit would make crumbs of all frames',
    group,
  },
  (make) => {
    const send = make.send();
    leaveOnConnection(send, 0, 1);
    send.open(3);
    send.want(3, 5_000);
    for (let i = 0; i < 1_000; i++) send.credit(0, 1);
    equal(allPermits(send), [data(3, 1_000)], 'the frames');
  },
);
