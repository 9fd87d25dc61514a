/**
 * The windows of an HTTP/2 connection (RFC 9113 §5.2, §6.9), one account for each direction.
 *
 * A window is one number. Sending, it falls with every DATA frame and rises with every WINDOW_UPDATE:
 *
 *     may be sent = min(wanted, the stream's window, the connection's window, maximum frame size)
 *
 * Receiving, what the peer may still send and what lies here unread should add up to the window's size. What is missing
 * from that sum has been read and not been given back yet; when it is half the size, it is worth a frame:
 *
 *     owed = size − unread − window
 *
 * Both accounts keep one rule: a stream stands in a queue if and only if a frame could be written for it now. Every
 * event changes the numbers of one stream and then puts it where it belongs (`#place`), so that nothing ever has to
 * look through all streams for one that is ready. Only SETTINGS, which changes all of them, visits all.
 */
export const MAX_WINDOW = 0x7fff_ffff;
export const DEFAULT_WINDOW = 65_535;

export const ErrorCode = {
  PROTOCOL_ERROR: 0x1,
  FLOW_CONTROL_ERROR: 0x3,
} as const;

export interface ConnectionError {
  type: 'CONNECTION_ERROR';
  errorCode: number;
  reason: string;
}

export interface StreamError {
  type: 'STREAM_ERROR';
  streamId: number;
  errorCode: number;
  reason: string;
}

export type FlowError = ConnectionError | StreamError;

export interface Permit {
  streamId: number;
  length: number;
  endStream: boolean;
}

export interface WindowUpdate {
  type: 'WINDOW_UPDATE';
  streamId: number;
  increment: number;
}

const MAX_SETTING = 0xffff_ffff;
/** RFC 9113 §6.5.2: the bounds of SETTINGS_MAX_FRAME_SIZE, the lower of which is its initial value. */
const MIN_FRAME_SIZE = 16_384;
const MAX_FRAME_SIZE = 0xff_ffff;

export class SendWindows {
  readonly #streams = new Streams<Outgoing>();
  /** Streams with octets to send and room in their own window. The first has its turn. */
  readonly #ready = new Queue<Outgoing>();
  /** Streams with nothing to send but their end: an empty frame, which needs no room (RFC 9113 §6.9.1). */
  readonly #ending = new Queue<Outgoing>();
  #connection = DEFAULT_WINDOW;
  #initial = DEFAULT_WINDOW;
  #maxFrameSize = MIN_FRAME_SIZE;

  get connectionWindow(): number {
    return this.#connection;
  }

  streamWindow(streamId: number): number | undefined {
    return this.#streams.get(streamId)?.window;
  }

  open(streamId: number): void {
    this.#streams.open(streamId, new Outgoing(streamId, this.#initial));
  }

  close(streamId: number): void {
    const stream = this.#streams.close(streamId);
    stream?.queue?.remove(stream);
  }

  take(streamId: number, octets: number): number {
    const stream = this.#streams.get(streamId) ?? notOpen(streamId);
    const length = this.#room(stream, whole(octets, 'octets'));
    this.#spend(stream, length);
    return length;
  }

  want(streamId: number, octets: number, endStream = false): void {
    whole(octets, 'octets');
    const stream = this.#streams.get(streamId);
    if (!stream || stream.ends) return notOpen(streamId);
    stream.wanted += octets;
    stream.ends = endStream;
    this.#place(stream);
  }

  next(): Permit | undefined {
    const stream = this.#ending.first ?? (this.#connection > 0 ? this.#ready.first : undefined);
    if (!stream) return undefined;
    const length = this.#room(stream, Math.min(stream.wanted, stream.turn));
    stream.wanted -= length;
    stream.turn -= length;
    stream.ended = stream.ends && stream.wanted === 0;
    this.#spend(stream, length);
    return { streamId: stream.id, length, endStream: stream.ended };
  }

