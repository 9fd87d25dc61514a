/**
 * wrong: whole-body
 * bug: reports a body when all of it has arrived
 * caught by: h1-body-at-once
 */
import type * as h1 from '../../../../solutions/08-http1-parser/http1-parser.ts';
import { RequestParser as Right } from '../right/coroutine.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';
export { DEFAULT_LIMITS, fieldValue, ParseError } from '../right/coroutine.ts';

export class RequestParser extends Right {
  #body: Uint8Array[] = [];
  #waiting: h1.ParserEvent | undefined;

  override next(): h1.ParserEvent {
    let event = this.#waiting ?? super.next();
    this.#waiting = undefined;
    while (event.type === 'data') {
      this.#body.push(event.bytes);
      event = super.next();
    }
    if (event.type !== 'end' || this.#body.length === 0) return event;
    this.#waiting = event;
    return { type: 'data', bytes: Buffer.concat(this.#body.splice(0)) };
  }
}
