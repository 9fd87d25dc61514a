/** What may stand in a line: any JSON value, as JSON.parse reads it. */
import { NdjsonParser } from '#subject/07-ndjson/ndjson.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import { show } from '../../../kit/show.ts';
import { lineCase, lines, utf8 } from './support.ts';

const group = 'values';

lineCase(
  {
    id: 'ndjson-escaped-newline',
    title: 'an escaped newline in a string is no line end',
    clause: 'RFC 8259 §7',
    why: 'JSON strings cannot hold a bare newline: that is why lines can be cut without reading the JSON',
    group,
  },
  { input: '{"text":"a\\nb\\r\\nc"}\n"\\\\n"\n', values: [{ text: 'a\nb\r\nc' }, '\\n'] },
);

lineCase(
  {
    id: 'ndjson-scalars',
    title: 'strings, numbers and booleans are records, too',
    clause: 'RFC 8259 §2',
    why: 'a JSON text is any value since RFC 7159; 0, "" and false are easily taken for nothing',
    group,
  },
  { input: '0\n""\nfalse\n"text"\n-1.5e3\ntrue\n[]\n{}\n', values: [0, '', false, 'text', -1500, true, [], {}] },
);

lineCase(
  {
    id: 'ndjson-null',
    title: 'null is a record',
    clause: 'RFC 8259 §3',
    why: 'who takes null for “nothing yet” loses records, or ends a stream early',
    group,
  },
  { input: 'null\n1\nnull\n', values: [null, 1, null] },
);

testCase(
  {
    id: 'ndjson-proto',
    title: '__proto__ is an ordinary key, and changes no prototype',
    clause: 'RFC 8259 §4',
    why: 'an object that was copied with obj[key] = value hands its prototype to whoever sent the line (CWE-1321)',
    group,
  },
  () => {
    const { records } = lines('{"__proto__":{"admin":true},"constructor":1}\n{}\n');
    equal(records.length, 2, 'records');
    const [value, next] = records.map(([, v]) => v) as [Record<string, unknown>, Record<string, unknown>];
    equal(Object.keys(value), ['__proto__', 'constructor'], 'own keys');
    equal(Object.getPrototypeOf(value), Object.prototype, 'the prototype of the record');
    equal([value.admin, next.admin, ({} as { admin?: unknown }).admin], [undefined, undefined, undefined], 'admin');
  },
);

lineCase(
  {
    id: 'ndjson-one-value',
    title: 'two values in one line are a fault',
    clause: 'NDJSON §3.1',
    why: 'a sender that forgot a newline: both records are lost if one is guessed',
    group,
  },
  { input: '{"a":1}{"b":2}\n', last: ['bad-json', 1] },
);

lineCase(
  {
    id: 'ndjson-not-over-lines',
    title: 'a value does not go on in the next line',
    clause: 'NDJSON §3.1',
    why: 'pretty-printed JSON is no NDJSON; who joins lines until they parse is quadratic and joins too much',
    group,
  },
  { input: '{\n"a":1}\n', last: ['bad-json', 1] },
);

testCase(
  {
    id: 'ndjson-deep',
    title: 'a line nested 100,000 deep is parsed',
    clause: 'RFC 8259 §9',
    why: 'a parser that calls itself for each bracket ends its process: the sender chooses the depth',
    group,
  },
  () => {
    const depth = 100_000;
    const { records, last } = lines(`${'['.repeat(depth)}${']'.repeat(depth)}\n`);
    equal([records.length, last], [1, 'end'], 'records, and how it ended');
    equal(depthOf(records[0]?.[1], depth), depth, 'arrays in each other');
  },
);

testCase(
  {
    id: 'ndjson-numbers',
    title: 'numbers come as JSON.parse gives them',
    clause: 'RFC 8259 §6',
    why: 'digits beyond a double are lost without a word; whoever needs them must know, and use `parse`',
    group,
  },
  () => {
    const { records } = lines('1e400\n-1e400\n9007199254740993\n0.1\n-0\n');
    const values = [Infinity, -Infinity, 9007199254740992, 0.1, -0];
    equal(
      records.map(([, value]) => value),
      values,
      'values',
    );
  },
);

testCase(
  {
    id: 'ndjson-parse-option',
    title: '`parse` gets the text of each line and makes its value',
    clause: 'statement: parse',
    why: 'big integers, dates, validation, or no parsing at all: the framing need not know',
    group,
  },
  () => {
    const texts = lines('{"id":9007199254740993}\n\n 1e400 \r\n', { parse: (text) => text.trim() });
    equal(
      texts.records,
      [
        [1, '{"id":9007199254740993}'],
        [3, '1e400'],
      ],
      'records',
    );
    const parse = (text: string): bigint => BigInt(text);
    equal(lines('18446744073709551615\n', { parse }).records, [[1, 18446744073709551615n]], 'records, as bigints');
  },
);

testCase(
  {
    id: 'ndjson-parse-throws',
    title: 'what `parse` throws makes the line bad, and is the cause',
    clause: 'statement: parse',
    why: 'a validator’s own error says more than “bad JSON”',
    group,
  },
  () => {
    const refusal = new Error('no such user');
    const parser = new NdjsonParser({
      parse: (text) => {
        if (text === '2') throw refusal;
        return text;
      },
    });
    parser.push(utf8('1\n2\n3\n'));
    equal(parser.next(), { type: 'record', line: 1, value: '1' }, 'the first event');
    try {
      const event = parser.next();
      ok(false, 'line 2 is refused', `got ${show(event)}`);
    } catch (error) {
      const { code, line, cause } = error as { code?: string; line?: number; cause?: unknown };
      if (code === undefined) throw error;
      equal([code, line, cause], ['bad-json', 2, refusal], 'code, line and cause of the error');
    }
  },
);

/** How many arrays are in each other; not recursive, and no more than `most`. */
export function depthOf(value: unknown, most: number): number {
  let depth = 0;
  for (let inner = value; Array.isArray(inner) && depth <= most; inner = inner[0]) depth += 1;
  return depth;
}
