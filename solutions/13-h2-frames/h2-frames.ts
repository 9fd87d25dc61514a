/**
 * HTTP/2 frames (RFC 9113 §4, §6): octets in, typed frames out, and back again. No I/O.
 *
 * How it works. A frame is 9 octets of header and the payload that the header announces. The decoder first copies the
 * chunk, some KiB at a time, into memory of its own, and reads the whole frames in there. A frame that is cut off,
 * by the end of the chunk or of the copy, is gathered in `#held`, which grows with what has really arrived, never with
 * what a header promises. What can be judged from a header is judged when the 9 octets are there (`#judge`); the
 * payload's own rules are in one reader per type (`TYPES`).
 *
 * Who owns what. The chunk stays the caller's, every frame is the receiver's: payloads are views of the copy, which
 * nobody writes to any more. One copy serves hundreds of small frames, and yet a PING that is kept for later keeps 8 KiB
 * alive at most, and not the 64 that it arrived in.
 *
 * Whose fault. The peer's mistakes are values in the list of events: a connection error is the last event there will
 * ever be, a stream error stands where the bad frame would have stood. The caller's mistakes are thrown RangeErrors.
 */

/** What a client sends before its first frame (RFC 9113 §3.4). */
export const CLIENT_PREFACE: Uint8Array = Uint8Array.from(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));

/** RFC 9113 §7. On the wire it is any u32: a code that is not listed here is passed on as it is. */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/** Identifiers of settings (RFC 9113 §6.5.2). On the wire: any u16. */
export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

/** Deprecated, and still sent by many clients (RFC 9113 §5.3.2). */
export interface Priority {
  exclusive: boolean;
  /** 31 bits. */
  streamDependency: number;
  /** The octet as it stands on the wire, 0 to 255. */
  weight: number;
}

/** Frames that may carry padding (RFC 9113 §6.1). */
interface Padded {
  /** Octets of padding, 0 to 255, not counting the Pad Length octet itself. Absent: the PADDED flag is not set. */
  padLength?: number | undefined;
}

export interface DataFrame extends Padded {
  type: 'DATA';
  streamId: number;
  endStream: boolean;
  data: Uint8Array;
}

export interface HeadersFrame extends Padded {
  type: 'HEADERS';
  streamId: number;
  endStream: boolean;
  endHeaders: boolean;
  /** Present: the PRIORITY flag is set. */
  priority?: Priority | undefined;
  /** Of the field block, still compressed (HPACK). */
  fragment: Uint8Array;
}

export interface PriorityFrame {
  type: 'PRIORITY';
  streamId: number;
  priority: Priority;
}

export interface RstStreamFrame {
  type: 'RST_STREAM';
  streamId: number;
  /** u32. */
  errorCode: number;
}

export interface SettingsFrame {
  type: 'SETTINGS';
  ack: boolean;
  /** Identifier (u16) to value (u32); of an identifier that came twice, the last value. */
  settings: Map<number, number>;
}

export interface PushPromiseFrame extends Padded {
  type: 'PUSH_PROMISE';
  streamId: number;
  endHeaders: boolean;
  promisedStreamId: number;
  fragment: Uint8Array;
}

export interface PingFrame {
  type: 'PING';
  ack: boolean;
  /** 8 octets. */
  opaqueData: Uint8Array;
}

export interface GoawayFrame {
  type: 'GOAWAY';
  lastStreamId: number;
  /** u32. */
  errorCode: number;
  debugData: Uint8Array;
}

export interface WindowUpdateFrame {
  type: 'WINDOW_UPDATE';
  /** 0: the connection's window. */
  streamId: number;
  /** 1 to 2^31 - 1 octets. */
  increment: number;
}

export interface ContinuationFrame {
  type: 'CONTINUATION';
  streamId: number;
  endHeaders: boolean;
  fragment: Uint8Array;
}

