/**
 * A second correct design: rounds instead of a linked queue, whole frames instead of turns that are cut short.
 *
 * In each round every stream may send a frame's worth. One that had less than a frame left to its share gets a whole frame
 * all the same and has that much less in the next round (deficit round robin, Shreedhar and Varghese 1995). The rounds are
 * plain arrays; closed streams stay in them as holes, until the holes are more than the rest. Windows are plain objects that
 * both directions share, and credit goes out when a third of a window is owed.
 */
export const MAX_WINDOW = 0x7fffffff;
export const DEFAULT_WINDOW = 65535;
export const ErrorCode = { PROTOCOL_ERROR: 1, FLOW_CONTROL_ERROR: 3 } as const;

type ConnectionError = { type: 'CONNECTION_ERROR'; errorCode: number; reason: string };
type StreamError = { type: 'STREAM_ERROR'; streamId: number; errorCode: number; reason: string };

function goaway(code: keyof typeof ErrorCode): ConnectionError {
  return { type: 'CONNECTION_ERROR', errorCode: ErrorCode[code], reason: code };
}

function reset(streamId: number, code: keyof typeof ErrorCode): StreamError {
  return { type: 'STREAM_ERROR', streamId, errorCode: ErrorCode[code], reason: code };
}

function inside(value: number, low: number, high: number): number {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    throw new RangeError(`${value} is no whole number from ${low} to ${high}`);
  }
  return value;
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** The part that both directions have in common: streams by identifier, each with a window. */
abstract class Windows<S extends { window: number }> {
  protected readonly streams: Map<number, S> = new Map();
  protected initial = DEFAULT_WINDOW;
  protected connection = DEFAULT_WINDOW;
  private last = [0, 0];

  get connectionWindow() {
    return this.connection;
  }

  streamWindow(id: number) {
    return this.streams.get(id)?.window;
  }

  protected isIdle(id: number) {
    return inside(id, 1, MAX_WINDOW) > (this.last[id & 1] as number);
  }

  protected begin(id: number, stream: S) {
    if (!this.isIdle(id)) throw new RangeError(`stream ${id} has been used`);
    this.last[id & 1] = id;
    this.streams.set(id, stream);
  }

  protected move(size: number) {
    for (const stream of this.streams.values()) stream.window += size - this.initial;
    this.initial = size;
  }
}

interface Sending {
  id: number;
  window: number;
  wanted: number;
  endsWith: boolean;
  endSent: boolean;
  /** What is left of its share; below 0 if it has had more. */
  share: number;
  queued: boolean;
  closed: boolean;
}

/** Streams in the order of their turns. */
class Round {
  private items: Sending[] = [];
  private head = 0;
  private holes = 0;

  add(stream: Sending) {
    if (stream.queued) return;
    stream.queued = true;
    this.items.push(stream);
  }

  /** The first one for which `may` holds; the others before it leave. */
  first(may: (stream: Sending) => boolean): Sending | undefined {
    for (;;) {
      const stream = this.items[this.head];
      if (stream === undefined || may(stream)) return stream;
      stream.queued = false;
      if (stream.closed) this.holes -= 1;
      this.advance();
    }
  }

  rotate() {
    this.items.push(this.items[this.head] as Sending);
    this.advance();
  }

  hole() {
    this.holes += 1;
    if (2 * this.holes < this.items.length - this.head) return;
    this.items = this.items.slice(this.head).filter((stream) => !stream.closed);
    this.head = this.holes = 0;
  }

  private advance() {
    this.head += 1;
    if (2 * this.head < this.items.length) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}

export class SendWindows extends Windows<Sending> {
  private readonly round = new Round();
  private readonly ends = new Map<number, Sending>();
  private maxFrame = 16384;

  open(id: number) {
    const { initial: window } = this;
    this.begin(id, {
      id,
      window,
      wanted: 0,
      endsWith: false,
      endSent: false,
      share: 0,
      queued: false,
      closed: false,
    });
  }

  close(id: number) {
    const stream = this.streams.get(id);
    if (!stream) return;
    this.streams.delete(id);
    this.ends.delete(id);
    stream.closed = true;
    if (stream.queued) this.round.hole();
  }

  private find(id: number): Sending {
    const stream = this.streams.get(id);
    if (stream) return stream;
    throw Object.assign(new Error(`no open stream ${id}`), { code: 'STREAM_CLOSED' });
  }

  private spend(stream: Sending, octets: number): number {
    const length = Math.min(octets, stream.window, this.connection, this.maxFrame);
    if (length <= 0) return 0;
    stream.window -= length;
    this.connection -= length;
    return length;
  }

  take(id: number, octets: number) {
    inside(octets, 0, NO_LIMIT);
    return this.spend(this.find(id), octets);
  }

  want(id: number, octets: number, endStream = false) {
    inside(octets, 0, NO_LIMIT);
    const stream = this.find(id);
    if (stream.endsWith) throw Object.assign(new Error(`stream ${id} has ended`), { code: 'STREAM_CLOSED' });
    stream.wanted += octets;
    stream.endsWith = endStream;
    if (endStream && stream.wanted === 0) this.ends.set(id, stream);
    this.wake(stream);
  }

  private wake(stream: Sending) {
    if (stream.window > 0 && stream.wanted > 0) this.round.add(stream);
  }

