/** Where a line ends, which lines hold nothing, and how lines are counted. */
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { lineCase, lines, utf8 } from './support.ts';

const group = 'lines';

lineCase(
  {
    id: 'ndjson-one-per-line',
    title: 'each line gives one record',
    clause: 'NDJSON §3.1',
    why: 'the whole format: a value, a newline, and again',
    group,
  },
  { input: '{"a":1}\n{"b":[2,3]}\n{"c":{"d":"e"}}\n', values: [{ a: 1 }, { b: [2, 3] }, { c: { d: 'e' } }] },
);

lineCase(
  {
    id: 'ndjson-waits-for-newline',
    title: 'a line is not a record before its newline has come',
    clause: 'NDJSON §3.1',
    why: '12 may be the beginning of 123: whoever parses at the end of a chunk gets it wrong now and then',
    group,
  },
  { input: '{"a":1}\n12', values: [{ a: 1 }], last: 'need-more', end: false },
);

lineCase(
  {
    id: 'ndjson-no-final-newline',
    title: 'the last line may lack its newline',
    clause: 'statement: the end of the stream',
    why: 'half of all files end so, and their last record is lost quietly',
    group,
  },
  { input: '{"a":1}\n{"b":2}', values: [{ a: 1 }, { b: 2 }] },
);

lineCase(
  {
    id: 'ndjson-empty-stream',
    title: 'a stream without a byte has no record and no fault',
    clause: 'statement: the end of the stream',
    why: 'an empty result is an ordinary result',
    group,
  },
  { input: '' },
);

lineCase(
  {
    id: 'ndjson-crlf',
    title: 'CR LF ends a line as LF does, also when mixed',
    clause: 'NDJSON §3.2',
    why: 'the standard demands it; files from Windows and from printf("\\r\\n") come so',
    group,
  },
  {
    input: '{"a":1}\r\n{"b":2}\n"c"\r\n',
    values: [{ a: 1 }, { b: 2 }, 'c'],
    marks: [{ at: 8, name: 'between CR and LF' }],
  },
);

lineCase(
  {
    id: 'ndjson-blank-lines',
    title: 'empty lines are passed over, and counted',
    clause: 'NDJSON §3.2',
    why: 'they serve as keep-alives in long-lived streams; an editor must find line 4 where the error says line 4',
    group,
  },
  { input: '\n{"a":1}\n\n\r\n{"b":2}\n\n', values: [{ a: 1 }, { b: 2 }], at: [2, 5] },
);

lineCase(
  {
    id: 'ndjson-white-space-lines',
    title: 'lines of spaces and tabs count as empty',
    clause: 'RFC 8259 §2',
    why: 'nobody sees the difference in an editor',
    group,
  },
  { input: ' \n1\n\t \t\r\n2\n \r \n3\n  ', values: [1, 2, 3], at: [2, 4, 6] },
);

lineCase(
  {
    id: 'ndjson-blank-error',
    title: 'with blankLines: error an empty line is a fault',
    clause: 'NDJSON §3.2',
    why: 'the behaviour should be the caller’s choice; where every line counts, a lost one must show',
    group,
  },
  { input: '1\n2\n\n3\n', values: [1, 2], last: ['blank-line', 3], options: { blankLines: 'error' } },
);

lineCase(
  {
    id: 'ndjson-blank-error-white-space',
    title: 'and so is a line of spaces, whatever `parse` would make of it',
    clause: 'NDJSON §3.2',
    why: 'what is blank is decided before the line is parsed',
    group,
  },
  { input: '1\n \t\n', values: ['1'], last: ['blank-line', 2], options: { blankLines: 'error', parse: String } },
);

lineCase(
  {
    id: 'ndjson-white-space-around',
    title: 'spaces and tabs around a value belong to nothing',
    clause: 'RFC 8259 §2',
    why: 'indented and aligned lines are valid JSON',
    group,
  },
  { input: '  {"a" : 1 }\t\n\t2 \r\n', values: [{ a: 1 }, 2] },
);

lineCase(
  {
    id: 'ndjson-lone-cr',
    title: 'a CR alone ends no line',
    clause: 'NDJSON §3.2',
    why: 'readline and many a regular expression split there, and make two records of a broken one',
    group,
  },
  { input: '[1,\r2]\n1\r2\n', values: [[1, 2]], last: ['bad-json', 2] },
);

lineCase(
  {
    id: 'ndjson-number-split',
    title: 'a number that is cut in two is one number',
    clause: 'RFC 9293 §2.2',
    why: 'both halves are valid JSON: nothing but the newline tells that there is more',
    group,
  },
  { input: '12345678\n-1.5e-7\n', values: [12345678, -1.5e-7] },
);

testCase(
  {
    id: 'ndjson-many-lines',
    title: 'ten thousand lines in one chunk, and the same in chunks of a thousand bytes',
    clause: 'NDJSON §3.1',
    why: 'a chunk from a socket may hold one part of a line, or thousands of lines',
    group,
  },
  () => {
    const values = Array.from({ length: 10_000 }, (_, i) => ({ i, odd: i % 2 === 1 }));
    const input = utf8(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    const records = values.map((value, i): [number, unknown] => [i + 1, value]);
    const cut = Array.from({ length: Math.ceil(input.length / 1_000) }, (_, i) =>
      input.subarray(i * 1_000, (i + 1) * 1_000),
    );
    equal(lines([input]).records, records, 'records of one chunk');
    equal(lines(cut).records, records, 'records of many chunks');
  },
);