/** A frame of a type that RFC 9113 does not define: to be ignored by whoever does not know it (RFC 9113 §5.5). */
export interface UnknownFrame {
  type: 'UNKNOWN';
  /** The type as it stands on the wire, 0x0a to 0xff. */
  typeCode: number;
  /** The whole octet. */
  flags: number;
  streamId: number;
  payload: Uint8Array;
}

export type Frame =
  | DataFrame
  | HeadersFrame
  | PriorityFrame
  | RstStreamFrame
  | SettingsFrame
  | PushPromiseFrame
  | PingFrame
  | GoawayFrame
  | WindowUpdateFrame
  | ContinuationFrame
  | UnknownFrame;

/** The connection is beyond repair: send GOAWAY with this code and close (RFC 9113 §5.4.1). */
export interface ConnectionError {
  type: 'CONNECTION_ERROR';
  errorCode: number;
  /** For people. */
  reason: string;
}

/** One stream is: send RST_STREAM with this code; the connection lives on (RFC 9113 §5.4.2). */
export interface StreamError {
  type: 'STREAM_ERROR';
  streamId: number;
  errorCode: number;
  /** For people. */
  reason: string;
}

export type FrameEvent = Frame | ConnectionError | StreamError;

export interface FrameDecoderOptions {
  /**
   * How the connection must begin (RFC 9113 §3.4). `client`: 24 octets, then a SETTINGS frame. `server`: a SETTINGS
   * frame. `none` (the default): that is over, any frame may come.
   */
  preface?: 'client' | 'server' | 'none';
  /** The largest payload taken: what we announced as SETTINGS_MAX_FRAME_SIZE. Default 16,384. */
  maxFrameSize?: number;
  /** The most octets of fragments that one field block may have. Default 65,536. */
  maxFieldBlock?: number;
  /** The most CONTINUATION frames that one field block may have. Default 8. */
  maxContinuations?: number;
}

const HEADER_LENGTH = 9;
const SMALLEST_MAX_FRAME_SIZE = 2 ** 14; // §4.2: the default, and the least that may be announced
const LARGEST_MAX_FRAME_SIZE = 2 ** 24 - 1; // all that 24 bits can say
const U31 = 0x7fff_ffff;
const U32 = 0xffff_ffff;

const DATA = 0x0;
const HEADERS = 0x1;
const PRIORITY = 0x2;
const RST_STREAM = 0x3;
const SETTINGS = 0x4;
const PUSH_PROMISE = 0x5;
const PING = 0x6;
const GOAWAY = 0x7;
const WINDOW_UPDATE = 0x8;
const CONTINUATION = 0x9;

const ACK = 0x1;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const HAS_PRIORITY = 0x20;

const NOTHING = new Uint8Array(0);
/** A payload that is kept keeps the copy that it is in: large enough for speed, small enough to be kept. */
const COPIED_AT_ONCE = 8_192;

export class FrameDecoder {
  readonly #maxFieldBlock: number;
  readonly #maxContinuations: number;
  #maxFrameSize = SMALLEST_MAX_FRAME_SIZE;
  /** How many octets of the client's preface have been matched. */
  #prefaceAt: number;
  #settingsDue: boolean;
  /** The beginning of a frame whose rest is yet to come. */
  #held: Uint8Array = NOTHING;
  #heldLength = 0;
  /** The stream whose field block is open; 0 if none is. */
  #blockStream = 0;
  #blockOctets = 0;
  #continuations = 0;
  #failed = false;

  constructor(options: FrameDecoderOptions = {}) {
    const { preface = 'none', maxFrameSize, maxFieldBlock = 65_536, maxContinuations = 8 } = options;
    this.#prefaceAt = preface === 'client' ? 0 : CLIENT_PREFACE.length;
    this.#settingsDue = preface !== 'none';
    this.#maxFieldBlock = maxFieldBlock;
    this.#maxContinuations = maxContinuations;
    if (maxFrameSize !== undefined) this.maxFrameSize = maxFrameSize;
  }

