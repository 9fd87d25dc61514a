/** WINDOW_UPDATE arrives: what it opens, and what it may not do. */
import { equal, throws } from '../../../kit/check.ts';
import { DEFAULT, isFine, leaveOnConnection, MAX, refusalCases, windowCase } from './support.ts';

const group = 'sending: credit';

windowCase(
  {
    id: 'window-credit-stream',
    title: 'credit for a stream opens the window of that stream and no other',
    clause: 'RFC 9113 §6.9.1',
    why: 'the two levels are counted apart: the peer sends a WINDOW_UPDATE for each',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.open(3);
    send.take(1, 1_000);
    isFine(send.credit(1, 400), 'credit(1, 400)');
    equal(send.streamWindow(1), 64_935, 'streamWindow(1)');
    equal(send.streamWindow(3), DEFAULT, 'streamWindow(3)');
    equal(send.connectionWindow, 64_535, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-credit-connection',
    title: 'credit for stream 0 opens the connection’s window and no stream’s',
    clause: 'RFC 9113 §6.9',
    why: 'a connection’s credit in a stream’s window overruns the peer’s buffer for that stream',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 1_000);
    isFine(send.credit(0, 5_000), 'credit(0, 5000)');
    equal(send.connectionWindow, 69_535, 'connectionWindow');
    equal(send.streamWindow(1), 64_535, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-credit-max',
    title: 'a window of exactly 2^31 − 1 octets is fine',
    clause: 'RFC 9113 §6.9.1',
    why: 'receivers that want no flow control open their windows this far',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    isFine(send.credit(1, MAX - DEFAULT), 'credit for stream 1');
    isFine(send.credit(0, MAX - DEFAULT), 'credit for the connection');
    equal(send.streamWindow(1), MAX, 'streamWindow(1)');
    equal(send.connectionWindow, MAX, 'connectionWindow');
    equal(send.take(1, 10_000), 10_000, 'octets taken');
    isFine(send.credit(1, 10_000), 'credit for stream 1');
    equal(send.streamWindow(1), MAX, 'streamWindow(1), full again');
  },
);

refusalCases(
  {
    id: 'window-credit-stream-overflow',
    title: 'credit that takes a stream’s window beyond 2^31 − 1',
    clause: 'RFC 9113 §6.9.1',
    why: 'in 32 bits the sum is negative, and the stream hangs for ever',
    group,
  },
  { streamId: 3, errorCode: 'FLOW_CONTROL_ERROR' },
  (make) => {
    const send = make.send();
    send.open(3);
    return send.credit(3, MAX - DEFAULT + 1);
  },
  'credit to 2^31 on stream 3',
);

refusalCases(
  {
    id: 'window-credit-connection-overflow',
    title: 'credit that takes the connection’s window beyond 2^31 − 1',
    clause: 'RFC 9113 §6.9.1',
    why: 'it concerns all streams, so the connection ends',
    group,
  },
  { errorCode: 'FLOW_CONTROL_ERROR' },
  (make) => make.send().credit(0, MAX),
  'credit of 2^31 - 1 on top of 65,535',
);

windowCase(
  {
    id: 'window-credit-overflow-changes-nothing',
    title: 'credit that is refused changes no window',
    clause: 'RFC 9113 §6.9.1',
    why: 'a sender must not allow a window beyond the maximum, not even until RST_STREAM has been written',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.credit(1, MAX);
    equal(send.streamWindow(1), DEFAULT, 'streamWindow(1)');
    send.credit(0, MAX);
    equal(send.connectionWindow, DEFAULT, 'connectionWindow');
    equal(send.take(1, 5), 5, 'octets taken afterwards');
  },
);

refusalCases(
  {
    id: 'window-credit-zero-stream',
    title: 'credit of 0 for a stream',
    clause: 'RFC 9113 §6.9',
    why: 'it opens nothing: a peer who sends many of them wants to keep us busy',
    group,
  },
  { streamId: 1, errorCode: 'PROTOCOL_ERROR' },
  (make) => {
    const send = make.send();
    send.open(1);
    return send.credit(1, 0);
  },
  'credit(1, 0)',
);

refusalCases(
  {
    id: 'window-credit-zero-connection',
    title: 'credit of 0 for the connection',
    clause: 'RFC 9113 §6.9',
    why: 'an error in the connection’s window is an error of the connection',
    group,
  },
  { errorCode: 'PROTOCOL_ERROR' },
  (make) => make.send().credit(0, 0),
  'credit(0, 0)',
);

refusalCases(
  {
    id: 'window-credit-idle',
    title: 'credit for an idle stream',
    clause: 'RFC 9113 §5.1',
    why: 'nobody can give credit to a stream that has not begun: the two sides do not talk about the same streams',
    group,
  },
  { errorCode: 'PROTOCOL_ERROR' },
  (make) => {
    const send = make.send();
    send.open(5);
    return send.credit(7, 100);
  },
  'credit(7, 100), with 5 the highest stream so far',
);

windowCase(
  {
    id: 'window-credit-idle-parity',
    title: 'a stream of the server’s is idle, whatever the client has opened',
    clause: 'RFC 9113 §5.1.1',
    why: 'the two sides count their streams apart',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(5);
    equal(send.credit(2, 100)?.type, 'CONNECTION_ERROR', 'the type of what credit(2, 100) returns');
  },
);

windowCase(
  {
    id: 'window-credit-closed',
    title: 'credit for a closed stream is ignored',
    clause: 'RFC 9113 §6.9',
    why: 'the peer has sent it before it knew: this happens at the end of nearly every response',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.close(1);
    isFine(send.credit(1, 100), 'credit(1, 100)');
    isFine(send.credit(1, MAX), 'credit(1, 2^31 - 1)');
    equal(send.streamWindow(1), undefined, 'streamWindow(1)');
    equal(send.connectionWindow, DEFAULT, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-credit-skipped',
    title: 'a stream that was passed over is closed, not idle',
    clause: 'RFC 9113 §5.1.1',
    why: 'the first use of a higher identifier closes the idle ones below it',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(9);
    isFine(send.credit(3, 100), 'credit(3, 100), with 9 open');
  },
);

windowCase(
  {
    id: 'window-credit-after-end',
    title: 'credit for a stream on which we have sent END_STREAM is no error',
    clause: 'RFC 9113 §6.9',
    why: 'the peer reads the end of the content and gives credit for it: it cannot know better',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.want(1, 10, true);
    equal(send.next()?.endStream, true, 'endStream of the frame');
    isFine(send.credit(1, 10), 'credit(1, 10)');
    equal(send.next(), undefined, 'what next returns: the stream has ended');
  },
);

windowCase(
  {
    id: 'window-credit-from-zero',
    title: 'after credit, sending goes on by exactly so much',
    clause: 'RFC 9113 §6.9.1',
    why: 'one octet too many is an overrun; one too few, and a peer that waits for it waits for ever',
    group,
  },
  (make) => {
    const send = make.send();
    leaveOnConnection(send, 0, 1);
    send.open(3);
    equal(send.take(3, 10), 0, 'octets taken');
    send.credit(0, 1);
    equal(send.take(3, 10), 1, 'octets taken after credit of 1');
    equal(send.take(3, 10), 0, 'octets taken after that');
  },
);

windowCase(
  {
    id: 'window-credit-invalid',
    title: 'an increment that no frame can hold is the caller’s mistake',
    clause: 'RFC 9113 §6.9',
    why: 'an increment has 31 bits: whoever passes more has not masked the reserved bit',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    for (const increment of [-1, 1.5, Number.NaN, 2 ** 31]) {
      throws(() => send.credit(0, increment), { name: 'RangeError' }, `credit(0, ${increment})`);
      throws(() => send.credit(1, increment), { name: 'RangeError' }, `credit(1, ${increment})`);
    }
    equal(send.streamWindow(1), DEFAULT, 'streamWindow(1)');
    equal(send.connectionWindow, DEFAULT, 'connectionWindow');
  },
);
