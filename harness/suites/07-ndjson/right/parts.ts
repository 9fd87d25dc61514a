/**
 * A second correct design: lines as lists of parts, decoded one by one.
 *
 * The parts of a line that is not complete are kept as they came, copied, and joined when its end is there. Each line
 * is decoded by itself, by a TextDecoder. The array is followed with a stack of open brackets instead of a depth, and
 * strings are jumped over with indexOf. Slower where lines are short, simpler to follow.
 */
export class RecordError extends Error {
  override name = 'RecordError';
  code: string;
  line: number | undefined;
  index: number | undefined;

  constructor(code: string, line?: number, index?: number, cause?: unknown) {
    super(`${code} at ${line ?? index}`, { cause });
    this.code = code;
    this.line = line;
    this.index = index;
  }
}

interface Options {
  onError?: string;
  report?: (error: RecordError) => void;
  blankLines?: string;
  finalNewline?: string;
  invalidUtf8?: string;
  maxLineBytes?: number;
  maxElementBytes?: number;
  parse?: (text: string) => unknown;
}

/** The parts of one line or element. */
class Parts {
  readonly #max: number;
  #parts: Uint8Array[] = [];
  length = 0;

  constructor(max = 2 ** 20) {
    if (!Number.isSafeInteger(max) || max <= 0) throw new RangeError(`a limit of ${max}`);
    this.#max = max;
  }

  /** False if that is too much: then there is nothing any more. */
  add(part: Uint8Array): boolean {
    this.length += part.length;
    this.#parts.push(part.slice());
    if (this.length <= this.#max) return true;
    this.take();
    return false;
  }

  take(): Uint8Array {
    const all = Buffer.concat(this.#parts);
    this.#parts = [];
    this.length = 0;
    return all;
  }
}

abstract class Base {
  protected chunk: Uint8Array = new Uint8Array(0);
  protected at = 0;
  protected ended = false;
  protected over = false;
  readonly #decoder: InstanceType<typeof TextDecoder>;
  #used = true;
  #thrown: RecordError | undefined;

  constructor({ invalidUtf8 }: Options) {
    this.#decoder = new TextDecoder('utf-8', { fatal: invalidUtf8 !== 'replace', ignoreBOM: true });
  }

  push(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array) || this.ended) throw new TypeError('push');
    if (this.over) return;
    if (!this.#used) throw new TypeError('not yet');
    this.#used = false;
    this.chunk = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
  }

  end(): void {
    this.ended = true;
  }

  next(): object {
    if (this.#thrown) throw this.#thrown;
    try {
      const event = this.over ? undefined : this.take();
      if (event) return event;
    } catch (error) {
      this.over = true;
      this.#thrown = error as RecordError;
      throw error;
    }
    if (this.over || this.ended) {
      this.over = true;
      return { type: 'end' };
    }
    this.#used = true;
    return { type: 'need-more' };
  }

  protected abstract take(): object | undefined;

  protected decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }
}

export class NdjsonParser extends Base {
  readonly #options: Options;
  readonly #parts: Parts;
  #line = 1;
  #tooLong = false;

  constructor(options: Options = {}) {
    super(options);
    this.#options = options;
    this.#parts = new Parts(options.maxLineBytes);
  }

