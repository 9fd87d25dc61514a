/** Bad lines: what is said of them, and the three policies. */
import { JsonArrayParser, NdjsonParser } from '#subject/07-ndjson/ndjson.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok, throws } from '../../../kit/check.ts';
import { lineCase, lines, utf8 } from './support.ts';

const group = 'bad lines';
const policies = 'statement: bad lines';

lineCase(
  {
    id: 'ndjson-bad-line',
    title: 'a line that is not JSON is an error with its line number; the records before it are out',
    clause: 'NDJSON §3.2',
    why: 'an error without a place, in a file of a million lines, helps nobody',
    group,
  },
  { input: '1\n\n{"a":}\n4\n', values: [1], last: ['bad-json', 3] },
);

testCase(
  {
    id: 'ndjson-bad-line-cause',
    title: 'the error is a RecordError that carries what JSON.parse said',
    clause: 'statement: bad lines',
    why: 'the line number says where, the cause says what',
    group,
  },
  () => {
    const parser = new NdjsonParser();
    parser.push(utf8('nonsense\n'));
    const error = throws(() => parser.next(), { name: 'RecordError', code: 'bad-json', line: 1 }, 'next');
    ok(error.cause instanceof SyntaxError, 'the cause is a SyntaxError', `it is ${String(error.cause)}`);
  },
);

testCase(
  {
    id: 'ndjson-fault-place',
    title: 'a fault has a line or an index, not both, and no cause if nothing was thrown',
    clause: 'statement: bad lines',
    why: 'the log says “line 3”, “element 3”, or something that confuses',
    group,
  },
  () => {
    const line = new NdjsonParser({ blankLines: 'error' });
    line.push(utf8('1\n\n'));
    line.next();
    const blank = throws(() => line.next(), { code: 'blank-line', line: 2, index: undefined }, 'next of a line');
    equal(blank.cause, undefined, 'its cause');
    const array = new JsonArrayParser();
    array.push(utf8('[1] 2'));
    array.next();
    const code = 'trailing-garbage';
    const behind = throws(() => array.next(), { code, line: undefined, index: 1 }, 'next of an array');
    equal(behind.cause, undefined, 'its cause');
  },
);

testCase(
  {
    id: 'ndjson-refuses-to-go-on',
    title: 'after it has thrown, next throws the same error again',
    clause: policies,
    why: 'a caller who swallows the first error must not take the rest for a complete stream',
    group,
  },
  () => {
    const parser = new NdjsonParser();
    parser.push(utf8('1\nx\n3\n'));
    parser.next();
    const error = throws(() => parser.next(), { code: 'bad-json', line: 2 }, 'next');
    equal(throws(() => parser.next(), {}, 'next, once more') === error, true, 'the same error');
    parser.push(utf8('4\n'));
    parser.end();
    equal(throws(() => parser.next(), {}, 'next, after more bytes and the end') === error, true, 'the same error');
  },
);

lineCase(
  {
    id: 'ndjson-skip',
    title: 'skip leaves bad lines out, reports each, and goes on',
    clause: policies,
    why: 'one bad line of a million should not cost the import',
    group,
  },
  {
    input: '1\nx\n{"a":}\n4\n]\n',
    values: [1, 4],
    at: [1, 4],
    reported: [
      ['bad-json', 2],
      ['bad-json', 3],
      ['bad-json', 5],
    ],
    options: { onError: 'skip' },
  },
);

testCase(
  {
    id: 'ndjson-report-in-order',
    title: 'a skipped line is reported when the parser passes it, before the next record',
    clause: policies,
    why: 'what is told too late cannot stop anything',
    group,
  },
  () => {
    const log: unknown[] = [];
    const parser = new NdjsonParser({ onError: 'skip', report: ({ code, line }) => log.push([code, line]) });
    parser.push(utf8('1\nx\n3\ny\n'));
    for (let i = 0; i < 3; i++) log.push(parser.next());
    const record = (line: number) => ({ type: 'record', line, value: line });
    equal(
      log,
      [record(1), ['bad-json', 2], record(3), ['bad-json', 4], { type: 'need-more' }],
      'reports and events, in order',
    );
  },
);

