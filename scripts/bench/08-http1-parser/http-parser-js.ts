/** http-parser-js, which copies the interface of Node's parser, as a subject of exercise 08. */
import * as js from 'http-parser-js';
import { adapt, type NativeClass } from './adapter.ts';

const { HTTPParser } = js as unknown as { HTTPParser: NativeClass & { methods: string[]; kOnExecute: number } };
// Asking for it makes the callbacks take arguments as Node's do.
HTTPParser.kOnExecute;

export const RequestParser = adapt(HTTPParser, HTTPParser.methods);
export { DEFAULT_LIMITS, fieldValue, ParseError } from '../../../solutions/08-http1-parser/http1-parser.ts';
