/** The decoders take any bytes, and name each of them once. */
import { expect, test } from 'vitest';
import { decodeHttp1 } from '../../kit/decode/http1.ts';
import { decodeHttp2, frameFields } from '../../kit/decode/http2.ts';
import type { Unit } from '../../kit/decode/unit.ts';
import { Random } from '../../kit/random.ts';

const random = new Random(1, 'decode');

const samples = {
  http1: Buffer.from(
    'POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nA: b\r\n\r\n' +
      'GET / HTTP/1.1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 204 \r\n\r\nHTTP/1.0 200 OK\r\n\r\nrest',
  ),
  http2: Buffer.from(
    '505249202a20485454502f322e300d0a0d0a534d0d0a0d0a00000c04000000000000030000006400040000ffff' +
      '000005012c000000018286848741000006000900000001026869000000000004080000000000000000ff000008070000000000000000010000000b',
    'hex',
  ),
};

/** The sample, cut short, with bytes changed, moved and repeated. */
function mutant(sample: Buffer): Buffer {
  const out = Buffer.from(sample.subarray(0, random.int(0, sample.length)));
  for (let i = random.int(0, 4); i > 0 && out.length > 0; i--) {
    out[random.int(0, out.length - 1)] = random.pick([0, 0xff, 0x0a, 0x0d, 0x3a, random.int(0, 255)]);
  }
  return random.int(0, 3) === 0 ? Buffer.concat([out, sample.subarray(random.int(0, sample.length))]) : out;
}

function expectTiling(units: Unit[], length: number): void {
  const ends = units.map(({ to }) => to);
  expect(units.map(({ from }) => from)).toEqual([0, ...ends].slice(0, units.length));
  expect(ends.at(-1) ?? 0).toBe(length);
  for (const { from, to, fields } of units) {
    const astray = fields.filter((field) => !(from <= field.from && field.from < field.to && field.to <= to));
    expect(astray).toEqual([]);
  }
}

test.each([
  ['HTTP/1', decodeHttp1, samples.http1],
  ['HTTP/2', decodeHttp2, samples.http2],
])('%s: every byte belongs to one unit, whatever the bytes are', (_, decode, sample) => {
  expectTiling(decode(sample), sample.length);
  for (let i = 0; i < 1000; i++) {
    const data = mutant(sample);
    expectTiling(decode(data), data.length);
  }
});

test('HTTP/1 messages are told apart by their lengths', () => {
  const names = decodeHttp1(samples.http1).map(({ summary }) => summary.split(':')[0]);
  expect(names).toEqual([
    ...['request line', 'header', 'header', 'end of head', 'chunk of 5 bytes', 'chunk data', 'end of chunk'],
    ...['last chunk', 'trailer', 'end of trailers', 'request line', 'end of head'],
    ...['status line', 'header', 'end of head', 'body, 3 of 3 bytes', 'status line', 'end of head'],
    ...['status line', 'end of head', 'body, up to the end of the stream'],
  ]);
});

test('the fields of a request line', () => {
  const [unit] = decodeHttp1(Buffer.from('GET /a HTTP/1.1\r\n'));
  expect(unit!.fields).toEqual([
    { name: 'method', from: 0, to: 3 },
    { name: 'target', from: 4, to: 6 },
    { name: 'version', from: 7, to: 15 },
  ]);
});

test('the fields of a frame, padding and priority too', () => {
  const frame = Buffer.from('00000d012c00000001' + '02' + '80000003' + '0f' + '82868487' + '0000' + 'ff', 'hex');
  expect(frameFields(frame).map(({ name, from, to }) => `${name} ${from}-${to}`)).toEqual([
    ...['length 0-3', 'type 3-4', 'flags 4-5', 'stream identifier 5-9', 'pad length 9-10'],
    ...['stream dependency 10-14', 'weight 14-15', 'header block fragment 15-20', 'padding 20-22'],
  ]);
});
