/**
 * wrong: pumped
 * bug: the source is pumped into a queue by itself, as fast as it gives, whether anybody takes records or not
 * caught by: ndjson-socket-sender-stops
 *
 * What `on('data', …)` with an array of records amounts to. Fast consumers see no difference.
 */
interface Options {
  parse?: (text: string) => unknown;
}

export class RecordError extends Error {
  override name = 'RecordError';

  constructor(code: string, place: object, cause?: unknown) {
    super(code, { cause });
    Object.assign(this, { code }, place);
  }
}

/** Lines or elements: what differs is only how one is found. */
class Parser {
  readonly place: 'line' | 'index';
  readonly parse: (text: string) => unknown;
  bytes = Buffer.alloc(0);
  count = 0;
  ended = false;

  constructor(place: 'line' | 'index', { parse = JSON.parse }: Options = {}) {
    this.place = place;
    this.parse = parse;
  }

  push(bytes: Uint8Array): void {
    if (this.ended || !(bytes instanceof Uint8Array)) throw new TypeError('push');
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }

  end(): void {
    this.ended = true;
  }

  next(): { type: string; value?: unknown } {
    const delimiter = this.place === 'line' ? 0x0a : 0x2c;
    const at = this.bytes.indexOf(delimiter);
    if (at === -1 && (!this.ended || this.bytes.length === 0)) return { type: this.ended ? 'end' : 'need-more' };
    const text = this.bytes.subarray(0, at === -1 ? undefined : at).toString();
    this.bytes = at === -1 ? Buffer.alloc(0) : this.bytes.subarray(at + 1);
    this.count += 1;
    try {
      return { type: 'record', [this.place]: this.count, value: this.parse(text) };
    } catch (cause) {
      throw new RecordError('bad-json', { [this.place]: this.count }, cause);
    }
  }
}

export class NdjsonParser extends Parser {
  constructor(options?: Options) {
    super('line', options);
  }
}

export class JsonArrayParser extends Parser {
  constructor(options?: Options) {
    super('index', options);
  }
}

async function* read(source: AsyncIterable<Uint8Array>, parser: Parser): AsyncGenerator<unknown> {
  const queue: unknown[] = [];
  let over = false;
  let failure: unknown;
  let wake: () => void = () => {};
  const take = (last: 'need-more' | 'end'): void => {
    for (let event = parser.next(); event.type !== last; event = parser.next()) queue.push(event.value);
  };
  const pump = async (): Promise<void> => {
    for await (const chunk of source) {
      parser.push(chunk);
      take('need-more');
      wake();
    }
    parser.end();
    take('end');
  };
  pump()
    .catch((error) => {
      failure = error;
    })
    .finally(() => {
      over = true;
      wake();
    });
  while (!over || queue.length > 0) {
    if (queue.length > 0) yield queue.shift();
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  if (failure) throw failure;
}

export function readNdjson(source: AsyncIterable<Uint8Array>, options?: Options): AsyncGenerator<unknown> {
  return read(source, new NdjsonParser(options));
}

export function readJsonArray(source: AsyncIterable<Uint8Array>, options?: Options): AsyncGenerator<unknown> {
  return read(source, new JsonArrayParser(options));
}
