/**
 * wrong: text-split
 * bug: each chunk is made text by itself, and the text is split: characters that a chunk cuts in two become U+FFFD
 * caught by: ndjson-utf8-splits
 *
 * The five lines that everybody writes first. All tests in English pass.
 */
interface Options {
  onError?: string;
  report?: (error: Error) => void;
  maxLineBytes?: number;
  maxElementBytes?: number;
  parse?: (text: string) => unknown;
}

export class RecordError extends Error {
  override name = 'RecordError';

  constructor(code: string, place: object, cause?: unknown) {
    super(code, { cause });
    Object.assign(this, { code }, place);
  }
}

export class NdjsonParser {
  readonly options: Options;
  text = '';
  line = 0;
  ended = false;

  constructor(options: Options = {}) {
    this.options = options;
  }

  push(bytes: Uint8Array): void {
    if (this.ended || !(bytes instanceof Uint8Array)) throw new TypeError('push');
    this.text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  }

  end(): void {
    if (!this.ended && this.text !== '' && !this.text.endsWith('\n')) this.text += '\n';
    this.ended = true;
  }

  next(): object {
    for (let lf = this.text.indexOf('\n'); lf !== -1; lf = this.text.indexOf('\n')) {
      const line = this.text.slice(0, lf).trim();
      this.text = this.text.slice(lf + 1);
      this.line += 1;
      if (line === '') continue;
      try {
        return { type: 'record', line: this.line, value: (this.options.parse ?? JSON.parse)(line) };
      } catch (cause) {
        const error = new RecordError('bad-json', { line: this.line }, cause);
        if (this.options.onError !== 'skip') throw error;
        this.options.report?.(error);
      }
    }
    return { type: this.ended ? 'end' : 'need-more' };
  }
}

export class JsonArrayParser {
  readonly options: Options;
  readonly chunks: Uint8Array[] = [];
  values: unknown[] | undefined;
  index = 0;
  ended = false;

  constructor(options: Options = {}) {
    this.options = options;
  }

  push(bytes: Uint8Array): void {
    if (this.ended || !(bytes instanceof Uint8Array)) throw new TypeError('push');
    this.chunks.push(bytes.slice());
  }

  end(): void {
    this.ended = true;
  }

  /** Nothing before the end: a parser for arrays that are not large. */
  next(): object {
    if (!this.ended) return { type: 'need-more' };
    try {
      this.values ??= JSON.parse(Buffer.concat(this.chunks).toString()) as unknown[];
    } catch (cause) {
      throw new RecordError('bad-json', { index: 0 }, cause);
    }
    if (this.index === this.values.length) return { type: 'end' };
    return { type: 'element', index: this.index, value: this.values[this.index++] };
  }
}

interface Parser {
  push(bytes: Uint8Array): void;
  end(): void;
  next(): { type?: string; value?: unknown };
}

async function* read(source: AsyncIterable<Uint8Array>, parser: Parser): AsyncGenerator<unknown> {
  for await (const chunk of source) {
    parser.push(chunk);
    for (let event = parser.next(); event.type !== 'need-more'; event = parser.next()) yield event.value;
  }
  parser.end();
  for (let event = parser.next(); event.type !== 'end'; event = parser.next()) yield event.value;
}

export function readNdjson(source: AsyncIterable<Uint8Array>, options?: Options): AsyncGenerator<unknown> {
  return read(source, new NdjsonParser(options));
}

export function readJsonArray(source: AsyncIterable<Uint8Array>, options?: Options): AsyncGenerator<unknown> {
  return read(source, new JsonArrayParser(options));
}
