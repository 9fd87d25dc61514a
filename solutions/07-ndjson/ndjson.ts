/**
 * Records out of a byte stream, one at a time: the lines of NDJSON, and the elements of one large JSON array.
 *
 *     bytes ──push──▶ LineReader ──lines──▶ NdjsonParser ──next──▶ records
 *     bytes ──push──▶ JsonArrayParser ───────────────────────next──▶ elements
 *
 * Neither knows much of JSON: they only find where one value ends, and leave the rest to JSON.parse. A line ends at the
 * byte 0x0A, which in UTF-8 is never a part of another character, and in JSON never stands inside a string.
 * So lines are cut as bytes, and what is cut is decoded: no character can be torn apart by a chunk's end.
 *
 * Lines are decoded in blocks of up to 64 KiB, then cut once more as a string. That is what makes framing cheap:
 * a call into C++ per block instead of several per line. A block in which something may be wrong with a line, its
 * length or its encoding, is gone through line by line.
 *
 * Whatever has not come to its end when the chunk does is copied to a Tail. Nothing is ever searched twice.
 */
import { isUtf8 } from 'node:buffer';

const FAULTS = {
  'bad-json': 'this is not one JSON value',
  'bad-utf8': 'these bytes are not UTF-8',
  'blank-line': 'there is nothing in this line',
  'too-long': 'this is longer than the limit',
  truncated: 'the stream ended in the middle',
  'not-an-array': 'the text does not begin with [',
  'trailing-garbage': 'something follows the end of the array',
} as const;

export type FaultCode = keyof typeof FAULTS;

export type Place = { line: number } | { index: number };

export class RecordError extends Error {
  override name = 'RecordError';
  readonly code: FaultCode;
  readonly line: number | undefined;
  readonly index: number | undefined;