testCase(
  {
    id: 'ndjson-skip-without-report',
    title: 'skip and stop work without somebody who listens',
    clause: policies,
    why: 'report is optional',
    group,
  },
  () => {
    for (const [onError, values] of [['skip', [1, 3]] as const, ['stop', [1]] as const]) {
      const parser = new NdjsonParser({ onError });
      parser.push(utf8('1\nx\n3\n'));
      const seen: unknown[] = [];
      for (let i = 0; i < 2; i++) {
        const event = parser.next();
        if (event.type === 'record') seen.push(event.value);
      }
      equal(seen, [...values], `values with ${onError}`);
    }
  },
);

lineCase(
  {
    id: 'ndjson-stop',
    title: 'stop ends the stream at the first bad line, and reports it',
    clause: policies,
    why: 'a log whose writer crashed: everything before the damage is good',
    group,
  },
  { input: '1\n2\nx\n4\n', values: [1, 2], reported: [['bad-json', 3]], options: { onError: 'stop' }, end: false },
);

testCase(
  {
    id: 'ndjson-stop-drops',
    title: 'after a stop, end comes again and again, and what is pushed is dropped',
    clause: policies,
    why: 'the socket does not know yet that nobody is interested any more',
    group,
  },
  () => {
    const parser = new NdjsonParser({ onError: 'stop' });
    parser.push(utf8('x\n2\n'));
    equal(parser.next(), { type: 'end' }, 'the event after the bad line');
    parser.push(utf8('3\n'));
    parser.push(utf8('4\n'));
    equal(parser.next(), { type: 'end' }, 'the event after more bytes');
  },
);

lineCase(
  {
    id: 'ndjson-truncated',
    title: 'a last line that is no JSON, and has no newline, is truncated',
    clause: 'statement: the end of the stream',
    why: 'a sender that died half-way is something else than a sender of nonsense: here it helps to try again',
    group,
  },
  { input: '1\n{"a":[1,2', values: [1], last: ['truncated', 2] },
);

lineCase(
  {
    id: 'ndjson-truncated-character',
    title: 'and so is one that ends within a character',
    clause: 'statement: the end of the stream',
    why: 'the bytes are fine as far as they go',
    group,
  },
  { input: Buffer.from('1\n"\xe2\x82', 'latin1'), values: [1], last: ['truncated', 2] },
);

lineCase(
  {
    id: 'ndjson-truncated-skip',
    title: 'under skip it is reported, and the stream ends',
    clause: 'statement: the end of the stream',
    why: 'the policies hold for the last line as for any other',
    group,
  },
  { input: '1\n{"a":', values: [1], reported: [['truncated', 2]], options: { onError: 'skip' } },
);

lineCase(
  {
    id: 'ndjson-newline-required',
    title: 'with finalNewline: required a last line without newline is truncated though it parses',
    clause: 'NDJSON §3.1',
    why: 'the 12 of a connection that broke may have been 1200: on a socket, only the newline tells',
    group,
  },
  { input: '1\n12', values: [1], last: ['truncated', 2], options: { finalNewline: 'required' } },
);

lineCase(
  {
    id: 'ndjson-newline-required-present',
    title: 'which changes nothing for a stream that ends with a newline, or with blanks behind it',
    clause: 'NDJSON §3.1',
    why: 'nothing was lost',
    group,
  },
  { input: '1\n2\n \t', values: [1, 2], options: { finalNewline: 'required' } },
);

testCase(
  {
    id: 'ndjson-bad-lines-many',
    title: 'a stream of bad lines under skip needs no stack',
    clause: policies,
    why: 'a parser that calls itself for the line behind a bad one falls over the first binary file',
    group,
  },
  () => {
    const { records, reported } = lines(`${'x\n'.repeat(20_000)}1\n`, { onError: 'skip' });
    equal(reported.length, 20_000, 'faults reported');
    equal(records, [[20_001, 1]], 'records');
  },
);
