/**
 * A second correct design: limits instead of windows, as in QUIC, and whoever has had least is served next.
 *
 * Nothing is ever subtracted. A stream has been credited so much and has sent so much; its window is what SETTINGS say now
 * plus the difference, so that SETTINGS need not touch it. The streams that could send stand in a heap, ordered by the octets
 * they have had since they came in. Credit goes out when a quarter of a window is owed.
 */
export const MAX_WINDOW = 2 ** 31 - 1;
export const DEFAULT_WINDOW = 2 ** 16 - 1;
export const ErrorCode = { PROTOCOL_ERROR: 1, FLOW_CONTROL_ERROR: 3 } as const;

interface Connection {
  type: 'CONNECTION_ERROR';
  errorCode: number;
  reason: string;
}
type Problem = Connection | { type: 'STREAM_ERROR'; streamId: number; errorCode: number; reason: string };

interface Out {
  id: number;
  credited: number;
  sent: number;
  wanted: number;
  finish: 'no' | 'announced' | 'done';
  /** Octets it has had, moved forward to what the others have had whenever it comes back. */
  share: number;
  /** Its place in the heap, or -1. */
  at: number;
}

const fatal = (errorCode: number, reason: string): Connection => ({ type: 'CONNECTION_ERROR', errorCode, reason });
const isCount = (n: number, most = Number.MAX_SAFE_INTEGER): boolean => Number.isSafeInteger(n) && n >= 0 && n <= most;

function check(good: boolean, what: string): void {
  if (!good) throw new RangeError(what);
}

/** Which identifiers have been used. */
class Used {
  private odd = -1;
  private even = 0;

  idle(id: number): boolean {
    check(isCount(id, MAX_WINDOW) && id > 0, `stream ${id}`);
    return id % 2 ? id > this.odd : id > this.even;
  }

  use(id: number): void {
    check(this.idle(id), `stream ${id} is not idle`);
    if (id % 2) this.odd = id;
    else this.even = id;
  }
}

export class SendWindows {
  private readonly used = new Used();
  private readonly streams = new Map<number, Out>();
  private readonly heap: Out[] = [];
  private readonly enders = new Set<Out>();
  private initial = DEFAULT_WINDOW;
  private credited = DEFAULT_WINDOW;
  private sent = 0;
  private frame = 2 ** 14;
  /** What the stream that was served last had had before. */
  private now = 0;

  get connectionWindow(): number {
    return this.credited - this.sent;
  }

  streamWindow(id: number): number | undefined {
    const stream = this.streams.get(id);
    return stream && this.windowOf(stream);
  }

  private windowOf({ credited, sent }: Out): number {
    return this.initial + credited - sent;
  }

  open(id: number): void {
    this.used.use(id);
    this.streams.set(id, { id, credited: 0, sent: 0, wanted: 0, finish: 'no', share: 0, at: -1 });
  }

  close(id: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    this.streams.delete(id);
    this.enders.delete(stream);
    if (stream.at >= 0) this.pull(stream);
  }

  take(id: number, octets: number): number {
    check(isCount(octets), `${octets} octets`);
    const stream = this.sending(id);
    const length = Math.max(0, Math.min(octets, this.frame, this.windowOf(stream), this.connectionWindow));
    stream.sent += length;
    this.sent += length;
    this.settle(stream);
    return length;
  }

  want(id: number, octets: number, endStream = false): void {
    check(isCount(octets), `${octets} octets`);
    const stream = this.sending(id);
    if (stream.finish !== 'no') throw closed(id);
    stream.wanted += octets;
    if (endStream) stream.finish = 'announced';
    this.settle(stream);
  }

  private sending(id: number): Out {
    const stream = this.streams.get(id);
    if (!stream) throw closed(id);
    return stream;
  }