  credit(streamId: number, increment: number): FlowError | undefined {
    whole(increment, 'increment', MAX_WINDOW);
    if (streamId === 0) return this.#creditConnection(increment);
    const stream = this.#streams.get(streamId);
    // RFC 9113 §5.1: on an idle stream it is an error, after the stream's end it may just have crossed it on its way.
    if (!stream) return this.#streams.isIdle(streamId) ? onIdle('WINDOW_UPDATE', streamId) : undefined;
    // RFC 9113 §6.9: an increment of 0.
    if (increment === 0) return streamError(streamId, ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
    // RFC 9113 §6.9.1.
    if (stream.window + increment > MAX_WINDOW) {
      return streamError(streamId, ErrorCode.FLOW_CONTROL_ERROR, 'WINDOW_UPDATE beyond 2^31 - 1');
    }
    stream.window += increment;
    this.#place(stream);
    return undefined;
  }

  #creditConnection(increment: number): ConnectionError | undefined {
    if (increment === 0) return connectionError(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
    if (this.#connection + increment > MAX_WINDOW) {
      return connectionError(ErrorCode.FLOW_CONTROL_ERROR, 'WINDOW_UPDATE beyond 2^31 - 1');
    }
    this.#connection += increment;
    return undefined;
  }

  setInitialWindow(size: number): ConnectionError | undefined {
    whole(size, 'size', MAX_SETTING);
    // RFC 9113 §6.5.2.
    if (size > MAX_WINDOW) {
      return connectionError(ErrorCode.FLOW_CONTROL_ERROR, `SETTINGS_INITIAL_WINDOW_SIZE of ${size}`);
    }
    const difference = size - this.#initial;
    // RFC 9113 §6.9.2: a connection error, although it is a stream's window that overflows.
    for (const { id, window } of this.#streams.all()) {
      if (window + difference > MAX_WINDOW) {
        return connectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          `SETTINGS take the window of stream ${id} beyond 2^31 - 1`,
        );
      }
    }
    this.#initial = size;
    for (const stream of this.#streams.all()) {
      stream.window += difference;
      this.#place(stream);
    }
    return undefined;
  }

