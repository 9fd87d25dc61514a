/**
 * HTTP/2 frames (RFC 9113 §4, §6): octets in, typed frames out, and back again. No I/O.
 *
 *     const decoder = new FrameDecoder({ preface: 'client' });
 *     socket.on('data', (chunk) => {
 *       for (const event of decoder.push(chunk)) … // { type: 'PING', ack: false, opaqueData: <8 octets> }, …
 *     });
 *     socket.write(encodeFrame({ type: 'PING', ack: true, opaqueData }));
 *
 * The peer's mistakes are values in the list that `push` returns; your caller's mistakes are thrown RangeErrors.
 * The types and constants below are given; write the class and the two functions at the end.
 */
import { NotImplemented } from 'wirekata';

/** What a client sends before its first frame (RFC 9113 §3.4). */
export const CLIENT_PREFACE: Uint8Array = Uint8Array.from(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'));

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

export class FrameDecoder {
  /** Throws RangeError if `maxFrameSize` is not a whole number from 16,384 to 16,777,215 (RFC 9113 §6.5.2). */
  constructor(_options: FrameDecoderOptions = {}) {}

  /** The largest payload taken. May be set at any time, within the same bounds; holds for every later frame. */
  get maxFrameSize(): number {
    throw new NotImplemented('FrameDecoder.maxFrameSize');
  }

  set maxFrameSize(_size: number) {
    throw new NotImplemented('FrameDecoder.maxFrameSize');
  }

  /**
   * Takes the next octets of the connection, cut anywhere, and returns what they complete, in order: frames, stream
   * errors in the place of the frames they are about, and at most one connection error, which comes last. After it,
   * `push` takes no more notice of anything and returns [].
   *
   * The chunk stays the caller's, who may overwrite it as soon as `push` has returned; the frames are the caller's too.
   * A kept payload keeps at most 8,192 octets alive besides its own, or `Buffer.poolSize` where that is more
   * (`payload.buffer.byteLength`).
   *
   * Where one frame is wrong in several ways, the first of these is reported: preface and first frame (§3.4),
   * size (§4.2), contiguity of a field block and its caps (§6.10, §10.5), stream identifier, length of the payload, contents.
   * Size and caps are judged as soon as the 9 octets of the header are there.
   */
  push(_chunk: Uint8Array): FrameEvent[] {
    throw new NotImplemented('FrameDecoder.push');
  }
}

/** The octets that a DATA frame takes from the flow-control windows: its whole payload, padding included (§6.1). */
export function flowControlLength(_frame: DataFrame): number {
  throw new NotImplemented('flowControlLength');
}

/**
 * The octets of one frame: reserved bits and flags without a meaning are 0, padding is zeros. `maxFrameSize` is what
 * the peer has announced. Throws RangeError for what RFC 9113 does not let us send: see the statement.
 */
export function encodeFrame(_frame: Frame, _maxFrameSize: number = 16_384): Uint8Array {
  throw new NotImplemented('encodeFrame');
}
