/** What is not an array, and what does not end as one. There is no way to go on behind a fault: no newline tells where. */
import { JsonArrayParser } from '#subject/07-ndjson/ndjson.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, throws } from '../../../kit/check.ts';
import { arrayCase, elements, utf8 } from './support.ts';

const group = 'array: faults';
const clause = 'RFC 8259 §5';

arrayCase(
  {
    id: 'ndjson-array-trailing-comma',
    title: 'a comma in front of the closing bracket is a fault',
    clause,
    why: 'JavaScript takes it, JSON does not',
    group,
  },
  { input: '[1,2, ]', values: [1, 2], last: ['bad-json', 2] },
);

arrayCase(
  {
    id: 'ndjson-array-missing-element',
    title: 'so is a comma with no element in front of it',
    clause,
    why: 'an element was lost, and all behind it would get a wrong index',
    group,
  },
  { input: '[1,,2]', values: [1], last: ['bad-json', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-leading-comma',
    title: 'also as the first',
    clause,
    why: 'the place behind the bracket is the one where nothing may stand, but not a comma',
    group,
  },
  { input: '[ ,1]', last: ['bad-json', 0] },
);

for (const [id, input, values, what] of [
  ['trailing', '[1,]', ['1'], 'in front of the closing bracket'],
  ['leading', '[,1]', [], 'behind the opening bracket'],
  ['between', '[1, ,2]', ['1'], 'between two commas'],
] as const) {
  arrayCase(
    {
      id: `ndjson-array-missing-${id}`,
      title: `an element that is missing ${what} is a fault, whatever parse takes`,
      clause: 'statement: the array',
      why: 'parse makes a value of a text: where there is none, it is not asked',
      group,
    },
    { input, values: [...values], last: ['bad-json', values.length], options: { parse: (text) => text } },
  );
}

arrayCase(
  {
    id: 'ndjson-array-trailing-garbage',
    title: 'something behind the array is a fault, when it comes',
    clause: 'RFC 8259 §2',
    why: 'two arrays, or an error page behind half an answer: the sender is not what it seems',
    group,
  },
  { input: '[1]\n[2]', values: [1], last: ['trailing-garbage', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-missing-bracket',
    title: 'an array without its closing bracket is truncated; its complete elements are out',
    clause,
    why: 'a server that fails half-way cannot take its status back: a missing bracket is all that tells',
    group,
  },
  { input: '[1,2', values: [1], last: ['truncated', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-truncated-after-comma',
    title: 'so is one that ends behind a comma',
    clause,
    why: 'all elements so far are fine, and some are missing',
    group,
  },
  { input: '[1,2,\n', values: [1, 2], last: ['truncated', 2] },
);

arrayCase(
  {
    id: 'ndjson-array-truncated-in-string',
    title: 'so is one that ends in a string, brackets or not',
    clause,
    why: 'the bracket that it seems to end with is text',
    group,
  },
  { input: '[1,"2]', values: [1], last: ['truncated', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-nothing',
    title: 'so is a stream of nothing',
    clause: 'RFC 8259 §2',
    why: 'no bytes are no array, and no bytes are what a crashed server sends',
    group,
  },
  { input: ' \n', last: ['truncated', 0] },
);

arrayCase(
  {
    id: 'ndjson-array-object',
    title: 'an object is not an array',
    clause,
    why: '{"error":…} is what one gets instead of the list',
    group,
  },
  { input: '{"error":[1]}', last: ['not-an-array', 0] },
);

arrayCase(
  {
    id: 'ndjson-array-half-a-mark',
    title: 'nor are two bytes of a byte order mark',
    clause: 'RFC 8259 §8.1',
    why: 'a mark is three bytes, at the very beginning, once',
    group,
  },
  { input: Buffer.from('\xef\xbb[1]', 'latin1'), last: ['not-an-array', 0] },
);

arrayCase(
  {
    id: 'ndjson-array-third-of-a-mark',
    title: 'nor is one',
    clause: 'RFC 8259 §8.1',
    why: 'a mark that is passed over byte by byte must be whole',
    group,
  },
  { input: Buffer.from('\xef[1]', 'latin1'), last: ['not-an-array', 0] },
);

arrayCase(
  {
    id: 'ndjson-array-late-mark',
    title: 'nor is a byte order mark behind white space, or a second one',
    clause: 'RFC 8259 §8.1',
    why: 'there it is a character, and none that JSON has',
    group,
  },
  { input: ' \uFEFF[1]', last: ['not-an-array', 0] },
);

arrayCase(
  {
    id: 'ndjson-array-bad-element',
    title: 'an element that is not JSON is a fault with its index',
    clause,
    why: 'where it ends was found without parsing it: whether it is JSON is seen afterwards',
    group,
  },
  { input: '[1,{"a":},3]', values: [1], last: ['bad-json', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-mismatch',
    title: 'brackets that do not match are a fault of their element',
    clause,
    why: 'a count of brackets alone takes {] for balanced',
    group,
  },
  { input: '["a",{"b":1],3]', values: ['a'], last: ['bad-json', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-stray-brace',
    title: 'so is a brace that closes nothing',
    clause,
    why: 'a depth of −1 swallows the rest of the array',
    group,
  },
  { input: '[1,2},3]', values: [1], last: ['bad-json', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-stray-backslash',
    title: 'a backslash outside of a string is a fault of its element',
    clause: 'RFC 8259 §7',
    why: 'it escapes nothing there, and ends nothing',
    group,
  },
  { input: '["a",1\\,2]', values: ['a'], last: ['bad-json', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-two-values',
    title: 'two values without a comma are a fault',
    clause,
    why: 'lines of NDJSON between brackets are no array',
    group,
  },
  { input: '[{"a":1}\n{"b":2}]', last: ['bad-json', 0] },
);

arrayCase(
  {
    id: 'ndjson-array-nbsp',
    title: 'a no-break space between elements is a fault',
    clause: 'RFC 8259 §2',
    why: 'trim() would take it away',
    group,
  },
  { input: '[1,\u00A02]', values: [1], last: ['bad-json', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-utf8-invalid',
    title: 'bytes that are not UTF-8 are a fault of their element',
    clause: 'RFC 3629 §3',
    why: 'as in lines',
    group,
  },
  { input: Buffer.from('["a","M\xfcller"]', 'latin1'), values: ['a'], last: ['bad-utf8', 1] },
);

arrayCase(
  {
    id: 'ndjson-array-utf8-replace',
    title: 'with invalidUtf8: replace they become U+FFFD',
    clause: 'WHATWG Encoding, UTF-8 decoder',
    why: 'as in lines',
    group,
  },
  { input: Buffer.from('["M\xfcller"]', 'latin1'), values: ['M\uFFFDller'], options: { invalidUtf8: 'replace' } },
);

arrayCase(
  {
    id: 'ndjson-array-limit-exact',
    title: 'an element of exactly the maximum passes',
    clause: 'RFC 8259 §9',
    why: 'from its first byte to the comma: the spaces in front do not count',
    group,
  },
  { input: '[     "12345678",   "abcdefgh"]', values: ['12345678', 'abcdefgh'], options: { maxElementBytes: 10 } },
);

arrayCase(
  {
    id: 'ndjson-array-limit-plus-one',
    title: 'one of a byte more is refused',
    clause: 'RFC 8259 §9',
    why: 'the boundary is where `<` and `<=` differ',
    group,
  },
  { input: '[1,"abcdefghi",3]', values: [1], last: ['too-long', 1], options: { maxElementBytes: 10 } },
);

arrayCase(
  {
    id: 'ndjson-array-limit-before-end',
    title: 'and it is refused before its end has come',
    clause: 'RFC 8259 §9',
    why: 'a string that never ends is the attack',
    group,
  },
  { input: '[1,"abcdefghij', values: [1], last: ['too-long', 1], options: { maxElementBytes: 10 }, end: false },
);

testCase(
  {
    id: 'ndjson-array-limit-default',
    title: 'without the option the maximum is 1,048,576 bytes; it must be a whole number from 1 on',
    clause: 'RFC 8259 §9',
    why: 'a limit that must be switched on protects nobody',
    group,
  },
  () => {
    const text = (length: number): string => `["${'x'.repeat(length - 2)}"]`;
    equal(elements(text(1_048_576)).last, 'end', 'how it ends, with an element of 1,048,576 bytes');
    equal(elements(text(1_048_577)).last, ['too-long', 0], 'with one byte more');
    for (const maxElementBytes of [0, 1.5, Number.NaN]) {
      const make = () => new JsonArrayParser({ maxElementBytes });
      throws(make, { name: 'RangeError' }, `maxElementBytes: ${maxElementBytes}`);
    }
  },
);

testCase(
  {
    id: 'ndjson-array-refuses-to-go-on',
    title: 'after it has thrown, next throws the same error again',
    clause: 'statement: the array',
    why: 'there is no newline to go on behind',
    group,
  },
  () => {
    const parser = new JsonArrayParser();
    parser.push(utf8('[1,x,3]'));
    equal(parser.next(), { type: 'element', index: 0, value: 1 }, 'the first event');
    const error = throws(() => parser.next(), { name: 'RecordError', code: 'bad-json', index: 1 }, 'next');
    equal(throws(() => parser.next(), {}, 'next, once more') === error, true, 'the same error');
  },
);
