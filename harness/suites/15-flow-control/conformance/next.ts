/** `want` and `next`: the application says what it has, the windows say which frame may go. */
import { equal, ok, throws } from '../../../kit/check.ts';
import { allPermits, DEFAULT, data, FRAME, isFine, leaveOnConnection, octetsOf, windowCase } from './support.ts';

const group = 'sending: the next frame';

windowCase(
  {
    id: 'window-next-frames',
    title: 'content goes out in frames as large as they may be, the last with END_STREAM',
    clause: 'RFC 9113 §4.2, §6.1',
    why: 'each frame costs 9 octets and a round through the code; an extra empty one at the end costs a packet',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.want(1, 40_000, true);
    equal(allPermits(send), [data(1, FRAME), data(1, FRAME), data(1, 7_232, true)], 'the frames');
    equal(send.streamWindow(1), 25_535, 'streamWindow(1)');
    equal(send.connectionWindow, 25_535, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-next-adds-up',
    title: 'what is wanted in several calls adds up',
    clause: 'statement: want and next',
    why: 'an application that writes lines would send a frame for each of them',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.want(1, 10);
    send.want(1, 20);
    send.want(1, 0);
    equal(allPermits(send), [data(1, 30)], 'the frames');
    send.want(1, 5, true);
    equal(allPermits(send), [data(1, 5, true)], 'the frames, after five more');
  },
);

windowCase(
  {
    id: 'window-next-late-end',
    title: 'an end that is announced after the last octet goes out in an empty frame',
    clause: 'RFC 9113 §6.1',
    why: 'a handler calls end() when everything it wrote has long gone',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.want(1, 10);
    equal(allPermits(send), [data(1, 10)], 'the frames');
    send.want(1, 0, true);
    equal(allPermits(send), [data(1, 0, true)], 'the frames after the end was announced');
    equal(send.next(), undefined, 'what next returns then: the end comes once');
  },
);

windowCase(
  {
    id: 'window-next-end-at-zero',
    title: 'an empty frame with END_STREAM needs no room in the connection’s window',
    clause: 'RFC 9113 §6.9.1',
    why: 'a peer that gives no more credit waits for the end of this very stream',
    group,
  },
  (make) => {
    const send = make.send();
    leaveOnConnection(send, 0, 1);
    send.open(3);
    send.want(3, 0, true);
    equal(send.next(), data(3, 0, true), 'what next returns');
    equal(send.connectionWindow, 0, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-next-end-at-negative',
    title: 'an empty frame with END_STREAM needs no room in the stream’s window, be it 0 or negative',
    clause: 'RFC 9113 §6.9.1, §6.9.2',
    why: 'the octets were sent before the window shrank; the end belongs to them',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 10_000);
    send.setInitialWindow(10_000);
    send.open(3);
    send.take(3, 10_000);
    send.want(3, 0, true);
    equal(send.next(), data(3, 0, true), 'what next returns, at 0');
    send.setInitialWindow(1);
    send.want(1, 0, true);
    equal(send.next(), data(1, 0, true), 'what next returns, at -9,999');
    equal(send.streamWindow(1), -9_999, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-next-end-passes',
    title: 'an empty frame with END_STREAM passes streams that wait for the connection’s window',
    clause: 'RFC 9113 §6.9.1',
    why: 'it does not take part in their queue: it needs nothing that they wait for',
    group,
  },
  (make) => {
    const send = make.send();
    leaveOnConnection(send, 0, 1);
    for (const id of [3, 5, 7]) {
      send.open(id);
      send.want(id, 1_000);
    }
    send.open(9);
    send.want(9, 0, true);
    equal(allPermits(send), [data(9, 0, true)], 'the frames');
  },
);

windowCase(
  {
    id: 'window-next-end-waits-for-octets',
    title: 'END_STREAM does not pass the octets before it',
    clause: 'RFC 9113 §5.1',
    why: 'a response that ends before its content is a truncated response that looks complete',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(100);
    send.open(1);
    send.want(1, 150, true);
    equal(allPermits(send), [data(1, 100)], 'the frames');
    send.credit(1, 50);
    equal(allPermits(send), [data(1, 50, true)], 'the frames after credit of 50');
  },
);

windowCase(
  {
    id: 'window-next-never-empty',
    title: 'a frame without octets and without END_STREAM is never sent',
    clause: 'CVE-2019-9518',
    why: 'empty frames are an attack: peers count them and close the connection',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(0);
    send.open(1);
    equal(send.next(), undefined, 'what next returns when nothing is wanted');
    send.want(1, 0);
    equal(send.next(), undefined, 'what next returns when no octets are wanted');
    send.want(1, 5, true);
    equal(send.next(), undefined, 'what next returns when there is no room');
    send.setInitialWindow(5);
    equal(allPermits(send), [data(1, 5, true)], 'the frames when there is');
  },
);

windowCase(
  {
    id: 'window-next-passes-blocked',
    title: 'a stream without room in its own window holds up no other',
    clause: 'RFC 9113 §5.2.2',
    why: 'this is what the streams’ own windows are for: one slow reader, and everybody else goes on',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 100);
    send.setInitialWindow(100);
    send.open(3);
    send.want(1, 50);
    send.want(3, 50);
    equal(allPermits(send), [data(3, 50)], 'the frames, with 0 left for stream 1');
    send.want(3, 50);
    send.want(1, 50);
    equal(allPermits(send), [data(3, 50)], 'the frames, when stream 3 was the first to ask');
  },
);

windowCase(
  {
    id: 'window-next-stream-resumes',
    title: 'credit for a blocked stream lets it go on where it stopped',
    clause: 'RFC 9113 §6.9.1',
    why: 'a stream that is not woken is a download that stops at 64 KB',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(100);
    send.open(1);
    send.want(1, 250, true);
    equal(allPermits(send), [data(1, 100)], 'the frames');
    isFine(send.credit(1, 60), 'credit(1, 60)');
    equal(allPermits(send), [data(1, 60)], 'the frames after credit of 60');
    isFine(send.credit(1, 1_000), 'credit(1, 1000)');
    equal(allPermits(send), [data(1, 90, true)], 'the frames after credit of 1,000');
  },
);

windowCase(
  {
    id: 'window-next-connection-resumes',
    title: 'credit for the connection lets all streams go on that waited for it',
    clause: 'RFC 9113 §6.9.1',
    why: 'one WINDOW_UPDATE on stream 0 concerns every stream',
    group,
  },
  (make) => {
    const send = make.send();
    leaveOnConnection(send, 0, 1);
    for (const id of [3, 5, 7]) {
      send.open(id);
      send.want(id, 100, true);
    }
    equal(send.next(), undefined, 'what next returns');
    send.credit(0, 250);
    const permits = allPermits(send);
    equal(
      octetsOf(permits, 3, 5, 7).reduce((sum, octets) => sum + octets),
      250,
      'octets permitted after credit of 250',
    );
    send.credit(0, 50);
    permits.push(...allPermits(send));
    equal(octetsOf(permits, 3, 5, 7), [100, 100, 100], 'octets permitted on streams 3, 5 and 7 in all');
    equal(permits.filter((permit) => permit.endStream).length, 3, 'frames with END_STREAM');
  },
);

windowCase(
  {
    id: 'window-next-both-needed',
    title: 'a stream goes on when both windows have room, whichever opened last',
    clause: 'RFC 9113 §6.9.1',
    why: 'the two updates of a receiver arrive one after the other, in either order',
    group,
  },
  (make) => {
    for (const order of [
      [0, 3],
      [3, 0],
    ] as const) {
      const send = make.send();
      leaveOnConnection(send, 0, 1);
      send.setInitialWindow(0);
      send.open(3);
      send.want(3, 10);
      send.credit(order[0], 10);
      equal(send.next(), undefined, `what next returns after credit for ${order[0]}`);
      send.credit(order[1], 10);
      equal(send.next(), data(3, 10), `what next returns after credit for ${order[1]} as well`);
    }
  },
);

windowCase(
  {
    id: 'window-next-takes-when-asked',
    title: 'octets are taken when a frame is asked for, not before, and one frame at a time',
    clause: 'CVE-2019-9517',
    why: 'a peer may open all windows and not read its socket: what is made ready ahead then fills our memory',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.open(3);
    send.want(1, 50_000);
    send.want(3, 50_000);
    equal(send.connectionWindow, DEFAULT, 'connectionWindow before next');
    send.next();
    equal(send.connectionWindow, DEFAULT - FRAME, 'connectionWindow after one frame');
    send.credit(0, 1_000_000);
    send.credit(1, 1_000_000);
    equal(send.connectionWindow, DEFAULT - FRAME + 1_000_000, 'connectionWindow after credit');
  },
);

windowCase(
  {
    id: 'window-next-beside-take',
    title: 'next and take count in the same windows',
    clause: 'RFC 9113 §6.9.1',
    why: 'two accounts of one window are wrong by what the other has taken',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(100);
    send.open(1);
    send.want(1, 100);
    equal(send.take(1, 70), 70, 'octets taken');
    equal(allPermits(send), [data(1, 30)], 'the frames');
    equal(send.take(1, 70), 0, 'octets taken then');
    send.credit(1, 40);
    equal(send.take(1, 50), 40, 'octets taken after credit of 40');
    equal(send.next(), undefined, 'what next returns: take was first');
  },
);

windowCase(
  {
    id: 'window-next-close',
    title: 'a closed stream sends nothing more, and the others do not notice',
    clause: 'RFC 9113 §5.1',
    why: 'DATA after RST_STREAM is an error; a queue with a dead stream at its head hangs',
    group,
  },
  (make) => {
    const send = make.send();
    for (const id of [1, 3, 5]) {
      send.open(id);
      send.want(id, 20_000, true);
    }
    const served = send.next()?.streamId ?? 0;
    const left = served === 5 ? 3 : 5;
    for (const id of [1, 3, 5]) if (id !== left) send.close(id);
    equal(
      allPermits(send),
      [data(left, FRAME), data(left, 3_616, true)],
      'the frames, after one of another stream, and after the two other streams were closed',
    );
  },
);

windowCase(
  {
    id: 'window-next-close-end',
    title: 'an end that is still to be sent is forgotten with its stream',
    clause: 'RFC 9113 §5.1',
    why: 'END_STREAM after RST_STREAM is a frame on a closed stream',
    group,
  },
  (make) => {
    const send = make.send();
    for (const id of [1, 3]) {
      send.open(id);
      send.want(id, 0, true);
    }
    send.close(1);
    equal(allPermits(send), [data(3, 0, true)], 'the frames');
  },
);

windowCase(
  {
    id: 'window-want-after-end',
    title: 'nothing can be wanted after the end',
    clause: 'RFC 9113 §5.1',
    why: 'the stream is half-closed: octets behind END_STREAM would close the connection',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.want(1, 5, true);
    throws(() => send.want(1, 5), { code: 'STREAM_CLOSED' }, 'want(1, 5), with the end announced');
    equal(allPermits(send), [data(1, 5, true)], 'the frames');
    throws(() => send.want(1, 0, true), { code: 'STREAM_CLOSED' }, 'want(1, 0, true), with the end sent');
    equal(send.next(), undefined, 'what next returns');
  },
);

windowCase(
  {
    id: 'window-next-frame-size',
    title: 'frames follow the maximum frame size, up and down',
    clause: 'RFC 9113 §4.2',
    why: 'what fitted a moment ago is a FRAME_SIZE_ERROR now',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.want(1, 60_000);
    send.setMaxFrameSize(20_000);
    ok((send.next()?.length ?? 0) <= 20_000, 'a frame of at most 20,000 octets');
    send.setMaxFrameSize(FRAME);
    for (const permit of allPermits(send)) ok(permit.length <= FRAME, `at most ${FRAME} octets`, `${permit.length}`);
    equal(send.connectionWindow, DEFAULT - 60_000, 'connectionWindow: all 60,000 were sent');
  },
);

windowCase(
  {
    id: 'window-next-large-frames',
    title: 'a peer that takes larger frames gets them',
    clause: 'RFC 9113 §4.2',
    why: 'it has asked for fewer and larger frames',
    group,
  },
  (make) => {
    const send = make.send();
    send.setMaxFrameSize(50_000);
    send.open(1);
    send.want(1, 60_000, true);
    equal(allPermits(send), [data(1, 50_000), data(1, 10_000, true)], 'the frames');
  },
);
