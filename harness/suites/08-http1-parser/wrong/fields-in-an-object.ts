/**
 * wrong: fields-in-an-object
 * bug: keeps the fields in a plain object, where repeated names join and __proto__ disappears
 * caught by: h1-field-proto
 */
import type * as h1 from '../../../../solutions/08-http1-parser/http1-parser.ts';
import { RequestParser as Right } from '../right/coroutine.ts';

export type * from '../../../../solutions/08-http1-parser/http1-parser.ts';
export { DEFAULT_LIMITS, fieldValue, ParseError } from '../right/coroutine.ts';

export class RequestParser extends Right {
  override next(): h1.ParserEvent {
    const event = super.next();
    if (event.type !== 'request') return event;
    const fields: Record<string, string> = {};
    for (const { name, value } of event.headers) {
      fields[name] = Object.hasOwn(fields, name) ? `${fields[name]}, ${value}` : value;
    }
    return { ...event, headers: Object.entries(fields).map(([name, value]) => ({ name, value })) };
  }
}
