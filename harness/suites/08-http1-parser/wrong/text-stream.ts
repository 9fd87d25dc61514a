/**
 * wrong: text-stream
 * bug: makes text of the bytes before it parses: socket.setEncoding('utf8')
 * caught by: h1-body
 */
import { RequestParser as Right } from '../right/coroutine.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';
export { DEFAULT_LIMITS, fieldValue, ParseError } from '../right/coroutine.ts';

export class RequestParser extends Right {
  readonly #decoder = new TextDecoder();

  override push(bytes: Uint8Array): void {
    super.push(Buffer.from(this.#decoder.decode(bytes, { stream: true })));
  }
}
