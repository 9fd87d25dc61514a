/**
 * Also right: frames are read through a DataView on the chunk, and what a chunk cuts off is kept in pieces.
 *
 * Differs from the reference in that the chunk itself is parsed and every payload is sliced out of it, whatever its
 * size; the pieces of a frame that is cut off are merged as the digits of a binary counter are, and joined once, when
 * the frame is complete. Frames are told apart by name, faults are data. The encoder writes the payload as numbers.
 */
import type * as h2 from '../../../../solutions/13-h2-frames/h2-frames.ts';

export type * from '../../../../solutions/13-h2-frames/h2-frames.ts';

export const CLIENT_PREFACE: Uint8Array = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (c) => c.charCodeAt(0));

const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;
const SETTINGS = [
  'HEADER_TABLE_SIZE',
  'ENABLE_PUSH',
  'MAX_CONCURRENT_STREAMS',
  'INITIAL_WINDOW_SIZE',
  'MAX_FRAME_SIZE',
  'MAX_HEADER_LIST_SIZE',
] as const;

export const ErrorCode = Object.fromEntries(CODES.map((name, i) => [name, i])) as Record<
  (typeof CODES)[number],
  number
>;
export const Setting = Object.fromEntries(SETTINGS.map((name, i) => [name, i + 1])) as Record<
  (typeof SETTINGS)[number],
  number
>;

const TYPES = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];
const FLAGS: Record<string, Record<string, number>> = {
  DATA: { endStream: 1, padded: 8 },
  HEADERS: { endStream: 1, endHeaders: 4, padded: 8, priority: 0x20 },
  SETTINGS: { ack: 1 },
  PUSH_PROMISE: { endHeaders: 4, padded: 8 },
  PING: { ack: 1 },
  CONTINUATION: { endHeaders: 4 },
};
const FLAG_LIST = new Map(Object.entries(FLAGS).map(([name, flags]) => [name, Object.entries(flags)]));
const LENGTH: Record<string, [least: number, most: number, step: number]> = {
  PRIORITY: [5, 5, 1],
  RST_STREAM: [4, 4, 1],
  SETTINGS: [0, 2 ** 24, 6],
  PING: [8, 8, 1],
  GOAWAY: [8, 2 ** 24, 1],
  WINDOW_UPDATE: [4, 4, 1],
};

type Failure = { stream?: number; code: (typeof CODES)[number]; reason: string };
const isFailure = (value: object): value is Failure => 'code' in value;

const HEADER = 9;
const sliceOf = Uint8Array.prototype.slice; // Buffer's own slice copies nothing

export class FrameDecoder {
  readonly #maxBlock: number;
  readonly #maxContinuations: number;
  #size = 16_384;
  #preface: number;
  #due: boolean;
  #over = false;
  #block: { stream: number; octets: number; left: number } | undefined;
  /** Of the frame that was cut off: pieces in memory of their own, and their length. */
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor({
    preface = 'none',
    maxFrameSize = 16_384,
    maxFieldBlock = 65_536,
    maxContinuations = 8,
  }: h2.FrameDecoderOptions = {}) {
    this.#preface = preface === 'client' ? 0 : CLIENT_PREFACE.length;
    this.#due = preface !== 'none';
    this.#maxBlock = maxFieldBlock;
    this.#maxContinuations = maxContinuations;
    this.maxFrameSize = maxFrameSize;
  }

  get maxFrameSize(): number {
    return this.#size;
  }

  set maxFrameSize(size: number) {
    if (!Number.isSafeInteger(size) || size < 16_384 || size > 16_777_215) throw new RangeError(`maxFrameSize ${size}`);
    this.#size = size;
  }

