/**
 * A second correct design: both parsers are coroutines that are sent chunks, and the readers are iterators by hand.
 *
 * A generator that yields whenever it lacks bytes keeps its place by itself: the grammar is written as if all of the
 * stream were there. Arrays are read byte by byte; text is decoded with Buffer.toString and checked by encoding it again. The asynchronous iterator has no generator below it: calls that overlap wait for each other in a chain.
 */
type Places = { line?: number; index?: number };

export class RecordError extends Error {
  override name = 'RecordError';
  readonly code: string;
  readonly line: number | undefined;
  readonly index: number | undefined;

  constructor(code: string, { line, index }: Places, cause?: unknown) {
    super(`${code} in ${JSON.stringify({ line, index })}`, { cause });
    this.code = code;
    this.line = line;
    this.index = index;
  }
}

interface Options {
  onError?: 'throw' | 'skip' | 'stop';
  report?: (error: RecordError) => void;
  blankLines?: string;
  finalNewline?: string;
  invalidUtf8?: string;
  maxLineBytes?: number;
  maxElementBytes?: number;
  parse?: (text: string) => unknown;
}

interface Event {
  type: string;
  value?: unknown;
}

const NEED_MORE: Event = { type: 'need-more' };

/** What is sent into a coroutine: the next chunk, or that there is none. */
type Machine = Generator<Event, void, Buffer | undefined>;

class Driver {
  readonly #machine: Machine;
  #chunk: Buffer | undefined;
  #waiting = true;
  #ended = false;
  #done = false;
  #error: unknown;

  constructor(machine: Machine) {
    this.#machine = machine;
    // Up to the first place where it lacks bytes.
    machine.next();
  }