  next(): { streamId: number; length: number; endStream: boolean } | undefined {
    for (const stream of this.enders) {
      this.enders.delete(stream);
      stream.finish = 'done';
      return { streamId: stream.id, length: 0, endStream: true };
    }
    const stream = this.heap[0];
    if (!stream || this.connectionWindow === 0) return undefined;
    const length = Math.min(stream.wanted, this.frame, this.windowOf(stream), this.connectionWindow);
    this.now = stream.share;
    stream.share += length;
    stream.sent += length;
    this.sent += length;
    stream.wanted -= length;
    const endStream = stream.wanted === 0 && stream.finish === 'announced';
    if (endStream) stream.finish = 'done';
    this.sink(0);
    this.settle(stream);
    return { streamId: stream.id, length, endStream };
  }

  credit(id: number, increment: number): Problem | undefined {
    check(isCount(increment, MAX_WINDOW), `an increment of ${increment}`);
    if (id === 0) {
      if (increment === 0) return fatal(ErrorCode.PROTOCOL_ERROR, 'no increment');
      if (increment > MAX_WINDOW - this.connectionWindow) return fatal(ErrorCode.FLOW_CONTROL_ERROR, 'too much credit');
      this.credited += increment;
      return;
    }
    const idle = this.used.idle(id);
    const stream = this.streams.get(id);
    if (idle) return fatal(ErrorCode.PROTOCOL_ERROR, 'an idle stream');
    const problem = (errorCode: number, reason: string): Problem => ({
      type: 'STREAM_ERROR',
      streamId: id,
      errorCode,
      reason,
    });
    // Of a closed stream, too: there is nothing that it could be good for.
    if (increment === 0) return problem(ErrorCode.PROTOCOL_ERROR, 'no increment');
    if (!stream) return;
    if (increment > MAX_WINDOW - this.windowOf(stream)) return problem(ErrorCode.FLOW_CONTROL_ERROR, 'too much credit');
    stream.credited += increment;
    this.settle(stream);
    return;
  }

  setInitialWindow(size: number): Connection | undefined {
    check(isCount(size, 2 ** 32 - 1), `a setting of ${size}`);
    const before = this.initial;
    this.initial = size;
    const bad = size > MAX_WINDOW || [...this.streams.values()].some((stream) => this.windowOf(stream) > MAX_WINDOW);
    if (bad) {
      this.initial = before;
      return fatal(ErrorCode.FLOW_CONTROL_ERROR, 'a window beyond the maximum');
    }
    for (const stream of this.streams.values()) this.settle(stream);
    return;
  }

  setMaxFrameSize(size: number): Connection | undefined {
    check(isCount(size, 2 ** 32 - 1), `a setting of ${size}`);
    if (size < 2 ** 14 || size > 2 ** 24 - 1) return fatal(ErrorCode.PROTOCOL_ERROR, 'a frame size out of bounds');
    this.frame = size;
    return;
  }

  private settle(stream: Out): void {
    if (stream.finish === 'announced' && stream.wanted === 0) this.enders.add(stream);
    const may = stream.wanted > 0 && this.windowOf(stream) > 0;
    if (may === stream.at >= 0) return;
    if (!may) return this.pull(stream);
    stream.share = Math.max(stream.share, this.now);
    stream.at = this.heap.push(stream) - 1;
    this.rise(stream.at);
  }

  private pull(stream: Out): void {
    const { at } = stream;
    const last = this.heap.pop() as Out;
    stream.at = -1;
    if (last === stream) return;
    this.put(last, at);
    this.rise(at);
    this.sink(last.at);
  }

  private put(stream: Out, at: number): void {
    this.heap[at] = stream;
    stream.at = at;
  }

  private rise(from: number): void {
    const stream = this.heap[from] as Out;
    let at = from;
    for (; at > 0; at = (at - 1) >> 1) {
      const above = this.heap[(at - 1) >> 1] as Out;
      if (above.share <= stream.share) break;
      this.put(above, at);
    }
    this.put(stream, at);
  }

  private sink(from: number): void {
    const stream = this.heap[from] as Out;
    let at = from;
    for (;;) {
      const [left, right] = [this.heap[2 * at + 1], this.heap[2 * at + 2]];
      const least = right && left && right.share < left.share ? right : left;
      if (!least || least.share >= stream.share) break;
      const next = least.at;
      this.put(least, at);
      at = next;
    }
    this.put(stream, at);
  }
}

