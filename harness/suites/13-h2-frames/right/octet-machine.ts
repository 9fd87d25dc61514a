/**
 * Also right: a state machine that is fed one octet at a time and knows nothing of chunks.
 *
 * Differs from the reference in that it never looks ahead: the nine octets of a header and the payload are gathered
 * octet by octet, in memory that grows by a quarter, and every frame is made by one function per type out of a payload
 * that is already alone. Payloads are Buffers. The encoder joins pieces.
 */
import type * as h2 from '../../../../solutions/13-h2-frames/h2-frames.ts';

export type * from '../../../../solutions/13-h2-frames/h2-frames.ts';

export const CLIENT_PREFACE: Uint8Array = new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

interface Head {
  type: number;
  flags: number;
  streamId: number;
  length: number;
}

/** Thrown inside, returned to the caller. */
class Wrong extends Error {
  readonly errorCode: number;
  readonly ofStream: boolean;

  constructor(errorCode: number, message: string, ofStream = false) {
    super(message);
    this.errorCode = errorCode;
    this.ofStream = ofStream;
  }
}

const protocol = (message: string): Wrong => new Wrong(ErrorCode.PROTOCOL_ERROR, message);
const size = (message: string): Wrong => new Wrong(ErrorCode.FRAME_SIZE_ERROR, message);
const calm = (): Wrong => new Wrong(ErrorCode.ENHANCE_YOUR_CALM, 'too much of a field block');

export class FrameDecoder {
  #state: 'preface' | 'header' | 'payload' | 'over';
  #first: boolean;
  #matched = 0;
  #header = Buffer.alloc(9);
  #headerLength = 0;
  #head: Head = { type: 0, flags: 0, streamId: 0, length: 0 };
  #payload = Buffer.alloc(0);
  #payloadLength = 0;
  #open: { streamId: number; octets: number; frames: number } | null = null;
  #max = 16_384;
  readonly #maxBlock: number;
  readonly #maxFrames: number;

  constructor(options: h2.FrameDecoderOptions = {}) {
    if (options.maxFrameSize !== undefined) this.maxFrameSize = options.maxFrameSize;
    this.#maxBlock = options.maxFieldBlock ?? 65_536;
    this.#maxFrames = options.maxContinuations ?? 8;
    this.#state = options.preface === 'client' ? 'preface' : 'header';
    this.#first = options.preface === 'client' || options.preface === 'server';
  }

  get maxFrameSize(): number {
    return this.#max;
  }

  set maxFrameSize(value: number) {
    if (!(value >= 16_384 && value <= 16_777_215 && value % 1 === 0)) throw new RangeError('maxFrameSize');
    this.#max = value;
  }