  push(bytes: Uint8Array): void {
    if (this.#ended || !(bytes instanceof Uint8Array)) throw new TypeError('no push now, or no bytes');
    if (this.#done) return;
    if (!this.#waiting || this.#chunk) throw new TypeError('the last chunk is not used up');
    this.#chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end(): void {
    this.#ended = true;
  }

  next(): Event {
    if (this.#error) throw this.#error;
    while (!this.#done) {
      if (this.#waiting && !this.#chunk && !this.#ended) return NEED_MORE;
      const event = this.#resume();
      if (event) return event;
    }
    return { type: 'end' };
  }

  #resume(): Event | undefined {
    const chunk = this.#waiting ? this.#chunk : undefined;
    if (this.#waiting) this.#chunk = undefined;
    try {
      const { value, done } = this.#machine.next(chunk);
      this.#waiting = value === NEED_MORE;
      if (done) this.#done = true;
      return done || value === NEED_MORE ? undefined : (value as Event);
    } catch (error) {
      this.#done = true;
      this.#error = error;
      throw error;
    }
  }
}

/** The bytes of one value, in memory that grows by half. */
class Collector {
  readonly #max: number;
  readonly #replace: boolean;
  #bytes: Buffer = Buffer.alloc(64);
  length = 0;

  constructor(max = 1_048_576, replace = false) {
    if (!(Number.isInteger(max) && max > 0)) throw new RangeError('a limit is a whole number');
    this.#max = max;
    this.#replace = replace;
  }

  /** Whether there was room. */
  add(byte: number): boolean {
    if (this.length === this.#max) return false;
    this.#reserve(this.length + 1);
    this.#bytes[this.length++] = byte;
    return true;
  }

  addAll(bytes: Uint8Array): boolean {
    if (this.length + bytes.length > this.#max) return false;
    this.#reserve(this.length + bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
    return true;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = Buffer.alloc(length + (length >> 1));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > 65_536) this.#bytes = Buffer.alloc(64);
  }

  /** Undefined if it is not UTF-8. */
  text(): string | undefined {
    const bytes = this.#bytes.subarray(0, this.length);
    const text = bytes.toString();
    return this.#replace || Buffer.from(text).equals(bytes) ? text : undefined;
  }
}

function* lineMachine(options: Options, line: Collector): Machine {
  const { onError = 'throw', report, blankLines, finalNewline, parse = JSON.parse } = options;
  let number = 1;
  let passing = false;
  let stopped = false;

  const bad = (code: string, cause?: unknown): void => {
    const error = new RecordError(code, { line: number }, cause);
    if (onError === 'throw') throw error;
    stopped = onError === 'stop';
    report?.(error);
  };

  const read = (last: boolean): Event | undefined => {
    let text = line.text();
    line.clear();
    if (text === undefined) return void bad(last ? 'truncated' : 'bad-utf8');
    if (number === 1) text = text.replace(/^\uFEFF/, '');
    if (/^[ \t\r]*$/.test(text)) return void (blankLines === 'error' && bad('blank-line'));
    if (last && finalNewline === 'required') return void bad('truncated');
    try {
      return { type: 'record', line: number, value: parse(text) } as Event;
    } catch (cause) {
      return void bad(last ? 'truncated' : 'bad-json', cause);
    }
  };

  for (;;) {
    const chunk: Buffer | undefined = yield NEED_MORE;
    if (!chunk) break;
    for (let at = 0; at < chunk.length; at++) {
      const lf = chunk.indexOf(0x0a, at);
      const run = chunk.subarray(at, lf === -1 ? chunk.length : lf);
      at += run.length;
      if (!passing && !line.addAll(run)) {
        passing = true;
        line.clear();
        bad('too-long');
      }
      if (at < chunk.length) {
        const event = passing ? undefined : read(false);
        if (event) yield event;
        passing = false;
        number += 1;
      }
      if (stopped) return;
    }
  }
  if (passing || line.length === 0) return;
  const event = read(true);
  if (event) yield event;
}

const SPACES = [0x20, 0x0a, 0x0d, 0x09];

function* arrayMachine({ parse = JSON.parse }: Options, element: Collector): Machine {
  let chunk: Buffer = Buffer.alloc(0);
  let [at, index] = [0, 0];
  const bad = (code: string, cause?: unknown): Error => new RecordError(code, { index }, cause);

  /** The next byte, which stays; -1 at the end. */
  function* peek(): Generator<Event, number, Buffer | undefined> {
    while (at === chunk.length) {
      const more = yield NEED_MORE;
      if (!more) return -1;
      [chunk, at] = [more, 0];
    }
    return chunk[at] as number;
  }

  function* spaces(): Generator<Event, number, Buffer | undefined> {
    for (;;) {
      const byte = yield* peek();
      if (!SPACES.includes(byte)) return byte;
      at += 1;
    }
  }

  /** Collects a value up to its comma or bracket, which stays. */
  function* value(): Generator<Event, void, Buffer | undefined> {
    let depth = 0;
    let quoted = false;
    for (;;) {
      const byte = at < chunk.length ? (chunk[at] as number) : yield* peek();
      if (byte === -1) throw bad('truncated');
      const character = byte < 0x80 ? String.fromCharCode(byte) : '';
      if (!quoted && depth === 0 && (character === ',' || character === ']')) return;
      if (!element.add(byte)) throw bad('too-long');
      at += 1;
      if (character === '"') quoted = !quoted;
      else if (quoted && character === '\\') {
        // Whatever is escaped, if it has come: it says nothing about where the string ends.
        const escaped = yield* peek();
        if (escaped === -1) throw bad('truncated');
        if (!element.add(escaped)) throw bad('too-long');
        at += 1;
      } else if (!quoted && '[{'.includes(character || '?')) depth += 1;
      else if (!quoted && ']}'.includes(character || '?') && --depth < 0) throw bad('bad-json');
    }
  }

  const make = (): Event => {
    const text = element.text();
    element.clear();
    if (text === undefined) throw bad('bad-utf8');
    try {
      return { type: 'element', index, value: parse(text) } as Event;
    } catch (cause) {
      throw bad('bad-json', cause);
    }
  };

  for (const [i, byte] of [0xef, 0xbb, 0xbf].entries()) {
    if ((yield* peek()) === byte) at += 1;
    else if (i === 0) break;
    else throw bad((yield* peek()) === -1 ? 'truncated' : 'not-an-array');
  }
  const first = yield* spaces();
  if (first !== 0x5b) throw bad(first === -1 ? 'truncated' : 'not-an-array');
  at += 1;
  let next = yield* spaces();
  if (next === 0x5d) at += 1;
  else {
    for (;;) {
      if (next === 0x2c || next === 0x5d) throw bad('bad-json');
      if (next === -1) throw bad('truncated');
      yield* value();
      const event = make();
      index += 1;
      const delimiter = chunk[at++];
      yield event;
      if (delimiter === 0x5d) break;
      next = yield* spaces();
    }
  }
  if ((yield* spaces()) !== -1) throw bad('trailing-garbage');
}

export class NdjsonParser extends Driver {
  constructor(options: Options = {}) {
    super(lineMachine(options, new Collector(options.maxLineBytes, options.invalidUtf8 === 'replace')));
  }
}

export class JsonArrayParser extends Driver {
  constructor(options: Options = {}) {
    super(arrayMachine(options, new Collector(options.maxElementBytes, options.invalidUtf8 === 'replace')));
  }
}

type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
type Result = IteratorResult<unknown, undefined>;

class Reader implements AsyncIterableIterator<unknown> {
  readonly #parser: Driver;
  readonly #source: Source;
  #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined;
  /** The last call, which the next one waits for. */
  #last: Promise<unknown> = Promise.resolve();
  #over = false;

  constructor(source: Source, parser: Driver) {
    this.#source = source;
    this.#parser = parser;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    return this.#afterLast(() => this.#take());
  }

  return(): Promise<Result> {
    return this.#afterLast(() => this.#close());
  }

  #afterLast(act: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(act, act);
    this.#last = done;
    return done;
  }

  async #take(): Promise<Result> {
    let drained = false;
    while (!this.#over) {
      const event = await this.#event();
      if (event.type === 'end') {
        if (drained) this.#over = true;
        else return this.#close();
      } else if (event.type === 'need-more') drained = await this.#feed();
      else return { value: event.value, done: false };
    }
    return { value: undefined, done: true };
  }

  async #event(): Promise<Event> {
    try {
      return this.#parser.next();
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /** Whether the source is at its end. */
  async #feed(): Promise<boolean> {
    this.#chunks ??=
      Symbol.asyncIterator in this.#source
        ? this.#source[Symbol.asyncIterator]()
        : (this.#source as Iterable<Uint8Array>)[Symbol.iterator]();
    try {
      const { value, done } = await this.#chunks.next();
      if (done) this.#parser.end();
      else this.#parser.push(value);
      return done === true;
    } catch (error) {
      this.#over = true;
      throw error;
    }
  }

  async #close(): Promise<Result> {
    if (!this.#over) await this.#chunks?.return?.();
    this.#over = true;
    return { value: undefined, done: true };
  }
}

export function readNdjson(source: Source, options?: Options): Reader {
  return new Reader(source, new NdjsonParser(options));
}

export function readJsonArray(source: Source, options?: Options): Reader {
  return new Reader(source, new JsonArrayParser(options));
}
