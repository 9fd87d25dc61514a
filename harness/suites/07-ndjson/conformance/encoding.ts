/** UTF-8: characters of several bytes, the byte order mark, and bytes that are no characters at all. */
import { lineCase } from './support.ts';

const group = 'encoding';

lineCase(
  {
    id: 'ndjson-utf8-splits',
    title: 'characters of two, three and four bytes survive every cut',
    clause: 'RFC 8259 §8.1',
    why: 'a chunk decoded by itself makes U+FFFD of a character that it ends in; the JSON stays valid, the data not',
    group,
  },
  { input: '"é €"\n{"𝄞":"日本 😀"}\n"ü"', values: ['é €', { '𝄞': '日本 😀' }, 'ü'] },
);

lineCase(
  {
    id: 'ndjson-line-separators',
    title: 'U+2028, U+2029 and U+0085 end no line',
    clause: 'NDJSON §3.2',
    why: 'readline, `^` and `$` take some of them for line ends; in a JSON string they may stand unescaped (§7)',
    group,
  },
  { input: '"a\u2028b"\n"c\u2029d"\n"e\u0085f"\n', values: ['a\u2028b', 'c\u2029d', 'e\u0085f'] },
);

lineCase(
  {
    id: 'ndjson-other-controls',
    title: 'nor do VT, FF and the separators from 0x1C to 0x1F: they are faults',
    clause: 'RFC 8259 §7',
    why: 'what other languages take for line ends or white space is neither here',
    group,
  },
  { input: '1\n2\x0b\n', values: [1], last: ['bad-json', 2] },
);

lineCase(
  {
    id: 'ndjson-bom',
    title: 'a byte order mark at the beginning of the stream is passed over',
    clause: 'RFC 8259 §8.1',
    why: 'files from Windows begin so; JSON.parse refuses it',
    group,
  },
  { input: '\uFEFF{"a":1}\n2\n', values: [{ a: 1 }, 2], marks: [{ at: 3, name: 'after the byte order mark' }] },
);

lineCase(
  {
    id: 'ndjson-bom-alone',
    title: 'a stream of a byte order mark alone is empty',
    clause: 'RFC 8259 §8.1',
    why: 'an empty file, saved by an editor that marks them',
    group,
  },
  { input: '\uFEFF' },
);

lineCase(
  {
    id: 'ndjson-bom-first-line-only',
    title: 'in front of a later line it is a fault',
    clause: 'RFC 8259 §8.1',
    why: 'a decoder made anew for each line takes away a mark that is data there: U+FEFF is a character',
    group,
  },
  { input: '1\n\uFEFF2\n', values: [1], last: ['bad-json', 2] },
);

lineCase(
  {
    id: 'ndjson-bom-later-blank',
    title: 'a later line of nothing but U+FEFF is not blank',
    clause: 'RFC 8259 §2',
    why: 'trim() takes U+FEFF for white space, JSON does not',
    group,
  },
  { input: '1\n\uFEFF\n2\n', values: [1], last: ['bad-json', 2] },
);

lineCase(
  {
    id: 'ndjson-bom-twice',
    title: 'of two byte order marks the second is a fault',
    clause: 'RFC 8259 §8.1',
    why: 'one mark is a habit of editors, two are a concatenation gone wrong',
    group,
  },
  { input: '\uFEFF\uFEFF1\n', last: ['bad-json', 1] },
);

lineCase(
  {
    id: 'ndjson-bom-in-string',
    title: 'inside a string U+FEFF stays',
    clause: 'RFC 8259 §7',
    why: 'a decoder that strips marks wherever a buffer begins changes data, depending on how it was cut',
    group,
  },
  { input: '1\n"\uFEFFa\uFEFF"\n', values: [1, '\uFEFFa\uFEFF'] },
);

lineCase(
  {
    id: 'ndjson-nbsp-line',
    title: 'a no-break space is no white space',
    clause: 'RFC 8259 §2',
    why: 'trim() and \\s take U+00A0 away, and a broken line looks blank',
    group,
  },
  { input: '1\n\u00A0\n2\n', values: [1], last: ['bad-json', 2] },
);

lineCase(
  {
    id: 'ndjson-nul',
    title: 'NUL is no white space and ends nothing',
    clause: 'RFC 8259 §2',
    why: 'C code stops at NUL: two parsers that disagree about the end of a line can be played against each other',
    group,
  },
  { input: '1\n2\0\n3\n', values: [1], last: ['bad-json', 2] },
);

lineCase(
  {
    id: 'ndjson-nul-in-string',
    title: 'a bare NUL in a string is a fault, an escaped one is not',
    clause: 'RFC 8259 §7',
    why: 'control characters must be escaped',
    group,
  },
  { input: '"a\\u0000b"\n"a\0b"\n', values: ['a\0b'], last: ['bad-json', 2] },
);

/** latin1 text as bytes: `\xff` is the byte ff. */
function octets(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

lineCase(
  {
    id: 'ndjson-utf8-invalid',
    title: 'bytes that are not UTF-8 are a fault of their line',
    clause: 'RFC 3629 §3',
    why: 'what is replaced quietly is lost for good: names become “M�ller” in the database',
    group,
  },
  { input: octets('1\n"M\xfcller"\n3\n'), values: [1], last: ['bad-utf8', 2] },
);

lineCase(
  {
    id: 'ndjson-utf8-skip',
    title: 'and of no other line',
    clause: 'RFC 3629 §3',
    why: 'a character that is cut off by the newline must not swallow the line behind it',
    group,
  },
  {
    input: octets('"\xe2\x82"\n"a"\n"\xe2\n"\xe2\x82\xac"\n"\xff"\n2\n'),
    values: ['a', '€', 2],
    at: [2, 4, 6],
    reported: [
      ['bad-utf8', 1],
      ['bad-utf8', 3],
      ['bad-utf8', 5],
    ],
    options: { onError: 'skip' },
  },
);

lineCase(
  {
    id: 'ndjson-utf8-overlong',
    title: 'overlong forms and encoded surrogates are not UTF-8',
    clause: 'RFC 3629 §10',
    why: 'C0 8A is a newline to a careless decoder: filters are passed that way',
    group,
  },
  {
    input: octets('"\xc0\x8a"\n"\xed\xa0\xbd\xed\xb8\x80"\n"\xf4\x90\x80\x80"\n1\n'),
    values: [1],
    at: [4],
    reported: [
      ['bad-utf8', 1],
      ['bad-utf8', 2],
      ['bad-utf8', 3],
    ],
    options: { onError: 'skip' },
  },
);

lineCase(
  {
    id: 'ndjson-utf8-replace',
    title: 'with invalidUtf8: replace they become U+FFFD, as the Encoding standard says',
    clause: 'WHATWG Encoding, UTF-8 decoder',
    why: 'log files hold anything, and one odd byte should not cost the line',
    group,
  },
  {
    input: octets('"M\xfcller"\n"\xe2\x82"\n"\xf0\x9f\x98!"\n"\xc3\xa9"\n'),
    values: ['M\uFFFDller', '\uFFFD', '\uFFFD!', 'é'],
    options: { invalidUtf8: 'replace' },
  },
);
