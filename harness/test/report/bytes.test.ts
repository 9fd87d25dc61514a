/** What a person sees of bytes that differ. */
import { expect, test } from 'vitest';
import { frameFields } from '../../kit/decode/http2.ts';
import { differenceLines, hexDump } from '../../report/bytes.ts';

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const draw = (lines: string[]): string => `\n${lines.join('\n')}\n`;

test('puts the caret under the first wrong byte, in hex and in ASCII', () => {
  const [expected, actual] = [
    'GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /index.html HTTP/1.1\r\nhost: a\r\n\r\n',
  ];
  const lines = differenceLines({ expected: hex(expected), actual: hex(actual), at: 26 });
  expect(draw(lines)).toMatchInlineSnapshot(`
    "
    both      0000  47 45 54 20 2f 69 6e 64  65 78 2e 68 74 6d 6c 20  GET /index.html
    expected  0010  48 54 54 50 2f 31 2e 31  0d 0a 48 6f 73 74 3a 20  HTTP/1.1..Host:
    got       0010  48 54 54 50 2f 31 2e 31  0d 0a 68 6f 73 74 3a 20  HTTP/1.1..host:
                                                   ^^                           ^
                    byte 26 is 68, not 48
    both      0020  61 0d 0a 0d 0a                                    a....
    "
  `);
  const [row, under] = [lines[2]!, lines[3]!];
  expect(row.slice(under.indexOf('^^'), under.indexOf('^^') + 2)).toBe('68');
  expect(row[under.lastIndexOf('^')]).toBe('h');
});

test('names the field the byte is in', () => {
  const expected = Buffer.from('000008060000000001' + '0000000000000000', 'hex');
  const actual = Buffer.from('000008060000000003' + '0000000000000000', 'hex');
  const fields = frameFields(expected);
  const lines = differenceLines({ expected: expected.toString('hex'), actual: actual.toString('hex'), at: 8, fields });
  expect(draw(lines)).toMatchInlineSnapshot(`
    "
    expected  0000  00 00 08 06 00 00 00 00  01 00 00 00 00 00 00 00  ................
    got       0000  00 00 08 06 00 00 00 00  03 00 00 00 00 00 00 00  ................
                                             ^^                               ^
                    byte 8 is 03, not 01, in the stream identifier (bytes 5 to 8)
    both      0010  00                                                .
    "
  `);
});

test('says what is missing and what is too much', () => {
  expect(draw(differenceLines({ expected: hex('hello'), actual: hex('hel'), at: 3 }))).toMatchInlineSnapshot(`
    "
    expected  0000  68 65 6c 6c 6f                                    hello
    got       0000  68 65 6c                                          hel
                             ^^                                          ^
                    byte 3: nothing, where 6c should be
    "
  `);
  expect(draw(differenceLines({ expected: hex('hel'), actual: hex('hello'), at: 3 }))).toMatchInlineSnapshot(`
    "
    expected  0000  68 65 6c                                          hel
    got       0000  68 65 6c 6c 6f                                    hello
                             ^^                                          ^
                    byte 3: 6c, where nothing should be
    "
  `);
  expect(
    draw(differenceLines({ expected: hex('x'.repeat(16)), actual: hex('x'.repeat(17)), at: 16 })),
  ).toMatchInlineSnapshot(`
    "
    both      0000  78 78 78 78 78 78 78 78  78 78 78 78 78 78 78 78  xxxxxxxxxxxxxxxx
    expected  0010
    got       0010  78                                                x
                    ^^                                                ^
                    byte 16: 78, where nothing should be
    "
  `);
});

test('shows no more than a neighbourhood', () => {
  const lines = differenceLines({
    expected: hex('a'.repeat(500)),
    actual: hex(`${'a'.repeat(200)}b${'a'.repeat(299)}`),
    at: 200,
  });
  expect(draw(lines)).toMatchInlineSnapshot(`
    "
    both      00b0  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  aaaaaaaaaaaaaaaa
    expected  00c0  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  aaaaaaaaaaaaaaaa
    got       00c0  61 61 61 61 61 61 61 61  62 61 61 61 61 61 61 61  aaaaaaaabaaaaaaa
                                             ^^                               ^
                    byte 200 is 62, not 61
    both      00d0  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  aaaaaaaaaaaaaaaa
              … up to byte 499
    "
  `);
});

test('dumps are cut', () => {
  expect(draw(hexDump(Buffer.alloc(40, 1), 2))).toMatchInlineSnapshot(`
    "
    0000  01 01 01 01 01 01 01 01  01 01 01 01 01 01 01 01  ................
    0010  01 01 01 01 01 01 01 01  01 01 01 01 01 01 01 01  ................
          … 8 more bytes
    "
  `);
});
