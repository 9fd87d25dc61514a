/**
 * The frame codec of a tutorial: joins what has come, slices frames off, believes every word.
 *
 * wrong: tutorial
 * bug: no limits, no checks, views of joined chunks; it works with every peer that behaves
 * caught by: frame-size-exceeded-early
 */
import type * as h2 from '../../../../solutions/13-h2-frames/h2-frames.ts';

export type * from '../../../../solutions/13-h2-frames/h2-frames.ts';

export const CLIENT_PREFACE: Uint8Array = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const ErrorCode = { NO_ERROR: 0, PROTOCOL_ERROR: 1, FRAME_SIZE_ERROR: 6 };
export const Setting = { MAX_CONCURRENT_STREAMS: 3, INITIAL_WINDOW_SIZE: 4, MAX_FRAME_SIZE: 5 };

export class FrameDecoder {
  maxFrameSize = 16_384;
  #buffer = Buffer.alloc(0);
  #preface: boolean;

  constructor({ preface }: h2.FrameDecoderOptions = {}) {
    this.#preface = preface === 'client';
  }

  push(chunk: Uint8Array): h2.FrameEvent[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    if (this.#preface && this.#buffer.length >= 24) {
      this.#buffer = this.#buffer.subarray(24);
      this.#preface = false;
    }
    const frames: h2.FrameEvent[] = [];
    while (!this.#preface && this.#buffer.length >= 9) {
      const length = this.#buffer.readUIntBE(0, 3);
      if (this.#buffer.length < 9 + length) break;
      frames.push(this.#frame(this.#buffer.subarray(0, 9), this.#buffer.subarray(9, 9 + length)));
      this.#buffer = this.#buffer.subarray(9 + length);
    }
    return frames;
  }

  #frame(header: Buffer, payload: Buffer): h2.FrameEvent {
    const [typeCode, flags, streamId] = [header[3]!, header[4]!, header.readUInt32BE(5)];
    const [endStream, endHeaders] = [(flags & 1) !== 0, (flags & 4) !== 0];
    const body = (flags & 8) !== 0 ? payload.subarray(1, payload.length - payload[0]!) : payload;
    if (typeCode === 0) return { type: 'DATA', streamId, endStream, data: body };
    if (typeCode === 1) return { type: 'HEADERS', streamId, endStream, endHeaders, fragment: body };
    if (typeCode === 3) return { type: 'RST_STREAM', streamId, errorCode: payload.readUInt32BE() };
    if (typeCode === 4) {
      const settings = new Map<number, number>();
      for (let at = 0; at < payload.length; at += 6)
        settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
      return { type: 'SETTINGS', ack: endStream, settings };
    }
    if (typeCode === 6) return { type: 'PING', ack: endStream, opaqueData: payload };
    if (typeCode === 8) return { type: 'WINDOW_UPDATE', streamId, increment: payload.readUInt32BE() };
    if (typeCode === 9) return { type: 'CONTINUATION', streamId, endHeaders, fragment: payload };
    return { type: 'UNKNOWN', typeCode, flags, streamId, payload };
  }
}

export function flowControlLength(frame: h2.DataFrame): number {
  return frame.data.length;
}

/** What a client needs to get a page. */
export function encodeFrame(frame: h2.Frame): Uint8Array {
  const header = Buffer.alloc(9);
  if ('streamId' in frame) header.writeUInt32BE(frame.streamId, 5);
  const [type, flags, payload] = parts(frame);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  return Buffer.concat([header, payload]);
}

function parts(frame: h2.Frame): [type: number, flags: number, payload: Uint8Array] {
  const end = ('endStream' in frame && frame.endStream ? 1 : 0) | ('endHeaders' in frame && frame.endHeaders ? 4 : 0);
  const number = Buffer.alloc(4);
  switch (frame.type) {
    case 'DATA':
      return [0, end, frame.data];
    case 'HEADERS':
      return [1, end, frame.fragment];
    case 'RST_STREAM':
      number.writeUInt32BE(frame.errorCode);
      return [3, 0, number];
    case 'PING':
      return [6, frame.ack ? 1 : 0, frame.opaqueData];
    case 'WINDOW_UPDATE':
      number.writeUInt32BE(frame.increment);
      return [8, 0, number];
    default:
      return [4, 'ack' in frame && frame.ack ? 1 : 0, Buffer.alloc(0)];
  }
}
