/**
 * Also right: a generator that reads lines as if reading could block, and is resumed when there are more bytes.
 *
 * Differs from the reference in that there is no state but the place in the code; pieces are kept in a list and copied
 * as they come; lines are told apart by regular expressions, and a fault in a line is found when the line is complete.
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

/** Octets that have come and were not read, in pieces. */
class Input {
  ended = false;
  #pieces: Buffer[] = [];
  /** So many pieces, with so many octets, are known to hold no LF. */
  #searched = 0;
  #length = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pieces.push(Buffer.from(bytes));
  }

  line(most: number, fault: h1.FaultCode, tooLong: h1.FaultCode): string | undefined {
    for (; this.#searched < this.#pieces.length; this.#searched++) {
      const piece = this.#pieces[this.#searched]!;
      const length = piece.indexOf('\n') + 1;
      if (length > 0) {
        const line = this.#takeLine(piece, length);
        if (line.length - 2 > most) throw new ParseError(tooLong);
        if (!/^[\t\x20-\x7e\x80-\xff]*\r\n$/.test(line)) throw new ParseError(fault);
        return line.slice(0, -2);
      }
      this.#length += piece.length;
      if (this.#length > most + 1) throw new ParseError(tooLong);
    }
    return undefined;
  }

  #takeLine(last: Buffer, length: number): string {
    const parts = [...this.#pieces.splice(0, this.#searched + 1).slice(0, -1), last.subarray(0, length)];
    if (length < last.length) this.#pieces.unshift(last.subarray(length));
    this.#searched = 0;
    this.#length = 0;
    return Buffer.concat(parts).toString('latin1');
  }

  /** What there is of the next `most` octets, in one piece. */
  some(most: number): Buffer | undefined {
    const piece = this.#pieces.shift();
    if (piece !== undefined && piece.length > most) this.#pieces.unshift(piece.subarray(most));
    return piece?.subarray(0, most);
  }

  rest(): Buffer {
    return Buffer.concat(this.#pieces.splice(0));
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

function* line(input: Input, most: number, fault: h1.FaultCode, tooLong: h1.FaultCode): Events<string> {
  for (;;) {
    const found = input.line(most, fault, tooLong);
    if (found !== undefined) return found;
    yield* more(input);
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
    const found = yield* line(input, longest, 'bad-request-line', 'target-too-long');
    if (found !== '') return parseStart(found, limits);
  }
  throw new ParseError('headers-too-large');
}

function parseStart(text: string, limits: h1.Limits): Start {
  const [method = '', target = '', version = '', ...more] = text.split(' ');
  if (method.length > limits.maxMethod) throw new ParseError('method-too-long');
  if (target.length > limits.maxTarget) throw new ParseError('target-too-long');
  const isWhole = more.length === 0 && TOKEN.test(method) && /^[!-~]+$/.test(target) && /^HTTP\/\d\.\d$/.test(version);
  if (!isWhole || !checkTarget(method, target)) throw new ParseError('bad-request-line');
  return { method, target, version: checkVersion(version) };
}

export function checkVersion(version: string): '1.0' | '1.1' {
  if (!version.startsWith('HTTP/1.')) throw new ParseError('unsupported-version');
  return version === 'HTTP/1.0' ? '1.0' : '1.1';
}

export function checkTarget(method: string, target: string): boolean {
  if (method === 'CONNECT') return isHost(target) && /.:\d{1,5}$/.test(target);
  return target[0] === '/' || /^[a-z][a-z\d+.-]*:/i.test(target) || `${method} ${target}` === 'OPTIONS *';
}

function* section(input: Input, { maxHeaders, maxHeaderBytes }: h1.Limits): Events<h1.Field[]> {
  const fields: h1.Field[] = [];
  for (let room = maxHeaderBytes; ; ) {
    const found = yield* line(input, Math.max(0, room - 2), 'bad-header', 'headers-too-large');
    if (found === '') return fields;
    room -= found.length + 2;
    if (fields.length === maxHeaders) throw new ParseError('too-many-headers');
    const [name] = /^[!#$%&'*+.^_`|~\w-]+(?=:)/.exec(found) ?? [];
    if (name === undefined) throw new ParseError('bad-header');
    fields.push({ name: name.toLowerCase(), value: trim(found.slice(name.length + 1)) });
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
    const found = yield* line(input, 16 + room, 'bad-chunk', 'extensions-too-large');
    const [digits = ''] = /^[\da-f]{0,17}/i.exec(found) ?? [];
    room -= found.length - digits.length;
    if (room < 0) throw new ParseError('extensions-too-large');
    const size = digits === '' ? Number.NaN : Number(`0x${digits}`);
    const isEnded = /^(?:$|[ \t]*;)/.test(found.slice(digits.length));
    if (digits.length > 16 || !isEnded || !(size < 2 ** 53)) throw new ParseError('bad-chunk');
    if (size === 0) return;
    yield* data(input, size);
    if ((yield* line(input, 0, 'bad-chunk', 'bad-chunk')) !== '') throw new ParseError('bad-chunk');
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

export function trim(text: string): string {
  let [from, to] = [0, text.length];
  while (text[from] === ' ' || text[from] === '\t') from++;
  while (to > from && (text[to - 1] === ' ' || text[to - 1] === '\t')) to--;
  return text.slice(from, to);
}

function isHost(text: string): boolean {
  const [, name = '', rest = ''] = /^(\[[^\]]*\]|[^:]*)(.*)$/.exec(text) ?? [];
  const isName = /^\[[\da-f:.]+\]$/i.test(name) || /^(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*$/i.test(name);
  return isName && (rest === '' || /^:\d*$/.test(rest));
}

export function fieldValue(fields: readonly h1.Field[], name: string): string | undefined {
  const values = fields.filter((field) => field.name === name).map(({ value }) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

/** What the fields mean; from a list of members of each. */
export function interpret(start: Start, headers: h1.Field[]): h1.Request {
  const isLater = start.version === '1.1';
  const hosts = headers.filter(({ name }) => name === 'host');
  if (hosts.length > 1 || (hosts.length === 0 && isLater) || !hosts.every(({ value }) => isHost(value))) {
    throw new ParseError('bad-host');
  }
  const members = (name: string): string[] =>
    headers
      .filter((field) => field.name === name)
      .flatMap(({ value }) => value.split(','))
      .map((member) => trim(member).toLowerCase());
  const options = members('connection');
  return {
    type: 'request',
    ...start,
    headers,
    bodyLength: bodyLength(start.version, headers, members('transfer-encoding')),
    keepAlive: !options.includes('close') && (isLater || options.includes('keep-alive')),
    upgrade: isLater && options.includes('upgrade') ? fieldValue(headers, 'upgrade') : undefined,
    expectContinue: isLater && members('expect').includes('100-continue'),
  };
}

function bodyLength(version: string, headers: h1.Field[], codings: string[]): number | 'chunked' {
  const lengths = headers.filter(({ name }) => name === 'content-length');
  if (codings.length > 0) {
    if (lengths.length > 0) throw new ParseError('ambiguous-length');
    const isFramed = codings.at(-1) === 'chunked' && codings.indexOf('chunked') === codings.length - 1;
    if (version === '1.0' || !isFramed || !codings.every((coding) => TOKEN.test(coding))) {
      throw new ParseError('bad-transfer-encoding');
    }
    if (codings.length > 1) throw new ParseError('unknown-transfer-coding');
    return 'chunked';
  }
  const [length = { value: '0' }] = lengths;
  if (lengths.length > 1 || !/^[0-9]+$/.test(length.value) || Number(length.value) >= 2 ** 53) {
    throw new ParseError('bad-content-length');
  }
  return Number(length.value);
}
