/**
 * Also right: a generator that reads lines as if reading could block, and is resumed when there are more bytes.
 *
 * Differs from the reference in that there is no state but the place in the code; each piece is made a string when it
 * comes, and kept in a list; lines are told apart by regular expressions, and a fault is found when its line is complete.
 */
import type * as h1 from '../../../../solutions/08-http1-parser/http1-parser.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';

export const DEFAULT_LIMITS: Readonly<h1.Limits> = {
  maxMethod: 32,
  maxTarget: 8192,
  maxHeaders: 100,
  maxHeaderBytes: 16_384,
  maxExtensionBytes: 16_384,
};

const STATUS: Partial<Record<h1.FaultCode, number>> = {
  'method-too-long': 501,
  'unknown-transfer-coding': 501,
  'target-too-long': 414,
  'unsupported-version': 505,
  'headers-too-large': 431,
  'too-many-headers': 431,
};

export class ParseError extends Error {
  override name = 'ParseError';
  readonly code: h1.FaultCode;
  readonly status: number;

  constructor(code: h1.FaultCode) {
    super(code);
    this.code = code;
    this.status = STATUS[code] ?? 400;
  }
}

type Choice = 'resume' | 'rest' | undefined;

export class RequestParser {
  readonly #input = new Input();
  readonly #events: Generator<h1.ParserEvent, void>;
  readonly #control: { choice: Choice; paused: boolean } = { choice: undefined, paused: false };
  #error: unknown;
  #over = false;

  constructor(limits: Partial<h1.Limits> = {}) {
    const all = { ...DEFAULT_LIMITS, ...limits };
    for (const limit of Object.values(all)) if (!(Number.isInteger(limit) && limit >= 0)) throw new RangeError('limit');
    this.#events = requests(this.#input, all, this.#control);
  }

