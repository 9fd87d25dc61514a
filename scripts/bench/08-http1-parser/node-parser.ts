/** Node's own parser, llhttp, as a subject of exercise 08. `npm run check -- 08 --file` refuses it: it is a builtin. */
import { createRequire } from 'node:module';
import { adapt, type NativeClass } from './adapter.ts';

interface Common {
  HTTPParser: NativeClass;
  /** By llhttp's number, but for PRI, which is the 35th, and the methods of RTSP. */
  methods: string[];
}

// `process.binding('http_parser')` is gone from Node 24.
const { HTTPParser, methods } = createRequire(import.meta.url)('_http_common') as Common;

export const RequestParser = adapt(HTTPParser, [...methods.slice(0, 34), 'PRI']);
export { DEFAULT_LIMITS, fieldValue, ParseError } from '../../../solutions/08-http1-parser/http1-parser.ts';