  push(chunk: Uint8Array): h2.FrameEvent[] {
    const events: h2.FrameEvent[] = [];
    let rest = chunk;
    for (; this.#preface < CLIENT_PREFACE.length && rest.length > 0 && !this.#over; rest = rest.subarray(1)) {
      if (rest[0] === CLIENT_PREFACE[this.#preface]) this.#preface++;
      else this.#report(events, failed({ code: 'PROTOCOL_ERROR', reason: 'no HTTP/2 client' }));
    }
    while (this.#length > 0 && rest.length > 0 && !this.#over) rest = this.#goOn(rest, events);
    if (rest.length === 0 || this.#over) return events;
    const read = this.#frames(rest, events);
    if (read < rest.length && !this.#over) this.#keep(rest.subarray(read));
    return events;
  }

  /** Takes what is missing of the frame that was cut off: first of its header, then of all of it. */
  #goOn(rest: Uint8Array, events: h2.FrameEvent[]): Uint8Array {
    const size = this.#length < HEADER ? HEADER : this.#wanted();
    const taken = rest.subarray(0, size - this.#length);
    this.#keep(taken);
    if (this.#length >= size) {
      // The header alone: it is judged now, and if the payload is empty the frame is complete.
      const whole = this.#join();
      this.#pieces = [];
      this.#length = 0;
      if (this.#frames(whole, events) === 0 && !this.#over) this.#keep(whole);
    }
    return rest.subarray(taken.length);
  }

  #wanted(): number {
    const first = this.#pieces[0]!.length >= 3 ? this.#pieces[0]! : this.#join();
    return HEADER + first[0]! * 0x1_0000 + first[1]! * 0x100 + first[2]!;
  }

  /** Pieces of about equal length are merged, so that there are never more than some twenty. */
  #keep(piece: Uint8Array): void {
    this.#length += piece.length;
    const pieces = this.#pieces;
    pieces.push(sliceOf.call(piece));
    while (pieces.length > 1 && pieces.at(-2)!.length <= 2 * pieces.at(-1)!.length) {
      const last = pieces.pop()!;
      pieces.push(joined([pieces.pop()!, last]));
    }
  }

  #join(): Uint8Array {
    return this.#pieces.length === 1 ? this.#pieces[0]! : joined(this.#pieces);
  }

  /** Reads the whole frames; returns how far it came. */
  #frames(chunk: Uint8Array, events: h2.FrameEvent[]): number {
    const place = [chunk.buffer, chunk.byteOffset, chunk.byteLength] as const;
    const view = new DataView(...place);
    // A Buffer would be asked for its species at every slice, which takes as long as the rest of it.
    const octets = new Uint8Array(...place);
    let at = 0;
    while (octets.length - at >= HEADER && !this.#over) {
      const word = view.getUint32(at);
      const [type, length] = [word & 0xff, word >>> 8];
      const flags = octets[at + 4]!;
      const stream = view.getUint32(at + 5) & 0x7fff_ffff;
      const wrong = this.#untimely(type, flags, stream, length);
      if (wrong) this.#report(events, failed(wrong));
      else if (octets.length - at - HEADER < length) return at;
      else this.#report(events, this.#frame(type, flags, stream, octets.slice(at + HEADER, at + HEADER + length)));
      at += HEADER + length;
    }
    return at;
  }

  #report(events: h2.FrameEvent[], event: h2.FrameEvent): void {
    this.#due = false;
    if (event.type === 'CONNECTION_ERROR') this.#over = true;
    events.push(event);
  }

  #untimely(type: number, flags: number, stream: number, length: number): Failure | undefined {
    const continues = type === 9;
    if (this.#due && (type !== 4 || (flags & 1) === 1)) return { code: 'PROTOCOL_ERROR', reason: 'no SETTINGS' };
    if (length > this.#size) return { code: 'FRAME_SIZE_ERROR', reason: `${length} octets` };
    const block = this.#block;
    if (block ? !continues || block.stream !== stream : continues)
      return { code: 'PROTOCOL_ERROR', reason: `type ${type} now` };
    if (!block || (block.left > 0 && block.octets + length <= this.#maxBlock)) return undefined;
    return { code: 'ENHANCE_YOUR_CALM', reason: 'a field block too long' };
  }

  #frame(type: number, flags: number, streamId: number, payload: Uint8Array): h2.FrameEvent {
    if (type > 9) return { type: 'UNKNOWN', typeCode: type, flags, streamId, payload };
    const frame = parse(TYPES[type]!, flags, streamId, payload);
    if (isFailure(frame)) return failed(frame);
    if (frame.type !== 'HEADERS' && frame.type !== 'PUSH_PROMISE' && frame.type !== 'CONTINUATION') return frame;
    const octets = frame.fragment.length + (this.#block?.octets ?? 0);
    if (octets > this.#maxBlock) return failed({ code: 'ENHANCE_YOUR_CALM', reason: 'a field block too long' });
    const left = this.#block ? this.#block.left - 1 : this.#maxContinuations;
    this.#block = frame.endHeaders ? undefined : { stream: streamId, octets, left };
    return frame;
  }
}

function joined(pieces: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function failed({ stream, code, reason }: Failure): h2.FrameEvent {
  const errorCode = ErrorCode[code];
  if (stream === undefined) return { type: 'CONNECTION_ERROR', errorCode, reason };
  return { type: 'STREAM_ERROR', streamId: stream, errorCode, reason };
}

function parse(name: string, flags: number, streamId: number, payload: Uint8Array): h2.Frame | Failure {
  const wrongStream = badStream(name, streamId);
  if (wrongStream) return { code: 'PROTOCOL_ERROR', reason: wrongStream };
  if (name === 'DATA' && (flags & 8) === 0)
    return { type: name, streamId, endStream: (flags & 1) !== 0, data: payload };
  const [least, most, step] = LENGTH[name] ?? [0, 2 ** 24, 1];
  if (payload.length < least || payload.length > most || payload.length % step !== 0) {
    const failure: Failure = { code: 'FRAME_SIZE_ERROR', reason: `${name} of ${payload.length}` };
    return name === 'PRIORITY' ? { ...failure, stream: streamId } : failure;
  }
  const set: Record<string, boolean> = {};
  for (const [flag, bit] of FLAG_LIST.get(name) ?? []) set[flag] = (flags & bit) !== 0;
  return fill(name, streamId, set, payload);
}

function badStream(name: string, streamId: number): string | undefined {
  if (name === 'WINDOW_UPDATE' || name === 'UNKNOWN') return undefined;
  const ofConnection = name === 'SETTINGS' || name === 'PING' || name === 'GOAWAY';
  return ofConnection === (streamId === 0) ? undefined : `${name} on stream ${streamId}`;
}

function fill(name: string, streamId: number, set: Record<string, boolean>, payload: Uint8Array): h2.Frame | Failure {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const { padded, priority: prioritised, endStream = false, endHeaders = false, ack = false } = set;
  const fields = name === 'PUSH_PROMISE' ? 4 : prioritised ? 5 : 0;
  const start = padded ? 1 : 0;
  if (payload.length < start + fields) return { code: 'FRAME_SIZE_ERROR', reason: `${name} is too short` };
  const padLength = padded ? payload[0]! : 0;
  const end = payload.length - padLength;
  if (end < start + fields) return { code: 'PROTOCOL_ERROR', reason: `${name} is all padding` };
  const rest = payload.subarray(start + fields, end);
  const padding = padded ? { padLength } : {};
  if (name === 'DATA') return { type: name, streamId, endStream, data: rest, ...padding };
  if (name === 'HEADERS') {
    const more = prioritised ? { priority: priorityAt(view, start) } : {};
    return { type: name, streamId, endStream, endHeaders, fragment: rest, ...more, ...padding };
  }
  if (name === 'CONTINUATION') return { type: name, streamId, endHeaders, fragment: rest };
  if (name === 'PRIORITY') return { type: name, streamId, priority: priorityAt(view, 0) };
  if (name === 'RST_STREAM') return { type: name, streamId, errorCode: view.getUint32(0) };
  if (name === 'SETTINGS') return settings(ack, view);
  if (name === 'PING') return { type: name, ack, opaqueData: rest };
  const first = view.getUint32(start) & 0x7fff_ffff;
  if (name === 'GOAWAY')
    return { type: name, lastStreamId: first, errorCode: view.getUint32(4), debugData: payload.subarray(8) };
  if (first === 0) {
    const failure: Failure = { code: 'PROTOCOL_ERROR', reason: `${name} of 0` };
    return name === 'WINDOW_UPDATE' && streamId > 0 ? { ...failure, stream: streamId } : failure;
  }
  if (name === 'PUSH_PROMISE')
    return { type: name, streamId, endHeaders, promisedStreamId: first, fragment: rest, ...padding };
  return { type: 'WINDOW_UPDATE', streamId, increment: first };
}

function priorityAt(view: DataView, at: number): h2.Priority {
  const word = view.getUint32(at);
  return { exclusive: word >>> 31 === 1, streamDependency: word & 0x7fff_ffff, weight: view.getUint8(at + 4) };
}

function settings(ack: boolean, view: DataView): h2.Frame | Failure {
  if (ack && view.byteLength > 0) return { code: 'FRAME_SIZE_ERROR', reason: 'an ACK with settings' };
  const found = new Map<number, number>();
  for (let at = 0; at < view.byteLength; at += 6) {
    const [identifier, value] = [view.getUint16(at), view.getUint32(at + 2)];
    const code = settingFault(identifier, value);
    if (code) return { code, reason: `setting ${identifier} of ${value}` };
    found.set(identifier, value);
  }
  return { type: 'SETTINGS', ack, settings: found };
}

function settingFault(identifier: number, value: number): 'PROTOCOL_ERROR' | 'FLOW_CONTROL_ERROR' | undefined {
  if (identifier === Setting.INITIAL_WINDOW_SIZE && value > 0x7fff_ffff) return 'FLOW_CONTROL_ERROR';
  if (identifier === Setting.ENABLE_PUSH && value > 1) return 'PROTOCOL_ERROR';
  const isSize = identifier === Setting.MAX_FRAME_SIZE;
  return isSize && (value < 16_384 || value > 16_777_215) ? 'PROTOCOL_ERROR' : undefined;
}

export function flowControlLength(frame: h2.DataFrame): number {
  return encodeFrame({ ...frame, streamId: 1 }, 16_777_215).length - 9;
}

export function encodeFrame(frame: h2.Frame, maxFrameSize = 16_384): Uint8Array {
  const given = frame as unknown as Record<string, unknown>;
  const streamId = 'streamId' in frame ? frame.streamId : 0;
  const wrong = badStream(frame.type, streamId);
  if (wrong) throw new RangeError(wrong);
  const padLength = given.padLength as number | undefined;
  let flags = frame.type === 'UNKNOWN' ? frame.flags : 0;
  for (const [flag, bit] of FLAG_LIST.get(frame.type) ?? []) {
    const set =
      flag === 'padded'
        ? padLength !== undefined
        : flag === 'priority'
          ? given.priority !== undefined
          : given[flag] === true;
    if (set) flags |= bit;
  }
  if (padLength !== undefined) within(padLength, 0, 255);
  const body = padLength === undefined ? fieldsOf(frame) : [padLength, ...fieldsOf(frame)];
  const tail = (given.data ??
    given.fragment ??
    given.opaqueData ??
    given.debugData ??
    given.payload ??
    []) as Uint8Array;
  const length = body.length + tail.length + (padLength ?? 0);
  if (length > maxFrameSize) throw new RangeError(`${length} octets for a peer that takes ${maxFrameSize}`);
  const out = new Uint8Array(9 + length);
  const type = frame.type === 'UNKNOWN' ? within(frame.typeCode, 10, 255) : TYPES.indexOf(frame.type);
  const head = new DataView(out.buffer);
  head.setUint32(0, length * 0x100 + type);
  head.setUint8(4, within(flags, 0, 255));
  head.setUint32(5, within(streamId, 0, 2 ** 31 - 1));
  out.set(body, HEADER);
  out.set(tail, 9 + body.length);
  return out;
}

/** What stands between the Pad Length and the octets of variable number. */
function fieldsOf(frame: h2.Frame): number[] {
  switch (frame.type) {
    case 'HEADERS':
      return frame.priority ? priorityOctets(frame.priority) : [];
    case 'PRIORITY':
      return priorityOctets(frame.priority);
    case 'RST_STREAM':
      return u32(frame.errorCode);
    case 'PUSH_PROMISE':
      return u31(within(frame.promisedStreamId, 1, 2 ** 31));
    case 'GOAWAY':
      return [...u31(frame.lastStreamId), ...u32(frame.errorCode)];
    case 'WINDOW_UPDATE':
      return u31(within(frame.increment, 1, 2 ** 31));
    case 'PING':
      within(frame.opaqueData.length, 8, 8);
      return [];
    case 'SETTINGS':
      if (frame.ack && frame.settings.size > 0) throw new RangeError('an ACK with settings');
      return [...frame.settings].flatMap(settingOctets);
    default:
      return [];
  }
}

function settingOctets([identifier, value]: [number, number]): number[] {
  if (settingFault(identifier, value)) throw new RangeError(`setting ${identifier} of ${value}`);
  return [...big(within(identifier, 0, 0xffff), 2), ...u32(value)];
}

function priorityOctets({ exclusive, streamDependency, weight }: h2.Priority): number[] {
  const [first, ...rest] = u31(streamDependency) as [number, ...number[]];
  return [exclusive ? first + 0x80 : first, ...rest, within(weight, 0, 255)];
}

const u31 = (value: number): number[] => big(within(value, 0, 2 ** 31 - 1), 4);
const u32 = (value: number): number[] => big(within(value, 0, 2 ** 32 - 1), 4);

function big(value: number, octets: number): number[] {
  return Array.from({ length: octets }, (_, i) => Math.floor(value / 256 ** (octets - 1 - i)) % 256);
}

function within(value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${value} is not from ${low} to ${high}`);
  return value;
}