  next() {
    for (const [streamId, stream] of this.ends) {
      this.ends.delete(streamId);
      stream.endSent = true;
      return { streamId, length: 0, endStream: true };
    }
    if (this.connection === 0) return undefined;
    for (;;) {
      const stream = this.round.first(({ closed, window, wanted }) => !closed && window > 0 && wanted > 0);
      if (!stream) return undefined;
      if (stream.share <= 0) {
        stream.share += this.maxFrame;
        if (stream.share <= 0) {
          this.round.rotate();
          continue;
        }
      }
      return this.grant(stream);
    }
  }

  private grant(stream: Sending) {
    const length = this.spend(stream, stream.wanted);
    stream.wanted -= length;
    stream.share -= length;
    const endStream = stream.endsWith && stream.wanted === 0;
    stream.endSent = endStream;
    if (stream.share <= 0) this.round.rotate();
    return { streamId: stream.id, length, endStream };
  }

  credit(id: number, increment: number): ConnectionError | StreamError | undefined {
    inside(increment, 0, MAX_WINDOW);
    if (id === 0) {
      if (increment === 0) return goaway('PROTOCOL_ERROR');
      if (this.connection + increment > MAX_WINDOW) return goaway('FLOW_CONTROL_ERROR');
      this.connection += increment;
      return undefined;
    }
    if (this.isIdle(id)) return goaway('PROTOCOL_ERROR');
    const stream = this.streams.get(id);
    if (!stream) return undefined;
    if (increment === 0) return reset(id, 'PROTOCOL_ERROR');
    if (stream.window + increment > MAX_WINDOW) return reset(id, 'FLOW_CONTROL_ERROR');
    stream.window += increment;
    this.wake(stream);
    return undefined;
  }

  setInitialWindow(size: number): ConnectionError | undefined {
    if (inside(size, 0, 2 ** 32 - 1) > MAX_WINDOW) return goaway('FLOW_CONTROL_ERROR');
    let largest = 0;
    for (const { window } of this.streams.values()) largest = Math.max(largest, window);
    if (largest > 0 && largest + size - this.initial > MAX_WINDOW) return goaway('FLOW_CONTROL_ERROR');
    this.move(size);
    for (const stream of this.streams.values()) this.wake(stream);
    return undefined;
  }

  setMaxFrameSize(size: number): ConnectionError | undefined {
    inside(size, 0, 2 ** 32 - 1);
    if (size < 16384 || size > 16777215) return goaway('PROTOCOL_ERROR');
    this.maxFrame = size;
    return undefined;
  }
}

interface Receiving {
  id: number;
  window: number;
  unread: number;
  /** Read and not given back yet. */
  owed: number;
  ended: boolean;
}

export class ReceiveWindows extends Windows<Receiving> {
  private due = new Map<number, Receiving>();
  private readonly size: number;
  private readonly maxUnread: number;
  unread = 0;

  constructor({ connectionWindowSize, maxUnread }: { connectionWindowSize?: number; maxUnread?: number } = {}) {
    super();
    this.size = inside(connectionWindowSize ?? DEFAULT_WINDOW, DEFAULT_WINDOW, MAX_WINDOW);
    this.maxUnread = inside(maxUnread ?? 16 * this.size, this.size, NO_LIMIT);
  }

  open(id: number) {
    this.begin(id, { id, window: this.initial, unread: 0, owed: 0, ended: false });
  }

  close(id: number) {
    this.unread -= this.streams.get(id)?.unread ?? 0;
    this.streams.delete(id);
    this.due.delete(id);
  }

  receive(
    id: number,
    length: number,
    { padding = 0, endStream = false } = {},
  ): ConnectionError | StreamError | undefined {
    inside(padding, 0, inside(length, 0, NO_LIMIT));
    if (this.isIdle(id)) return goaway('PROTOCOL_ERROR');
    if (length > this.connection) return goaway('FLOW_CONTROL_ERROR');
    this.connection -= length;
    const stream = this.streams.get(id);
    if (stream === undefined || stream.ended) return undefined;
    if (length !== 0 && length > stream.window) return reset(id, 'FLOW_CONTROL_ERROR');
    stream.window -= length;
    stream.unread += length;
    this.unread += length;
    if (endStream) stream.ended = true;
    this.consume(id, padding);
    return undefined;
  }

  consume(id: number, octets: number) {
    const stream = this.streams.get(id);
    if (!stream) {
      if (this.isIdle(id)) throw new RangeError(`nothing to read on stream ${id}`);
      return;
    }
    inside(octets, 0, stream.unread);
    stream.unread -= octets;
    stream.owed += octets;
    this.unread -= octets;
    this.judge(stream);
  }

  private judge(stream: Receiving) {
    const { id, owed, ended } = stream;
    if (ended || owed === 0 || 3 * owed < this.initial) this.due.delete(id);
    else this.due.set(id, stream);
  }

  nextUpdate() {
    const type = 'WINDOW_UPDATE' as const;
    const increment = Math.min(this.size, this.maxUnread - this.unread) - this.connection;
    if (3 * increment >= this.size) {
      this.connection += increment;
      return { type, streamId: 0, increment };
    }
    for (const [streamId, stream] of this.due) {
      const { owed } = stream;
      stream.window += owed;
      stream.owed = 0;
      this.due.delete(streamId);
      return { type, streamId, increment: owed };
    }
    return undefined;
  }

  setInitialWindow(size: number) {
    this.move(inside(size, 0, MAX_WINDOW));
    for (const stream of this.streams.values()) this.judge(stream);
  }
}