  constructor(code: FaultCode, place: Place, cause?: unknown) {
    const [[name, number]] = Object.entries(place) as [[string, number]];
    super(`${name} ${number}: ${FAULTS[code]}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.line = name === 'line' ? number : undefined;
    this.index = name === 'index' ? number : undefined;
  }
}

export interface JsonOptions {
  invalidUtf8?: 'error' | 'replace';
  parse?: (text: string) => unknown;
}

export interface NdjsonOptions extends JsonOptions {
  onError?: 'throw' | 'skip' | 'stop';
  report?: (error: RecordError) => void;
  blankLines?: 'ignore' | 'error';
  finalNewline?: 'optional' | 'required';
  maxLineBytes?: number;
}

export interface ArrayOptions extends JsonOptions {
  maxElementBytes?: number;
}

export interface NdjsonRecord {
  type: 'record';
  line: number;
  value: unknown;
}

export interface JsonElement {
  type: 'element';
  index: number;
  value: unknown;
}

export interface NeedMore {
  type: 'need-more';
}

export interface End {
  type: 'end';
}

export type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export function readNdjson(source: Source, options: NdjsonOptions = {}): AsyncIterableIterator<unknown> {
  return new Reader(source, new NdjsonParser(options));
}

export function readJsonArray(source: Source, options: ArrayOptions = {}): AsyncIterableIterator<unknown> {
  return new Reader(source, new JsonArrayParser(options));
}

type Item = NdjsonRecord | JsonElement;

/** Far above any record of a sane protocol, far below what hurts when ten thousand connections do it at once. */
const DEFAULT_LIMIT = 1_048_576;
/** Most bytes decoded at once: libuv reads a socket in chunks of this size. */
const BLOCK = 65_536;

const [TAB, LF, CR, SP] = [0x09, 0x0a, 0x0d, 0x20];
const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const NEED_MORE: NeedMore = { type: 'need-more' };
const END: End = { type: 'end' };
const NOTHING = Buffer.alloc(0);

/** What both parsers share: one chunk at a time goes in, events come out until it is used up. */
abstract class PullParser<T extends Item> {
  #hungry = true;
  #ended = false;
  #failure: unknown;
  /** No item will come any more. */
  protected over = false;

  push(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('push takes bytes, in a Uint8Array');
    if (this.#ended) throw new TypeError('push after end');
    if (this.over) return;
    // So that no more than one chunk is ever held, whatever the caller does.
    if (!this.#hungry) throw new TypeError('push before next() has said need-more');
    this.#hungry = false;
    this.feed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  end(): void {
    this.#ended = true;
  }

  next(): T | NeedMore | End {
    if (this.#failure !== undefined) throw this.#failure;
    const item = this.over ? undefined : this.#advance();
    if (item) return item;
    this.over ||= this.#ended;
    if (this.over) return END;
    this.#hungry = true;
    return NEED_MORE;
  }

  #advance(): T | undefined {
    try {
      return this.step(this.#ended);
    } catch (error) {
      this.#failure = error;
      this.over = true;
      throw error;
    }
  }

  protected abstract feed(chunk: Buffer): void;
  /** The next item; undefined when there is none in the bytes so far, all of which are used up or copied then. */
  protected abstract step(ended: boolean): T | undefined;
}

type Result = IteratorResult<unknown, undefined>;

/**
 * Puts a parser on a source. A record that is ready costs one promise; an async generator would take three turns of
 * the microtask queue for each. Only what has to wait for bytes goes through a queue, so that answers keep their order.
 */
class Reader implements AsyncIterableIterator<unknown> {
  readonly #parser: PullParser<Item>;
  readonly #feeding: AsyncGenerator<undefined, void, undefined>;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #over = false;

  constructor(source: Source, parser: PullParser<Item>) {
    this.#parser = parser;
    this.#feeding = feed(source, parser);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    return this.#ready() ?? this.#inTurn(() => this.#fetch());
  }

  return(): Promise<Result> {
    return this.#inTurn(() => this.#close());
  }

  #ready(): Promise<Result> | undefined {
    if (this.#waiting > 0 || this.#over) return undefined;
    try {
      const event = this.#parser.next();
      return 'value' in event ? Promise.resolve({ value: event.value, done: false }) : undefined;
    } catch {
      // The parser will say it again, where the source can be closed.
      return undefined;
    }
  }

  async #fetch(): Promise<Result> {
    try {
      while (!this.#over) {
        const event = this.#parser.next();
        if ('value' in event) return { value: event.value, done: false };
        if (event.type === 'end') return await this.#close();
        if ((await this.#feeding.next()).done) this.#parser.end();
      }
    } catch (error) {
      await this.#close();
      throw error;
    }
    return { value: undefined, done: true };
  }

  async #close(): Promise<Result> {
    this.#over = true;
    await this.#feeding.return();
    return { value: undefined, done: true };
  }

  #inTurn(act: () => Promise<Result>): Promise<Result> {
    this.#waiting += 1;
    const done = this.#last.then(act).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

/** A chunk for each call. `for await` closes the source whichever way it is left: here, by the generator's `return`. */
async function* feed(source: Source, parser: PullParser<Item>): AsyncGenerator<undefined, void, undefined> {
  for await (const chunk of source) {
    parser.push(chunk);
    yield;
  }
}

export class NdjsonParser extends PullParser<NdjsonRecord> {
  readonly #lines: LineReader;
  readonly #options: NdjsonOptions;
  readonly #parse: (text: string) => unknown;

  constructor(options: NdjsonOptions = {}) {
    super();
    const { maxLineBytes = DEFAULT_LIMIT, invalidUtf8, parse = JSON.parse } = options;
    this.#lines = new LineReader(limit(maxLineBytes, 'maxLineBytes'), invalidUtf8 === 'replace');
    this.#options = options;
    this.#parse = parse;
  }

  protected feed(chunk: Buffer): void {
    this.#lines.feed(chunk);
  }

  protected step(ended: boolean): NdjsonRecord | undefined {
    while (!this.over) {
      try {
        const text = this.#lines.next(ended);
        if (text === undefined) return undefined;
        if (this.#isContent(text)) return { type: 'record', line: this.#lines.number, value: this.#value(text) };
      } catch (error) {
        this.#judge(error);
      }
    }
    return undefined;
  }

  /** NDJSON §3.2: what happens to empty lines is documented, and the caller's choice. */
  #isContent(text: string): boolean {
    if (!isBlank(text)) return true;
    if (this.#options.blankLines === 'error') throw this.#fault('blank-line');
    return false;
  }

  #value(text: string): unknown {
    const { torn } = this.#lines;
    // 12 may be the beginning of 1234: only the LF tells.
    if (torn && this.#options.finalNewline === 'required') throw this.#fault('truncated');
    try {
      return this.#parse(text);
    } catch (cause) {
      throw this.#fault(torn ? 'truncated' : 'bad-json', cause);
    }
  }

  #fault(code: FaultCode, cause?: unknown): RecordError {
    return new RecordError(code, { line: this.#lines.number }, cause);
  }

  /** The reader already stands behind the bad line. */
  #judge(error: unknown): void {
    const { onError = 'throw', report } = this.#options;
    if (!(error instanceof RecordError) || onError === 'throw') throw error;
    this.over = onError === 'stop';
    report?.(error);
  }
}

/** Cuts bytes into lines and decodes them. A bad line is thrown, and the next call goes on behind it. */
class LineReader {
  /** Of the line that was returned or refused last, from 1. */
  number = 0;
  /** That line was the last one of the stream and had no LF. */
  torn = false;
  readonly #max: number;
  readonly #replace: boolean;
  #chunk: Buffer = NOTHING;
  #at = 0;
  /** Whole lines, decoded, each with its LF; those before `from` were returned. */
  #block = '';
  #from = 0;
  /** Up to here, the chunk is gone through line by line. */
  #suspect = 0;
  /** The beginning of a line whose LF has not come. */
  readonly #head = new Tail();
  /** The line was refused for its length before its LF came: the rest of it is passed over. */
  #passing = false;

  constructor(max: number, replace: boolean) {
    this.#max = max;
    this.#replace = replace;
  }

  feed(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = this.#suspect = 0;
  }

  /** The next line without its LF; undefined if none has come. */
  next(ended: boolean): string | undefined {
    if (this.#from === this.#block.length && !this.#decodeLines()) return ended ? this.#last() : undefined;
    const to = this.#block.indexOf('\n', this.#from);
    const line = this.#block.slice(this.#from, to);
    this.#from = to + 1;
    return this.#numbered(line);
  }

  #numbered(line: string): string {
    this.number += 1;
    // RFC 8259 §8.1: a byte order mark may be ignored, and it is one at the beginning of the stream only.
    return this.number === 1 && line.startsWith('\uFEFF') ? line.slice(1) : line;
  }

  /** Refills the block, unless no LF is left in the chunk. */
  #decodeLines(): boolean {
    let end = this.#chunk.indexOf(LF, this.#at);
    if (end !== -1 && this.#passing) {
      this.#passing = false;
      this.#at = end + 1;
      end = this.#chunk.indexOf(LF, this.#at);
    }
    if (end === -1) return this.#keep();
    const from = this.#at;
    this.#at = this.#head.length > 0 ? end + 1 : this.#blockEnd(end);
    this.#block = this.#decode(this.#head.join(this.#chunk.subarray(from, this.#at), this.#max + 1));
    this.#from = 0;
    return true;
  }

  /** Where the next block ends: behind many lines, or behind the first if something may be wrong with one of them. */
  #blockEnd(firstEnd: number): number {
    const from = this.#at;
    if (from < this.#suspect) return firstEnd + 1;
    const to = this.#chunk.lastIndexOf(LF, from + BLOCK - 1) + 1;
    if (to <= firstEnd) return firstEnd + 1;
    if (to - from <= this.#max && this.#isText(this.#chunk.subarray(from, to))) return to;
    this.#suspect = to;
    return firstEnd + 1;
  }

  #decode(bytes: Buffer | undefined): string {
    if (bytes === undefined) throw this.#refused('too-long');
    if (!this.#isText(bytes)) throw this.#refused(this.torn ? 'truncated' : 'bad-utf8');
    return bytes.toString();
  }

  #isText(bytes: Buffer): boolean {
    return this.#replace || isUtf8(bytes);
  }

  /** Copies what is left of the chunk: the beginning of a line. Enforces the limit without waiting for the LF. */
  #keep(): false {
    const rest = this.#chunk.subarray(this.#at);
    this.#chunk = NOTHING;
    this.#at = 0;
    if (this.#passing || this.#head.append(rest, this.#max)) return false;
    this.#passing = true;
    throw this.#refused('too-long');
  }

  /** The line that the stream ended in; undefined if it ended behind an LF. */
  #last(): string | undefined {
    if (this.#head.length === 0) return undefined;
    this.torn = true;
    return this.#numbered(this.#decode(this.#head.join(NOTHING, this.#max)));
  }

  #refused(code: FaultCode): RecordError {
    this.number += 1;
    return new RecordError(code, { line: this.number });
  }
}

/** In bytes that belong to no string; of those that do, only the quote and the backslash matter. */
const Kind = { PLAIN: 0, QUOTE: 1, BACKSLASH: 2, OPEN: 3, CLOSE: 4, COMMA: 5 } as const;
const KINDS = new Uint8Array(256);
KINDS[QUOTE] = Kind.QUOTE;
KINDS[BACKSLASH] = Kind.BACKSLASH;
KINDS[OPEN_ARRAY] = KINDS[OPEN_OBJECT] = Kind.OPEN;
KINDS[CLOSE_ARRAY] = KINDS[CLOSE_OBJECT] = Kind.CLOSE;
KINDS[COMMA] = Kind.COMMA;

/** Between elements: before the array, behind its bracket, behind a comma, in an element, behind the array. */
type Position = 'before' | 'first' | 'value' | 'inside' | 'after';

export class JsonArrayParser extends PullParser<JsonElement> {
  readonly #max: number;
  readonly #replace: boolean;
  readonly #parse: (text: string) => unknown;
  #chunk: Buffer = NOTHING;
  #at = 0;
  #position: Position = 'before';
  /** Of the element that is under way or comes next. */
  #index = 0;
  /** How much of a byte order mark has come; 3 when none can come any more. */
  #mark = 0;
  /** Where the scan stopped: at the end of the element, or of the chunk. */
  #end = 0;
  /** The beginning of an element that goes on in the next chunk, and what the scan must know of it. */
  readonly #head = new Tail();
  #depth = 0;
  #inString = false;
  #escaped = false;

  constructor({ maxElementBytes = DEFAULT_LIMIT, invalidUtf8, parse = JSON.parse }: ArrayOptions = {}) {
    super();
    this.#max = limit(maxElementBytes, 'maxElementBytes');
    this.#replace = invalidUtf8 === 'replace';
    this.#parse = parse;
  }

  protected feed(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  protected step(ended: boolean): JsonElement | undefined {
    while (this.#at < this.#chunk.length) {
      if (this.#position !== 'inside') this.#between(this.#chunk[this.#at] as number);
      else if (this.#finishElement()) return this.#element();
    }
    if (ended && this.#position !== 'after') throw this.#fault('truncated');
    return undefined;
  }

  /** One byte that is not in an element, or the first of one. */
  #between(byte: number): void {
    if (this.#position === 'before') this.#before(byte);
    else if (isSpace(byte)) this.#at += 1;
    else if (this.#position === 'after') throw this.#fault('trailing-garbage');
    else if (this.#position === 'first' && byte === CLOSE_ARRAY) this.#pass('after');
    else if (byte === COMMA || byte === CLOSE_ARRAY) throw this.#fault('bad-json');
    else this.#position = 'inside';
  }

  #before(byte: number): void {
    // RFC 8259 §8.1, byte by byte, since a chunk may end within the mark.
    if (byte === BYTE_ORDER_MARK[this.#mark]) {
      this.#mark += 1;
      this.#at += 1;
      return;
    }
    const torn = this.#mark === 1 || this.#mark === 2;
    this.#mark = BYTE_ORDER_MARK.length;
    if (torn || !(isSpace(byte) || byte === OPEN_ARRAY)) throw this.#fault('not-an-array');
    this.#pass(isSpace(byte) ? 'before' : 'first');
  }

  #pass(position: Position): void {
    this.#at += 1;
    this.#position = position;
  }

  /** Goes on to the end of the element, or of the chunk: then what there is of it is copied. */
  #finishElement(): boolean {
    this.#end = this.#scan(this.#at);
    if (this.#end < this.#chunk.length) return true;
    if (!this.#head.append(this.#chunk.subarray(this.#at), this.#max)) throw this.#fault('too-long');
    this.#at = this.#end;
    return false;
  }

  /**
   * Where the element ends: at a comma or a closing bracket that belongs to no string and to nothing opened in it.
   * The depth is a number, not a stack: whether brackets match is for JSON.parse to say, and its own is not recursive.
   */
  #scan(from: number): number {
    const chunk = this.#chunk;
    let depth = this.#depth;
    let inString = this.#inString;
    let escaped = this.#escaped;
    let at = from;
    for (; at < chunk.length; at++) {
      const kind = KINDS[chunk[at] as number] as number;
      if (escaped || kind === Kind.PLAIN) escaped = false;
      else if (kind === Kind.QUOTE) inString = !inString;
      else if (inString) escaped = kind === Kind.BACKSLASH;
      else if (kind === Kind.OPEN) depth += 1;
      else if (depth === 0 && kind !== Kind.BACKSLASH) break;
      else if (kind === Kind.CLOSE) depth -= 1;
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#escaped = escaped;
    return at;
  }

  #element(): JsonElement {
    const bytes = this.#head.join(this.#chunk.subarray(this.#at, this.#end), this.#max);
    if (bytes === undefined) throw this.#fault('too-long');
    const delimiter = this.#chunk[this.#end];
    if (delimiter === CLOSE_OBJECT) throw this.#fault('bad-json');
    const value = this.#value(bytes);
    this.#at = this.#end;
    this.#pass(delimiter === COMMA ? 'value' : 'after');
    return { type: 'element', index: this.#index++, value };
  }

  #value(bytes: Buffer): unknown {
    if (!this.#replace && !isUtf8(bytes)) throw this.#fault('bad-utf8');
    try {
      return this.#parse(bytes.toString());
    } catch (cause) {
      throw this.#fault('bad-json', cause);
    }
  }

  #fault(code: FaultCode, cause?: unknown): RecordError {
    return new RecordError(code, { index: this.#index }, cause);
  }
}

/** Bytes of something that began in an earlier chunk. Doubles when it is full, so that each byte is copied about twice. */
class Tail {
  #memory: Buffer = NOTHING;
  length = 0;

  /** Copies `part` behind what is there. False, and empty again, if that would be more than `max`. */
  append(part: Buffer, max: number): boolean {
    const length = this.length + part.length;
    if (length > max) {
      this.length = 0;
      return false;
    }
    if (length > this.#memory.length) this.#grow(length);
    part.copy(this.#memory, this.length);
    this.length = length;
    return true;
  }

  /** What is there and `part`, in one piece, which is good until the next append; undefined if it is more than `max`. */
  join(part: Buffer, max: number): Buffer | undefined {
    if (this.length === 0) return part.length > max ? undefined : part;
    if (!this.append(part, max)) return undefined;
    const joined = this.#memory.subarray(0, this.length);
    this.length = 0;
    // One long line must not cost its memory for as long as the connection lives.
    if (this.#memory.length > BLOCK) this.#memory = NOTHING;
    return joined;
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafe(Math.max(least, 2 * this.#memory.length));
    this.#memory.copy(larger, 0, 0, this.length);
    this.#memory = larger;
  }
}

/** RFC 8259 §2: white space is these, and not what `trim` takes away. LF cannot be in a line. */
function isBlank(text: string): boolean {
  return /^[\t\r ]*$/.test(text);
}

function isSpace(byte: number): boolean {
  return byte === SP || byte === LF || byte === CR || byte === TAB;
}

function limit(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`${name} must be a whole number of at least 1, not ${value}`);
}
