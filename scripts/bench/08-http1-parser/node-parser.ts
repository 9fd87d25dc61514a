/** Node's own parser, llhttp, as a subject of exercise 08. `npm run check -- 08 --file` refuses it: it is a builtin. */
import { adapt, type NativeClass } from './adapter.ts';

interface Binding {
  HTTPParser: NativeClass;
  allMethods: string[];
}

const { binding } = process as unknown as { binding(name: string): Binding };
const { HTTPParser, allMethods } = binding('http_parser');

export const RequestParser = adapt(HTTPParser, allMethods);
export { DEFAULT_LIMITS, fieldValue, ParseError } from '../../../solutions/08-http1-parser/http1-parser.ts';
