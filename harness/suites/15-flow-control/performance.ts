/**
 * What flow control costs: frames of credit per megabyte, memory per frame, growth with the number of streams that do
 * nothing or wait, and the rate at which a page's worth of responses goes through both accounts.
 */
import { ReceiveWindows, SendWindows } from '#subject/15-flow-control/flow-control.ts';
import { bytesAllocated, count, growth, ratio } from '../../kit/performance.ts';
import type { Random } from '../../kit/random.ts';
import { exchange, responses } from './support/traffic.ts';

const FRAME = 16_384;
const DEFAULT = 65_535;
const MAX = 2 ** 31 - 1;
const MB = 2 ** 20;

/** Streams 1, 3, 5 … */
const idOf = (index: number): number => 2 * index + 1;

/** How often each run is repeated on the same streams: a long run on little memory, so that caches do not count. */
const ROUNDS = 4;

/** A sender with `n` streams that want 500 octets each. `open` are the octets in the connection's window. */
function waiting(n: number, initialWindow: number, open: number): SendWindows {
  const send = new SendWindows();
  send.open(2);
  while (send.connectionWindow > 0) send.take(2, DEFAULT);
  send.close(2);
  send.setInitialWindow(initialWindow);
  for (let i = 0; i < n; i++) send.open(idOf(i));
  wantAll(send, n);
  if (open > 0) send.credit(0, open);
  return send;
}

function wantAll(send: SendWindows, n: number): void {
  for (let i = 0; i < n; i++) send.want(idOf(i), 500);
}

function drain(send: SendWindows): number {
  let octets = 0;
  for (let permit = send.next(); permit; permit = send.next()) octets += permit.length;
  return octets;
}

/** Two frames on their way through both accounts, and the credit for them. */
function beside(send: SendWindows, receive: ReceiveWindows, streamId: number): void {
  send.want(streamId, 2 * FRAME, false);
  for (let permit = send.next(); permit; permit = send.next()) {
    receive.receive(streamId, permit.length);
    receive.consume(streamId, permit.length);
  }
  for (let update = receive.nextUpdate(); update; update = receive.nextUpdate()) {
    send.credit(update.streamId, update.increment);
  }
}

export default [
  count({
    id: 'window-updates',
    title: 'WINDOW_UPDATE frames per megabyte, with windows of 65,535',
    unit: 'frames',
    measure() {
      const receive = new ReceiveWindows();
      receive.open(1);
      let frames = 0;
      for (let octets = 0; octets < 16 * MB; octets += 1_024) {
        receive.receive(1, 1_024);
        receive.consume(1, 1_024);
        while (receive.nextUpdate()) frames += 1;
      }
      return frames / 16;
    },
  }),

  count({
    id: 'window-allocation',
    title: 'bytes allocated for two frames of DATA, sent and received, and their credit',
    unit: 'bytes',
    measure() {
      const [send, receive] = [new SendWindows(), new ReceiveWindows()];
      send.open(1);
      receive.open(1);
      return bytesAllocated(() => beside(send, receive, 1));
    },
  }),

  growth({
    id: 'window-wake-growth',
    title: 'waking n streams that wait for the connection’s window, again and again',
    n: 1_250,
    prepare(n) {
      const send = waiting(n, MAX, 0);
      return () => {
        for (let round = 0; round < 2; round++) {
          send.credit(0, 500 * n);
          drain(send);
          wantAll(send, n);
        }
      };
    },
  }),

  growth({
    id: 'window-wake-each-growth',
    title: 'waking n streams one by one, each by credit of its own',
    n: 625,
    prepare(n) {
      const send = waiting(n, 0, ROUNDS * 500 * n);
      return () => {
        for (let round = 0; round < ROUNDS; round++) {
          for (let i = 0; i < n; i++) {
            send.credit(idOf(i), 500);
            drain(send);
          }
          wantAll(send, n);
        }
      };
    },
  }),

  growth({
    id: 'window-settings-growth',
    title: 'waking n streams by SETTINGS, again and again',
    n: 625,
    prepare(n) {
      const send = waiting(n, 0, ROUNDS * 500 * n);
      return () => {
        for (let round = 1; round <= ROUNDS; round++) {
          send.setInitialWindow(500 * round);
          drain(send);
          wantAll(send, n);
        }
      };
    },
  }),

  growth({
    id: 'window-reset-growth',
    title: 'resetting n streams that wait, from the middle on, and opening others',
    n: 625,
    prepare(n) {
      const send = waiting(n, DEFAULT, 0);
      return () => {
        for (let i = 0; i < ROUNDS * n; i++) {
          // Of those that wait the one in the middle leaves, and another comes in at the end.
          send.close(idOf(i + (n >> 1)));
          send.open(idOf(i + n));
          send.want(idOf(i + n), 500);
        }
        return send.next();
      };
    },
  }),

  growth({
    id: 'window-beside-growth',
    title: '1,000 frames on one stream, beside n that have no window or nothing to do',
    n: 1_250,
    prepare(n) {
      const [send, receive] = [waiting(n, 0, DEFAULT), new ReceiveWindows()];
      for (let i = 0; i < n; i++) receive.open(idOf(i));
      send.open(idOf(n));
      receive.open(idOf(n));
      send.credit(idOf(n), DEFAULT);
      return () => {
        for (let i = 0; i < 500; i++) beside(send, receive, idOf(n));
      };
    },
  }),

  ratio({
    id: 'window-exchange-rate',
    title: '200 responses at once, through both accounts',
    prepare: (random: Random) => responses(200, random),
    work: (wanted) => exchange(new SendWindows(), new ReceiveWindows(), wanted),
  }),
];
