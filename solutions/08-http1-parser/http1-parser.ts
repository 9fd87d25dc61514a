/**
 * An incremental HTTP/1.1 request parser: bytes in, events out.
 *
 *     parser.push(bytes);                  // as they came off the socket, cut anywhere
 *     for (;;) {
 *       const event = parser.next();       // request → data … → end, and again for the next request
 *       if (event.type === 'need-more') break;
 *     }
 *
 * Everything but the bodies is lines, so the parser reads lines. `#findLineEnd` is the only code that knows how a line
 * ends and which octets may stand in it. A section (request line and headers, or trailers) stays where it is until its
 * empty line has come; while its lines are looked at, marks are set where things end. Then it becomes one string, of
 * which the marks cut the rest: what the strings mean is decided by small functions that know nothing of bytes.
 * Whatever has not all arrived is left alone, with a note of how far it was searched, and `next` says `need-more`:
 * no line is searched twice, and no octet of a body is copied unless it came in one piece with half a line.
 *
 * The one policy throughout: what two parsers could read in two ways is refused, not repaired. That is
 * what keeps requests from being smuggled past whoever parsed them before us (RFC 9112 §11.2).
 */

export interface Limits {
  /** Octets in a method. 32: the longest registered one has 17. Beyond it 501 (RFC 9112 §3). */
  maxMethod: number;
  /** Octets in a request target. 8,192: RFC 9112 §3 asks for request lines of at least 8,000. Beyond it 414. */
  maxTarget: number;
  /** Field lines in a header or trailer section. 100: browsers send about 15. Beyond it 431. */
  maxHeaders: number;
  /** Octets in a header or trailer section, each line with its CRLF. 16,384, as Node has it. Beyond it 431. */
  maxHeaderBytes: number;
  /** Octets of chunk extensions in a whole body. 16,384: they carry nothing we use (CVE-2024-22019). Beyond it 400. */
  maxExtensionBytes: number;
}

export const DEFAULT_LIMITS: Readonly<Limits> = {
  maxMethod: 32,
  maxTarget: 8192,
  maxHeaders: 100,
  maxHeaderBytes: 16_384,
  maxExtensionBytes: 16_384,
};

/** One field line. The name is in lower case, the value without the whitespace around it; one char is one octet. */
export interface Field {
  name: string;
  value: string;
}

export interface Request {
  type: 'request';
  method: string;
  target: string;
  /** A later 1.x is treated as 1.1 (RFC 9110 §6.2). */
  version: '1.0' | '1.1';
  headers: Field[];
  /** Octets of the body, 0 if there is none; 'chunked' when only the last chunk will tell. */
  bodyLength: number | 'chunked';
  /** Whether the connection outlives this request (RFC 9112 §9.3). */
  keepAlive: boolean;
  /** The Upgrade field, if the client may be taken up on it (RFC 9110 §7.8). */
  upgrade: string | undefined;
  /** The client waits for 100 (Continue) before it sends the body (RFC 9110 §10.1.1). */
  expectContinue: boolean;
}

export type ParserEvent =
  | Request
  /** A stretch of the body, never empty; a view of the bytes that were pushed. */
  | { type: 'data'; bytes: Uint8Array }
  /** The request is complete. */
  | { type: 'end'; trailers: Field[] }
  /** Nothing more can be said until more bytes are pushed. */
  | { type: 'need-more' }
  /** After a CONNECT or an upgrade request: the server must choose between `rest()` and `resume()`. */
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

/** The peer's fault. (The caller's own mistakes are a TypeError or a RangeError.) */
export class ParseError extends Error {
  override name = 'ParseError';
  readonly code: FaultCode;
  readonly status: number;

