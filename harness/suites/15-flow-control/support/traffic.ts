/**
 * The work that speed is measured with, on nothing but the contract, so that subject, reference and the peers of
 * `npm run bench` can all be asked to do it. No sockets: only the books are kept.
 */
import type { Random } from '../../../kit/random.ts';

/** What of `SendWindows` the traffic needs. */
export interface Sender {
  open(streamId: number): void;
  close(streamId: number): void;
  want(streamId: number, octets: number, endStream: boolean): void;
  next(): { streamId: number; length: number; endStream: boolean } | undefined;
  credit(streamId: number, increment: number): unknown;
}

/** What of `ReceiveWindows`. */
export interface Receiver {
  open(streamId: number): void;
  close(streamId: number): void;
  receive(streamId: number, length: number, arrival: { endStream: boolean }): unknown;
  consume(streamId: number, octets: number): void;
  nextUpdate(): { streamId: number; increment: number } | undefined;
}

export interface Response {
  streamId: number;
  octets: number;
}

/** Contents of a page: many small ones, some that are larger than a window. */
export function responses(count: number, random: Random): Response[] {
  return Array.from({ length: count }, (_, i) => ({
    streamId: 2 * i + 1,
    octets: 1 + (i % 8 === 0 ? random.int(0, 200_000) : random.int(0, 20_000)),
  }));
}

/** Octets per stream that each side has counted: both must come to the same, in whatever order the frames went. */
export interface Sums {
  sent: number[];
  read: number[];
}

/**
 * All responses at once from a sender to a receiver without a wire between them: frames go while they may, then all is
 * read, then credit comes back.
 */
export function exchange(send: Sender, receive: Receiver, wanted: Response[]): Sums {
  const sums: Sums = { sent: wanted.map(() => 0), read: wanted.map(() => 0) };
  for (const { streamId, octets } of wanted) {
    send.open(streamId);
    receive.open(streamId);
    send.want(streamId, octets, true);
  }
  for (let moved = true; moved; ) {
    moved = false;
    for (let permit = send.next(); permit; permit = send.next()) {
      moved = true;
      const { streamId, length, endStream } = permit;
      receive.receive(streamId, length, { endStream });
      receive.consume(streamId, length);
      sums.sent[streamId >> 1]! += length;
      sums.read[streamId >> 1]! += length;
      if (endStream) {
        send.close(streamId);
        receive.close(streamId);
      }
    }
    for (let update = receive.nextUpdate(); update; update = receive.nextUpdate()) {
      moved = true;
      send.credit(update.streamId, update.increment);
    }
  }
  return sums;
}
