/**
 * 07 ndjson: records out of a byte stream, one at a time, while the stream is still coming.
 *
 *     const parser = new NdjsonParser();
 *     parser.push(bytes);                         // cut anywhere: in a line, in a character, between CR and LF
 *     for (;;) {
 *       const event = parser.next();              // record, record … until the bytes are used up
 *       if (event.type === 'need-more') break;    // push again, or end()
 *       …
 *     }
 *
 * `NdjsonParser` takes one JSON value from each line, `JsonArrayParser` the elements of one large array; both do no
 * input or output. `readNdjson` and `readJsonArray` put them on any source of bytes: a socket, a file, an array of
 * chunks. They pull: nothing is read from the source before somebody asks for a record.
 *
 * The statement, with all policies, is README.md next to this file.
 */
import { NotImplemented } from 'wirekata';

/** What can be wrong with a stream of records. */
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

/** Where it is: the line, from 1, or the index of the array’s element, from 0. */
export type Place = { line: number } | { index: number };

/** The fault of who sent the stream. (The caller’s own mistakes are a TypeError or a RangeError.) Complete. */
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

/** Options of both halves. */
export interface JsonOptions {
  /**
   * Bytes that are not UTF-8: `'error'` (the default) makes a `bad-utf8` of the line or element; `'replace'` puts
   * U+FFFD where they are, as the Encoding standard decodes (WHATWG Encoding, UTF-8 decode).
   */
  invalidUtf8?: 'error' | 'replace';
  /** Makes a value of a text. Default: JSON.parse. Whatever it throws makes a `bad-json`, with it as `cause`. */
  parse?: (text: string) => unknown;
}

export interface NdjsonOptions extends JsonOptions {
  /** What happens at a bad line. `'throw'`, the default; `'skip'`: goes on with the next line; `'stop'`: ends there. */
  onError?: 'throw' | 'skip' | 'stop';
  /** Is told of every line that was skipped, or stopped at. Not called for what is thrown. */
  report?: (error: RecordError) => void;
  /** Lines of nothing but SP, HTAB and CR: `'ignore'` (the default), or a `blank-line` fault. */
  blankLines?: 'ignore' | 'error';
  /** `'required'`: a last line without LF is `truncated`, whatever is in it. `'optional'` (the default): see `end`. */
  finalNewline?: 'optional' | 'required';
  /** Most bytes that a line may have in front of its LF; a CR and a byte order mark count. Default 1,048,576. */
  maxLineBytes?: number;
}

export interface ArrayOptions extends JsonOptions {
  /** Most bytes from the first of an element up to the comma or bracket behind it. Default 1,048,576. */
  maxElementBytes?: number;
}

/** One line’s value. */
export interface NdjsonRecord {
  type: 'record';
  /** From 1. All lines count: blank ones and bad ones, too. */
  line: number;
  value: unknown;
}

/** One element of the array. */
export interface JsonElement {
  type: 'element';
  /** From 0. */
  index: number;
  value: unknown;
}

/** Nothing more can be said until more bytes are pushed, or the end is. */
export interface NeedMore {
  type: 'need-more';
}

/** No record will come any more. */
export interface End {
  type: 'end';
}

export class NdjsonParser {
  /** @throws RangeError if `maxLineBytes` is not a whole number ≥ 1. */
  constructor(options: NdjsonOptions = {}) {
    throw new NotImplemented('new NdjsonParser');
  }

  /**
   * Takes the next bytes of the stream, any number of them. Until `next` says `need-more` they must stay as they are;
   * after that the caller may overwrite them. When no record can come any more, they are dropped.
   *
   * @throws TypeError if `bytes` is not a Uint8Array, after `end`, and if the bytes pushed before are not used up:
   *   `next` has not said `need-more` since.
   */
  push(bytes: Uint8Array): void {
    throw new NotImplemented('NdjsonParser.push');
  }

  /**
   * The stream is over. What came before is still parsed. Then a last line that has no LF: its value if it is one,
   * else `truncated` (a line that is too long was refused before). A second call changes nothing.
   */
  end(): void {
    throw new NotImplemented('NdjsonParser.end');
  }

  /**
   * The next record. `need-more` and `end` come again when asked again.
   *
   * @throws RecordError at a bad line, if that is the policy; and the same object ever after.
   */
  next(): NdjsonRecord | NeedMore | End {
    throw new NotImplemented('NdjsonParser.next');
  }
}

export class JsonArrayParser {
  /** @throws RangeError if `maxElementBytes` is not a whole number ≥ 1. */
  constructor(options: ArrayOptions = {}) {
    throw new NotImplemented('new JsonArrayParser');
  }

  /** As NdjsonParser.push. */
  push(bytes: Uint8Array): void {
    throw new NotImplemented('JsonArrayParser.push');
  }

  /** The stream is over. Without the closing bracket it is `truncated`. A second call changes nothing. */
  end(): void {
    throw new NotImplemented('JsonArrayParser.end');
  }

  /**
   * The next element, as soon as the comma or bracket behind it is there. After the last one `need-more`, since
   * garbage may follow, and `end` when the stream is over.
   *
   * @throws RecordError when the text is not a JSON array; and the same object ever after.
   */
  next(): JsonElement | NeedMore | End {
    throw new NotImplemented('JsonArrayParser.next');
  }
}

/** Anything that gives bytes when asked for them: a socket, a file stream, a generator, an array of chunks. */
export type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * The values of the lines of `source`. A chunk is asked for only when all records of the chunks before were taken. When
 * the loop is left early, and when the parser throws or stops, the source is closed (its iterator’s `return`).
 */
export function readNdjson(source: Source, options: NdjsonOptions = {}): AsyncIterableIterator<unknown> {
  throw new NotImplemented('readNdjson');
}

/** The same for the elements of a JSON array. */
export function readJsonArray(source: Source, options: ArrayOptions = {}): AsyncIterableIterator<unknown> {
  throw new NotImplemented('readJsonArray');
}
