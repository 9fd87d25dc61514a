/** DATA arrives: what it takes, and from whom too much of it has come. */
import { equal, throws } from '../../../kit/check.ts';
import { allUpdates, arrive, DEFAULT, isFine, MAX, refusalCases, update, windowCase } from './support.ts';

const group = 'receiving: arrivals';

windowCase(
  {
    id: 'window-receive-starts',
    title: 'the connection and each stream begin with 65,535 octets',
    clause: 'RFC 9113 §6.9.2',
    why: 'the peer counts from there, whatever we would like',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    equal(receive.connectionWindow, DEFAULT, 'connectionWindow');
    equal(receive.streamWindow(1), DEFAULT, 'streamWindow(1)');
    equal(receive.streamWindow(3), undefined, 'streamWindow(3), which is not open');
    equal(receive.unread, 0, 'unread');
    equal(receive.nextUpdate(), undefined, 'what nextUpdate returns');
  },
);

windowCase(
  {
    id: 'window-receive',
    title: 'what arrives takes room in both windows and lies unread',
    clause: 'RFC 9113 §6.9.1',
    why: 'the receiver keeps the sender’s books: so it knows when the sender lies',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.open(3);
    isFine(receive.receive(1, 1_000), 'receive(1, 1000)');
    isFine(receive.receive(3, 500), 'receive(3, 500)');
    equal(receive.streamWindow(1), 64_535, 'streamWindow(1)');
    equal(receive.streamWindow(3), 65_035, 'streamWindow(3)');
    equal(receive.connectionWindow, 64_035, 'connectionWindow');
    equal(receive.unread, 1_500, 'unread');
    receive.consume(1, 400);
    equal(receive.unread, 1_100, 'unread, after 400 were read');
    receive.consume(1, 600);
    receive.consume(3, 500);
    equal(receive.unread, 0, 'unread, after all was read');
  },
);

windowCase(
  {
    id: 'window-receive-exactly',
    title: 'a peer may use up the windows to the last octet',
    clause: 'RFC 9113 §6.9.1',
    why: 'off by one, the last frame of many downloads would be refused',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    isFine(arrive(receive, 1, DEFAULT), '65,535 octets on stream 1');
    equal(receive.streamWindow(1), 0, 'streamWindow(1)');
  },
);

refusalCases(
  {
    id: 'window-overrun-stream',
    title: 'one octet more than the stream’s window holds',
    clause: 'RFC 9113 §6.9',
    why: 'a window that nobody enforces bounds no memory',
    group,
  },
  { streamId: 1, errorCode: 'FLOW_CONTROL_ERROR' },
  (make) => {
    const receive = make.receive({ connectionWindowSize: 1_000_000 });
    allUpdates(receive);
    receive.open(1);
    isFine(arrive(receive, 1, DEFAULT), '65,535 octets on stream 1');
    return receive.receive(1, 1);
  },
  'receive(1, 1), with 0 left on the stream',
);

windowCase(
  {
    id: 'window-overrun-large',
    title: 'a frame that begins inside the stream’s window and ends outside is refused',
    clause: 'RFC 9113 §6.9',
    why: 'it is the whole frame that must fit',
    group,
  },
  (make) => {
    const receive = make.receive({ connectionWindowSize: 1_000_000 });
    allUpdates(receive);
    receive.open(1);
    arrive(receive, 1, 60_000);
    equal(receive.receive(1, 10_000)?.type, 'STREAM_ERROR', 'the type of what receive returns, with 5,535 left');
    equal(receive.streamWindow(1), 5_535, 'streamWindow(1)');
    equal(receive.unread, 60_000, 'unread: the frame is not kept');
  },
);