  constructor(code: FaultCode) {
    const [status, message] = FAULTS[code];
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What the parser reads next, or why it reads no further. */
type State =
  | 'request-line'
  | 'headers'
  | 'body'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'paused'
  | 'closed';

const NEED_MORE: ParserEvent = { type: 'need-more' };
const PAUSED: ParserEvent = { type: 'paused' };
const CLOSED: ParserEvent = { type: 'closed' };

export class RequestParser {
  readonly #limits: Limits;
  #state: State = 'request-line';
  #error: unknown;
  #ended = false;

  /** Bytes `#from` to `#until` of `#bytes` are not yet parsed. */
  #bytes: Buffer = Buffer.alloc(0);
  #from = 0;
  #until = 0;
  /** The line at hand: where it begins and how far it was searched for its end; both counted from `#from`. */
  #lineStart = 0;
  #searched = 0;
  /** The colon of a field line, also counted from `#from`; one before `#lineStart` is an earlier line's. */
  #colon = -1;
  /**
   * What was found in the lines of the section at hand, also counted from `#from`. Of a request line: where the
   * method, the target and the line end; of each field line: where the colon stands and where the line ends.
   */
  readonly #marks: number[] = [];
  /** How many of the marks count; the rest is from earlier sections. */
  #marked = 0;

  /** Of the request at hand. */
  #request: Request | undefined;
  /** Octets still to come of the body or the chunk. */
  #left = 0;
  /** Octets that may still be spent on chunk extensions, and on empty lines before the next request. */
  #extensionRoom = 0;
  #emptyRoom = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    for (const [name, value] of Object.entries(this.#limits)) {
      // A NaN would compare false with everything, and so be no limit at all.
      const isLimit = Number.isSafeInteger(value) && value >= 0;
      if (!isLimit) throw new RangeError(`${name} must be a whole number, not ${value}`);
    }
    this.#awaitRequest();
  }

