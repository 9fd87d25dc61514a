/** The peer's SETTINGS: they move the windows of the streams, down below zero as well, and never the connection's. */
import { equal, throws } from '../../../kit/check.ts';
import { DEFAULT, FRAME, isError, isFine, MAX, refusalCases, windowCase } from './support.ts';

const group = 'sending: settings';
const clause = 'RFC 9113 §6.9.2';

windowCase(
  {
    id: 'window-settings-new-streams',
    title: 'streams begin with what SETTINGS_INITIAL_WINDOW_SIZE says when they are opened',
    clause,
    why: 'the peer has set so much memory aside for each',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(100);
    send.open(1);
    equal(send.streamWindow(1), 100, 'streamWindow(1)');
    send.setInitialWindow(0);
    send.open(3);
    equal(send.streamWindow(3), 0, 'streamWindow(3)');
    equal(send.take(3, 1), 0, 'octets taken on stream 3');
    send.setInitialWindow(1_000_000);
    send.open(5);
    equal(send.streamWindow(5), 1_000_000, 'streamWindow(5)');
  },
);

windowCase(
  {
    id: 'window-settings-difference',
    title: 'the windows of open streams change by the difference between the new value and the old',
    clause,
    why: 'what is under way stays counted: setting windows to the new value would overrun the peer',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.open(3);
    send.take(1, 10_000);
    send.credit(3, 500);
    isFine(send.setInitialWindow(70_000), 'setInitialWindow(70000)');
    equal(send.streamWindow(1), 60_000, 'streamWindow(1), of which 10,000 are used');
    equal(send.streamWindow(3), 70_500, 'streamWindow(3), which had credit of 500');
  },
);

windowCase(
  {
    id: 'window-settings-again',
    title: 'the difference is to the value that held last, not to the default',
    clause,
    why: 'a second change would count the first one again',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.setInitialWindow(70_000);
    send.setInitialWindow(70_000);
    equal(send.streamWindow(1), 70_000, 'streamWindow(1), after the same value came twice');
    send.setInitialWindow(60_000);
    equal(send.streamWindow(1), 60_000, 'streamWindow(1), after 60,000');
  },
);

windowCase(
  {
    id: 'window-settings-not-connection',
    title: 'the connection’s window is not changed by SETTINGS',
    clause,
    why: 'only WINDOW_UPDATE changes it: a sender who thinks otherwise overruns it, or hangs',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 5);
    send.setInitialWindow(1_000_000);
    equal(send.connectionWindow, 65_530, 'connectionWindow after a larger value');
    send.setInitialWindow(1);
    equal(send.connectionWindow, 65_530, 'connectionWindow after a smaller value');
  },
);

windowCase(
  {
    id: 'window-settings-negative',
    title: 'a window may become negative, and is kept as it is',
    clause,
    why: 'the RFC’s own example: 60 KB are sent, then the server sets 16 KB, and the window is −44 KB',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    for (let left = 60_000; left > 0; ) left -= send.take(1, left);
    isFine(send.setInitialWindow(16_384), 'setInitialWindow(16384)');
    equal(send.streamWindow(1), 16_384 - 60_000, 'streamWindow(1)');
  },
);

windowCase(
  {
    id: 'window-settings-negative-blocks',
    title: 'a stream whose window is negative sends nothing, and takes nothing from the connection',
    clause,
    why: 'min(negative, …) is negative: taken from a window, it would be credit',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 10_000);
    send.setInitialWindow(1_000);
    send.want(1, 100);
    equal(send.take(1, 100), 0, 'octets taken');
    equal(send.next(), undefined, 'what next returns');
    equal(send.streamWindow(1), -9_000, 'streamWindow(1)');
    equal(send.connectionWindow, 55_535, 'connectionWindow');
  },
);

windowCase(
  {
    id: 'window-settings-negative-climbs',
    title: 'a negative window must climb above 0 before anything is sent',
    clause,
    why: 'credit pays off the debt first',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 10_000);
    send.setInitialWindow(1_000);
    send.want(1, 100);
    send.credit(1, 8_999);
    equal(send.next(), undefined, 'what next returns at -1');
    send.credit(1, 1);
    equal(send.next(), undefined, 'what next returns at 0');
    send.credit(1, 1);
    equal(send.next(), { streamId: 1, length: 1, endStream: false }, 'what next returns at 1');
  },
);

