/**
 * Other ways to keep the same books, for the bench alone: just enough of them to do the same traffic.
 *
 * None of them checks anything the peer does, so each has a head start.
 */
import type { Receiver, Sender } from '../../../harness/suites/15-flow-control/support/traffic.ts';

const DEFAULT = 65_535;
const FRAME = 16_384;

interface Waiting {
  id: number;
  window: number;
  wanted: number;
}

abstract class Windows<S> {
  protected readonly streams = new Map<number, S>();
  protected connection = DEFAULT;

  close(id: number): void {
    this.streams.delete(id);
  }
}

/** Looks through all streams for each frame, from behind the one that was served last. */
export class ScanningSender extends Windows<Waiting> implements Sender {
  #list: Waiting[] = [];
  #at = 0;

  open(id: number): void {
    const stream = { id, window: DEFAULT, wanted: 0 };
    this.streams.set(id, stream);
    this.#list.push(stream);
  }

  want(id: number, octets: number): void {
    this.streams.get(id)!.wanted += octets;
  }

  next() {
    for (let looked = 0; looked < this.#list.length; looked++) {
      this.#at = (this.#at + 1) % this.#list.length;
      const stream = this.#list[this.#at]!;
      const length = Math.min(stream.wanted, stream.window, this.connection, FRAME);
      if (length > 0) return this.#grant(stream, length);
    }
    return undefined;
  }

  #grant(stream: Waiting, length: number) {
    stream.window -= length;
    stream.wanted -= length;
    this.connection -= length;
    return { streamId: stream.id, length, endStream: stream.wanted === 0 };
  }

  override close(id: number): void {
    super.close(id);
    this.#list = this.#list.filter((stream) => stream.id !== id);
  }

  credit(id: number, increment: number): void {
    if (id === 0) this.connection += increment;
    const stream = this.streams.get(id);
    if (stream) stream.window += increment;
  }
}

/** A Set is the queue: whoever has been served is deleted and added again. */
export class SetSender extends Windows<Waiting> implements Sender {
  readonly #ready = new Set<Waiting>();

  open(id: number): void {
    this.streams.set(id, { id, window: DEFAULT, wanted: 0 });
  }

  want(id: number, octets: number): void {
    const stream = this.streams.get(id)!;
    stream.wanted += octets;
    if (stream.window > 0) this.#ready.add(stream);
  }

  next() {
    if (this.connection === 0) return undefined;
    for (const stream of this.#ready) {
      const length = Math.min(stream.wanted, stream.window, this.connection, FRAME);
      stream.window -= length;
      stream.wanted -= length;
      this.connection -= length;
      this.#ready.delete(stream);
      if (stream.wanted > 0 && stream.window > 0) this.#ready.add(stream);
      return { streamId: stream.id, length, endStream: stream.wanted === 0 };
    }
    return undefined;
  }

  override close(id: number): void {
    this.#ready.delete(this.streams.get(id)!);
    super.close(id);
  }

  credit(id: number, increment: number): void {
    if (id === 0) this.connection += increment;
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.window += increment;
    if (stream.wanted > 0 && stream.window > 0) this.#ready.add(stream);
  }
}

/** One window of a receiver as golang.org/x/net/http2 keeps it: what is available, and what was read and not announced. */
class Inflow {
  available = DEFAULT;
  unannounced = 0;

  take(octets: number): void {
    this.available -= octets;
  }

  /** What to announce: from 4 KiB on, or when it would double what the sender has. */
  add(octets: number): number {
    this.unannounced += octets;
    if (this.unannounced < 4_096 && this.unannounced < this.available) return 0;
    const increment = this.unannounced;
    this.available += increment;
    this.unannounced = 0;
    return increment;
  }
}

/** Updates are made as soon as something is read, and wait in a list. */
export class GoReceiver extends Windows<Inflow> implements Receiver {
  readonly #connection = new Inflow();
  #updates: { streamId: number; increment: number }[] = [];
  #given = 0;

  open(id: number): void {
    this.streams.set(id, new Inflow());
  }

  receive(id: number, length: number): void {
    this.streams.get(id)!.take(length);
    this.#connection.take(length);
  }

  consume(id: number, octets: number): void {
    this.#push(0, this.#connection.add(octets));
    this.#push(id, this.streams.get(id)!.add(octets));
  }

  #push(streamId: number, increment: number): void {
    if (increment > 0) this.#updates.push({ streamId, increment });
  }

  nextUpdate() {
    const update = this.#updates[this.#given++];
    if (update) return update;
    this.#updates = [];
    this.#given = 0;
    return undefined;
  }
}

/** Credit at once for whatever was read: two frames for each read. */
export class EagerReceiver extends Windows<true> implements Receiver {
  #updates: { streamId: number; increment: number }[] = [];

  open(id: number): void {
    this.streams.set(id, true);
  }

  receive(): void {}

  consume(id: number, octets: number): void {
    this.#updates.push({ streamId: 0, increment: octets }, { streamId: id, increment: octets });
  }

  nextUpdate() {
    return this.#updates.pop();
  }
}