  push(chunk: Uint8Array): h2.FrameEvent[] {
    const events: h2.FrameEvent[] = [];
    for (const octet of chunk) {
      if (this.#state === 'over') break;
      try {
        const frame = this.#octet(octet);
        if (frame) events.push(frame);
      } catch (error) {
        events.push(this.#fault(error));
      }
    }
    return events;
  }

  #fault(error: unknown): h2.FrameEvent {
    if (!(error instanceof Wrong)) throw error;
    const { errorCode, message: reason } = error;
    this.#restart();
    if (error.ofStream) return { type: 'STREAM_ERROR', streamId: this.#head.streamId, errorCode, reason };
    this.#state = 'over';
    return { type: 'CONNECTION_ERROR', errorCode, reason };
  }

  #octet(octet: number): h2.Frame | undefined {
    if (this.#state === 'preface') {
      if (octet !== CLIENT_PREFACE[this.#matched]) throw protocol('not the client preface');
      if (++this.#matched === 24) this.#state = 'header';
      return undefined;
    }
    if (this.#state === 'header') {
      this.#header[this.#headerLength++] = octet;
      return this.#headerLength === 9 ? this.#headerComplete() : undefined;
    }
    if (this.#payloadLength === this.#payload.length) {
      const more = Math.min(this.#head.length, Math.ceil(this.#payloadLength * 1.25) + 64);
      this.#payload = Buffer.concat([this.#payload, Buffer.alloc(more - this.#payloadLength)]);
    }
    this.#payload[this.#payloadLength++] = octet;
    return this.#payloadLength === this.#head.length ? this.#payloadComplete() : undefined;
  }

  #headerComplete(): h2.Frame | undefined {
    const header = this.#header;
    this.#head = {
      length: header.readUIntBE(0, 3),
      type: header.readUInt8(3),
      flags: header.readUInt8(4),
      streamId: header.readUInt32BE(5) % 2 ** 31,
    };
    this.#sequence(this.#head);
    this.#state = 'payload';
    return this.#head.length === 0 ? this.#payloadComplete() : undefined;
  }

  #sequence({ type, flags, streamId, length }: Head): void {
    if (this.#first && !(type === 4 && flags % 2 === 0)) throw protocol('SETTINGS must come first');
    this.#first = false;
    if (length > this.#max) throw size('larger than the maximum');
    if (!this.#open) {
      if (type === 9) throw protocol('nothing to continue');
      return;
    }
    if (type !== 9 || streamId !== this.#open.streamId) throw protocol('a field block is open');
    if (this.#open.frames + 1 > this.#maxFrames || this.#open.octets + length > this.#maxBlock) throw calm();
  }

  #payloadComplete(): h2.Frame {
    const frame = make(this.#head, this.#payload.subarray(0, this.#payloadLength));
    if ('fragment' in frame) {
      const before = frame.type === 'CONTINUATION' && this.#open ? this.#open : { octets: 0, frames: -1 };
      const octets = before.octets + frame.fragment.length;
      if (octets > this.#maxBlock) throw calm();
      this.#open = frame.endHeaders ? null : { streamId: frame.streamId, octets, frames: before.frames + 1 };
    }
    this.#restart();
    return frame;
  }

  #restart(): void {
    this.#state = 'header';
    this.#headerLength = 0;
    this.#payload = Buffer.alloc(0);
    this.#payloadLength = 0;
  }
}

const ALONE = [4, 6, 7];
const EITHER = [8];
const LENGTHS: Record<number, (length: number) => boolean> = {
  2: (length) => length === 5,
  3: (length) => length === 4,
  4: (length) => length % 6 === 0,
  6: (length) => length === 8,
  7: (length) => length >= 8,
  8: (length) => length === 4,
};

/** The frame; its octets are copied, since the payload's memory may have room to spare. */
function make({ type, flags, streamId, length }: Head, payload: Buffer): h2.Frame {
  if (type > 9) return { type: 'UNKNOWN', typeCode: type, flags, streamId, payload: Buffer.from(payload) };
  if (!EITHER.includes(type) && ALONE.includes(type) !== (streamId === 0))
    throw protocol(`type ${type} on ${streamId}`);
  if (LENGTHS[type] && !LENGTHS[type](length)) throw new Wrong(ErrorCode.FRAME_SIZE_ERROR, `type ${type}`, type === 2);
  const last = (flags & 1) === 1;
  switch (type) {
    case 2:
      return { type: 'PRIORITY', streamId, priority: priorityOf(payload) };
    case 3:
      return { type: 'RST_STREAM', streamId, errorCode: payload.readUInt32BE() };
    case 4:
      return { type: 'SETTINGS', ack: last, settings: settingsOf(last, payload) };
    case 6:
      return { type: 'PING', ack: last, opaqueData: Buffer.from(payload) };
    case 7: {
      const lastStreamId = payload.readUInt32BE(0) % 2 ** 31;
      return {
        type: 'GOAWAY',
        lastStreamId,
        errorCode: payload.readUInt32BE(4),
        debugData: Buffer.from(payload.subarray(8)),
      };
    }
    case 8: {
      const increment = payload.readUInt32BE() % 2 ** 31;
      if (increment === 0) throw new Wrong(ErrorCode.PROTOCOL_ERROR, 'an increment of 0', streamId !== 0);
      return { type: 'WINDOW_UPDATE', streamId, increment };
    }
    default:
      return withBody(type, flags, streamId, payload);
  }
}

function withBody(type: number, flags: number, streamId: number, payload: Buffer): h2.Frame {
  const endStream = (flags & 1) !== 0;
  const endHeaders = (flags & 4) !== 0;
  if (type === 9) return { type: 'CONTINUATION', streamId, endHeaders, fragment: Buffer.from(payload) };
  const padded = (flags & 8) !== 0;
  const hasPriority = type === 1 && (flags & 0x20) !== 0;
  const fields = type === 5 ? 4 : hasPriority ? 5 : 0;
  if (payload.length < fields + (padded ? 1 : 0)) throw size('no room for the fields');
  const padLength = padded ? payload.readUInt8() : undefined;
  const inner = padded ? payload.subarray(1) : payload;
  const end = inner.length - (padLength ?? 0);
  if (end < fields) throw protocol('too much padding');
  const rest = Buffer.from(inner.subarray(fields, end));
  const padding = padded ? { padLength } : {};
  if (type === 0) return { type: 'DATA', streamId, endStream, data: rest, ...padding };
  if (type === 5) {
    const promisedStreamId = inner.readUInt32BE() % 2 ** 31;
    if (promisedStreamId === 0) throw protocol('stream 0 is promised');
    return { type: 'PUSH_PROMISE', streamId, endHeaders, promisedStreamId, fragment: rest, ...padding };
  }
  const priority = hasPriority ? { priority: priorityOf(inner) } : {};
  return { type: 'HEADERS', streamId, endStream, endHeaders, fragment: rest, ...priority, ...padding };
}

function priorityOf(octets: Buffer): h2.Priority {
  const word = octets.readUInt32BE();
  return { exclusive: word >= 2 ** 31, streamDependency: word % 2 ** 31, weight: octets.readUInt8(4) };
}

function settingsOf(ack: boolean, payload: Buffer): Map<number, number> {
  if (ack && payload.length > 0) throw size('an ACK with settings');
  const settings = new Map<number, number>();
  for (let at = 0; at < payload.length; at += 6) {
    const [identifier, value] = [payload.readUInt16BE(at), payload.readUInt32BE(at + 2)];
    checkSetting(identifier, value);
    settings.set(identifier, value);
  }
  return settings;
}

function checkSetting(identifier: number, value: number): void {
  if (identifier === 2 && value > 1) throw protocol('ENABLE_PUSH');
  if (identifier === 4 && value >= 2 ** 31) throw new Wrong(ErrorCode.FLOW_CONTROL_ERROR, 'INITIAL_WINDOW_SIZE');
  if (identifier === 5 && (value < 2 ** 14 || value >= 2 ** 24)) throw protocol('MAX_FRAME_SIZE');
}

export function flowControlLength({ data, padLength }: h2.DataFrame): number {
  return padLength === undefined ? data.length : 1 + data.length + padLength;
}

export function encodeFrame(frame: h2.Frame, maxFrameSize = 16_384): Uint8Array {
  const { type, flags, streamId, pieces } = lay(frame);
  const padLength = 'padLength' in frame ? frame.padLength : undefined;
  if (padLength !== undefined) {
    pieces.unshift(number(padLength, 1));
    pieces.push(Buffer.alloc(padLength));
  }
  const payload = Buffer.concat(pieces);
  if (payload.length > maxFrameSize) throw new RangeError('larger than the peer takes');
  if (type < 10 && !EITHER.includes(type) && ALONE.includes(type) !== (streamId === 0)) throw new RangeError('stream');
  const header = [number(payload.length, 3), number(type, 1), number(flags | (padLength === undefined ? 0 : 8), 1)];
  return Buffer.concat([...header, number31(streamId), payload]);
}

interface Laid {
  type: number;
  flags: number;
  streamId: number;
  pieces: Uint8Array[];
}

function lay(frame: h2.Frame): Laid {
  const streamId = 'streamId' in frame ? frame.streamId : 0;
  const laid = (type: number, flags: number, ...pieces: Uint8Array[]): Laid => ({ type, flags, streamId, pieces });
  switch (frame.type) {
    case 'DATA':
      return laid(0, frame.endStream ? 1 : 0, frame.data);
    case 'HEADERS': {
      const flags = (frame.endStream ? 1 : 0) + (frame.endHeaders ? 4 : 0) + (frame.priority ? 0x20 : 0);
      return laid(1, flags, ...(frame.priority ? priorityOctets(frame.priority) : []), frame.fragment);
    }
    case 'PRIORITY':
      return laid(2, 0, ...priorityOctets(frame.priority));
    case 'RST_STREAM':
      return laid(3, 0, number(frame.errorCode, 4));
    case 'SETTINGS':
      return laid(4, frame.ack ? 1 : 0, settingsOctets(frame));
    case 'PUSH_PROMISE':
      if (frame.promisedStreamId === 0) throw new RangeError('stream 0 is promised');
      return laid(5, frame.endHeaders ? 4 : 0, number31(frame.promisedStreamId), frame.fragment);
    case 'PING':
      if (frame.opaqueData.length !== 8) throw new RangeError('a PING has 8 octets');
      return laid(6, frame.ack ? 1 : 0, frame.opaqueData);
    case 'GOAWAY':
      return laid(7, 0, number31(frame.lastStreamId), number(frame.errorCode, 4), frame.debugData);
    case 'WINDOW_UPDATE':
      if (frame.increment === 0) throw new RangeError('an increment of 0');
      return laid(8, 0, number31(frame.increment));
    case 'CONTINUATION':
      return laid(9, frame.endHeaders ? 4 : 0, frame.fragment);
    case 'UNKNOWN':
      if (frame.typeCode < 10) throw new RangeError('a type that has a name');
      number(frame.flags, 1);
      return laid(frame.typeCode, frame.flags, frame.payload);
  }
}

function priorityOctets({ exclusive, streamDependency, weight }: h2.Priority): Uint8Array[] {
  const word = number31(streamDependency);
  word[0]! += exclusive ? 0x80 : 0;
  return [word, number(weight, 1)];
}

function settingsOctets({ ack, settings }: h2.SettingsFrame): Uint8Array {
  if (ack && settings.size > 0) throw new RangeError('an ACK with settings');
  const pairs = [...settings].map(([identifier, value]) => {
    const octets = Buffer.concat([number(identifier, 2), number(value, 4)]);
    try {
      checkSetting(identifier, value);
    } catch (error) {
      throw new RangeError((error as Error).message);
    }
    return octets;
  });
  return Buffer.concat(pairs);
}

function number31(value: number): Buffer {
  if (value >= 2 ** 31) throw new RangeError(`${value} has more than 31 bits`);
  return number(value, 4);
}

function number(value: number, octets: number): Buffer {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * octets))
    throw new RangeError(`${value} in ${octets} octets`);
  const out = Buffer.alloc(octets);
  out.writeUIntBE(value, 0, octets);
  return out;
}
