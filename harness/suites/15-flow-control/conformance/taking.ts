/** What may be sent: the least of two windows and a frame. */
import { equal, throws } from '../../../kit/check.ts';
import { DEFAULT, FRAME, isFine, leaveOnConnection, MAX, windowCase } from './support.ts';

const group = 'sending: two windows';

windowCase(
  {
    id: 'window-send-starts',
    title: 'the connection and each stream begin with 65,535 octets',
    clause: 'RFC 9113 §6.9.2',
    why: 'until SETTINGS come from the peer, both sides must count from the same number',
    group,
  },
  (make) => {
    const send = make.send();
    equal(send.connectionWindow, DEFAULT, 'connectionWindow');
    equal(send.streamWindow(1), undefined, 'streamWindow(1) before the stream is open');
    send.open(1);
    send.open(2);
    equal(send.streamWindow(1), DEFAULT, 'streamWindow(1)');
    equal(send.streamWindow(2), DEFAULT, 'streamWindow(2)');
    send.close(1);
    equal(send.streamWindow(1), undefined, 'streamWindow(1) after close');
  },
);

windowCase(
  {
    id: 'window-take',
    title: 'what is taken is taken from the stream’s window and from the connection’s',
    clause: 'RFC 9113 §6.9.1',
    why: 'whoever counts in one window only overruns the other, and the peer closes the connection',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.open(3);
    equal(send.take(1, 1_000), 1_000, 'octets taken');
    equal(send.streamWindow(1), 64_535, 'streamWindow(1)');
    equal(send.connectionWindow, 64_535, 'connectionWindow');
    equal(send.streamWindow(3), DEFAULT, 'streamWindow(3), which has sent nothing');
    equal(send.take(1, 0), 0, 'octets taken of none');
    equal(send.connectionWindow, 64_535, 'connectionWindow after that');
  },
);

windowCase(
  {
    id: 'window-take-stream',
    title: 'no more is taken than the stream’s window holds',
    clause: 'RFC 9113 §6.9.1',
    why: 'the peer gave this stream a buffer of so many octets',
    group,
  },
  (make) => {
    const send = make.send();
    isFine(send.setInitialWindow(1_000), 'setInitialWindow(1000)');
    send.open(1);
    equal(send.take(1, 600), 600, 'octets taken');
    equal(send.take(1, 600), 400, 'octets taken of 600 more');
    equal(send.take(1, 600), 0, 'octets taken when the window is used up');
    equal(send.streamWindow(1), 0, 'streamWindow(1)');
    equal(send.connectionWindow, DEFAULT - 1_000, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-take-connection',
    title: 'no more is taken than the connection’s window holds, however open the stream’s is',
    clause: 'RFC 9113 §6.9.1',
    why: 'a hundred open streams have 6.5 MB in their own windows and 65,535 octets together',
    group,
  },
  (make) => {
    const send = make.send();
    leaveOnConnection(send, 100, 1);
    send.open(3);
    send.open(5);
    equal(send.take(3, 70), 70, 'octets taken on stream 3');
    equal(send.take(5, 70), 30, 'octets taken on stream 5');
    equal(send.take(3, 70), 0, 'octets taken when the window is used up');
    equal(send.connectionWindow, 0, 'connectionWindow');
    equal(send.streamWindow(5), DEFAULT - 30, 'streamWindow(5)');
  },
);

windowCase(
  {
    id: 'window-take-frame-size',
    title: 'no more is taken than fits into a frame: 16,384, or what the peer has said',
    clause: 'RFC 9113 §4.2',
    why: 'a frame that is too long closes the connection with FRAME_SIZE_ERROR, whatever the windows hold',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    equal(send.take(1, DEFAULT), FRAME, 'octets taken');
    isFine(send.setMaxFrameSize(20_000), 'setMaxFrameSize(20000)');
    equal(send.take(1, DEFAULT), 20_000, 'octets taken with a larger frame');
    isFine(send.setMaxFrameSize(FRAME), 'setMaxFrameSize(16384)');
    equal(send.take(1, DEFAULT), FRAME, 'octets taken with a smaller frame again');
  },
);

windowCase(
  {
    id: 'window-close-gives-nothing-back',
    title: 'closing a stream gives no octets back to the sender',
    clause: 'RFC 9113 §6.9.1',
    why: 'they are under way or in the peer’s memory: only the peer can say that there is room again',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 5_000);
    send.close(1);
    equal(send.connectionWindow, 60_535, 'connectionWindow');
    send.close(1);
    send.close(7);
    equal(send.connectionWindow, 60_535, 'connectionWindow, after two streams were closed that are not open');
  },
);

