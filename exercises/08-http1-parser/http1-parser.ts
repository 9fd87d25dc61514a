/**
 * 08 http1-parser: an incremental parser for HTTP/1.1 requests. Bytes in, events out.
 *
 *     const parser = new RequestParser();
 *     socket.on('data', (bytes) => {
 *       parser.push(bytes);                       // cut anywhere: TCP knows nothing of requests
 *       for (;;) {
 *         const event = parser.next();            // request → data … → end, and again for the next request
 *         if (event.type === 'need-more') break;
 *         …
 *       }
 *     });
 *
 * The parser does no input or output and knows no sockets and no clock. What it reports depends on the bytes
 * alone, never on how they were cut.
 *
 * The statement, with the grammar and all policies, is README.md next to this file.
 */
import { NotImplemented } from 'wirekata';

/** How much of each thing one request may have. Whole numbers ≥ 0. */
export interface Limits {
  /** Octets in a method. 32: the longest registered one has 17. Beyond it 501 (RFC 9112 §3). */
  maxMethod: number;
  /** Octets in a request target. 8,192: RFC 9112 §3 asks for request lines of at least 8,000. Beyond it 414. */
  maxTarget: number;
  /** Field lines in a header or trailer section. 100: browsers send about 15. Beyond it 431. */
  maxHeaders: number;
  /**
   * Octets in a header or trailer section, each line with its CRLF, without the empty line that ends it. 16,384, as
   * Node has it. As many octets of empty lines may come before a request line. Beyond it 431.
   */
  maxHeaderBytes: number;
  /**
   * Octets of chunk extensions in a whole body: all between the digits of a size and its CRLF. 16,384: they carry
   * nothing that we use (CVE-2024-22019). Beyond it 400.
   */
  maxExtensionBytes: number;
}

export const DEFAULT_LIMITS: Readonly<Limits> = {
  maxMethod: 32,
  maxTarget: 8192,
  maxHeaders: 100,
  maxHeaderBytes: 16_384,
  maxExtensionBytes: 16_384,
};

/** One field line (RFC 9112 §5). One character is one octet (latin1). */
export interface Field {
  /** In lower case: names are case-insensitive (RFC 9110 §5.1). */
  name: string;
  /** Without the spaces and tabs around it. */
  value: string;
}

/** A complete head: request line and headers. */
export interface Request {
  type: 'request';
  /** Any token, as it was sent: `GET`. */
  method: string;
  /** As it was sent, nothing decoded: `/a%20b?q`. */
  target: string;
  /** A later 1.x is treated as 1.1 (RFC 9110 §6.2). */
  version: '1.0' | '1.1';
  /** In the order in which they came; lines with the same name stay apart. */
  headers: Field[];
  /** Octets of the body, 0 if there is none; `'chunked'` when only the last chunk will tell (RFC 9112 §6.3). */
  bodyLength: number | 'chunked';
  /** Whether the connection outlives this request (RFC 9112 §9.3). */
  keepAlive: boolean;
  /** The combined Upgrade field of an HTTP/1.1 request with the connection option `upgrade` (RFC 9110 §7.8). */
  upgrade: string | undefined;
  /** An HTTP/1.1 client waits for 100 (Continue) before it sends the body (RFC 9110 §10.1.1). */
  expectContinue: boolean;
}

export type ParserEvent =
  | Request
  /** A stretch of the body, never empty. May be a view of the bytes that were pushed. */
  | { type: 'data'; bytes: Uint8Array }
  /** The request is complete. Trailers never become headers (RFC 9112 §7.1.2). */
  | { type: 'end'; trailers: Field[] }
  /** Nothing more can be said until more bytes are pushed. */
  | { type: 'need-more' }
  /** After the end of a CONNECT or an upgrade request: the server must choose between `rest` and `resume`. */
  | { type: 'paused' }
  /** No further request will come from this connection. */
  | { type: 'closed' };

/** What a peer can do wrong: the status to answer with, and what it was. */
const FAULTS = {
  'bad-request-line': [400, 'the request line is not: method SP request-target SP HTTP-version'],
  'method-too-long': [501, 'the method is longer than any that is known'],
  'target-too-long': [414, 'the request target is too long'],
  'unsupported-version': [505, 'only HTTP/1.x is spoken here'],
  'bad-header': [400, 'a field line is not: name ":" value'],
  'headers-too-large': [431, 'the header or trailer section has too many octets'],
  'too-many-headers': [431, 'the header or trailer section has too many field lines'],
  'bad-host': [400, 'Host is missing, repeated or not a host with an optional port'],
  'bad-content-length': [400, 'Content-Length is not one decimal number that can be counted exactly'],
  'bad-transfer-encoding': [400, 'Transfer-Encoding does not end in a single chunked'],
  'unknown-transfer-coding': [501, 'a transfer coding other than chunked is not implemented'],
  'ambiguous-length': [400, 'Content-Length and Transfer-Encoding in one request'],
  'bad-chunk': [400, 'the chunked framing is broken'],
  'extensions-too-large': [400, 'too many octets of chunk extensions'],
  incomplete: [400, 'the connection ended in the middle of a request'],
} as const;

export type FaultCode = keyof typeof FAULTS;

/** The peer’s fault. (The caller’s own mistakes are a TypeError or a RangeError.) Complete: nothing to do here. */
export class ParseError extends Error {
  override name = 'ParseError';
  readonly code: FaultCode;
  /** Of the response to send before the connection is closed. */
  readonly status: number;

  constructor(code: FaultCode) {
    const [status, message] = FAULTS[code];
    super(message);
    this.code = code;
    this.status = status;
  }
}

export class RequestParser {
  /**
   * @param limits those that differ from DEFAULT_LIMITS.
   * @throws RangeError if one of them is not a whole number ≥ 0.
   */
  constructor(limits: Partial<Limits> = {}) {
    throw new NotImplemented('new RequestParser');
  }

  /**
   * Takes the next bytes of the connection, any number of them. They belong to the parser from now on: the caller does
   * not write to them again. After an error, and when no further request can come, they are dropped.
   *
   * @throws TypeError after `end`.
   */
  push(bytes: Uint8Array): void {
    throw new NotImplemented('RequestParser.push');
  }

  /** The peer will send no more (FIN). What was pushed before is still parsed. A second call changes nothing. */
  end(): void {
    throw new NotImplemented('RequestParser.end');
  }

  /**
   * The next event. `need-more`, `paused` and `closed` are values, not errors, and come again when asked again.
   *
   * @throws ParseError when the peer broke the protocol; and the same object ever after.
   */
  next(): ParserEvent {
    throw new NotImplemented('RequestParser.next');
  }

  /**
   * After `paused`: the server stays with HTTP, and the requests that follow are parsed.
   *
   * @throws TypeError if the parser is not paused.
   */
  resume(): void {
    throw new NotImplemented('RequestParser.resume');
  }

  /**
   * After `paused`: the server changes protocol. The parser is closed.
   *
   * @returns all bytes pushed so far that come after the request.
   * @throws TypeError if the parser is not paused.
   */
  rest(): Uint8Array {
    throw new NotImplemented('RequestParser.rest');
  }
}

/**
 * The combined value of all fields with that name (RFC 9110 §5.3): their values in order, joined by `', '`.
 *
 * @param name in lower case.
 * @returns undefined if there is no such field; that is not the same as an empty one.
 */
export function fieldValue(fields: readonly Field[], name: string): string | undefined {
  throw new NotImplemented('fieldValue');
}