windowCase(
  {
    id: 'window-settings-negative-credit',
    title: 'a negative window takes credit of 2^31 − 1: only the sum counts',
    clause: 'RFC 9113 §6.9.1',
    why: 'a check of the increment alone refuses what is allowed',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.take(1, 10_000);
    send.setInitialWindow(0);
    isFine(send.credit(1, MAX), 'credit(1, 2^31 - 1), at -10,000');
    equal(send.streamWindow(1), MAX - 10_000, 'streamWindow(1)');
    isError(send.credit(1, 10_001), { streamId: 1, errorCode: 'FLOW_CONTROL_ERROR' }, 'credit for 10,001 more');
    isFine(send.credit(1, 10_000), 'credit for 10,000 more');
  },
);

windowCase(
  {
    id: 'window-settings-deep',
    title: 'a window can fall to −(2^31 − 1) and come back',
    clause,
    why: 'two such steps are 2^32 apart: `| 0` makes one of the other',
    group,
  },
  (make) => {
    const send = make.send();
    isFine(send.setMaxFrameSize(0xff_ffff), 'setMaxFrameSize(2^24 - 1)');
    isFine(send.setInitialWindow(MAX), 'setInitialWindow(2^31 - 1)');
    send.credit(0, MAX - DEFAULT);
    send.open(1);
    for (let taken = -1; taken !== 0; ) taken = send.take(1, MAX);
    equal(send.streamWindow(1), 0, 'streamWindow(1), all of it used');
    isFine(send.setInitialWindow(0), 'setInitialWindow(0)');
    equal(send.streamWindow(1), -MAX, 'streamWindow(1)');
    isFine(send.setInitialWindow(MAX), 'setInitialWindow(2^31 - 1)');
    equal(send.streamWindow(1), 0, 'streamWindow(1), back again');
  },
);

windowCase(
  {
    id: 'window-settings-max',
    title: 'an initial window of 2^31 − 1 is fine',
    clause: 'RFC 9113 §6.5.2',
    why: 'whoever wants no flow control on streams sends it: gRPC and many proxies do',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    isFine(send.setInitialWindow(MAX), 'setInitialWindow(2^31 - 1)');
    equal(send.streamWindow(1), MAX, 'streamWindow(1)');
    send.open(3);
    equal(send.streamWindow(3), MAX, 'streamWindow(3)');
  },
);

refusalCases(
  {
    id: 'window-settings-too-large',
    title: 'an initial window of 2^31',
    clause: 'RFC 9113 §6.5.2',
    why: 'the field has 32 bits, a window has 31; no stream needs to be open for this',
    group,
  },
  { errorCode: 'FLOW_CONTROL_ERROR' },
  (make) => make.send().setInitialWindow(2 ** 31),
  'setInitialWindow(2^31)',
);

windowCase(
  {
    id: 'window-settings-largest',
    title: 'an initial window of 2^32 − 1 is refused as well, not taken for −1',
    clause: 'RFC 9113 §6.5.2',
    why: 'read as a signed number it is −1, which is below every limit',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    isError(send.setInitialWindow(2 ** 32 - 1), { errorCode: 'FLOW_CONTROL_ERROR' }, 'setInitialWindow(2^32 - 1)');
    equal(send.streamWindow(1), DEFAULT, 'streamWindow(1)');
  },
);

refusalCases(
  {
    id: 'window-settings-overflow',
    title: 'an initial window that takes an open stream’s window beyond 2^31 − 1',
    clause,
    why: 'the value alone is allowed; it is this stream’s earlier credit that makes it too much',
    group,
  },
  { errorCode: 'FLOW_CONTROL_ERROR' },
  (make) => {
    const send = make.send();
    send.open(1);
    send.open(3);
    send.credit(3, MAX - DEFAULT);
    return send.setInitialWindow(DEFAULT + 1);
  },
  'setInitialWindow(65536), with stream 3 at 2^31 - 1',
);