  setMaxFrameSize(size: number): ConnectionError | undefined {
    whole(size, 'size', MAX_SETTING);
    if (size < MIN_FRAME_SIZE || size > MAX_FRAME_SIZE) {
      return connectionError(ErrorCode.PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE of ${size}`);
    }
    this.#maxFrameSize = size;
    return undefined;
  }

  /** How many of the octets one frame may have. A negative window has room for none, and not for less. */
  #room(stream: Outgoing, octets: number): number {
    return Math.max(0, Math.min(octets, stream.window, this.#connection, this.#maxFrameSize));
  }

  #spend(stream: Outgoing, length: number): void {
    stream.window -= length;
    this.#connection -= length;
    this.#place(stream);
  }

  #place(stream: Outgoing): void {
    const ready = stream.wanted > 0 && stream.window > 0;
    // Who has had a frame's worth goes to the end of the queue. Octets count, not frames: a turn that was cut short
    // because the connection's window was used up goes on when there is credit.
    if (!ready || stream.turn === 0) this.#ready.remove(stream);
    if (ready && this.#ready.add(stream)) stream.turn = this.#maxFrameSize;
    if (stream.ends && !stream.ended && stream.wanted === 0) this.#ending.add(stream);
    else this.#ending.remove(stream);
  }
}

export interface ReceiveOptions {
  connectionWindowSize?: number;
  maxUnread?: number;
}

export interface Arrival {
  padding?: number;
  endStream?: boolean;
}

export class ReceiveWindows {
  readonly #streams = new Streams<Incoming>();
  /** Streams that are owed enough for a WINDOW_UPDATE. */
  readonly #due = new Queue<Incoming>();
  readonly #connectionSize: number;
  readonly #maxUnread: number;
  #connection = DEFAULT_WINDOW;
  #initial = DEFAULT_WINDOW;
  #unread = 0;

  constructor({ connectionWindowSize = DEFAULT_WINDOW, maxUnread = 16 * connectionWindowSize }: ReceiveOptions = {}) {
    // RFC 9113 §6.9.2: SETTINGS do not change the connection's window, so it cannot be made smaller than it begins.
    this.#connectionSize = whole(connectionWindowSize, 'connectionWindowSize', MAX_WINDOW, DEFAULT_WINDOW);
    this.#maxUnread = whole(maxUnread, 'maxUnread', Number.MAX_SAFE_INTEGER, connectionWindowSize);
  }

  get connectionWindow(): number {
    return this.#connection;
  }

  streamWindow(streamId: number): number | undefined {
    return this.#streams.get(streamId)?.window;
  }

  get unread(): number {
    return this.#unread;
  }

  open(streamId: number): void {
    this.#streams.open(streamId, new Incoming(streamId, this.#initial));
  }

  close(streamId: number): void {
    const stream = this.#streams.close(streamId);
    if (!stream) return;
    this.#unread -= stream.unread;
    stream.queue?.remove(stream);
  }

  receive(streamId: number, length: number, { padding = 0, endStream = false }: Arrival = {}): FlowError | undefined {
    whole(length, 'length');
    whole(padding, 'padding', length);
    const stream = this.#streams.get(streamId);
    if (!stream && this.#streams.isIdle(streamId)) return onIdle('DATA', streamId);
    if (length > this.#connection) {
      return connectionError(ErrorCode.FLOW_CONTROL_ERROR, 'DATA beyond the window of the connection');
    }
    // RFC 9113 §6.9: it counts on the connection even if it is in error, or is for a stream that is gone (§5.1). What
    // nobody will read is not added to what is unread, and so is owed at once.
    this.#connection -= length;
    if (!stream || stream.ended) return undefined;
    // An empty frame is fine in a window that is negative.
    if (length > Math.max(0, stream.window)) {
      return streamError(streamId, ErrorCode.FLOW_CONTROL_ERROR, 'DATA beyond the window of the stream');
    }
    stream.window -= length;
    stream.ended = endStream;
    this.#addUnread(stream, length - padding);
    return undefined;
  }

  consume(streamId: number, octets: number): void {
    const stream = this.#streams.get(streamId);
    if (stream) this.#addUnread(stream, -whole(octets, 'octets', stream.unread));
    else if (this.#streams.isIdle(streamId))
      throw new RangeError(`nothing has arrived on stream ${streamId}: it is idle`);
  }

  nextUpdate(): WindowUpdate | undefined {
    // The connection gets its credit back when octets arrive, not when they are read: else one stream that nobody
    // reads would hold up all others. What may lie here unread bounds it instead.
    const owed = Math.min(this.#connectionSize, this.#maxUnread - this.#unread) - this.#connection;
    if (owed >= half(this.#connectionSize)) {
      this.#connection += owed;
      return { type: 'WINDOW_UPDATE', streamId: 0, increment: owed };
    }
    const stream = this.#due.first;
    if (!stream) return undefined;
    const increment = this.#owed(stream);
    stream.window += increment;
    this.#place(stream);
    return { type: 'WINDOW_UPDATE', streamId: stream.id, increment };
  }

  setInitialWindow(size: number): void {
    whole(size, 'size', MAX_WINDOW);
    const difference = size - this.#initial;
    this.#initial = size;
    for (const stream of this.#streams.all()) {
      stream.window += difference;
      this.#place(stream);
    }
  }

  #addUnread(stream: Incoming, octets: number): void {
    stream.unread += octets;
    this.#unread += octets;
    this.#place(stream);
  }

  #owed(stream: Incoming): number {
    return this.#initial - stream.unread - stream.window;
  }

  /** After END_STREAM nothing comes: credit would be wasted. Below half, it would be a crumb (RFC 9113 §6.9.1). */
  #place(stream: Incoming): void {
    if (!stream.ended && this.#owed(stream) >= half(this.#initial)) this.#due.add(stream);
    else this.#due.remove(stream);
  }
}

/** Half a window, and at least an octet: a window of 1 is opened octet by octet. */
function half(size: number): number {
  return Math.max(1, Math.ceil(size / 2));
}

/** The streams of one connection. Of those that were closed it knows no more than how high they went. */
class Streams<T> {
  readonly #open = new Map<number, T>();
  /** The highest identifier that was opened, among the even and among the odd ones. */
  readonly #highest: [even: number, odd: number] = [0, 0];

  get(streamId: number): T | undefined {
    return this.#open.get(streamId);
  }

  all(): Iterable<T> {
    return this.#open.values();
  }

  /** RFC 9113 §5.1.1: a stream that begins closes all idle ones below it on its side. */
  isIdle(streamId: number): boolean {
    return whole(streamId, 'streamId', MAX_WINDOW, 1) > this.#highest[streamId % 2 === 0 ? 0 : 1];
  }

  open(streamId: number, stream: T): void {
    if (!this.isIdle(streamId)) throw new RangeError(`stream ${streamId} is not idle: it cannot be opened`);
    this.#highest[streamId % 2 === 0 ? 0 : 1] = streamId;
    this.#open.set(streamId, stream);
  }

  close(streamId: number): T | undefined {
    const stream = this.#open.get(streamId);
    this.#open.delete(streamId);
    return stream;
  }
}

/** First come, first served; and who stands in the middle may leave at any time, at no cost. */
class Queue<T extends Member<T>> {
  first: T | undefined;
  #last: T | undefined;

  /** Puts it at the end, unless it is in the queue already. Returns whether it was not. */
  add(member: T): boolean {
    if (member.queue === this) return false;
    member.queue = this;
    member.previous = this.#last;
    member.following = undefined;
    if (this.#last) this.#last.following = member;
    else this.first = member;
    this.#last = member;
    return true;
  }

  remove(member: T): void {
    if (member.queue !== this) return;
    const { previous, following } = member;
    if (previous) previous.following = following;
    else this.first = following;
    if (following) following.previous = previous;
    else this.#last = previous;
    member.queue = member.previous = member.following = undefined;
  }
}

/** What can stand in a queue, in one at a time. */
class Member<T extends Member<T>> {
  queue: Queue<T> | undefined;
  previous: T | undefined;
  following: T | undefined;
}

class Outgoing extends Member<Outgoing> {
  readonly id: number;
  window: number;
  /** Octets that the application still has to send. */
  wanted = 0;
  /** Octets that it may have before others have their turn. */
  turn = 0;
  /** The application has said that no more will come. */
  ends = false;
  /** END_STREAM has been given out. */
  ended = false;

  constructor(id: number, window: number) {
    super();
    this.id = id;
    this.window = window;
  }
}

class Incoming extends Member<Incoming> {
  readonly id: number;
  window: number;
  /** Octets that have arrived and were not read. */
  unread = 0;
  /** END_STREAM has arrived. */
  ended = false;

  constructor(id: number, window: number) {
    super();
    this.id = id;
    this.window = window;
  }
}

function connectionError(errorCode: number, reason: string): ConnectionError {
  return { type: 'CONNECTION_ERROR', errorCode, reason };
}

function streamError(streamId: number, errorCode: number, reason: string): StreamError {
  return { type: 'STREAM_ERROR', streamId, errorCode, reason };
}

/** RFC 9113 §5.1. */
function onIdle(frame: string, streamId: number): ConnectionError {
  return connectionError(ErrorCode.PROTOCOL_ERROR, `${frame} on stream ${streamId}, which is idle`);
}

function notOpen(streamId: number): never {
  throw Object.assign(new Error(`stream ${streamId} is not open for sending`), { code: 'STREAM_CLOSED' });
}

function whole(value: number, name: string, most = Number.MAX_SAFE_INTEGER, least = 0): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
}