windowCase(
  {
    id: 'window-overrun-counts',
    title: 'a frame that overruns its stream counts on the connection, and is given back there',
    clause: 'RFC 9113 §6.9',
    why: 'the sender has counted it: if we do not, the two sides’ windows differ from now on',
    group,
  },
  (make) => {
    const receive = make.receive({ connectionWindowSize: 100_000 });
    receive.open(1);
    receive.setInitialWindow(100);
    equal(receive.receive(1, 60_000)?.type, 'STREAM_ERROR', 'the type of what receive returns');
    equal(receive.connectionWindow, 5_535, 'connectionWindow');
    equal(allUpdates(receive), [update(0, 94_465)], 'the updates');
    equal(receive.connectionWindow, 100_000, 'connectionWindow after that');
  },
);

refusalCases(
  {
    id: 'window-overrun-connection',
    title: 'one octet more than the connection’s window holds',
    clause: 'RFC 9113 §6.9',
    why: 'two streams inside their own windows, and together too much: nobody knows which octets belong where',
    group,
  },
  { errorCode: 'FLOW_CONTROL_ERROR' },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.open(3);
    isFine(arrive(receive, 1, 40_000), '40,000 octets on stream 1');
    return arrive(receive, 3, 25_536);
  },
  'receive on stream 3, with its own window open and one octet too few on the connection',
);

refusalCases(
  {
    id: 'window-receive-idle',
    title: 'DATA on an idle stream',
    clause: 'RFC 9113 §5.1',
    why: 'a stream begins with HEADERS; content without a request belongs to nothing',
    group,
  },
  { errorCode: 'PROTOCOL_ERROR' },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    return receive.receive(3, 5);
  },
  'receive(3, 5), with 1 the highest stream so far',
);