  /** Takes the next bytes of the connection. They are the parser's from now on: do not write to them. */
  push(bytes: Uint8Array): void {
    if (this.#ended) throw new TypeError('push() after end()');
    if (this.#state === 'closed') return;
    if (this.#from === this.#until) {
      this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#from = 0;
      this.#until = bytes.length;
      return;
    }
    if (this.#until + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#until);
    this.#until += bytes.length;
  }

  /** The peer will send no more (FIN). What was pushed before is still parsed. */
  end(): void {
    this.#ended = true;
  }

  /** The next event. Throws a ParseError when the peer broke the protocol, and the same one ever after. */
  next(): ParserEvent {
    if (this.#error) throw this.#error;
    try {
      let event = this.#step();
      while (event === undefined) event = this.#step();
      return event;
    } catch (error) {
      this.#error = error;
      this.#state = 'closed';
      throw error;
    }
  }

  /** After `paused`: the server stays with HTTP and takes the requests that follow. */
  resume(): void {
    if (this.#state !== 'paused') throw new TypeError('resume() without a pause');
    this.#goOn();
  }

  /** After `paused`: the server changes protocol. Hands over the bytes that belong to the new one, and closes. */
  rest(): Uint8Array {
    if (this.#state !== 'paused') throw new TypeError('rest() without a pause');
    this.#state = 'closed';
    return this.#take(this.#until - this.#from);
  }

  /** One step of the state machine; undefined if there is nothing to report yet. */
  #step(): ParserEvent | undefined {
    switch (this.#state) {
      case 'request-line':
        return this.#readRequestLine();
      case 'headers':
        return this.#readHeaders();
      case 'body':
      case 'chunk-data':
        return this.#readData();
      case 'chunk-size':
        return this.#readChunkSize();
      case 'chunk-end':
        return this.#readChunkEnd();
      case 'trailers':
        return this.#readTrailers();
      case 'paused':
        return PAUSED;
      case 'closed':
        return CLOSED;
    }
  }

  #readRequestLine(): ParserEvent | undefined {
    const { maxMethod, maxTarget } = this.#limits;
    const end = this.#findLineEnd(maxMethod + maxTarget + ' HTTP/1.1 '.length, 'bad-request-line', 'target-too-long');
    if (end === undefined) return this.#needMore();
    if (end === 0) {
      // Empty lines before a request are skipped (§2.2), though not without end.
      this.#emptyRoom -= CRLF_LENGTH;
      if (this.#emptyRoom < 0) throw new ParseError('headers-too-large');
      this.#skip(CRLF_LENGTH);
    } else {
      this.#markRequestLine(end);
      this.#state = 'headers';
    }
    return undefined;
  }

  /** §3: method SP request-target SP HTTP-version, with exactly one SP each. */
  #markRequestLine(end: number): void {
    const { maxMethod, maxTarget } = this.#limits;
    const bytes = this.#bytes;
    const start = this.#from;
    const stop = start + end;
    const methodEnd = skip(TCHAR, bytes, start, stop);
    const targetEnd = skip(VCHAR, bytes, methodEnd + 1, stop); // RFC 3986 has no other octets
    if (methodEnd - start > maxMethod) throw new ParseError('method-too-long');
    if (targetEnd - (methodEnd + 1) > maxTarget) throw new ParseError('target-too-long');
    const isSpaced = bytes[methodEnd] === SP && bytes[targetEnd] === SP;
    if (methodEnd === start || !isSpaced) throw new ParseError('bad-request-line');
    this.#mark(methodEnd - start);
    this.#mark(targetEnd - start);
    this.#endLine(end);
  }

  #readHeaders(): ParserEvent {
    if (!this.#isSectionComplete(REQUEST_LINE_MARKS)) return this.#needMore();
    const head = this.#takeSection();
    const headers = cutFields(head, this.#marks, REQUEST_LINE_MARKS, this.#marked);
    const request = interpret(cutRequestLine(head, this.#marks), headers);
    this.#marked = 0;
    this.#request = request;
    this.#extensionRoom = this.#limits.maxExtensionBytes;
    if (request.bodyLength === 'chunked') this.#state = 'chunk-size';
    else {
      this.#state = 'body';
      this.#left = request.bodyLength;
    }
    return request;
  }

  #readData(): ParserEvent | undefined {
    if (this.#left === 0) {
      if (this.#state === 'body') return this.#finish([]);
      this.#state = 'chunk-end';
      return undefined;
    }
    const here = Math.min(this.#left, this.#until - this.#from);
    if (here === 0) return this.#needMore();
    this.#left -= here;
    return { type: 'data', bytes: this.#take(here) };
  }

  #readChunkSize(): ParserEvent | undefined {
    const end = this.#findLineEnd(MOST_SIZE_DIGITS + this.#extensionRoom, 'bad-chunk', 'extensions-too-large');
    if (end === undefined) return this.#needMore();
    const { size, extension } = parseChunkSize(this.#bytes, this.#from, this.#from + end);
    this.#extensionRoom -= extension;
    if (this.#extensionRoom < 0) throw new ParseError('extensions-too-large');
    this.#left = size;
    this.#state = size === 0 ? 'trailers' : 'chunk-data';
    this.#skip(end + CRLF_LENGTH);
    return undefined;
  }

  /** §7.1: the data of a chunk ends in CRLF, as if an empty line followed. */
  #readChunkEnd(): ParserEvent | undefined {
    const end = this.#findLineEnd(0, 'bad-chunk', 'bad-chunk');
    if (end === undefined) return this.#needMore();
    this.#state = 'chunk-size';
    this.#skip(CRLF_LENGTH);
    return undefined;
  }

  #readTrailers(): ParserEvent {
    if (!this.#isSectionComplete(0)) return this.#needMore();
    const section = this.#takeSection();
    const trailers = cutFields(section, this.#marks, 0, this.#marked);
    this.#marked = 0;
    return this.#finish(trailers);
  }

  #finish(trailers: Field[]): ParserEvent {
    const { method, upgrade } = this.#request!;
    if (method === 'CONNECT' || upgrade !== undefined) this.#state = 'paused';
    else this.#goOn();
    return { type: 'end', trailers };
  }

  #goOn(): void {
    if (this.#request!.keepAlive) this.#awaitRequest();
    else this.#state = 'closed'; // §9.6: no further request is processed
  }

  #awaitRequest(): void {
    this.#state = 'request-line';
    this.#emptyRoom = this.#limits.maxHeaderBytes;
  }

  #needMore(): ParserEvent {
    if (!this.#ended) return NEED_MORE;
    // §8: a request that the connection did not live to see whole is no request.
    if (this.#state !== 'request-line' || this.#from !== this.#until) throw new ParseError('incomplete');
    this.#state = 'closed';
    return CLOSED;
  }

  /** Whether the empty line has arrived; marks the field lines before it, behind the `first` marks that are there. */
  #isSectionComplete(first: number): boolean {
    const { maxHeaders, maxHeaderBytes } = this.#limits;
    const begin = first === 0 ? 0 : this.#marks[first - 1]! + CRLF_LENGTH;
    for (;;) {
      if (this.#colon < this.#lineStart) this.#findColon();
      const room = Math.max(0, maxHeaderBytes - (this.#lineStart - begin) - CRLF_LENGTH);
      const end = this.#findLineEnd(room, 'bad-header', 'headers-too-large');
      if (end === undefined) return false;
      if (end === this.#lineStart) return true;
      if (this.#marked === first + 2 * maxHeaders) throw new ParseError('too-many-headers');
      this.#mark(this.#colon);
      this.#endLine(end);
    }
  }

  /**
   * §5: field-name ":", and nothing between the two (§5.1). A line that begins with whitespace has no name:
   * neither a fold (§5.2) nor whitespace before the first field (§2.2) passes here.
   */
  #findColon(): void {
    const at = skip(TCHAR, this.#bytes, this.#from + this.#searched, this.#until);
    this.#searched = at - this.#from;
    if (at === this.#until) return;
    const isNamed = this.#searched > this.#lineStart;
    if (isNamed && this.#bytes[at] === COLON) this.#colon = this.#searched;
    else if (isNamed || this.#bytes[at] !== CR) throw new ParseError('bad-header');
  }

  #mark(at: number): void {
    this.#marks[this.#marked++] = at;
  }

  #endLine(end: number): void {
    this.#mark(end);
    this.#lineStart = end + CRLF_LENGTH;
  }

  /** All lines before the empty line as one string (a call into the engine costs more than the octets do). */
  #takeSection(): string {
    const text = this.#bytes.toString('latin1', this.#from, this.#from + this.#lineStart);
    this.#skip(this.#lineStart + CRLF_LENGTH);
    return text;
  }

  /**
   * Where the line at hand ends, counted from `#from`; undefined if it has not all arrived. The only code
   * that knows what a line is: HTAB, SP, VCHAR and obs-text, then CRLF.
   */
  #findLineEnd(most: number, fault: FaultCode, tooLong: FaultCode): number | undefined {
    const bytes = this.#bytes;
    const stop = Math.min(this.#until, this.#from + this.#lineStart + most + 1);
    const at = skip(TEXT, bytes, this.#from + this.#searched, stop);
    const end = at - this.#from;
    this.#searched = end;
    if (end - this.#lineStart > most) throw new ParseError(tooLong);
    if (at === this.#until) return undefined;
    // A bare LF, a NUL or another control ends no line and stands in none (§2.2; RFC 9110 §5.5).
    if (bytes[at] !== CR) throw new ParseError(fault);
    if (at + 1 === this.#until) return undefined;
    // Nor does a bare CR.
    if (bytes[at + 1] !== LF) throw new ParseError(fault);
    this.#searched += CRLF_LENGTH;
    return end;
  }

  /** The next `count` bytes, not copied. */
  #take(count: number): Uint8Array {
    const view = this.#bytes.subarray(this.#from, this.#from + count);
    this.#skip(count);
    return view;
  }

  #skip(count: number): void {
    this.#from += count;
    this.#lineStart = 0;
    this.#searched = 0;
    this.#colon = -1;
  }

  /** Makes room for `more` bytes in a buffer of twice the size: a drip copies each byte a bounded number of times. */
  #grow(more: number): void {
    const waiting = this.#until - this.#from;
    const bytes = Buffer.allocUnsafe(2 * (waiting + more));
    this.#bytes.copy(bytes, 0, this.#from, this.#until);
    this.#bytes = bytes;
    this.#from = 0;
    this.#until = waiting;
  }
}

/** The combined value of all field lines of that name (given in lower case), in order; undefined if there are none. */
export function fieldValue(fields: readonly Field[], name: string): string | undefined {
  let combined: string | undefined;
  for (const field of fields) if (field.name === name) combined = combine(combined, field.value);
  return combined;
}

/** RFC 9110 §5.3. */
function combine(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

interface RequestLine {
  method: string;
  target: string;
  version: '1.0' | '1.1';
}

function cutRequestLine(head: string, marks: readonly number[]): RequestLine {
  const methodEnd = marks[0]!;
  const targetEnd = marks[1]!;
  const method = head.slice(0, methodEnd);
  const target = head.slice(methodEnd + 1, targetEnd);
  if (!isTarget(target, method)) throw new ParseError('bad-request-line');
  return { method, target, version: parseVersion(head.slice(targetEnd + 1, marks[2])) };
}

/** §2.3, case-sensitive. */
function parseVersion(text: string): '1.0' | '1.1' {
  if (text === 'HTTP/1.1') return '1.1';
  const [, major, minor] = /^HTTP\/(\d)\.(\d)$/.exec(text) ?? [];
  if (major === undefined) throw new ParseError('bad-request-line');
  if (major !== '1') throw new ParseError('unsupported-version'); // RFC 9110 §15.6.6
  return minor === '0' ? '1.0' : '1.1'; // RFC 9110 §6.2
}

/** §3.2: which of the four forms may stand depends on the method. */
function isTarget(target: string, method: string): boolean {
  if (method === 'CONNECT') return isHost(target) && /[^:]:\d{1,5}$/.test(target);
  return target.startsWith('/') || SCHEME.test(target) || (target === '*' && method === 'OPTIONS');
}

/** The fields between two marks. */
function cutFields(section: string, marks: readonly number[], first: number, marked: number): Field[] {
  const fields = new Array<Field>((marked - first) / 2);
  let start = first === 0 ? 0 : marks[first - 1]! + CRLF_LENGTH;
  for (let i = 0; i < fields.length; i++) {
    const colon = marks[first + 2 * i]!;
    const end = marks[first + 2 * i + 1]!;
    fields[i] = { name: section.slice(start, colon).toLowerCase(), value: trimOws(section, colon + 1, end) };
    start = end + CRLF_LENGTH;
  }
  return fields;
}

/** That part of the text without the SP and HTAB around it. (String.trim would take U+00A0 too, an octet like any other.) */
function trimOws(text: string, from: number, to: number): string {
  while (from < to && OWS[text.charCodeAt(from)]) from++;
  while (to > from && OWS[text.charCodeAt(to - 1)]) to--;
  return text.slice(from, to);
}

/** The fields that mean something to the parser, combined. */
interface Known {
  host: string | undefined;
  connection: string | undefined;
  upgrade: string | undefined;
  expect: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
}

/** What `fieldValue` would say of each, in one pass. */
function pickKnown(headers: readonly Field[]): Known {
  const known: Known = {
    host: undefined,
    connection: undefined,
    upgrade: undefined,
    expect: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
  };
  for (const { name, value } of headers) {
    if (name === 'host') known.host = combine(known.host, value);
    else if (name === 'connection') known.connection = combine(known.connection, value);
    else if (name === 'upgrade') known.upgrade = combine(known.upgrade, value);
    else if (name === 'expect') known.expect = combine(known.expect, value);
    else if (name === 'content-length') known.contentLength = combine(known.contentLength, value);
    else if (name === 'transfer-encoding') known.transferEncoding = combine(known.transferEncoding, value);
  }
  return known;
}

/** What a complete header section means for the parser and the connection. */
function interpret({ method, target, version }: RequestLine, headers: Field[]): Request {
  const known = pickKnown(headers);
  const isCurrent = version === '1.1';
  // §3.2. Two Host lines combine to a value with a space in it, which no host has.
  if (known.host === undefined ? isCurrent : !isHost(known.host)) throw new ParseError('bad-host');
  return {
    type: 'request',
    method,
    target,
    version,
    headers,
    bodyLength: bodyLength(version, known),
    keepAlive: !has(CLOSE, known.connection) && (isCurrent || has(KEEP_ALIVE, known.connection)), // §9.3
    // RFC 9110 §7.8 and §10.1.1: from an HTTP/1.0 client neither counts.
    upgrade: isCurrent && has(UPGRADE, known.connection) ? known.upgrade : undefined,
    expectContinue: isCurrent && has(CONTINUE, known.expect),
  };
}

/** uri-host [ ":" port ] (RFC 9110 §7.2). */
function isHost(text: string): boolean {
  let at = 0;
  while (at < text.length && HOST_CHAR[text.charCodeAt(at)] !== 0) at++;
  return at === text.length || HOST.test(text); // a plain name needs no pattern
}

function has(member: RegExp, list: string | undefined): boolean {
  return list !== undefined && member.test(list);
}

/** §6.3, for requests. */
function bodyLength(version: '1.0' | '1.1', known: Known): number | 'chunked' {
  const length = known.contentLength;
  const codings = known.transferEncoding;
  if (codings === undefined) return length === undefined ? 0 : parseContentLength(length);
  if (length !== undefined) throw new ParseError('ambiguous-length');
  if (version === '1.0') throw new ParseError('bad-transfer-encoding'); // §6.1: treat as faulty framing
  checkCodings(codings.toLowerCase());
  return 'chunked';
}

/** RFC 9110 §8.6: 1*DIGIT. Two lines combine to "5, 5", which is none: we take the right to refuse it. */
function parseContentLength(text: string): number {
  const length = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw new ParseError('bad-content-length');
  return length;
}

/** §6.1: a body whose last coding is not chunked has no end (400); other codings before it are unknown to us (501). */
function checkCodings(codings: string): void {
  if (codings === 'chunked') return;
  const inner = codings.split(/[ \t]*,[ \t]*/);
  if (inner.pop() !== 'chunked' || inner.includes('chunked') || !inner.every((each) => TOKEN.test(each))) {
    throw new ParseError('bad-transfer-encoding');
  }
  throw new ParseError('unknown-transfer-coding');
}

/** §7.1: chunk-size [ chunk-ext ]. The extensions are ignored, as §7.1.1 demands of those one does not know. */
function parseChunkSize(bytes: Buffer, from: number, end: number): { size: number; extension: number } {
  const sizeEnd = skip(HEX, bytes, from, end);
  const size = Number.parseInt(bytes.toString('latin1', from, sizeEnd), 16);
  if (sizeEnd - from > MOST_SIZE_DIGITS || !Number.isSafeInteger(size)) throw new ParseError('bad-chunk');
  // Whitespace before the semicolon is "bad" but must be put up with; whitespace before nothing need not.
  if (sizeEnd < end && bytes[skip(OWS, bytes, sizeEnd, end)] !== SEMICOLON) throw new ParseError('bad-chunk');
  return { size, extension: end - sizeEnd };
}

const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const CRLF_LENGTH = 2;
/** The ends of the method, the target and the line. */
const REQUEST_LINE_MARKS = 3;

/** 2^53 − 1 has 14 hex digits; two more allow for some padding with zeros. */
const MOST_SIZE_DIGITS = 16;

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
/** What absolute-form begins with (RFC 3986 §3.1). */
const SCHEME = /^[A-Za-z][A-Za-z\d+.-]*:/;
/** RFC 3986 §3.2.2: an IP literal in brackets, or a name, maybe empty; then maybe a port, maybe empty. */
const HOST = /^(?:\[[\dA-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\dA-Fa-f]{2})*)(?::\d*)?$/;

/** Members of a comma-separated list, in any case. */
const CLOSE = listMember('close');
const KEEP_ALIVE = listMember('keep-alive');
const UPGRADE = listMember('upgrade');
const CONTINUE = listMember('100-continue');

function listMember(member: string): RegExp {
  return new RegExp(`(?:^|,)[ \\t]*${member}[ \\t]*(?:,|$)`, 'i');
}

/** What may stand in a line (RFC 9110 §5.5). */
const TEXT = octets((octet) => octet === HTAB || (octet >= SP && octet !== 0x7f));
const OWS = octets((octet) => octet === HTAB || octet === SP);
const VCHAR = octets((octet) => octet > SP && octet < 0x7f);
/** RFC 9110 §5.6.2. */
const TCHAR = octets((octet) => /[!#$%&'*+.^_`|~\w-]/.test(String.fromCharCode(octet)));
const HOST_CHAR = octets((octet) => /[\w.-]/.test(String.fromCharCode(octet)));
const HEX = octets((octet) => /[\dA-Fa-f]/.test(String.fromCharCode(octet)));

function octets(isMember: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => Number(isMember(octet)));
}

/** The first place from `at` on, `end` at the latest, whose octet is not a member. */
function skip(members: Uint8Array, bytes: Uint8Array, at: number, end: number): number {
  while (at < end && members[bytes[at]!] !== 0) at++;
  return at;
}
