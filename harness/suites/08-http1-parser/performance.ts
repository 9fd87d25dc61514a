/**
 * What parsing costs: memory for a body that is only passed on, growth with what a client may make long, and
 * the rate of requests as browsers and as tools send them.
 */
import { RequestParser } from '#subject/08-http1-parser/http1-parser.ts';
import { bytesAllocated, count, growth, ratio } from '../../kit/performance.ts';
import type { Random } from '../../kit/random.ts';
import { browserRequest, chunkedUpload, parseAll, toolRequest } from './support/workloads.ts';

const BODY = 65_536;
const BROWSER_REQUESTS = 64;
const TOOL_REQUESTS = 256;
const CHUNKS = 256;

const unlimited = { maxHeaders: 1e6, maxHeaderBytes: 1e9, maxTarget: 1e9 };

export default [
  count({
    id: 'h1-body-allocation',
    title: `bytes allocated to pass on ${BODY / 1024} KiB of a body`,
    unit: 'bytes',
    measure(random) {
      const parser = new RequestParser();
      parser.push(Buffer.from('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000000000000\r\n\r\n'));
      while (parser.next().type !== 'need-more');
      const piece = random.bytes(BODY);
      return bytesAllocated(() => {
        parser.push(piece);
        while (parser.next().type !== 'need-more');
      });
    },
  }),

  growth({
    id: 'h1-drip-growth',
    title: 'a field of n octets that arrives octet by octet',
    n: 5_000,
    prepare(n, random) {
      const parser = new RequestParser(unlimited);
      const start = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nX: ');
      const octets = Array.from({ length: n }, () => Buffer.of(random.int(0x61, 0x7a)));
      return () => feed(parser, [start, ...octets, Buffer.from('\r\n\r\n')]);
    },
  }),

  growth({
    id: 'h1-fields-growth',
    title: 'a head of n fields in one piece',
    n: 1_250,
    prepare(n, random) {
      const parser = new RequestParser(unlimited);
      const fields = Array.from({ length: n }, (_, i) => `X-${i}: ${random.u32()}\r\n`);
      const head = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${fields.join('')}\r\n`);
      return () => feed(parser, [head]);
    },
  }),

  growth({
    id: 'h1-pipeline-growth',
    title: 'n requests in one piece',
    n: 500,
    prepare(n, random) {
      const parser = new RequestParser();
      const requests = Buffer.concat(Array.from({ length: n }, () => toolRequest(random)));
      return () => feed(parser, [requests]);
    },
  }),

  ratio({
    id: 'h1-browser-rate',
    title: 'requests of 703 octets and 15 fields, as a browser sends them',
    rate: { perCall: BROWSER_REQUESTS / 1e6, unit: 'M requests/s' },
    prepare: (random: Random) => Array.from({ length: BROWSER_REQUESTS }, () => browserRequest(random)),
    work: (requests) => parseAll(new RequestParser(), requests),
  }),

  ratio({
    id: 'h1-tool-rate',
    title: 'requests of 70 octets and 2 fields, as a load generator sends them',
    rate: { perCall: TOOL_REQUESTS / 1e6, unit: 'M requests/s' },
    prepare: (random: Random) => Array.from({ length: TOOL_REQUESTS }, () => toolRequest(random)),
    work: (requests) => parseAll(new RequestParser(), requests),
  }),

  ratio({
    id: 'h1-chunks-rate',
    title: 'an upload in chunks of 512 octets',
    rate: { perCall: (CHUNKS * 512 * 8) / 1e9, unit: 'Gbit/s' },
    prepare: (random: Random) => [chunkedUpload(random, CHUNKS)],
    work: (upload) => parseAll(new RequestParser(), upload),
  }),
];

function feed(parser: RequestParser, chunks: readonly Buffer[]): void {
  for (const chunk of chunks) {
    parser.push(chunk);
    while (parser.next().type !== 'need-more');
  }
}
