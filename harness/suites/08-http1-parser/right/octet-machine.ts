/**
 * Also right: a state machine that is fed one octet at a time, when it is pushed, and puts its events into a queue.
 *
 * Differs from the reference in that nothing is ever looked at again or kept but the word at hand: each state is a
 * method that takes an octet. A fault is found at its octet, and reported when the events before it have been asked for.
 * Only bodies are taken in runs, as copies.
 */
import type * as h1 from '../../../../solutions/08-http1-parser/http1-parser.ts';
import { checkTarget, checkVersion, DEFAULT_LIMITS, interpret, ParseError, type Start, trim } from './coroutine.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';
export { DEFAULT_LIMITS, fieldValue, ParseError } from './coroutine.ts';

const [TAB, LF, CR, SPACE, COLON, SEMICOLON] = [9, 10, 13, 32, 58, 59];
const isText = (octet: number): boolean => octet === TAB || (octet >= SPACE && octet !== 127);
const isTchar = (octet: number): boolean => /[!#$%&'*+.^_`|~\w-]/.test(String.fromCharCode(octet));
const hexDigit = (octet: number): number => '0123456789abcdef'.indexOf(String.fromCharCode(octet).toLowerCase());

export class RequestParser {
  readonly #limits: h1.Limits;
  readonly #queue: h1.ParserEvent[] = [];
  #state: (octet: number) => void = this.#beforeRequest;
  #held: Buffer[] = [];
  #isPaused = false;
  #isClosed = false;
  #ended = false;
  #error: unknown;

  #word = '';
  #words: string[] = [];
  #start: Start | undefined;
  #request: h1.Request | undefined;
  #fields: h1.Field[] = [];
  #name = '';
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
    if (this.#isPaused) this.#held.push(Buffer.from(bytes));
    else this.#feed(Buffer.from(bytes));
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
    this.#word = '';
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
      this.#words.push(this.#word);
      this.#state = this.#requestLineEnd;
    } else if (octet === SPACE) {
      this.#words.push(this.#word);
      this.#word = '';
    } else this.#inRequestLine(octet);
  }

  #inRequestLine(octet: number): void {
    const place = this.#words.length;
    if (octet < SPACE || octet >= 127 || (place === 0 && !isTchar(octet)) || place > 2) {
      throw new ParseError('bad-request-line');
    }
    this.#word += String.fromCharCode(octet);
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
    this.#fields = [];
    this.#sectionLength = 0;
    this.#state = this.#fieldStart;
  }

  #fieldStart(octet: number): void {
    this.#word = '';
    this.#lineLength = 0;
    if (octet === CR) this.#state = this.#sectionEnd;
    else {
      this.#state = this.#fieldName;
      this.#fieldName(octet);
    }
  }

  #countField(): void {
    this.#lineLength++;
    if (this.#sectionLength + this.#lineLength + 2 > this.#limits.maxHeaderBytes) {
      throw new ParseError('headers-too-large');
    }
  }

  #fieldName(octet: number): void {
    this.#countField();
    if (octet === COLON && this.#word !== '') {
      this.#name = this.#word.toLowerCase();
      this.#word = '';
      this.#state = this.#fieldValue;
    } else if (isTchar(octet)) this.#word += String.fromCharCode(octet);
    else throw new ParseError('bad-header');
  }

  #fieldValue(octet: number): void {
    if (octet === CR) {
      this.#state = this.#fieldEnd;
      return;
    }
    if (!isText(octet)) throw new ParseError('bad-header');
    this.#countField();
    this.#word += String.fromCharCode(octet);
  }

  #fieldEnd(octet: number): void {
    if (octet !== LF) throw new ParseError('bad-header');
    if (this.#fields.length === this.#limits.maxHeaders) throw new ParseError('too-many-headers');
    this.#fields.push({ name: this.#name, value: trim(this.#word) });
    this.#sectionLength += this.#lineLength + 2;
    this.#state = this.#fieldStart;
  }

  #sectionEnd(octet: number): void {
    if (octet !== LF) throw new ParseError('bad-header');
    if (this.#request) this.#finish(this.#fields);
    else this.#beginBody();
  }

  #beginBody(): void {
    this.#request = interpret(this.#start!, this.#fields);
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
    const digit = hexDigit(octet);
    if (digit === -1) {
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
