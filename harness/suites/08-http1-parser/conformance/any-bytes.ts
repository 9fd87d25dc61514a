/** Requests drawn at random, written down by the grammar, cut anywhere; and octets that are no requests. */
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { fc, property } from '../../../kit/property.ts';
import { chunked, head, NEXT, post } from '../support/declare.ts';
import { observe, type Seen, seen } from '../support/observe.ts';

const group = 'any bytes';

const TCHARS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
const text = (octets: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...octets), minLength, maxLength });
const range = (from: number, to: number): string =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
const anyOctets = fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets).toString('latin1'));

/** A field that the parser gives no meaning to: its name begins with x. */
const field = fc
  .tuple(text(TCHARS, 0, 8), text(`${range(0x21, 0x7e)}${range(0x80, 0xff)} \t`, 0, 12), text(' \t', 0, 2))
  .map(([name, value, ows]) => ({
    line: `X${name}:${ows}${value}${ows}\r\n`,
    seen: [`x${name}`, value.replace(/^[ \t]+|[ \t]+$/g, '')] as [string, string],
  }));
const fields = fc.array(field, { maxLength: 4 });

interface Written {
  bytes: string;
  seen: Seen;
}

const start = fc.record({
  method: text(TCHARS, 1, 9).filter((method) => method !== 'connect'),
  path: text(range(0x21, 0x7e), 0, 12),
  fields,
});

const withLength: fc.Arbitrary<Written> = fc.tuple(start, anyOctets).map(([{ method, path, fields }, body]) => ({
  bytes: `${method} /${path} HTTP/1.1\r\nHost: a\r\n${lines(fields)}Content-Length: ${body.length}\r\n\r\n${body}`,
  seen: seen({
    method,
    target: `/${path}`,
    headers: [['host', 'a'], ...fields.map((each) => each.seen), ['content-length', String(body.length)]],
    bodyLength: body.length,
    body,
  }),
}));

const chunk = fc
  .tuple(anyOctets, text(' ;=abc"', 0, 6), fc.boolean())
  .map(([data, extension, upper]) => {
    const size = data.length.toString(16);
    return { data, bytes: `${upper ? size.toUpperCase() : size}${extension && `;${extension}`}\r\n${data}\r\n` };
  })
  .filter(({ data }) => data.length > 0);

const withChunks: fc.Arbitrary<Written> = fc
  .tuple(start, fc.array(chunk, { maxLength: 4 }), fields)
  .map(([{ method, path, fields }, chunks, trailers]) => ({
    bytes:
      `${method} /${path} HTTP/1.1\r\nHost: a\r\n${lines(fields)}Transfer-Encoding: chunked\r\n\r\n` +
      `${chunks.map((each) => each.bytes).join('')}0\r\n${lines(trailers)}\r\n`,
    seen: seen({
      method,
      target: `/${path}`,
      headers: [['host', 'a'], ...fields.map((each) => each.seen), ['transfer-encoding', 'chunked']],
      bodyLength: 'chunked',
      body: chunks.map(({ data }) => data).join(''),
      trailers: trailers.map((each) => each.seen),
    }),
  }));

function lines(fields: { line: string }[]): string {
  return fields.map(({ line }) => line).join('');
}

const cuts = fc.array(fc.nat(400), { maxLength: 12 });

function cutAt(bytes: Buffer, places: number[]): Buffer[] {
  const at = [0, ...[...new Set(places)].filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
  // Copies: no octet of a neighbour lies behind a chunk.
  return at.slice(1).map((end, i) => Buffer.from(bytes.subarray(at[i], end)));
}

testCase(
  {
    id: 'h1-any-requests',
    title: 'whatever the grammar allows is understood, however it is cut',
    clause: 'RFC 9112 §2-7',
    why: 'nobody thinks of all combinations: these are drawn at random, and the smallest failing one is shown',
    group,
  },
  (t) => {
    const input = fc.tuple(fc.array(fc.oneof(withLength, withChunks), { minLength: 1, maxLength: 3 }), cuts);
    property(
      t,
      'requests are reported as they were written',
      input,
      ([written, places]) => {
        const bytes = Buffer.from(written.map((each) => each.bytes).join(''), 'latin1');
        const expected = { requests: written.map((each) => each.seen), last: 'need-more' };
        equal(observe(cutAt(bytes, places)) as object, expected, 'what the parser says');
      },
      {
        runs: 150,
        show: ([written, places]) => [...written.map(({ bytes }) => JSON.stringify(bytes)), `cut at ${places}`],
      },
    );
  },
);

testCase(
  {
    id: 'h1-any-octets',
    title: 'damaged requests lead to the same outcome however they are cut, and to no other error than a ParseError',
    clause: 'RFC 9112 §2.2',
    why: 'a TypeError in a parser takes the whole server down, with everybody’s requests',
    group,
  },
  (t) => {
    const whole = [
      head(['A: b', 'B:']),
      post(['Content-Length: 5'], 'hello'),
      chunked('5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n'),
      NEXT,
    ].join('');
    const hostile = fc.constantFrom(...'\r\n\0\t :;,0xfg\x0b\x7f\x80\xa0'.split(''));
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(0, 1, 2), hostile), {
      minLength: 1,
      maxLength: 3,
    });
    property(
      t,
      'the outcome depends on the octets alone',
      fc.tuple(damage, cuts),
      ([changes, places]) => {
        let damaged = whole;
        for (const [at, remove, insert] of changes)
          damaged = damaged.slice(0, at) + insert + damaged.slice(at + remove);
        const bytes = Buffer.from(damaged, 'latin1');
        equal(
          observe(cutAt(bytes, places)),
          observe([Buffer.from(bytes)]),
          'the outcome when cut, compared with whole',
        );
      },
      { runs: 300, show: ([changes, places]) => [JSON.stringify(changes), `cut at ${places}`] },
    );
  },
);
