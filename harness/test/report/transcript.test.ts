/** A conversation as a person reads it. */
import { expect, test } from 'vitest';
import type { TranscriptEntry } from '../../kit/failure.ts';
import { Transcript } from '../../kit/transcript.ts';
import { transcriptLines } from '../../report/transcript.ts';

const draw = (entries: TranscriptEntry[]): string =>
  `\n${transcriptLines(entries.map((entry, i) => ({ ...entry, ms: i / 4 }))).join('\n')}\n`;

const client = { who: 'client', local: '127.0.0.1:40312', remote: '127.0.0.1:41877' };
const server = { who: 'server', local: '127.0.0.1:41877', remote: '127.0.0.1:40312' };

test('names the lines of HTTP/1, across chunks', () => {
  const transcript = new Transcript();
  const side = { ...client, protocol: 'http1' as const };
  transcript.bytes(side, 'sent', Buffer.from('POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Enc'));
  transcript.bytes(side, 'sent', Buffer.from('oding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n'));
  transcript.note(side, 'ended');
  transcript.bytes(
    { ...server, protocol: 'http1' },
    'sent',
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel'),
  );
  transcript.note(side, 'got reset', 'ECONNRESET');
  expect(draw(transcript.entries)).toMatchInlineSnapshot(`
    "
        0.000 ms  client  127.0.0.1:40312 → 127.0.0.1:41877
        0.000 ms  client  sent 39 bytes
                    request line: POST /a HTTP/1.1␍␊
                    header: Host: a␍␊
                    header: Transfer-Encoding: chunked␍␊ …
        0.250 ms  client  sent 43 bytes
                    … header: Transfer-Encoding: chunked␍␊
                    end of head: ␍␊
                    chunk of 5 bytes: 5;x=y␍␊
                    chunk data: hello
                    end of chunk: ␍␊
                    last chunk: 0␍␊
                    trailer: A: b␍␊
                    end of trailers: ␍␊
        0.500 ms  client  ended
        0.750 ms  server  127.0.0.1:41877 → 127.0.0.1:40312
        0.750 ms  server  sent 41 bytes
                    status line: HTTP/1.1 200 OK␍␊
                    header: Content-Length: 5␍␊
                    end of head: ␍␊
                    body, 3 of 5 bytes: hel
        1.000 ms  client  got reset: ECONNRESET
    "
  `);
});

test('names the fields of HTTP/2 frames', () => {
  const transcript = new Transcript();
  const frames = [
    '505249202a20485454502f322e300d0a0d0a534d0d0a0d0a',
    '00000c040000000000' + '000300000064' + '00040000ffff',
    '000005010500000001' + '8286848741',
    '000006000900000001' + '0268690000' + '00',
    '00000408000000000000007fff',
    '000008070000000000' + '00000001' + '0000000b',
    '0000040300800000010000000800',
  ];
  for (const frame of frames) transcript.bytes({ ...client, protocol: 'http2' }, 'sent', Buffer.from(frame, 'hex'));
  expect(draw(transcript.entries)).toMatchInlineSnapshot(`
    "
        0.000 ms  client  127.0.0.1:40312 → 127.0.0.1:41877
        0.000 ms  client  sent 24 bytes
                    connection preface
                    0000  50 52 49 20 2a 20 48 54  54 50 2f 32 2e 30 0d 0a  PRI * HTTP/2.0..
                    0010  0d 0a 53 4d 0d 0a 0d 0a                           ..SM....
        0.250 ms  client  sent 21 bytes
                    SETTINGS, stream 0, length 12, MAX_CONCURRENT_STREAMS=100, INITIAL_WINDOW_SIZE=65535
                    0000  00 00 0c 04 00 00 00 00  00 00 03 00 00 00 64 00  ..............d.
                    0010  04 00 00 ff ff                                    .....
        0.500 ms  client  sent 14 bytes
                    HEADERS, END_STREAM+END_HEADERS, stream 1, length 5, header block fragment 5 bytes
                    0000  00 00 05 01 05 00 00 00  01 82 86 84 87 41        .............A
        0.750 ms  client  sent 15 bytes
                    DATA, END_STREAM+PADDED, stream 1, length 6, pad length 2, data 3 bytes “hi␀”
                    0000  00 00 06 00 09 00 00 00  01 02 68 69 00 00 00     ..........hi...
        1.000 ms  client  sent 13 bytes
                    WINDOW_UPDATE, stream 0, length 4, increment 32767
                    0000  00 00 04 08 00 00 00 00  00 00 00 7f ff           .............
        1.250 ms  client  sent 17 bytes
                    GOAWAY, stream 0, length 8, last stream 1, error code ENHANCE_YOUR_CALM
                    0000  00 00 08 07 00 00 00 00  00 00 00 00 01 00 00 00  ................
                    0010  0b                                                .
        1.500 ms  client  sent 14 bytes
                    RST_STREAM, stream 1 (reserved bit set), length 4, error code CANCEL
                    frame header, 1 of 9 bytes
                    0000  00 00 04 03 00 80 00 00  01 00 00 00 08 00        ..............
    "
  `);
});

test('dumps what has no protocol', () => {
  const transcript = new Transcript();
  transcript.bytes(client, 'sent', Buffer.from('hello'));
  expect(draw(transcript.entries)).toMatchInlineSnapshot(`
    "
        0.000 ms  client  127.0.0.1:40312 → 127.0.0.1:41877
        0.000 ms  client  sent 5 bytes
                    0000  68 65 6c 6c 6f                                    hello
    "
  `);
});

test('keeps the beginning and the end of what is very long, and says so', () => {
  const transcript = new Transcript();
  const side = { ...client, protocol: 'http1' as const };
  transcript.bytes(side, 'sent', Buffer.from('POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n'));
  for (let i = 0; i < 3000; i++) transcript.bytes(side, 'sent', Buffer.alloc(1000, `${i % 10}`));
  transcript.note(side, 'got reset');
  const { entries } = transcript;
  expect(entries.length).toBeLessThan(500);
  expect(entries.reduce((sum, { hex = '' }) => sum + hex.length / 2, 0)).toBeLessThan(128 * 1024);
  const gap = entries.findIndex(({ what }) => what === 'cut');
  expect(entries[gap]!.note).toBe(`${3002 - (entries.length - 1)} entries are left out`);
  expect(entries.at(-1)!.what).toBe('got reset');
  const lines = transcriptLines(entries);
  expect(lines.some((line) => line.includes('request line: POST /'))).toBe(true);
  // After the gap nothing is decoded: the bytes are shown as they are.
  expect(lines.some((line) => line.includes('39 39 39 39'))).toBe(true);
});

test('one very long entry is cut', () => {
  const transcript = new Transcript();
  transcript.bytes(client, 'sent', Buffer.alloc(1_000_000));
  expect(transcript.entries[0]).toMatchObject({ length: 1_000_000, hex: '00'.repeat(16 * 1024) });
});

test('what is recorded is not changed when its memory is reused', () => {
  const transcript = new Transcript();
  const data = Buffer.from('before');
  transcript.bytes(client, 'sent', data);
  data.fill('x');
  expect(transcript.entries[0]!.hex).toBe(Buffer.from('before').toString('hex'));
});