  get maxFrameSize(): number {
    return this.#maxFrameSize;
  }

  set maxFrameSize(size: number) {
    this.#maxFrameSize = whole(size, SMALLEST_MAX_FRAME_SIZE, LARGEST_MAX_FRAME_SIZE, 'maxFrameSize'); // §6.5.2
  }

  push(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = [];
    let at = this.#readPreface(chunk, events);
    while (at < chunk.length && !this.#failed) {
      if (this.#heldLength > 0) {
        at = this.#completeHeld(chunk, at, events);
        continue;
      }
      const first = chunk.length - at < HEADER_LENGTH ? 0 : HEADER_LENGTH + u24(chunk, at);
      const size = first > COPIED_AT_ONCE / 2 ? first : COPIED_AT_ONCE;
      const copy = copyOf(chunk, at, Math.min(at + size, chunk.length));
      const read = this.#decode(copy, copy.length, events);
      if (read === 0) {
        this.#held = copy;
        this.#heldLength = copy.length;
      }
      at += read === 0 ? copy.length : read;
    }
    return events;
  }

  /** §3.4. The first wrong octet decides: an HTTP/1.1 client would wait for ever for us to see 24. */
  #readPreface(chunk: Uint8Array, events: FrameEvent[]): number {
    let at = 0;
    while (this.#prefaceAt < CLIENT_PREFACE.length && at < chunk.length && !this.#failed) {
      if (chunk[at++] === CLIENT_PREFACE[this.#prefaceAt]) this.#prefaceAt++;
      else this.#emit(connectionError(ErrorCode.PROTOCOL_ERROR, 'the client preface is wrong'), events);
    }
    return at;
  }

  /** Goes on with the frame that is held. Returns how far it read in the chunk. */
  #completeHeld(chunk: Uint8Array, from: number, events: FrameEvent[]): number {
    let at = from;
    let size = HEADER_LENGTH;
    for (;;) {
      at += this.#hold(chunk, at, size);
      if (this.#heldLength < size) return at;
      if (this.#decode(this.#held, this.#heldLength, events) > 0) break;
      size = HEADER_LENGTH + u24(this.#held, 0);
    }
    this.#held = NOTHING;
    this.#heldLength = 0;
    return at;
  }

  /** Puts octets by until there are `size`, in memory that doubles up to that. Returns how many there were. */
  #hold(chunk: Uint8Array, at: number, size: number): number {
    const taken = Math.max(0, Math.min(size - this.#heldLength, chunk.length - at));
    const length = this.#heldLength + taken;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.min(size, Math.max(length, 2 * this.#held.length)));
      larger.set(this.#held);
      this.#held = larger;
    }
    this.#held.set(chunk.subarray(at, at + taken), this.#heldLength);
    this.#heldLength = length;
    return taken;
  }

  /** Decodes the whole frames in `bytes[0, end)`; judges the header of one that is cut off. Returns how far it read. */
  #decode(bytes: Uint8Array, end: number, events: FrameEvent[]): number {
    let at = 0;
    while (end - at >= HEADER_LENGTH && !this.#failed) {
      const length = u24(bytes, at);
      const type = bytes[at + 3]!;
      const flags = bytes[at + 4]!;
      const streamId = u31(bytes, at + 5); // §4.1: the reserved bit is ignored
      const payload = at + HEADER_LENGTH;
      const wrong = this.#isOrdinary(type, length) ? undefined : this.#judge(type, flags, streamId, length);
      if (wrong === undefined && end - payload < length) return at;
      this.#emit(wrong ?? readPayload(type, flags, streamId, bytes, payload, length), events);
      at = payload + length;
    }
    return at;
  }

  /** Nearly every frame: outside field blocks, and of a size that is taken. Kept apart from `#judge` for speed alone. */
  #isOrdinary(type: number, length: number): boolean {
    return type !== CONTINUATION && this.#blockStream === 0 && length <= this.#maxFrameSize && !this.#settingsDue;
  }

  /** What a header alone gives away, before any of its payload is gathered. */
  #judge(type: number, flags: number, streamId: number, length: number): ConnectionError | undefined {
    if (this.#settingsDue && (type !== SETTINGS || (flags & ACK) !== 0)) {
      return connectionError(ErrorCode.PROTOCOL_ERROR, 'the first frame must be SETTINGS'); // §3.4
    }
    if (length > this.#maxFrameSize) {
      return connectionError(ErrorCode.FRAME_SIZE_ERROR, `${length} octets of payload`); // §4.2
    }
    if (this.#blockStream === 0 ? type === CONTINUATION : type !== CONTINUATION || streamId !== this.#blockStream) {
      return connectionError(ErrorCode.PROTOCOL_ERROR, 'a field block is contiguous'); // §6.10
    }
    if (type === CONTINUATION && this.#exceedsCap(length)) {
      return connectionError(ErrorCode.ENHANCE_YOUR_CALM, 'the field block is too long'); // §10.5
    }
    return undefined;
  }

  /** Octets alone are no cap: empty CONTINUATION frames cost a peer 9 octets each, for ever (CVE-2019-9518). */
  #exceedsCap(length: number): boolean {
    return this.#continuations === this.#maxContinuations || this.#blockOctets + length > this.#maxFieldBlock;
  }

