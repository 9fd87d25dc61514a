/**
 * wrong: line-ends-repaired
 * bug: makes CRLF of every LF before it parses, so that a bare LF ends a line
 * caught by: h1-field-bare-lf
 */
import { RequestParser as Right } from '../right/coroutine.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';
export { DEFAULT_LIMITS, fieldValue, ParseError } from '../right/coroutine.ts';

export class RequestParser extends Right {
  #last = '';

  override push(bytes: Uint8Array): void {
    const text = this.#last + Buffer.from(bytes).toString('latin1');
    const repaired = text.replace(/(?<!\r)\n/g, '\r\n').slice(this.#last.length);
    this.#last = text.slice(-1);
    super.push(Buffer.from(repaired, 'latin1'));
  }
}
