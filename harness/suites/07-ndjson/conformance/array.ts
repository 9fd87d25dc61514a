/** The elements of one large array: where each ends, found without parsing it. */
import { testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import { depthOf } from './json.ts';
import { arrayCase, elements, utf8 } from './support.ts';

const group = 'array: elements';

arrayCase(
  {
    id: 'ndjson-array-elements',
    title: 'each element of an array comes out by itself',
    clause: 'RFC 8259 §5',
    why: 'an export of a million rows is one array: JSON.parse of the whole needs it all in memory',
    group,
  },
  { input: '[{"a":1},{"b":[2,3]},"c",4]', values: [{ a: 1 }, { b: [2, 3] }, 'c', 4] },
);

arrayCase(
  {
    id: 'ndjson-array-white-space',
    title: 'white space may stand around everything, line ends too',
    clause: 'RFC 8259 §2',
    why: 'pretty-printed arrays have a line for each member of each element',
    group,
  },
  { input: '\t\r\n[\n\t{\n\t"a": 1\n  } ,\n \t 2\t]\n\t', values: [{ a: 1 }, 2] },
);

arrayCase(
  {
    id: 'ndjson-array-empty',
    title: 'an empty array has no elements and no fault',
    clause: 'RFC 8259 §5',
    why: 'an empty result is an ordinary result',
    group,
  },
  { input: ' [ \n ] ' },
);

arrayCase(
  {
    id: 'ndjson-array-scalars',
    title: 'null, false, 0 and the empty string are elements',
    clause: 'RFC 8259 §3',
    why: 'they are easily taken for nothing',
    group,
  },
  { input: '[null,false,0,"",[],{},true,-1.5e3]', values: [null, false, 0, '', [], {}, true, -1500] },
);

arrayCase(
  {
    id: 'ndjson-array-brackets-in-strings',
    title: 'brackets, braces and commas in strings mean nothing',
    clause: 'RFC 8259 §7',
    why: 'who counts brackets without looking for quotes is lost at the first smiley',
    group,
  },
  { input: '["]","[,}{",{"]":"}"},":-]"]', values: [']', '[,}{', { ']': '}' }, ':-]'] },
);

arrayCase(
  {
    id: 'ndjson-array-escapes',
    title: 'an escaped quote ends no string; an escaped backslash escapes nothing',
    clause: 'RFC 8259 §7',
    why: '"\\\\" is complete, "\\" is not: looking back one byte does not tell',
    group,
  },
  {
    input: '["a\\"]","b\\\\","\\\\\\",","\\u005d\\"\\\\\\\\"]',
    values: ['a"]', 'b\\', '\\",', ']"\\\\'],
    marks: [
      { at: 4, name: 'between a backslash and the quote that it escapes' },
      { at: 11, name: 'between two backslashes' },
    ],
  },
);

arrayCase(
  {
    id: 'ndjson-array-number-split',
    title: 'a number ends at its comma or bracket, not at the end of a chunk',
    clause: 'RFC 8259 §6',
    why: 'both halves of 1234 are numbers',
    group,
  },
  { input: '[1234,-5.6e7,89]', values: [1234, -5.6e7, 89] },
);

arrayCase(
  {
    id: 'ndjson-array-waits',
    title: 'an element comes out with the comma behind it, the last one with the bracket',
    clause: 'statement: the array',
    why: 'neither sooner, when a number may go on, nor later, when the array ends',
    group,
  },
  { input: '[1,"two",34', values: [1, 'two'], last: 'need-more', end: false },
);

arrayCase(
  {
    id: 'ndjson-array-nested',
    title: 'nested arrays and objects belong to their element',
    clause: 'RFC 8259 §5',
    why: 'only commas of the outermost array separate',
    group,
  },
  { input: '[[1,[2,[]]],{"a":[{"b":[]}],"c":{}},[[]]]', values: [[1, [2, []]], { a: [{ b: [] }], c: {} }, [[]]] },
);

arrayCase(
  {
    id: 'ndjson-array-utf8',
    title: 'characters of several bytes survive every cut',
    clause: 'RFC 8259 §8.1',
    why: 'as in lines',
    group,
  },
  { input: '["é€",{"𝄞":"日本 😀"},"\u2028"]', values: ['é€', { '𝄞': '日本 😀' }, '\u2028'] },
);

arrayCase(
  {
    id: 'ndjson-array-bom',
    title: 'a byte order mark in front of the array is passed over',
    clause: 'RFC 8259 §8.1',
    why: 'exports from Windows begin so',
    group,
  },
  { input: '\uFEFF[1,"\uFEFF"]', values: [1, '\uFEFF'] },
);

testCase(
  {
    id: 'ndjson-array-proto',
    title: '__proto__ is an ordinary key in elements as well',
    clause: 'RFC 8259 §4',
    why: 'an export may come from anybody (CWE-1321)',
    group,
  },
  () => {
    const { records } = elements('[{"__proto__":{"admin":true}}]');
    const value = records[0]?.[1] as Record<string, unknown>;
    equal(Object.keys(value), ['__proto__'], 'own keys');
    equal(Object.getPrototypeOf(value), Object.prototype, 'the prototype of the element');
    equal(({} as { admin?: unknown }).admin, undefined, 'admin of another object');
  },
);

testCase(
  {
    id: 'ndjson-array-deep',
    title: 'an element nested 100,000 deep comes out',
    clause: 'RFC 8259 §9',
    why: 'the sender chooses the depth; a function that calls itself for each bracket ends the process',
    group,
  },
  () => {
    const depth = 100_000;
    const { records, last } = elements(`[${'['.repeat(depth)}${']'.repeat(depth)},1]`);
    equal([records.length, last], [2, 'end'], 'elements, and how it ended');
    equal(depthOf(records[0]?.[1], depth), depth, 'arrays in each other');
  },
);

testCase(
  {
    id: 'ndjson-array-numbers',
    title: 'numbers come as JSON.parse gives them; `parse` gets every digit',
    clause: 'RFC 8259 §6',
    why: '1e400 becomes Infinity, and 2^53 + 1 its neighbour: who needs the digits takes the text',
    group,
  },
  () => {
    const input = '[1e400,-1e400,9007199254740993,-0]';
    equal(
      elements(input).records.map(([, v]) => v),
      [Infinity, -Infinity, 9007199254740992, -0],
      'values',
    );
    const texts = elements(input, { parse: (text) => text }).records.map(([, v]) => v);
    equal(texts, ['1e400', '-1e400', '9007199254740993', '-0'], 'texts');
  },
);

testCase(
  {
    id: 'ndjson-array-many',
    title: 'ten thousand elements in one chunk, and the same in chunks of a thousand bytes',
    clause: 'RFC 8259 §5',
    why: 'it is made for large arrays',
    group,
  },
  () => {
    const values = Array.from({ length: 10_000 }, (_, i) => ({ i, text: `"${i}],\\` }));
    const input = utf8(JSON.stringify(values));
    const cut = Array.from({ length: Math.ceil(input.length / 1_000) }, (_, i) =>
      input.subarray(i * 1_000, (i + 1) * 1_000),
    );
    for (const chunks of [[input], cut]) {
      const { records, last } = elements(chunks);
      equal(
        records.map(([, value]) => value),
        values,
        `elements of ${chunks.length} chunks`,
      );
      ok(last === 'end', 'it ends', `it ended with ${String(last)}`);
    }
  },
);
