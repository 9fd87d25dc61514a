/**
 * Gives Node's own HTTPParser, and what copies its interface, the surface of the exercise.
 *
 * It only translates: callbacks into events, names of errors into codes. What the parser underneath does not check, nobody
 * checks; what it does not bound, nothing bounds.
 */
import {
  type FaultCode,
  type Field,
  fieldValue,
  type Limits,
  ParseError,
  type ParserEvent,
  type Request,
} from '../../../solutions/08-http1-parser/http1-parser.ts';

export interface NativeParser {
  [callback: number]: (...args: never[]) => unknown;
  initialize(type: unknown, resource: object): void;
  execute(bytes: Buffer): number | Fault;
  finish(): undefined | Fault;
}

type Fault = Error & { code?: string; reason?: string };

export interface NativeClass {
  new (): NativeParser;
  REQUEST: unknown;
  kOnHeaders: number;
  kOnHeadersComplete: number;
  kOnBody: number;
  kOnMessageComplete: number;
}

type Adapted = new (
  limits?: Partial<Limits>,
) => {
  push(bytes: Uint8Array): void;
  end(): void;
  next(): ParserEvent;
  resume(): void;
  rest(): Uint8Array;
};

export function adapt(Native: NativeClass, methods: readonly string[]): Adapted {
  return class RequestParser {
    #native = this.#start();
    readonly #queue: ParserEvent[] = [];
    #request: Request | undefined;
    #target = '';
    #raw: string[] = [];
    #held: Buffer[] = [];
    #state: 'open' | 'paused' | 'closed' = 'open';
    #pauses = false;
    #isInBody = false;
    #ended = false;
    #error: ParseError | undefined;

    push(bytes: Uint8Array): void {
      if (this.#ended) throw new TypeError('push() after end()');
      this.#feed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }

    end(): void {
      this.#ended = true;
    }

    next(): ParserEvent {
      const event = this.#queue.shift();
      if (event) return event;
      if (this.#ended && this.#state === 'open' && !this.#error) this.#finish();
      if (this.#error) throw this.#error;
      if (this.#state === 'paused') return { type: 'paused' };
      return { type: this.#state === 'closed' ? 'closed' : 'need-more' };
    }

    resume(): void {
      if (this.#state !== 'paused' || this.#queue.length > 0) throw new TypeError('resume() without a pause');
      this.#state = this.#request?.keepAlive ? 'open' : 'closed';
      this.#native = this.#start();
      for (const bytes of this.#held.splice(0)) this.#feed(bytes);
    }

    rest(): Uint8Array {
      if (this.#state !== 'paused' || this.#queue.length > 0) throw new TypeError('rest() without a pause');
      this.#state = 'closed';
      return Buffer.concat(this.#held.splice(0));
    }

    #start(): NativeParser {
      const native = new Native();
      native.initialize(Native.REQUEST, {});
      native[Native.kOnHeaders] = (raw: string[], target: string) => {
        this.#raw.push(...raw);
        this.#target = target;
      };
      native[Native.kOnHeadersComplete] = (...args: unknown[]) => this.#begin(args);
      native[Native.kOnBody] = (bytes: Buffer, from = 0, length = bytes.length) => {
        this.#queue.push({ type: 'data', bytes: bytes.subarray(from, from + length) });
      };
      native[Native.kOnMessageComplete] = () => this.#complete();
      return native;
    }

    #feed(bytes: Buffer): void {
      if (this.#state === 'paused') this.#held.push(bytes);
      if (this.#state !== 'open' || this.#error || bytes.length === 0) return;
      const result = this.#native.execute(bytes);
      if (this.#pauses && typeof result === 'number') {
        this.#pauses = false;
        this.#state = 'paused';
        if (result < bytes.length) this.#held.push(bytes.subarray(result));
      } else if (typeof result !== 'number' && !this.#isClosed()) this.#error = this.#translate(result);
    }

    #finish(): void {
      const fault = this.#native.finish();
      if (fault) this.#error = new ParseError('incomplete');
      else this.#state = 'closed';
    }

    #isClosed(): boolean {
      return this.#state === ('closed' as string);
    }

    #begin(args: unknown[]): number {
      const [, minor, raw, method, target, , , isUpgrade, keepAlive] = args as never as [
        ...[number, number, string[] | undefined, number, string | undefined, unknown, unknown, boolean, boolean],
      ];
      const headers = fields(raw ?? this.#raw.splice(0));
      const version = minor === 0 ? '1.0' : '1.1';
      const isChunked = fieldValue(headers, 'transfer-encoding') !== undefined;
      const name = methods[method]!;
      this.#pauses = isUpgrade;
      this.#request = {
        type: 'request',
        method: name,
        target: target ?? this.#target,
        version,
        headers,
        bodyLength: isChunked ? 'chunked' : Number(fieldValue(headers, 'content-length') ?? 0),
        keepAlive,
        upgrade: isUpgrade && name !== 'CONNECT' ? fieldValue(headers, 'upgrade') : undefined,
        expectContinue: version === '1.1' && fieldValue(headers, 'expect')?.toLowerCase() === '100-continue',
      };
      this.#isInBody = true;
      this.#queue.push(this.#request);
      return 0;
    }

    #complete(): void {
      this.#isInBody = false;
      this.#queue.push({ type: 'end', trailers: fields(this.#raw.splice(0)) });
      if (!this.#pauses && !this.#request?.keepAlive) this.#state = 'closed';
    }

    #translate({ code = '', reason = '' }: Fault): ParseError {
      const known = CODES[code];
      if (reason.includes('Content-Length') && reason.includes('Transfer-Encoding')) {
        return new ParseError('ambiguous-length');
      }
      return new ParseError(known ?? (this.#isInBody ? 'bad-chunk' : 'bad-header'));
    }
  };
}

const CODES: Record<string, FaultCode> = {
  HPE_INVALID_METHOD: 'bad-request-line',
  HPE_INVALID_URL: 'bad-request-line',
  HPE_INVALID_CONSTANT: 'bad-request-line',
  HPE_INVALID_VERSION: 'bad-request-line',
  HPE_INVALID_CONTENT_LENGTH: 'bad-content-length',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'bad-content-length',
  HPE_INVALID_TRANSFER_ENCODING: 'bad-transfer-encoding',
  HPE_INVALID_HEADER_TOKEN: 'bad-header',
  HPE_INVALID_CHUNK_SIZE: 'bad-chunk',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'extensions-too-large',
};

function fields(raw: readonly string[]): Field[] {
  return Array.from({ length: raw.length / 2 }, (_, i) => ({
    name: raw[2 * i]!.toLowerCase(),
    value: raw[2 * i + 1]!,
  }));
}