  #emit(event: FrameEvent, events: FrameEvent[]): void {
    this.#settingsDue = false;
    const isBlock = event.type === 'HEADERS' || event.type === 'PUSH_PROMISE' || event.type === 'CONTINUATION';
    const seen = isBlock ? this.#trackBlock(event) : event;
    if (seen.type === 'CONNECTION_ERROR') this.#failed = true;
    events.push(seen);
  }

  #trackBlock(frame: HeadersFrame | PushPromiseFrame | ContinuationFrame): FrameEvent {
    const first = frame.type !== 'CONTINUATION';
    this.#continuations = first ? 0 : this.#continuations + 1;
    this.#blockOctets = frame.fragment.length + (first ? 0 : this.#blockOctets);
    this.#blockStream = frame.endHeaders ? 0 : frame.streamId;
    if (this.#blockOctets <= this.#maxFieldBlock) return frame;
    return connectionError(ErrorCode.ENHANCE_YOUR_CALM, 'the field block is too long');
  }
}

/** What a DATA frame takes from the flow-control windows: its whole payload, padding included (§6.1). */
export function flowControlLength(frame: DataFrame): number {
  return frame.data.length + (frame.padLength === undefined ? 0 : 1 + frame.padLength);
}

/** One frame on the wire. Throws RangeError for what RFC 9113 does not let us send. */
export function encodeFrame(frame: Frame, maxFrameSize: number = SMALLEST_MAX_FRAME_SIZE): Uint8Array {
  const bytes = write(frame);
  if (bytes.length - HEADER_LENGTH > maxFrameSize) throw new RangeError(`the payload exceeds ${maxFrameSize} octets`);
  return bytes;
}

// ---------------------------------------------------------------------------------------------------- the types

type Reader = (flags: number, streamId: number, bytes: Uint8Array, at: number, length: number) => FrameEvent;

interface Layout {
  name: Frame['type'];
  /** Which streams it may stand on: a stream, the connection (0), or either. */
  stream: 'some' | 'zero' | 'any';
  /** Lengths of payload that its header may announce. The lengths of those that hold a body depend on their flags. */
  fits: (length: number) => boolean;
  read: Reader;
}