windowCase(
  {
    id: 'window-receive-empty',
    title: 'an empty frame is fine in a window of 0, and in a negative one',
    clause: 'RFC 9113 §6.9.1',
    why: '0 > −100: compared with the plain window, a correct END_STREAM looks like an overrun',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.open(3);
    receive.receive(1, 1_000);
    receive.setInitialWindow(1_000);
    equal(receive.streamWindow(1), 0, 'streamWindow(1)');
    isFine(receive.receive(1, 0), 'receive(1, 0), at 0');
    receive.setInitialWindow(900);
    isFine(receive.receive(1, 0, { endStream: true }), 'receive(1, 0) with END_STREAM, at -100');
    equal(receive.streamWindow(1), -100, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-receive-padding',
    title: 'padding counts in both windows, but nobody reads it: it is owed at once',
    clause: 'RFC 9113 §6.1, §6.9',
    why: 'if only data are given back, a padded stream stops after a while, and nobody knows why',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    isFine(receive.receive(1, 1_000, { padding: 256 }), 'receive(1, 1000, { padding: 256 })');
    equal(receive.streamWindow(1), 64_535, 'streamWindow(1)');
    equal(receive.connectionWindow, 64_535, 'connectionWindow');
    equal(receive.unread, 744, 'unread');
    receive.consume(1, 744);
    equal(receive.unread, 0, 'unread, after the data were read');
  },
);

windowCase(
  {
    id: 'window-receive-padding-returned',
    title: '300 frames of nothing but padding: all of it comes back',
    clause: 'RFC 9113 §6.1, §6.9',
    why: 'an empty line padded to 256 octets is what a careful peer sends',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    const given = new Map([
      [0, 0],
      [1, 0],
    ]);
    for (let frame = 0; frame < 300; frame++) {
      isFine(receive.receive(1, 256, { padding: 256 }), `frame ${frame}`);
      for (const { streamId, increment } of allUpdates(receive)) {
        given.set(streamId, (given.get(streamId) ?? 0) + increment);
      }
    }
    equal((receive.streamWindow(1) ?? 0) + 300 * 256 - (given.get(1) ?? 0), DEFAULT, 'the books of stream 1');
    equal(receive.unread, 0, 'unread');
  },
);

windowCase(
  {
    id: 'window-receive-closed',
    title: 'DATA on a closed stream is no error here; it counts on the connection and is given back',
    clause: 'RFC 9113 §5.1, §6.9',
    why: 'after our RST_STREAM the peer’s octets are still under way: forgotten, they pin the connection for ever',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.close(1);
    isFine(arrive(receive, 1, 30_000), '30,000 octets on the closed stream 1');
    equal(receive.connectionWindow, 35_535, 'connectionWindow');
    equal(receive.unread, 0, 'unread: nobody will read them');
    isFine(arrive(receive, 1, 10_000), '10,000 more');
    equal(allUpdates(receive), [update(0, 40_000)], 'the updates');
    equal(receive.connectionWindow, DEFAULT, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-receive-after-end',
    title: 'DATA after END_STREAM is no error here; it counts on the connection and is given back',
    clause: 'RFC 9113 §5.1, §6.9',
    why: 'exercise 16 will answer STREAM_CLOSED; the connection’s window has to be right all the same',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.receive(1, 10, { endStream: true });
    isFine(arrive(receive, 1, 40_000), '40,000 octets after the end');
    equal(receive.unread, 10, 'unread');
    equal(
      allUpdates(receive).map(({ streamId }) => streamId),
      [0],
      'the streams of the updates',
    );
    equal(receive.connectionWindow, DEFAULT, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-receive-invalid',
    title: 'lengths are whole numbers, and padding is a part of the payload',
    clause: 'statement: limits and errors',
    why: 'padding of more than the payload would make unread negative',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    for (const length of [-1, 1.5, Number.NaN]) {
      throws(() => receive.receive(1, length), { name: 'RangeError' }, `receive(1, ${length})`);
      throws(() => receive.receive(1, 10, { padding: length }), { name: 'RangeError' }, `padding of ${length}`);
    }
    throws(() => receive.receive(1, 10, { padding: 11 }), { name: 'RangeError' }, 'padding of 11 in a payload of 10');
    equal(receive.streamWindow(1), DEFAULT, 'streamWindow(1)');
    equal(receive.connectionWindow, DEFAULT, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-consume-invalid',
    title: 'no more can be read than is there',
    clause: 'statement: limits and errors',
    why: 'reading too much is credit for octets that never came: the peer’s window grows beyond its size',
    group,
  },
  (make) => {
    const receive = make.receive();
    receive.open(1);
    receive.receive(1, 10);
    for (const octets of [11, -1, 0.5, Number.NaN]) {
      throws(() => receive.consume(1, octets), { name: 'RangeError' }, `consume(1, ${octets})`);
    }
    for (const octets of [1, 0]) {
      throws(() => receive.consume(3, octets), { name: 'RangeError' }, `consume(3, ${octets}), which is idle`);
    }
    equal(receive.unread, 10, 'unread');
    receive.consume(1, 10);
    equal(receive.unread, 0, 'unread');
  },
);

windowCase(
  {
    id: 'window-receive-options',
    title: 'options out of their bounds are refused',
    clause: 'RFC 9113 §6.9.2',
    why: 'the connection’s window begins with 65,535 and cannot be made smaller by anything but using it',
    group,
  },
  (make) => {
    for (const connectionWindowSize of [0, 65_534, 2 ** 31, 70_000.5, Number.NaN]) {
      throws(
        () => make.receive({ connectionWindowSize }),
        { name: 'RangeError' },
        `connectionWindowSize of ${connectionWindowSize}`,
      );
    }
    for (const maxUnread of [65_534, 70_000.5, Number.NaN]) {
      throws(() => make.receive({ maxUnread }), { name: 'RangeError' }, `maxUnread of ${maxUnread}`);
    }
    const connectionWindowSize = 100_000;
    throws(
      () => make.receive({ connectionWindowSize, maxUnread: 99_999 }),
      { name: 'RangeError' },
      'maxUnread below connectionWindowSize',
    );
    make.receive({ connectionWindowSize: MAX, maxUnread: MAX });
  },
);
