/** The most that a line may be: exact, counted in bytes, and enforced before the line has ended. */
import { NdjsonParser } from '#subject/07-ndjson/ndjson.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok, throws } from '../../../kit/check.ts';
import { faultOf, lineCase, lines, MB, memory, utf8 } from './support.ts';

const group = 'limits';
const clause = 'RFC 8259 §9';

lineCase(
  {
    id: 'ndjson-limit-exact',
    title: 'a line of exactly the maximum passes',
    clause,
    why: 'a limit that is one off refuses what was agreed on',
    group,
  },
  {
    input: '"12345678"\n"abcdefgh"\n"ABCDEFGH"',
    values: ['12345678', 'abcdefgh', 'ABCDEFGH'],
    options: { maxLineBytes: 10 },
  },
);

lineCase(
  {
    id: 'ndjson-limit-plus-one',
    title: 'a line of one byte more is refused',
    clause,
    why: 'the boundary is where `<` and `<=` differ',
    group,
  },
  { input: '"12345678"\n"abcdefghi"\n3\n', values: ['12345678'], last: ['too-long', 2], options: { maxLineBytes: 10 } },
);

lineCase(
  {
    id: 'ndjson-limit-before-newline',
    title: 'and it is refused before its newline has come',
    clause,
    why: 'a line that never ends is the attack: who waits for the newline to count has stored it all',
    group,
  },
  { input: '1\n"abcdefghij', values: [1], last: ['too-long', 2], options: { maxLineBytes: 10 }, end: false },
);

lineCase(
  {
    id: 'ndjson-limit-cr-counts',
    title: 'all bytes in front of the LF count, a CR too',
    clause: 'statement: the limit',
    why: 'one rule, no exceptions',
    group,
  },
  { input: '"abcdefg"\r\n"abcdefgh"\r\n', values: ['abcdefg'], last: ['too-long', 2], options: { maxLineBytes: 10 } },
);

lineCase(
  {
    id: 'ndjson-limit-in-bytes',
    title: 'bytes are counted, not characters',
    clause: 'statement: the limit',
    why: 'memory is bytes: “€” is three, and one in the length of a string',
    group,
  },
  { input: '"€€"\n"€€€"\n', values: ['€€'], last: ['too-long', 2], options: { maxLineBytes: 10 } },
);

lineCase(
  {
    id: 'ndjson-limit-blank',
    title: 'a line of spaces can be too long as well',
    clause: 'statement: the limit',
    why: 'what is ignored in the end must be held until then',
    group,
  },
  { input: '1\n           \n', values: [1], last: ['too-long', 2], options: { maxLineBytes: 10 } },
);

lineCase(
  {
    id: 'ndjson-limit-skip',
    title: 'skip passes over a line that is too long, and reports it once',
    clause: 'statement: bad lines',
    why: 'its end must be found without storing it, and the line behind it must not be lost',
    group,
  },
  {
    input: '1\n"a line that is much too long"\n3\n"abcdefghi"\n5\n"and at the end, too"',
    values: [1, 3, 5],
    at: [1, 3, 5],
    reported: [
      ['too-long', 2],
      ['too-long', 4],
      ['too-long', 6],
    ],
    options: { onError: 'skip', maxLineBytes: 10 },
  },
);

testCase(
  {
    id: 'ndjson-limit-passes-megabytes',
    title: 'of a line that is too long, nothing is kept while the rest of it comes',
    clause,
    why: 'skipping a line of a gigabyte must not need a gigabyte',
    group,
  },
  () => {
    const faults: unknown[] = [];
    const report = (error: Error): void => void faults.push(faultOf(error));
    const parser = new NdjsonParser({ onError: 'skip', maxLineBytes: 1_000, report });
    const chunk = Buffer.alloc(65_536, 'x');
    const before = memory();
    for (let sent = 0; sent < 192 * MB; sent += chunk.length) {
      parser.push(chunk);
      equal(parser.next(), { type: 'need-more' }, 'the event after another chunk of the same line');
      equal(faults, [['too-long', 1]], 'faults reported');
      const grown = memory() - before;
      ok(
        grown < 96 * MB,
        'memory, after at most 192 MB: less than 96 MB more than before',
        `it grew by ${grown} bytes`,
      );
    }
    parser.push(utf8('x\n2\n'));
    equal(parser.next(), { type: 'record', line: 2, value: 2 }, 'the event behind the line');
    equal(faults, [['too-long', 1]], 'faults reported');
  },
);

