/**
 * wrong: scan
 * bug: for every frame all streams are looked through, for the one that may send and has had least
 * caught by: window-beside-growth
 *
 * Every rule is kept, and fairly. With a handful of streams nobody notices; with ten thousand that do nothing, every frame
 * costs as much as ten thousand.
 */
export const MAX_WINDOW = 2 ** 31 - 1;
export const DEFAULT_WINDOW = 65_535;
export const ErrorCode = { PROTOCOL_ERROR: 1, FLOW_CONTROL_ERROR: 3 } as const;

type ConnectionError = { type: 'CONNECTION_ERROR'; errorCode: number; reason: string };
type FlowError = ConnectionError | { type: 'STREAM_ERROR'; streamId: number; errorCode: number; reason: string };

function error(errorCode: number): ConnectionError;
function error(errorCode: number, streamId?: number): FlowError;
function error(errorCode: number, streamId?: number): FlowError {
  const reason = `error ${errorCode}`;
  if (streamId === undefined) return { type: 'CONNECTION_ERROR', errorCode, reason };
  return { type: 'STREAM_ERROR', streamId, errorCode, reason };
}

function whole(value: number, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${value}`);
}

function closed(): Error {
  return Object.assign(new Error('not open'), { code: 'STREAM_CLOSED' });
}

class Ids {
  highest = [0, 0];

  isIdle(id: number): boolean {
    return whole(id, 1, MAX_WINDOW) > (this.highest[id % 2] as number);
  }

  open(id: number): void {
    if (!this.isIdle(id)) throw new RangeError(`stream ${id} is not idle`);
    this.highest[id % 2] = id;
  }
}

interface Outgoing {
  window: number;
  wanted: number;
  ends: boolean;
  ended: boolean;
  share: number;
}

export class SendWindows {
  readonly ids = new Ids();
  readonly streams = new Map<number, Outgoing>();
  connectionWindow = 65_535;
  initial = 65_535;
  maxFrameSize = 16_384;

  streamWindow(id: number): number | undefined {
    return this.streams.get(id)?.window;
  }

  open(id: number): void {
    this.ids.open(id);
    this.streams.set(id, { window: this.initial, wanted: 0, ends: false, ended: false, share: 0 });
  }

  close(id: number): void {
    this.streams.delete(id);
  }

  find(id: number): Outgoing {
    const stream = this.streams.get(id);
    if (!stream) throw closed();
    return stream;
  }

  room(stream: Outgoing, octets: number): number {
    return Math.max(0, Math.min(octets, stream.window, this.connectionWindow, this.maxFrameSize));
  }

  take(id: number, octets: number): number {
    const stream = this.find(id);
    const length = this.room(stream, whole(octets));
    stream.window -= length;
    this.connectionWindow -= length;
    return length;
  }

  want(id: number, octets: number, endStream = false): void {
    whole(octets);
    const stream = this.find(id);
    if (stream.ends) throw closed();
    stream.ends = endStream;
    stream.wanted += octets;
  }

  next(): { streamId: number; length: number; endStream: boolean } | undefined {
    let best: [number, Outgoing] | undefined;
    for (const [id, stream] of this.streams) {
      if (stream.wanted === 0 && stream.ends && !stream.ended) {
        stream.ended = true;
        return { streamId: id, length: 0, endStream: true };
      }
      if (stream.wanted === 0 || stream.window <= 0) stream.share = 0;
      else if (stream.share === 0) stream.share = this.least();
      if (stream.wanted > 0 && stream.window > 0 && (!best || stream.share < best[1].share)) best = [id, stream];
    }
    if (!best || this.connectionWindow === 0) return undefined;
    const [streamId, stream] = best;
    const length = this.take(streamId, stream.wanted);
    stream.wanted -= length;
    stream.share += length;
    stream.ended = stream.ends && stream.wanted === 0;
    return { streamId, length, endStream: stream.ended };
  }

  /** What those have had who are in the running. */
  least(): number {
    let least = Number.MAX_SAFE_INTEGER;
    for (const { share } of this.streams.values()) if (share > 0) least = Math.min(least, share);
    return least === Number.MAX_SAFE_INTEGER ? 1 : least;
  }

  credit(id: number, increment: number): FlowError | undefined {
    whole(increment, 0, MAX_WINDOW);
    const stream = this.streams.get(id);
    if (id !== 0 && !stream) return this.ids.isIdle(id) ? error(ErrorCode.PROTOCOL_ERROR) : undefined;
    const on = stream ? id : undefined;
    if (increment === 0) return error(ErrorCode.PROTOCOL_ERROR, on);
    if ((stream?.window ?? this.connectionWindow) + increment > MAX_WINDOW) {
      return error(ErrorCode.FLOW_CONTROL_ERROR, on);
    }
    if (stream) stream.window += increment;
    else this.connectionWindow += increment;
    return undefined;
  }

  setInitialWindow(size: number): ConnectionError | undefined {
    const difference = whole(size, 0, 2 ** 32 - 1) - this.initial;
    const overflows = [...this.streams.values()].some(({ window }) => window + difference > MAX_WINDOW);
    if (size > MAX_WINDOW || overflows) return error(ErrorCode.FLOW_CONTROL_ERROR);
    for (const stream of this.streams.values()) stream.window += difference;
    this.initial = size;
    return undefined;
  }

  setMaxFrameSize(size: number): ConnectionError | undefined {
    if (whole(size, 0, 2 ** 32 - 1) < 16_384 || size >= 2 ** 24) return error(ErrorCode.PROTOCOL_ERROR);
    this.maxFrameSize = size;
    return undefined;
  }
}

interface Incoming {
  window: number;
  unread: number;
  ended: boolean;
}

export class ReceiveWindows {
  readonly ids = new Ids();
  readonly streams = new Map<number, Incoming>();
  readonly size: number;
  readonly most: number;
  connectionWindow = 65_535;
  initial = 65_535;
  unread = 0;

  constructor(options: { connectionWindowSize?: number; maxUnread?: number } = {}) {
    this.size = whole(options.connectionWindowSize ?? 65_535, 65_535, MAX_WINDOW);
    this.most = whole(options.maxUnread ?? 16 * this.size, this.size);
  }

  streamWindow(id: number): number | undefined {
    return this.streams.get(id)?.window;
  }

  open(id: number): void {
    this.ids.open(id);
    this.streams.set(id, { window: this.initial, unread: 0, ended: false });
  }

  close(id: number): void {
    this.unread -= this.streams.get(id)?.unread ?? 0;
    this.streams.delete(id);
  }

  receive(id: number, length: number, { padding = 0, endStream = false } = {}): FlowError | undefined {
    whole(padding, 0, whole(length));
    if (this.ids.isIdle(id)) return error(ErrorCode.PROTOCOL_ERROR);
    if (length > this.connectionWindow) return error(ErrorCode.FLOW_CONTROL_ERROR);
    this.connectionWindow -= length;
    const stream = this.streams.get(id);
    if (!stream || stream.ended) return undefined;
    if (length > Math.max(0, stream.window)) return error(ErrorCode.FLOW_CONTROL_ERROR, id);
    stream.window -= length;
    stream.unread += length - padding;
    this.unread += length - padding;
    stream.ended = endStream;
    return undefined;
  }

  consume(id: number, octets: number): void {
    const stream = this.streams.get(id);
    if (!stream) return void whole(id, 1, this.ids.highest[id % 2]);
    stream.unread -= whole(octets, 0, stream.unread);
    this.unread -= octets;
  }

  nextUpdate(): { type: 'WINDOW_UPDATE'; streamId: number; increment: number } | undefined {
    const type = 'WINDOW_UPDATE' as const;
    const owed = Math.min(this.size, this.most - this.unread) - this.connectionWindow;
    if (2 * owed >= this.size) {
      this.connectionWindow += owed;
      return { type, streamId: 0, increment: owed };
    }
    for (const [streamId, stream] of this.streams) {
      const increment = this.initial - stream.unread - stream.window;
      if (stream.ended || increment <= 0 || 2 * increment < this.initial) continue;
      stream.window += increment;
      return { type, streamId, increment };
    }
    return undefined;
  }

  setInitialWindow(size: number): void {
    whole(size, 0, MAX_WINDOW);
    for (const stream of this.streams.values()) stream.window += size - this.initial;
    this.initial = size;
  }
}