/** §6, in the order of the codes. */
const TYPES: readonly Layout[] = [
  { name: 'DATA', stream: 'some', fits: () => true, read: readData },
  { name: 'HEADERS', stream: 'some', fits: () => true, read: readHeaders },
  { name: 'PRIORITY', stream: 'some', fits: (length) => length === 5, read: readPriority },
  { name: 'RST_STREAM', stream: 'some', fits: (length) => length === 4, read: readRstStream },
  { name: 'SETTINGS', stream: 'zero', fits: (length) => length % 6 === 0, read: readSettings },
  { name: 'PUSH_PROMISE', stream: 'some', fits: () => true, read: readPushPromise },
  { name: 'PING', stream: 'zero', fits: (length) => length === 8, read: readPing },
  { name: 'GOAWAY', stream: 'zero', fits: (length) => length >= 8, read: readGoaway },
  { name: 'WINDOW_UPDATE', stream: 'any', fits: (length) => length === 4, read: readWindowUpdate },
  { name: 'CONTINUATION', stream: 'some', fits: () => true, read: readContinuation },
];

/** The rules of the frame's type, and then its fields. */
function readPayload(
  type: number,
  flags: number,
  streamId: number,
  bytes: Uint8Array,
  at: number,
  length: number,
): FrameEvent {
  const layout = TYPES[type];
  if (layout === undefined) return readUnknown(type, flags, streamId, bytes, at, length); // §5.5: never an error
  if (!mayStandOn(layout, streamId)) {
    return connectionError(ErrorCode.PROTOCOL_ERROR, `${layout.name} on stream ${streamId}`);
  }
  if (layout.fits(length)) return layout.read(flags, streamId, bytes, at, length);
  const reason = `${layout.name} with ${length} octets of payload`;
  // §6.3: of all the fixed lengths, only this one is the stream's affair.
  if (type === PRIORITY) return streamError(streamId, ErrorCode.FRAME_SIZE_ERROR, reason);
  return connectionError(ErrorCode.FRAME_SIZE_ERROR, reason);
}

function mayStandOn({ stream }: Layout, streamId: number): boolean {
  return stream === 'any' || (stream === 'zero') === (streamId === 0);
}

// ---------------------------------------------------------------------------------------------------- reading

function readData(flags: number, streamId: number, bytes: Uint8Array, at: number, length: number): FrameEvent {
  const wrong = judgePadding(flags, bytes, at, length, 0);
  if (wrong) return wrong;
  return {
    type: 'DATA',
    streamId,
    endStream: (flags & END_STREAM) !== 0,
    data: body(flags, bytes, at, length, 0),
    padLength: padLength(flags, bytes, at),
  };
}

function readHeaders(flags: number, streamId: number, bytes: Uint8Array, at: number, length: number): FrameEvent {
  const hasPriority = (flags & HAS_PRIORITY) !== 0;
  const fields = hasPriority ? 5 : 0;
  const wrong = judgePadding(flags, bytes, at, length, fields);
  if (wrong) return wrong;
  return {
    type: 'HEADERS',
    streamId,
    endStream: (flags & END_STREAM) !== 0,
    endHeaders: (flags & END_HEADERS) !== 0,
    priority: hasPriority ? priorityAt(bytes, at + padField(flags)) : undefined,
    fragment: body(flags, bytes, at, length, fields),
    padLength: padLength(flags, bytes, at),
  };
}

function readPriority(_flags: number, streamId: number, bytes: Uint8Array, at: number): FrameEvent {
  return { type: 'PRIORITY', streamId, priority: priorityAt(bytes, at) };
}

function readRstStream(_flags: number, streamId: number, bytes: Uint8Array, at: number): FrameEvent {
  return { type: 'RST_STREAM', streamId, errorCode: u32(bytes, at) };
}