  protected take(): object | undefined {
    while (this.at < this.chunk.length) {
      const lf = this.chunk.indexOf(10, this.at);
      const part = this.chunk.subarray(this.at, lf < 0 ? undefined : lf);
      this.at += part.length + (lf < 0 ? 0 : 1);
      let event: object | undefined;
      if (!this.#tooLong && !this.#parts.add(part)) {
        this.#tooLong = true;
        this.#bad(new RecordError('too-long', this.#line));
      }
      if (lf >= 0) {
        if (!this.#tooLong) event = this.#complete(this.#parts.take(), false);
        this.#tooLong = false;
        this.#line += 1;
      }
      if (event || this.over) return event;
    }
    if (!this.ended || this.#parts.length === 0) return undefined;
    return this.#complete(this.#parts.take(), true);
  }

  #complete(bytes: Uint8Array, last: boolean): object | undefined {
    const { blankLines, finalNewline, parse = JSON.parse } = this.#options;
    const fault = (code: string, cause?: unknown) =>
      this.#bad(new RecordError(last ? 'truncated' : code, this.#line, undefined, cause));
    let text = this.decode(bytes);
    if (text === undefined) return fault('bad-utf8');
    if (this.#line === 1 && text[0] === '\uFEFF') text = text.slice(1);
    if (!/[^ \t\r]/.test(text)) {
      return blankLines === 'error' ? this.#bad(new RecordError('blank-line', this.#line)) : undefined;
    }
    if (last && finalNewline === 'required') return fault('truncated');
    try {
      return { type: 'record', line: this.#line, value: parse(text) };
    } catch (cause) {
      return fault('bad-json', cause);
    }
  }

  #bad(error: RecordError): undefined {
    const { onError, report } = this.#options;
    if (onError !== 'skip' && onError !== 'stop') throw error;
    if (onError === 'stop') this.over = true;
    report?.(error);
  }
}

const CODE = (character: string): number => character.charCodeAt(0);

export class JsonArrayParser extends Base {
  readonly #options: Options;
  readonly #parts: Parts;
  #index = 0;
  /** start: nothing yet; open: behind the bracket; comma: behind a comma; in: in an element; done: behind it all. */
  #state = 'start';
  #mark: number[] = [];
  #stack: number[] = [];
  #string = false;
  #escape = false;

  constructor(options: Options = {}) {
    super(options);
    this.#options = options;
    this.#parts = new Parts(options.maxElementBytes);
  }

  protected take(): object | undefined {
    while (this.at < this.chunk.length) {
      if (this.#state !== 'in') {
        this.#outside(this.chunk[this.at] as number);
        continue;
      }
      const end = this.#find();
      const part = this.chunk.subarray(this.at, end);
      this.at = end;
      if (!this.#parts.add(part)) throw this.#bad('too-long');
      if (end < this.chunk.length) return this.#element(this.chunk[this.at++] as number);
    }
    if (this.ended && this.#state !== 'done') throw this.#bad('truncated');
    return undefined;
  }

  #outside(byte: number): void {
    const blank = byte === 32 || (byte >= 9 && byte <= 13 && byte !== 11 && byte !== 12);
    if (this.#state === 'start') return this.#start(byte, blank);
    if (blank) this.at += 1;
    else if (this.#state === 'done') throw this.#bad('trailing-garbage');
    else if (byte === CODE(']') && this.#state === 'open') {
      this.#state = 'done';
      this.at += 1;
    } else if (byte === CODE(',') || byte === CODE(']')) throw this.#bad('bad-json');
    else this.#state = 'in';
  }

  #start(byte: number, blank: boolean): void {
    const seen = this.#mark.length;
    this.at += 1;
    if (byte === [0xef, 0xbb, 0xbf][seen]) {
      this.#mark.push(byte);
      return;
    }
    if (seen === 1 || seen === 2 || !(blank || byte === CODE('['))) throw this.#bad('not-an-array');
    this.#mark = [0, 0, 0];
    if (!blank) this.#state = 'open';
  }

  /** Where the element ends in this chunk, or the end of the chunk. */
  #find(): number {
    const { chunk } = this;
    for (let i = this.at; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#escape) this.#escape = false;
      else if (this.#string) {
        if (byte === CODE('\\')) this.#escape = true;
        if (byte === CODE('"')) this.#string = false;
      } else if (byte === CODE('"')) this.#string = true;
      else if (byte === CODE('[') || byte === CODE('{')) this.#stack.push(byte);
      else if (this.#stack.length === 0 && (byte === CODE(',') || byte === CODE(']'))) return i;
      else if (byte === CODE(']') || byte === CODE('}')) {
        // In ASCII, a closing bracket stands two places behind its opening one.
        if (this.#stack.pop() !== byte - 2) throw this.#bad('bad-json');
      }
    }
    return chunk.length;
  }

  #element(delimiter: number): object {
    this.#state = delimiter === CODE(',') ? 'comma' : 'done';
    const text = this.decode(this.#parts.take());
    if (text === undefined) throw this.#bad('bad-utf8');
    try {
      const { parse = JSON.parse } = this.#options;
      return { type: 'element', index: this.#index++, value: parse(text) };
    } catch (cause) {
      this.#index -= 1;
      throw this.#bad('bad-json', cause);
    }
  }

  #bad(code: string, cause?: unknown): RecordError {
    return new RecordError(code, undefined, this.#index, cause);
  }
}

type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export function readNdjson(source: Source, options?: Options): AsyncGenerator<unknown> {
  return read(source, new NdjsonParser(options));
}

export function readJsonArray(source: Source, options?: Options): AsyncGenerator<unknown> {
  return read(source, new JsonArrayParser(options));
}

async function* read(source: Source, parser: Base): AsyncGenerator<unknown> {
  for await (const chunk of source) {
    parser.push(chunk);
    const state = yield* events(parser);
    if (state === 'end') return;
  }
  parser.end();
  yield* events(parser);
}

function* events(parser: Base): Generator<unknown, string> {
  for (;;) {
    const event = parser.next() as { type: string; value?: unknown };
    if (event.type === 'need-more' || event.type === 'end') return event.type;
    yield event.value;
  }
}