interface In {
  id: number;
  arrived: number;
  read: number;
  /** What the peer has been allowed beyond the initial window. */
  granted: number;
  over: boolean;
}

export class ReceiveWindows {
  private readonly used = new Used();
  private readonly streams = new Map<number, In>();
  private readonly due = new Set<In>();
  private readonly size: number;
  private readonly most: number;
  private initial = DEFAULT_WINDOW;
  private arrived = 0;
  private granted = DEFAULT_WINDOW;
  unread = 0;

  constructor(options: { connectionWindowSize?: number; maxUnread?: number } = {}) {
    this.size = options.connectionWindowSize ?? DEFAULT_WINDOW;
    this.most = options.maxUnread ?? 16 * this.size;
    check(isCount(this.size, MAX_WINDOW) && this.size >= DEFAULT_WINDOW, `a window of ${this.size}`);
    check(isCount(this.most) && this.most >= this.size, `at most ${this.most} unread`);
  }

  get connectionWindow(): number {
    return this.granted - this.arrived;
  }

  streamWindow(id: number): number | undefined {
    const stream = this.streams.get(id);
    return stream && this.windowOf(stream);
  }

  private windowOf({ granted, arrived }: In): number {
    return this.initial + granted - arrived;
  }

  open(id: number): void {
    this.used.use(id);
    this.streams.set(id, { id, arrived: 0, read: 0, granted: 0, over: false });
  }

  close(id: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    this.unread -= stream.arrived - stream.read;
    this.streams.delete(id);
    this.due.delete(stream);
  }

  receive(id: number, length: number, arrival: { padding?: number; endStream?: boolean } = {}): Problem | undefined {
    const { padding = 0, endStream = false } = arrival;
    check(isCount(length) && isCount(padding, length), `a payload of ${length} with padding of ${padding}`);
    if (this.used.idle(id)) return fatal(ErrorCode.PROTOCOL_ERROR, 'an idle stream');
    if (length > this.connectionWindow) return fatal(ErrorCode.FLOW_CONTROL_ERROR, 'more than the connection may have');
    this.arrived += length;
    const stream = this.streams.get(id);
    if (!stream || stream.over) return;
    if (length > 0 && length > this.windowOf(stream)) {
      return { type: 'STREAM_ERROR', streamId: id, errorCode: ErrorCode.FLOW_CONTROL_ERROR, reason: 'too much' };
    }
    stream.arrived += length;
    stream.over = endStream;
    this.unread += length;
    this.pass(stream, padding);
    return;
  }

  consume(id: number, octets: number): void {
    const stream = this.streams.get(id);
    if (stream) {
      check(isCount(octets, stream.arrived - stream.read), `${octets} octets read`);
      this.pass(stream, octets);
    } else {
      check(!this.used.idle(id), `stream ${id} is idle`);
    }
  }

  private pass(stream: In, octets: number): void {
    stream.read += octets;
    this.unread -= octets;
    this.judge(stream);
  }

  private judge(stream: In): void {
    const worth = stream.read > stream.granted && 4 * (stream.read - stream.granted) >= this.initial;
    if (worth && !stream.over) this.due.add(stream);
    else this.due.delete(stream);
  }

  nextUpdate(): { type: 'WINDOW_UPDATE'; streamId: number; increment: number } | undefined {
    for (const stream of this.due) {
      this.due.delete(stream);
      const increment = stream.read - stream.granted;
      stream.granted = stream.read;
      return { type: 'WINDOW_UPDATE', streamId: stream.id, increment };
    }
    const increment = Math.min(this.size, this.most - this.unread) - this.connectionWindow;
    if (4 * increment < this.size) return;
    this.granted += increment;
    return { type: 'WINDOW_UPDATE', streamId: 0, increment };
  }

  setInitialWindow(size: number): void {
    check(isCount(size, MAX_WINDOW), `a window of ${size}`);
    this.initial = size;
    for (const stream of this.streams.values()) this.judge(stream);
  }
}

function closed(id: number): Error {
  return Object.assign(new Error(`stream ${id} cannot send`), { code: 'STREAM_CLOSED' });
}
