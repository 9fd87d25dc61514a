/**
 * Also right: a state machine that is fed one octet at a time, when it is pushed, and puts its events into a queue.
 *
 * Differs from the reference in that nothing is ever looked at again or kept but the names and values: each state is a
 * method that takes an octet. A fault is found at its octet, and reported when the events before it have been asked for.
 * Only bodies and field values are taken in runs.
 */
import type * as h1 from '../../../../solutions/08-http1-parser/http1-parser.ts';
import { checkTarget, checkVersion, DEFAULT_LIMITS, interpret, ParseError, type Start, trim } from './coroutine.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';
export { DEFAULT_LIMITS, fieldValue, ParseError } from './coroutine.ts';

const [TAB, LF, CR, SPACE, COLON, SEMICOLON] = [9, 10, 13, 32, 58, 59] as const;
const TCHAR = Array.from({ length: 256 }, (_, octet) => /[!#$%&'*+.^_`|~\w-]/.test(String.fromCharCode(octet)));
const HEX = Array.from({ length: 256 }, (_, octet) => Number.parseInt(String.fromCharCode(octet), 16));
const isText = (octet: number): boolean => octet === TAB || (octet >= SPACE && octet !== 127);

/** A word that grows by an octet at a time. */
class Word {
  length = 0;
  #bytes = Buffer.alloc(256);

  add(octet: number): void {
    if (this.length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, this.#bytes]);
    this.#bytes[this.length++] = octet;
  }

  append(bytes: Buffer, from: number, to: number): void {
    while (this.length + to - from > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, this.#bytes]);
    this.length += bytes.copy(this.#bytes, this.length, from, to);
  }

  take(): string {
    const text = this.#bytes.toString('latin1', 0, this.length);
    this.length = 0;
    return text;
  }
}

export class RequestParser {
  readonly #limits: h1.Limits;
  readonly #queue: h1.ParserEvent[] = [];
  #state: (octet: number) => void = this.#beforeRequest;
  #held: Buffer[] = [];
  #isPaused = false;
  #isClosed = false;
  #ended = false;
  #error: unknown;

  readonly #word = new Word();
  #words: string[] = [];
  #start: Start | undefined;
  #request: h1.Request | undefined;
  /** Where in the word each name and each value of the section ends. */
  #marks: number[] = [];
  #sectionLength = 0;
  #emptyLength = 0;
  #lineLength = 0;
  #extensionLength = 0;
  #size = 0;
  #digits = 0;
  /** Octets of data to come; 0 outside of data. */
  #left = 0;

  constructor(limits: Partial<h1.Limits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const isLimit = (limit: unknown): boolean => typeof limit === 'number' && limit >= 0 && limit % 1 === 0;
    if (!Object.values(this.#limits).every(isLimit)) throw new RangeError('a limit is a whole number');
  }

  push(bytes: Uint8Array): void {
    if (this.#ended) throw new TypeError('push after end');
    const octets = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
    if (this.#isPaused) this.#held.push(octets);
    else this.#feed(octets);
  }

  end(): void {
    this.#ended = true;
  }

  next(): h1.ParserEvent {
    const event = this.#queue.shift();
    if (event) return event;
    if (this.#error) throw this.#error;
    if (this.#isPaused) return { type: 'paused' };
    if (this.#ended && !this.#isClosed && !this.#isBetweenRequests()) {
      this.#error = new ParseError('incomplete');
      throw this.#error;
    }
    return { type: this.#isClosed || this.#ended ? 'closed' : 'need-more' };
  }

  resume(): void {
    this.#unpause();
    this.#afterRequest();
    for (const bytes of this.#held.splice(0)) this.#feed(bytes);
  }

  rest(): Uint8Array {
    this.#unpause();
    this.#isClosed = true;
    return Buffer.concat(this.#held.splice(0));
  }

  #unpause(): void {
    if (!this.#isPaused || this.#queue.length > 0) throw new TypeError('not paused');
    this.#isPaused = false;
  }

  #isBetweenRequests(): boolean {
    return this.#state === this.#beforeRequest;
  }

  #feed(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length && !this.#isClosed && !this.#error; ) {
        if (this.#isPaused) return void this.#held.push(bytes.subarray(at));
        if (this.#left > 0) at += this.#data(bytes.subarray(at, at + this.#left));
        else if (this.#state === this.#fieldValue && isText(bytes[at]!)) at += this.#textOfValue(bytes, at);
        else this.#state(bytes[at++]!);
      }
    } catch (error) {
      this.#error = error;
    }
  }

  #data(bytes: Buffer): number {
    this.#left -= bytes.length;
    this.#queue.push({ type: 'data', bytes });
    if (this.#left === 0 && this.#request?.bodyLength !== 'chunked') this.#finish([]);
    return bytes.length;
  }

  #beforeRequest(octet: number): void {
    this.#words = [];
    if (octet === CR) this.#state = this.#emptyLineEnd;
    else {
      this.#state = this.#requestLine;
      this.#requestLine(octet);
    }
  }

  #emptyLineEnd(octet: number): void {
    if (octet !== LF) throw new ParseError('bad-request-line');
    this.#emptyLength += 2;
    if (this.#emptyLength > this.#limits.maxHeaderBytes) throw new ParseError('headers-too-large');
    this.#state = this.#beforeRequest;
  }

  #requestLine(octet: number): void {
    if (octet === CR) {
      this.#words.push(this.#word.take());
      this.#state = this.#requestLineEnd;
    } else if (octet === SPACE) {
      this.#words.push(this.#word.take());
    } else this.#inRequestLine(octet);
  }

  #inRequestLine(octet: number): void {
    const place = this.#words.length;
    if (octet < SPACE || octet >= 127 || (place === 0 && !TCHAR[octet]) || place > 2) {
      throw new ParseError('bad-request-line');
    }
    this.#word.add(octet);
    const { maxMethod, maxTarget } = this.#limits;
    if (place === 0 && this.#word.length > maxMethod) throw new ParseError('method-too-long');
    if (place === 1 && this.#word.length > maxTarget) throw new ParseError('target-too-long');
    if (place === 2 && this.#word.length > 8) throw new ParseError('bad-request-line');
  }

  #requestLineEnd(octet: number): void {
    const [method = '', target = '', version = ''] = this.#words;
    const isWhole = octet === LF && this.#words.length === 3 && method !== '' && /^HTTP\/\d\.\d$/.test(version);
    if (!isWhole || !checkTarget(method, target)) throw new ParseError('bad-request-line');
    this.#start = { method, target, version: checkVersion(version) };
    this.#beginSection();
  }

  #beginSection(): void {
    this.#marks = [];
    this.#sectionLength = 0;
    this.#state = this.#fieldStart;
  }

  #fieldStart(octet: number): void {
    this.#lineLength = 0;
    if (octet === CR) this.#state = this.#sectionEnd;
    else {
      this.#state = this.#fieldName;
      this.#fieldName(octet);
    }
  }

  #countField(count: number): void {
    this.#lineLength += count;
    if (this.#sectionLength + this.#lineLength + 2 > this.#limits.maxHeaderBytes) {
      throw new ParseError('headers-too-large');
    }
  }

  #fieldName(octet: number): void {
    this.#countField(1);
    if (octet === COLON && this.#lineLength > 1) {
      this.#marks.push(this.#word.length);
      this.#state = this.#fieldValue;
    } else if (TCHAR[octet]) this.#word.add(octet);
    else throw new ParseError('bad-header');
  }

  #fieldValue(octet: number): void {
    if (octet !== CR) throw new ParseError('bad-header');
    this.#state = this.#fieldEnd;
  }

  /** The same for a run of text. */
  #textOfValue(bytes: Buffer, from: number): number {
    let to = from;
    while (to < bytes.length && isText(bytes[to]!)) to++;
    this.#countField(to - from);
    this.#word.append(bytes, from, to);
    return to - from;
  }

  #fieldEnd(octet: number): void {
    if (octet !== LF) throw new ParseError('bad-header');
    if (this.#marks.length > 2 * this.#limits.maxHeaders) throw new ParseError('too-many-headers');
    this.#marks.push(this.#word.length);
    this.#sectionLength += this.#lineLength + 2;
    this.#state = this.#fieldStart;
  }

  #sectionEnd(octet: number): void {
    if (octet !== LF) throw new ParseError('bad-header');
    const text = this.#word.take();
    const at = [0, ...this.#marks];
    const fields: h1.Field[] = [];
    for (let i = 0; i + 2 < at.length; i += 2) {
      fields.push({ name: text.slice(at[i], at[i + 1]).toLowerCase(), value: trim(text.slice(at[i + 1], at[i + 2])) });
    }
    if (this.#request) this.#finish(fields);
    else this.#beginBody(fields);
  }

  #beginBody(headers: h1.Field[]): void {
    this.#request = interpret(this.#start!, headers);
    this.#queue.push(this.#request);
    this.#extensionLength = 0;
    if (this.#request.bodyLength === 'chunked') this.#beginChunk();
    else if (this.#request.bodyLength === 0) this.#finish([]);
    else this.#left = this.#request.bodyLength;
  }

  #beginChunk(): void {
    this.#size = 0;
    this.#digits = 0;
    this.#state = this.#chunkSize;
  }

  #chunkSize(octet: number): void {
    const digit = HEX[octet]!;
    if (Number.isNaN(digit)) {
      if (this.#digits === 0 || this.#digits > 16 || this.#size >= 2 ** 53) throw new ParseError('bad-chunk');
      this.#state = this.#chunkSpace;
      if (octet === CR) this.#state = this.#chunkSizeEnd;
      else this.#chunkSpace(octet);
    } else if (++this.#digits > 16) throw new ParseError('bad-chunk');
    else this.#size = this.#size * 16 + digit;
  }

  #chunkSpace(octet: number): void {
    this.#countExtension();
    if (octet === SEMICOLON) this.#state = this.#chunkExtension;
    else if (octet !== SPACE && octet !== TAB) throw new ParseError('bad-chunk');
  }

  #countExtension(): void {
    if (++this.#extensionLength > this.#limits.maxExtensionBytes) throw new ParseError('extensions-too-large');
  }

  #chunkExtension(octet: number): void {
    if (octet === CR) this.#state = this.#chunkSizeEnd;
    else if (isText(octet)) this.#countExtension();
    else throw new ParseError('bad-chunk');
  }

  #chunkSizeEnd(octet: number): void {
    if (octet !== LF) throw new ParseError('bad-chunk');
    if (this.#size === 0) return this.#beginSection();
    this.#left = this.#size;
    this.#state = this.#chunkDataEnd;
  }

  #chunkDataEnd(octet: number): void {
    if (octet !== CR) throw new ParseError('bad-chunk');
    this.#state = this.#chunkDataLf;
  }

  #chunkDataLf(octet: number): void {
    if (octet !== LF) throw new ParseError('bad-chunk');
    this.#beginChunk();
  }

  #finish(trailers: h1.Field[]): void {
    this.#queue.push({ type: 'end', trailers });
    const { method, upgrade } = this.#request!;
    this.#isPaused = method === 'CONNECT' || upgrade !== undefined;
    if (!this.#isPaused) this.#afterRequest();
  }

  #afterRequest(): void {
    this.#isClosed = !this.#request!.keepAlive;
    this.#request = undefined;
    this.#emptyLength = 0;
    this.#state = this.#beforeRequest;
  }
}
