/**
 * As much of HTTP/2 framing as the socket cases need (RFC 9113 §4.1, §6): exercise 13 in small, without its checks, since
 * the other end is node:http2. The content of DATA is handed on in pieces as it comes: nothing is put together.
 */
export const Type = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
} as const;

export const Flag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8 } as const;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export interface Head {
  length: number;
  type: number;
  flags: number;
  streamId: number;
}

const HEAD = 9;

export function headOf({ length, type, flags, streamId }: Head): Buffer {
  const octets = Buffer.alloc(HEAD);
  octets.writeUIntBE(length, 0, 3);
  octets[3] = type;
  octets[4] = flags;
  octets.writeUInt32BE(streamId, 5);
  return octets;
}

/** A frame with room for its payload, which is all zeros. */
export function frame(type: number, flags: number, streamId: number, length: number): Buffer {
  return Buffer.concat([headOf({ length, type, flags, streamId }), Buffer.alloc(length)]);
}

export function frameOf(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  return Buffer.concat([headOf({ length: payload.length, type, flags, streamId }), payload]);
}

/** SETTINGS with one value, or none. */
export function settings(...pairs: [id: number, value: number][]): Buffer {
  const octets = frame(Type.SETTINGS, 0, 0, 6 * pairs.length);
  for (const [i, [id, value]] of pairs.entries()) {
    octets.writeUInt16BE(id, HEAD + 6 * i);
    octets.writeUInt32BE(value, HEAD + 6 * i + 2);
  }
  return octets;
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  const octets = frame(Type.WINDOW_UPDATE, 0, streamId, 4);
  octets.writeUInt32BE(increment, HEAD);
  return octets;
}

/** `:method`, `:scheme http`, `:path`, `:authority` (RFC 7541 §6.1 and Appendix A; §6.2.2 for the last two). */
export function request(method: 'GET' | 'POST', path: string): Buffer {
  const literal = (name: number, value: string): Buffer =>
    Buffer.concat([Buffer.of(name, value.length), Buffer.from(value, 'latin1')]);
  return Buffer.concat([Buffer.of(method === 'GET' ? 0x82 : 0x83, 0x86), literal(4, path), literal(1, 'localhost')]);
}

/** `:status 200`. */
export const OK = Buffer.of(0x88);

/** What a reader tells. */
export interface FrameListener {
  /** Of a DATA frame: the next piece of its payload. */
  onPiece(head: Head, piece: Buffer): void;
  /** A frame is complete. The payload is empty for DATA, which came in pieces. */
  onFrame(head: Head, payload: Buffer): void;
}

/** Cuts what arrives into frames. */
export class FrameReader {
  readonly #listener: FrameListener;
  /** The beginning of a header or of a payload (but DATA’s) that is not complete. */
  #kept: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  /** Octets of payload that are still to come. */
  #left = 0;
  /** Octets of a client’s preface that are still to come. */
  #preface: number;

  constructor(listener: FrameListener, preface: boolean) {
    this.#listener = listener;
    this.#preface = preface ? PREFACE.length : 0;
  }

  push(chunk: Buffer): void {
    let rest = this.#kept.length > 0 ? Buffer.concat([this.#kept, chunk]) : chunk;
    const skipped = Math.min(this.#preface, rest.length);
    this.#preface -= skipped;
    rest = rest.subarray(skipped);
    for (;;) {
      if (!this.#head) {
        if (rest.length < HEAD) break;
        this.#head = readHead(rest);
        this.#left = this.#head.length;
        rest = rest.subarray(HEAD);
      }
      const isData = this.#head.type === Type.DATA;
      if (!isData && rest.length < this.#left) break;
      const piece = rest.subarray(0, this.#left);
      rest = rest.subarray(piece.length);
      this.#left -= piece.length;
      if (isData && piece.length > 0) this.#listener.onPiece(this.#head, piece);
      if (this.#left > 0) break;
      const head = this.#head;
      this.#head = undefined;
      this.#listener.onFrame(head, isData ? NOTHING : piece);
    }
    this.#kept = Buffer.from(rest);
  }
}

const NOTHING = Buffer.alloc(0);

function readHead(octets: Buffer): Head {
  const [type, flags] = [octets[3]!, octets[4]!];
  return { length: octets.readUIntBE(0, 3), type, flags, streamId: octets.readUInt32BE(5) & 0x7fff_ffff };
}