function readSettings(flags: number, _streamId: number, bytes: Uint8Array, at: number, length: number): FrameEvent {
  const ack = (flags & ACK) !== 0;
  if (ack && length > 0) return connectionError(ErrorCode.FRAME_SIZE_ERROR, 'a SETTINGS ACK with a payload'); // §6.5
  const settings = new Map<number, number>();
  for (let end = at + length; at < end; at += 6) {
    const identifier = u16(bytes, at);
    const value = u32(bytes, at + 2);
    const wrong = judgeSetting(identifier, value);
    if (wrong) return wrong;
    settings.set(identifier, value); // §6.5: in order, so that the last one holds
  }
  return { type: 'SETTINGS', ack, settings };
}

function readPushPromise(flags: number, streamId: number, bytes: Uint8Array, at: number, length: number): FrameEvent {
  const wrong = judgePadding(flags, bytes, at, length, 4);
  if (wrong) return wrong;
  const promisedStreamId = u31(bytes, at + padField(flags));
  if (promisedStreamId === 0) return connectionError(ErrorCode.PROTOCOL_ERROR, 'stream 0 is promised'); // §5.1.1
  return {
    type: 'PUSH_PROMISE',
    streamId,
    endHeaders: (flags & END_HEADERS) !== 0,
    promisedStreamId,
    fragment: body(flags, bytes, at, length, 4),
    padLength: padLength(flags, bytes, at),
  };
}

function readPing(flags: number, _streamId: number, bytes: Uint8Array, at: number, length: number): FrameEvent {
  return { type: 'PING', ack: (flags & ACK) !== 0, opaqueData: bytes.subarray(at, at + length) };
}

function readGoaway(_flags: number, _streamId: number, bytes: Uint8Array, at: number, length: number): FrameEvent {
  return {
    type: 'GOAWAY',
    lastStreamId: u31(bytes, at),
    errorCode: u32(bytes, at + 4),
    debugData: bytes.subarray(at + 8, at + length),
  };
}

function readWindowUpdate(_flags: number, streamId: number, bytes: Uint8Array, at: number): FrameEvent {
  const increment = u31(bytes, at);
  if (increment > 0) return { type: 'WINDOW_UPDATE', streamId, increment };
  const reason = 'WINDOW_UPDATE with an increment of 0'; // §6.9
  if (streamId === 0) return connectionError(ErrorCode.PROTOCOL_ERROR, reason);
  return streamError(streamId, ErrorCode.PROTOCOL_ERROR, reason);
}

function readContinuation(flags: number, streamId: number, bytes: Uint8Array, at: number, length: number): FrameEvent {
  const endHeaders = (flags & END_HEADERS) !== 0;
  return { type: 'CONTINUATION', streamId, endHeaders, fragment: bytes.subarray(at, at + length) };
}

function readUnknown(
  typeCode: number,
  flags: number,
  streamId: number,
  bytes: Uint8Array,
  at: number,
  length: number,
): FrameEvent {
  return { type: 'UNKNOWN', typeCode, flags, streamId, payload: bytes.subarray(at, at + length) };
}

// The payload of DATA, HEADERS and PUSH_PROMISE: [Pad Length] [fields] body [padding].

/** §4.2: too short for what the flags promise. §6.1: padding that reaches into what comes before it. */
function judgePadding(
  flags: number,
  bytes: Uint8Array,
  at: number,
  length: number,
  fields: number,
): ConnectionError | undefined {
  const room = length - padField(flags) - fields;
  if (room < 0) return connectionError(ErrorCode.FRAME_SIZE_ERROR, 'the payload is shorter than its fields');
  if ((padLength(flags, bytes, at) ?? 0) <= room) return undefined;
  return connectionError(ErrorCode.PROTOCOL_ERROR, 'the padding is longer than the payload');
}

function body(flags: number, bytes: Uint8Array, at: number, length: number, fields: number): Uint8Array {
  return bytes.subarray(at + padField(flags) + fields, at + length - (padLength(flags, bytes, at) ?? 0));
}

/** How many octets the Pad Length field takes. */
function padField(flags: number): number {
  return (flags & PADDED) === 0 ? 0 : 1;
}