  push(bytes: Uint8Array): void {
    if (this.#input.ended) throw new TypeError('push after end');
    if (!this.#over) this.#input.push(bytes);
  }

  end(): void {
    this.#input.ended = true;
  }

  next(): h1.ParserEvent {
    if (this.#error) throw this.#error;
    try {
      const { value, done } = this.#events.next();
      if (!done) return value;
    } catch (error) {
      this.#error = error;
      throw error;
    } finally {
      this.#over = this.#error !== undefined;
    }
    this.#over = true;
    return { type: 'closed' };
  }

  resume(): void {
    this.#choose('resume');
  }

  rest(): Uint8Array {
    this.#choose('rest');
    this.#over = true;
    return this.#input.rest();
  }

  #choose(choice: Choice): void {
    if (!this.#control.paused) throw new TypeError('not paused');
    this.#control.choice = choice;
    this.#control.paused = false;
  }
}

/** What has come in one push, as octets and as characters, and how far it was read. */
interface Piece {
  bytes: Buffer;
  text: string;
  at: number;
}

/** Pieces that have come and were not read. */
class Input {
  ended = false;
  readonly #pieces: Piece[] = [];
  /** The beginning of a line whose end has not come. */
  #before = '';

  get isEmpty(): boolean {
    return this.#pieces.length === 0 && this.#before === '';
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const piece = Buffer.from(bytes);
    this.#pieces.push({ bytes: piece, text: piece.toString('latin1'), at: 0 });
  }

  /** The next line with its LF; what else may stand in it is not looked at. */
  line(most: number, tooLong: h1.FaultCode): string | undefined {
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      const { text, at } = piece;
      const end = text.indexOf('\n', at) + 1;
      const line = this.#before + text.slice(at, end || undefined);
      if (line.length + (end > 0 ? 0 : 1) > most + 2) throw new ParseError(tooLong);
      this.#before = end > 0 ? '' : line;
      this.#advance(piece, end || text.length);
      if (end > 0) return line;
    }
    return undefined;
  }

  #advance(piece: Piece, at: number): void {
    piece.at = at;
    if (at === piece.text.length) this.#pieces.shift();
  }

  /** What there is of the next `most` octets, in one piece. */
  some(most: number): Buffer | undefined {
    const piece = this.#pieces[0];
    if (piece === undefined) return undefined;
    const { bytes, at } = piece;
    const end = Math.min(bytes.length, at + most);
    this.#advance(piece, end);
    return bytes.subarray(at, end);
  }

  rest(): Buffer {
    return Buffer.concat(this.#pieces.splice(0).map(({ bytes, at }) => bytes.subarray(at)));
  }
}

type Events<T> = Generator<h1.ParserEvent, T>;

function* requests(input: Input, limits: h1.Limits, control: { choice: Choice; paused: boolean }): Events<void> {
  for (;;) {
    const start = yield* requestLine(input, limits);
    if (start === undefined) return;
    const request = interpret(start, yield* section(input, limits));
    yield request;
    if (request.bodyLength === 'chunked') yield* chunks(input, limits);
    else yield* data(input, request.bodyLength);
    yield { type: 'end', trailers: request.bodyLength === 'chunked' ? yield* section(input, limits) : [] };
    if (request.method === 'CONNECT' || request.upgrade !== undefined) {
      control.choice = undefined;
      control.paused = true;
      while (control.choice === undefined) yield { type: 'paused' };
      if ((control.choice as Choice) === 'rest') return;
    }
    if (!request.keepAlive) return;
  }
}

/** The next line that was not there at the first try. */
function* line(input: Input, most: number, tooLong: h1.FaultCode): Events<string> {
  for (;;) {
    yield* more(input);
    const found = input.line(most, tooLong);
    if (found !== undefined) return found;
  }
}

function* more(input: Input): Events<void> {
  if (input.ended) throw new ParseError('incomplete');
  yield { type: 'need-more' };
}

export interface Start {
  method: string;
  target: string;
  version: '1.0' | '1.1';
}

function* requestLine(input: Input, limits: h1.Limits): Events<Start | undefined> {
  for (let room = limits.maxHeaderBytes; room >= 0; room -= 2) {
    while (input.isEmpty) {
      if (input.ended) return undefined;
      yield { type: 'need-more' };
    }
    const longest = limits.maxMethod + limits.maxTarget + 10;
    const found = input.line(longest, 'target-too-long') ?? (yield* line(input, longest, 'target-too-long'));
    if (found !== '\r\n') return parseStart(found, limits);
  }
  throw new ParseError('headers-too-large');
}

const START = /^([!#$%&'*+.^_`|~\w-]+) ([!-~]+) (HTTP\/\d\.\d)\r\n$/;

function parseStart(text: string, limits: h1.Limits): Start {
  const [isWhole, method = '', target = '', version = ''] = START.exec(text) ?? [undefined, ...text.split(/[ \r]/, 2)];
  if (method.length > limits.maxMethod) throw new ParseError('method-too-long');
  if (target.length > limits.maxTarget) throw new ParseError('target-too-long');
  if (isWhole === undefined || !checkTarget(method, target)) throw new ParseError('bad-request-line');
  return { method, target, version: checkVersion(version) };
}

export function checkVersion(version: string): '1.0' | '1.1' {
  if (!version.startsWith('HTTP/1.')) throw new ParseError('unsupported-version');
  return version === 'HTTP/1.0' ? '1.0' : '1.1';
}

export function checkTarget(method: string, target: string): boolean {
  if (method === 'CONNECT') return HOST.test(target) && /.:\d{1,5}$/.test(target);
  return target[0] === '/' || /^[a-z][a-z\d+.-]*:/i.test(target) || `${method} ${target}` === 'OPTIONS *';
}

function* section(input: Input, { maxHeaders, maxHeaderBytes }: h1.Limits): Events<h1.Field[]> {
  const fields: h1.Field[] = [];
  for (let room = maxHeaderBytes; ; ) {
    const most = Math.max(0, room - 2);
    const found = input.line(most, 'headers-too-large') ?? (yield* line(input, most, 'headers-too-large'));
    if (found === '\r\n') return fields;
    room -= found.length;
    if (fields.length === maxHeaders) throw new ParseError('too-many-headers');
    const [isField, name = '', value = ''] = FIELD.exec(found) ?? [];
    if (isField === undefined) throw new ParseError('bad-header');
    fields.push({ name: name.toLowerCase(), value: trim(value) });
  }
}

function* data(input: Input, length: number): Events<void> {
  for (let left = length; left > 0; ) {
    const bytes = input.some(left);
    if (bytes === undefined) {
      yield* more(input);
      continue;
    }
    left -= bytes.length;
    yield { type: 'data', bytes };
  }
}

function* chunks(input: Input, limits: h1.Limits): Events<void> {
  for (let room = limits.maxExtensionBytes; ; ) {
    const most = 16 + room;
    const found = input.line(most, 'extensions-too-large') ?? (yield* line(input, most, 'extensions-too-large'));
    const [digits = ''] = /^[\da-f]{0,17}/i.exec(found) ?? [];
    room -= found.length - digits.length - 2;
    if (room < 0) throw new ParseError('extensions-too-large');
    const size = digits === '' ? Number.NaN : Number(`0x${digits}`);
    const isEnded = /^(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n$/.test(found.slice(digits.length));
    if (digits.length > 16 || !isEnded || !(size < 2 ** 53)) throw new ParseError('bad-chunk');
    if (size === 0) return;
    yield* data(input, size);
    const end = input.line(0, 'bad-chunk') ?? (yield* line(input, 0, 'bad-chunk'));
    if (end !== '\r\n') throw new ParseError('bad-chunk');
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):([\t\x20-\x7e\x80-\xff]*)\r\n$/;

export function trim(text: string): string {
  let [from, to] = [0, text.length];
  while (isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const HOST = /^(?:\[[\da-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

export function fieldValue(fields: readonly h1.Field[], name: string): string | undefined {
  const values: string[] = [];
  for (const field of fields) if (field.name === name) values.push(field.value);
  return values.length === 0 ? undefined : values.join(', ');
}

/** What the fields mean; lists are taken apart. */
export function interpret(start: Start, headers: h1.Field[]): h1.Request {
  const isLater = start.version === '1.1';
  const host = fieldValue(headers, 'host');
  if (host === undefined ? isLater : !HOST.test(host)) throw new ParseError('bad-host');
  const options = members(fieldValue(headers, 'connection'));
  return {
    type: 'request',
    ...start,
    headers,
    bodyLength: bodyLength(start.version, headers),
    keepAlive: !options.includes('close') && (isLater || options.includes('keep-alive')),
    upgrade: isLater && options.includes('upgrade') ? fieldValue(headers, 'upgrade') : undefined,
    expectContinue: isLater && members(fieldValue(headers, 'expect')).includes('100-continue'),
  };
}

function members(list: string | undefined): string[] {
  return list === undefined ? [] : list.split(',').map((member) => trim(member).toLowerCase());
}

function bodyLength(version: string, headers: h1.Field[]): number | 'chunked' {
  const length = fieldValue(headers, 'content-length');
  const coding = fieldValue(headers, 'transfer-encoding');
  if (coding === undefined) return contentLength(length ?? '0');
  if (length !== undefined) throw new ParseError('ambiguous-length');
  const codings = members(coding);
  const isFramed = codings.indexOf('chunked') === codings.length - 1;
  if (version === '1.0' || !isFramed || !codings.every((each) => TOKEN.test(each))) {
    throw new ParseError('bad-transfer-encoding');
  }
  if (codings.length > 1) throw new ParseError('unknown-transfer-coding');
  return 'chunked';
}

function contentLength(text: string): number {
  if (!/^[0-9]+$/.test(text) || Number(text) >= 2 ** 53) throw new ParseError('bad-content-length');
  return Number(text);
}
