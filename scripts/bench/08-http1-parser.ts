/**
 * 08: requests of a browser and of a tool, and a chunked upload, beside Node's own parser and http-parser-js.
 *
 * Both peers are driven by their callbacks, as node:http does it. Neither lower-cases names, checks Host or says what
 * Connection and Expect mean for the request as a whole: that is left to node:http, and not timed here.
 */
import {
  browserRequest,
  chunkedUpload,
  parseAll,
  toolRequest,
} from '../../harness/suites/08-http1-parser/support/workloads.ts';
import { RequestParser } from '../../solutions/08-http1-parser/http1-parser.ts';
import type { NativeClass } from './08-http1-parser/adapter.ts';
import { digestWith } from './08-http1-parser/digest.ts';
import { type Contest, contest, type Peer } from './contest.ts';

const REQUESTS = 128;
const CHUNKS = 256;

interface Binding {
  HTTPParser: NativeClass & { kOnExecute: number; methods: string[] };
  allMethods: string[];
}

const peers: Peer<readonly Buffer[]>[] = [
  {
    name: 'HTTPParser (llhttp)',
    lacks: 'checks of Host and targets, lower-case names, limits for each request, a body behind Upgrade',
    make() {
      const { binding } = process as unknown as { binding(name: string): Binding };
      const { HTTPParser, allMethods } = binding('http_parser');
      return digestWith(HTTPParser, allMethods);
    },
  },
  {
    name: 'http-parser-js',
    package: 'http-parser-js',
    lacks: 'most checks: bare LF, folds, NUL, spaces before colons, lengths and sizes in any notation',
    async make() {
      const { HTTPParser } = (await import('http-parser-js')) as unknown as Binding;
      void HTTPParser.kOnExecute; // from here on its callbacks take what Node's take
      return digestWith(HTTPParser, HTTPParser.methods);
    },
  },
];

function requests(id: string, title: string, request: typeof browserRequest): Contest {
  return contest<readonly Buffer[]>({
    id,
    title,
    rate: { perCall: REQUESTS / 1e6, unit: 'M requests/s' },
    prepare: (random) => Array.from({ length: REQUESTS }, () => request(random)),
    reference,
    peers,
  });
}

function reference(): (input: readonly Buffer[]) => number[] {
  const parser = new RequestParser();
  return (input) => parseAll(parser, input);
}

export default [
  requests('h1-browser', 'requests of 703 octets and 15 fields, as a browser sends them', browserRequest),
  requests('h1-tool', 'requests of 70 octets and 2 fields, as a load generator sends them', toolRequest),
  contest<readonly Buffer[]>({
    id: 'h1-chunks',
    title: 'an upload in chunks of 512 octets',
    rate: { perCall: (CHUNKS * 512 * 8) / 1e9, unit: 'Gbit/s' },
    prepare: (random) => [chunkedUpload(random, CHUNKS)],
    reference,
    peers,
  }),
];