testCase(
  {
    id: 'ndjson-limit-default',
    title: 'without the option the maximum is 1,048,576 bytes',
    clause,
    why: 'a limit that must be switched on protects nobody',
    group,
  },
  () => {
    const line = (length: number): string => `"${'x'.repeat(length - 2)}"\n`;
    const passing = lines(`${line(1_048_576)}2\n`);
    equal([passing.records.length, passing.last], [2, 'end'], 'records and end, with a line of 1,048,576 bytes');
    equal(lines(line(1_048_577)).last, ['too-long', 1], 'with a line of one byte more');
  },
);

testCase(
  {
    id: 'ndjson-limit-large',
    title: 'a larger maximum lets larger lines through',
    clause,
    why: 'whoever sends images as base64 needs megabytes',
    group,
  },
  () => {
    const text = 'y'.repeat(3_000_000);
    const input = utf8(`1\n"${text}"\n3\n`);
    const chunks = Array.from({ length: 46 }, (_, i) => input.subarray(i * 65_536, (i + 1) * 65_536));
    const { records, last } = lines(chunks, { maxLineBytes: 4_000_000 });
    const got = records.map(([line, value]) => [line, value === text ? 'the text' : value]);
    equal(
      got,
      [
        [1, 1],
        [2, 'the text'],
        [3, 3],
      ],
      'records',
    );
    equal(last, 'end', 'how it ended');
  },
);

testCase(
  {
    id: 'ndjson-limit-gives-back',
    title: 'when a long line is out, its memory is given back',
    clause: 'statement: push, end, next',
    why: 'ten thousand idle connections, each with the memory of the longest line that it has ever seen',
    group,
  },
  () => {
    const long = Buffer.alloc(4 * MB, 'x');
    long.write('"');
    const idle: NdjsonParser[] = [];
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 1; i <= 40; i++) {
      const parser = new NdjsonParser({ maxLineBytes: 5 * MB });
      parser.push(long);
      equal(parser.next(), { type: 'need-more' }, 'the event while the line comes');
      parser.push(utf8('"\n'));
      equal(parser.next().type, 'record', 'the type of the event when it has come');
      equal(parser.next(), { type: 'need-more' }, 'the event behind it');
      idle.push(parser);
      const grown = process.memoryUsage().arrayBuffers - before;
      ok(
        grown < 144 * MB,
        `less than 144 MB for ${idle.length} idle parsers, each of which has seen a line of 4 MB`,
        `${grown} bytes`,
      );
    }
  },
);

lineCase(
  {
    id: 'ndjson-limit-one',
    title: 'the least maximum is 1',
    clause: 'statement: the limit',
    why: 'a feed of digits is a feed',
    group,
  },
  { input: '1\n2\n34\n', values: [1, 2], last: ['too-long', 3], options: { maxLineBytes: 1 } },
);

testCase(
  {
    id: 'ndjson-limit-invalid',
    title: 'a maximum that is no whole number from 1 on is refused',
    clause: 'statement: the limit',
    why: 'NaN compares as false with everything: a limit of NaN is none',
    group,
  },
  () => {
    for (const maxLineBytes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => new NdjsonParser({ maxLineBytes }), { name: 'RangeError' }, `maxLineBytes: ${maxLineBytes}`);
    }
  },
);