windowCase(
  {
    id: 'window-settings-overflow-changes-nothing',
    title: 'an initial window that is refused changes no stream, neither before nor behind the one that overflows',
    clause,
    why: 'decide, then act: half-changed windows are right for neither value',
    group,
  },
  (make) => {
    const send = make.send();
    for (const id of [1, 3, 5]) send.open(id);
    send.credit(3, MAX - DEFAULT);
    send.setInitialWindow(DEFAULT + 1);
    for (const id of [1, 5]) equal(send.streamWindow(id), DEFAULT, `streamWindow(${id})`);
    equal(send.streamWindow(3), MAX, 'streamWindow(3)');
    send.open(7);
    equal(send.streamWindow(7), DEFAULT, 'streamWindow(7), opened afterwards');
  },
);

windowCase(
  {
    id: 'window-settings-overflow-closed',
    title: 'a stream that is closed cannot overflow',
    clause,
    why: 'its window is of no interest any more; a dead entry must not kill the connection',
    group,
  },
  (make) => {
    const send = make.send();
    send.open(1);
    send.credit(1, MAX - DEFAULT);
    send.close(1);
    isFine(send.setInitialWindow(100_000), 'setInitialWindow(100000)');
  },
);

windowCase(
  {
    id: 'window-settings-wakes',
    title: 'a larger initial window lets blocked streams go on',
    clause,
    why: 'no WINDOW_UPDATE will come for them: it is the SETTINGS that gave them room',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(0);
    for (const id of [1, 3]) {
      send.open(id);
      send.want(id, 10, true);
    }
    equal(send.next(), undefined, 'what next returns');
    send.setInitialWindow(10);
    const permits = [send.next(), send.next()].sort((a, b) => (a?.streamId ?? 0) - (b?.streamId ?? 0));
    equal(
      permits,
      [1, 3].map((streamId) => ({ streamId, length: 10, endStream: true })),
      'the frames of both, in whatever order',
    );
  },
);

refusalCases(
  {
    id: 'window-frame-size-small',
    title: 'a maximum frame size below 16,384',
    clause: 'RFC 9113 §6.5.2',
    why: 'everybody must be able to take 16,384 octets; a frame size of 1 is an attack',
    group,
  },
  { errorCode: 'PROTOCOL_ERROR' },
  (make) => make.send().setMaxFrameSize(FRAME - 1),
  'setMaxFrameSize(16383)',
);

refusalCases(
  {
    id: 'window-frame-size-large',
    title: 'a maximum frame size of 2^24',
    clause: 'RFC 9113 §6.5.2',
    why: 'the length of a frame has 24 bits',
    group,
  },
  { errorCode: 'PROTOCOL_ERROR' },
  (make) => make.send().setMaxFrameSize(2 ** 24),
  'setMaxFrameSize(2^24)',
);

windowCase(
  {
    id: 'window-frame-size-refused',
    title: 'a maximum frame size that is refused changes nothing; its bounds are fine',
    clause: 'RFC 9113 §6.5.2',
    why: 'the last good value holds',
    group,
  },
  (make) => {
    const send = make.send();
    send.setInitialWindow(MAX);
    send.credit(0, MAX - DEFAULT);
    send.open(1);
    send.setMaxFrameSize(5);
    send.setMaxFrameSize(2 ** 32 - 1);
    equal(send.take(1, MAX), FRAME, 'octets taken');
    isFine(send.setMaxFrameSize(2 ** 24 - 1), 'setMaxFrameSize(2^24 - 1)');
    equal(send.take(1, MAX), 2 ** 24 - 1, 'octets taken');
    isFine(send.setMaxFrameSize(FRAME), 'setMaxFrameSize(16384)');
  },
);

windowCase(
  {
    id: 'window-settings-invalid',
    title: 'a value that no frame can hold is the caller’s mistake',
    clause: 'RFC 9113 §6.5.1',
    why: 'a value has 32 bits and no sign: whoever passes -1 has read it as a signed number',
    group,
  },
  (make) => {
    const send = make.send();
    for (const size of [-1, 1.5, Number.NaN, 2 ** 32]) {
      throws(() => send.setInitialWindow(size), { name: 'RangeError' }, `setInitialWindow(${size})`);
      throws(() => send.setMaxFrameSize(size), { name: 'RangeError' }, `setMaxFrameSize(${size})`);
    }
  },
);