function padLength(flags: number, bytes: Uint8Array, at: number): number | undefined {
  return (flags & PADDED) === 0 ? undefined : bytes[at];
}

function priorityAt(bytes: Uint8Array, at: number): Priority {
  return { exclusive: bytes[at]! >= 0x80, streamDependency: u31(bytes, at), weight: bytes[at + 4]! };
}

/** §6.5.2. A setting that is not known is no error. */
function judgeSetting(identifier: number, value: number): ConnectionError | undefined {
  if (identifier === Setting.ENABLE_PUSH && value > 1) {
    return connectionError(ErrorCode.PROTOCOL_ERROR, `SETTINGS_ENABLE_PUSH ${value}`);
  }
  if (identifier === Setting.INITIAL_WINDOW_SIZE && value > U31) {
    return connectionError(ErrorCode.FLOW_CONTROL_ERROR, `SETTINGS_INITIAL_WINDOW_SIZE ${value}`);
  }
  const isFrameSize = identifier === Setting.MAX_FRAME_SIZE;
  if (isFrameSize && (value < SMALLEST_MAX_FRAME_SIZE || value > LARGEST_MAX_FRAME_SIZE)) {
    return connectionError(ErrorCode.PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE ${value}`);
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------------- writing

function write(frame: Frame): Uint8Array {
  switch (frame.type) {
    case 'DATA':
      return begin(DATA, flag(frame.endStream, END_STREAM), frame.streamId, 0, frame.data, frame.padLength);
    case 'HEADERS':
      return writeHeaders(frame);
    case 'PRIORITY':
      return putPriority(begin(PRIORITY, 0, frame.streamId, 5), HEADER_LENGTH, frame.priority);
    case 'RST_STREAM':
      return put32(begin(RST_STREAM, 0, frame.streamId, 4), HEADER_LENGTH, whole(frame.errorCode, 0, U32, 'errorCode'));
    case 'SETTINGS':
      return writeSettings(frame);
    case 'PUSH_PROMISE':
      return writePushPromise(frame);
    case 'PING':
      whole(frame.opaqueData.length, 8, 8, 'opaqueData.length');
      return begin(PING, flag(frame.ack, ACK), 0, 0, frame.opaqueData);
    case 'GOAWAY':
      return writeGoaway(frame);
    case 'WINDOW_UPDATE':
      return put32(
        begin(WINDOW_UPDATE, 0, frame.streamId, 4),
        HEADER_LENGTH,
        whole(frame.increment, 1, U31, 'increment'),
      );
    case 'CONTINUATION':
      return begin(CONTINUATION, flag(frame.endHeaders, END_HEADERS), frame.streamId, 0, frame.fragment);
    case 'UNKNOWN':
      whole(frame.typeCode, TYPES.length, 0xff, 'typeCode');
      return begin(frame.typeCode, whole(frame.flags, 0, 0xff, 'flags'), frame.streamId, 0, frame.payload);
  }
}

function writeHeaders(frame: HeadersFrame): Uint8Array {
  const { endStream, endHeaders, priority, streamId, fragment, padLength } = frame;
  const flags = flag(endStream, END_STREAM) | flag(endHeaders, END_HEADERS);
  if (priority === undefined) return begin(HEADERS, flags, streamId, 0, fragment, padLength);
  const bytes = begin(HEADERS, flags | HAS_PRIORITY, streamId, 5, fragment, padLength);
  return putPriority(bytes, HEADER_LENGTH + padField(bytes[4]!), priority);
}

function writeSettings({ ack, settings }: SettingsFrame): Uint8Array {
  if (ack && settings.size > 0) throw new RangeError('a SETTINGS ACK carries no settings'); // §6.5
  const bytes = begin(SETTINGS, flag(ack, ACK), 0, 6 * settings.size);
  let at = HEADER_LENGTH;
  for (const [identifier, value] of settings) {
    const wrong = judgeSetting(whole(identifier, 0, 0xffff, 'identifier'), whole(value, 0, U32, 'value'));
    if (wrong) throw new RangeError(wrong.reason);
    bytes[at] = identifier >>> 8;
    bytes[at + 1] = identifier;
    put32(bytes, at + 2, value);
    at += 6;
  }
  return bytes;
}

function writePushPromise(frame: PushPromiseFrame): Uint8Array {
  const { endHeaders, streamId, promisedStreamId, fragment, padLength } = frame;
  const bytes = begin(PUSH_PROMISE, flag(endHeaders, END_HEADERS), streamId, 4, fragment, padLength);
  return put32(bytes, HEADER_LENGTH + padField(bytes[4]!), whole(promisedStreamId, 1, U31, 'promisedStreamId'));
}

function writeGoaway({ lastStreamId, errorCode, debugData }: GoawayFrame): Uint8Array {
  const bytes = begin(GOAWAY, 0, 0, 8, debugData);
  put32(bytes, HEADER_LENGTH, whole(lastStreamId, 0, U31, 'lastStreamId'));
  return put32(bytes, HEADER_LENGTH + 4, whole(errorCode, 0, U32, 'errorCode'));
}

/** A frame with everything in its place but its `fields` octets of fields, which come before the body. */
function begin(
  type: number,
  flags: number,
  streamId: number,
  fields: number,
  body: Uint8Array = NOTHING,
  padLength?: number,
): Uint8Array {
  const layout = TYPES[type];
  if (layout && !mayStandOn(layout, streamId)) throw new RangeError(`${layout.name} on stream ${streamId}`);
  if (padLength !== undefined) whole(padLength, 0, 0xff, 'padLength');
  const length = (padLength === undefined ? 0 : 1 + padLength) + fields + body.length;
  const bytes = new Uint8Array(HEADER_LENGTH + length); // zeros, which padding must be (§6.1)
  put32(bytes, 0, length * 0x100 + type);
  bytes[4] = padLength === undefined ? flags : flags | PADDED;
  put32(bytes, 5, whole(streamId, 0, U31, 'streamId'));
  if (padLength !== undefined) bytes[HEADER_LENGTH] = padLength;
  bytes.set(body, bytes.length - body.length - (padLength ?? 0));
  return bytes;
}

function flag(set: boolean, bit: number): number {
  return set ? bit : 0;
}

function putPriority(bytes: Uint8Array, at: number, { exclusive, streamDependency, weight }: Priority): Uint8Array {
  put32(bytes, at, whole(streamDependency, 0, U31, 'streamDependency'));
  if (exclusive) bytes[at]! |= 0x80;
  bytes[at + 4] = whole(weight, 0, 0xff, 'weight');
  return bytes;
}

// ---------------------------------------------------------------------------------------------------- octets

/** Network order, unsigned. `<<` makes a signed 32-bit number, so the sign is taken off again where it can be set. */
function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
}

function u31(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) & U31;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | u24(bytes, at + 1)) >>> 0;
}

function put32(bytes: Uint8Array, at: number, value: number): Uint8Array {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return bytes;
}

/** Out of Node's pool if it is small, so that it costs next to nothing, and of memory of its own if it is not. */
function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.allocUnsafe(to - from);
  const copy = new Uint8Array(buffer, byteOffset, length);
  copy.set(bytes.subarray(from, to));
  return copy;
}

/** The caller's numbers: whole, and between the two. */
function whole(value: number, low: number, high: number, what: string): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`${what} is ${value}, not a whole number from ${low} to ${high}`);
}

function connectionError(errorCode: number, reason: string): ConnectionError {
  return { type: 'CONNECTION_ERROR', errorCode, reason };
}

function streamError(streamId: number, errorCode: number, reason: string): StreamError {
  return { type: 'STREAM_ERROR', streamId, errorCode, reason };
}
