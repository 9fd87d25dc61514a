/**
 * wrong: by-the-notes
 * bug: the parser that courses sketch: waits for an empty line, splits at line ends and colons, takes the rest for the body
 * caught by: h1-get
 *
 * It needs a whole request in one chunk, and finds one request in each.
 */
import type * as h1 from '../../../../solutions/08-http1-parser/http1-parser.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';

export const DEFAULT_LIMITS = {};
export class ParseError extends Error {}
export const fieldValue = (fields: h1.Field[], name: string): string | undefined =>
  fields.find((field) => field.name === name)?.value;

export class RequestParser {
  readonly #events: h1.ParserEvent[] = [];

  push(bytes: Uint8Array): void {
    const [head = '', body = ''] = Buffer.from(bytes).toString('latin1').split('\r\n\r\n');
    const [requestLine = '', ...lines] = head.split('\r\n');
    const [method = '', target = '', version = ''] = requestLine.split(' ');
    const headers = lines.map((line) => {
      const [name = '', value = ''] = line.split(':');
      return { name: name.toLowerCase(), value: value.trim() };
    });
    this.#events.push({
      type: 'request',
      method,
      target,
      version: version === 'HTTP/1.0' ? '1.0' : '1.1',
      headers,
      bodyLength: body.length,
      keepAlive: true,
      upgrade: undefined,
      expectContinue: false,
    });
    if (body !== '') this.#events.push({ type: 'data', bytes: Buffer.from(body, 'latin1') });
    this.#events.push({ type: 'end', trailers: [] });
  }

  end(): void {}

  next(): h1.ParserEvent {
    return this.#events.shift() ?? { type: 'need-more' };
  }

  resume(): void {}

  rest(): Uint8Array {
    return new Uint8Array(0);
  }
}