windowCase(
  {
    id: 'window-open-idle',
    title: 'only idle streams can be opened; the two parities count by themselves',
    clause: 'RFC 9113 §5.1.1',
    why: 'identifiers only grow on each side; a second stream 1 would inherit the credit of the first',
    group,
  },
  (make) => {
    for (const windows of [make.send(), make.receive()]) {
      windows.open(5);
      windows.open(2);
      windows.open(8);
      windows.close(5);
      for (const id of [5, 3, 1, 8, 6, 2]) throws(() => windows.open(id), { name: 'RangeError' }, `open(${id})`);
      equal(windows.streamWindow(3), undefined, 'streamWindow(3)');
      windows.open(7);
      equal(windows.streamWindow(7), DEFAULT, 'streamWindow(7)');
    }
  },
);

windowCase(
  {
    id: 'window-open-invalid',
    title: 'an identifier has 31 bits and is not 0',
    clause: 'RFC 9113 §5.1.1',
    why: 'stream 0 is the connection; 2^31 would be 0 on the wire',
    group,
  },
  (make) => {
    for (const windows of [make.send(), make.receive()]) {
      for (const id of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
        throws(() => windows.open(id), { name: 'RangeError' }, `open(${id})`);
      }
      windows.open(MAX);
      equal(windows.streamWindow(MAX), DEFAULT, 'the window of stream 2^31 - 1');
    }
  },
);

windowCase(
  {
    id: 'window-take-invalid',
    title: 'only whole numbers of octets can be taken or wanted',
    clause: 'statement: limits and errors',
    why: 'take(-5) would be credit of one’s own making; NaN in a window stays there for ever',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    for (const octets of [-1, 1.5, Number.NaN]) {
      throws(() => send.take(1, octets), { name: 'RangeError' }, `take(1, ${octets})`);
      throws(() => send.want(1, octets), { name: 'RangeError' }, `want(1, ${octets})`);
    }
    equal(send.streamWindow(1), DEFAULT, 'streamWindow(1)');
    equal(send.connectionWindow, DEFAULT, 'connectionWindow');
    equal(send.next(), undefined, 'what next returns');
  },
);

windowCase(
  {
    id: 'window-not-open',
    title: 'a stream that is not open cannot send',
    clause: 'RFC 9113 §5.1',
    why: 'DATA on an idle stream closes the connection, on a closed one it is wasted',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.close(1);
    for (const id of [1, 3]) {
      throws(() => send.take(id, 5), {}, `take(${id}, 5)`);
      throws(() => send.want(id, 5), {}, `want(${id}, 5)`);
    }
    equal(send.connectionWindow, DEFAULT, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-not-open-code',
    title: 'the error of a stream that is not open has the code STREAM_CLOSED',
    clause: 'statement: limits and errors',
    why: 'a stream may be reset while its application is about to write: callers tell that from a bug by the code',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.close(1);
    throws(() => send.take(1, 5), { code: 'STREAM_CLOSED' }, 'take(1, 5)');
    throws(() => send.want(1, 5), { code: 'STREAM_CLOSED' }, 'want(1, 5)');
  },
);
