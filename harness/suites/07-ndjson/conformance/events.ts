/** The contract of push, end and next, which both parsers share. */
import { JsonArrayParser, NdjsonParser } from '#subject/07-ndjson/ndjson.ts';
import { type CaseFacts, testCase } from '../../../kit/case.ts';
import { equal, throws } from '../../../kit/check.ts';
import { type Parser, utf8 } from './support.ts';

const group = 'push, end, next';
const clause = 'statement: push, end, next';

interface Kind {
  name: string;
  make: () => Parser;
  /** Three values as a whole stream, and the events. */
  text: string;
  events: unknown[];
}

const KINDS: Kind[] = [
  {
    name: 'NdjsonParser',
    make: () => new NdjsonParser(),
    text: '1\n"two"\n[3]\n',
    events: [1, 'two', [3]].map((value, i) => ({ type: 'record', line: i + 1, value })),
  },
  {
    name: 'JsonArrayParser',
    make: () => new JsonArrayParser(),
    text: '[1,"two",[3]]',
    events: [1, 'two', [3]].map((value, index) => ({ type: 'element', index, value })),
  },
];

const NEED_MORE = { type: 'need-more' };
const END = { type: 'end' };

/** A case of both parsers. */
function bothCase(facts: Omit<CaseFacts, 'clause' | 'group'>, body: (kind: Kind) => void): void {
  testCase({ ...facts, clause, group }, () => KINDS.forEach(body));
}

bothCase(
  {
    id: 'ndjson-events',
    title: 'next gives one event at a time, then need-more, and end only after the end',
    why: '“not yet” and “never” are two things; both are ordinary answers',
  },
  ({ name, make, text, events }) => {
    const parser = make();
    equal(parser.next(), NEED_MORE, `${name}: next, before anything was pushed`);
    parser.push(utf8(text));
    for (const event of events) equal(parser.next(), event, `${name}: next`);
    equal(parser.next(), NEED_MORE, `${name}: next, when the bytes are used up`);
    equal(parser.next(), NEED_MORE, `${name}: next, once more`);
    parser.end();
    equal(parser.next(), END, `${name}: next, after the end`);
    equal(parser.next(), END, `${name}: next, once more`);
  },
);

bothCase(
  {
    id: 'ndjson-end-at-once',
    title: 'end may come before the events were taken, and twice',
    why: 'a FIN arrives in the same turn as the last bytes',
  },
  ({ name, make, text, events }) => {
    const parser = make();
    parser.push(utf8(text));
    parser.end();
    parser.end();
    for (const event of [...events, END]) equal(parser.next(), event, `${name}: next`);
  },
);

bothCase(
  {
    id: 'ndjson-empty-chunks',
    title: 'an empty chunk changes nothing',
    why: 'streams give them now and then, and “no bytes” is not “the end”',
  },
  ({ name, make, text, events }) => {
    const parser = make();
    const halves: [string, unknown[]][] = [
      [text.slice(0, 4), events.slice(0, 1)],
      ['', []],
      [text.slice(4), events.slice(1)],
      ['', []],
    ];
    for (const [half, expected] of halves) {
      equal(parser.next(), NEED_MORE, `${name}: next, before the chunk ${JSON.stringify(half)}`);
      parser.push(utf8(half));
      for (const event of expected) equal(parser.next(), event, `${name}: next`);
    }
    equal(parser.next(), NEED_MORE, `${name}: next, after the last chunk`);
  },
);

bothCase(
  {
    id: 'ndjson-one-chunk-at-a-time',
    title: 'a push while bytes of the last one are left is refused',
    why: 'so that a parser never holds more than one chunk, however fast somebody pushes',
  },
  ({ name, make, text, events }) => {
    const parser = make();
    parser.push(utf8(text));
    throws(() => parser.push(utf8('1')), { name: 'TypeError' }, `${name}: push, before any next`);
    for (const event of events) equal(parser.next(), event, `${name}: next`);
    throws(() => parser.push(utf8('1')), { name: 'TypeError' }, `${name}: push, before need-more`);
    equal(parser.next(), NEED_MORE, `${name}: next`);
    parser.push(utf8(' '));
    equal(parser.next(), NEED_MORE, `${name}: next, after a push that was in order`);
  },
);

bothCase(
  {
    id: 'ndjson-push-after-end',
    title: 'a push after the end is refused',
    why: 'it is a mistake of the caller, and bytes would be lost',
  },
  ({ name, make, text }) => {
    const parser = make();
    parser.push(utf8(text));
    for (let i = 0; i < 4; i++) parser.next();
    parser.end();
    throws(() => parser.push(utf8('1')), { name: 'TypeError' }, `${name}: push`);
    equal(parser.next(), END, `${name}: next`);
    throws(() => parser.push(utf8('1')), { name: 'TypeError' }, `${name}: push, after the event end`);
  },
);

bothCase(
  {
    id: 'ndjson-bytes-only',
    title: 'what is no Uint8Array is refused: text, and numbers of more than one byte',
    why: 'a socket with setEncoding gives strings, whose lengths and cuts are other ones',
  },
  ({ name, make }) => {
    for (const other of ['[1]', new Uint16Array([0x5b31, 0x0a5d])]) {
      const what = typeof other === 'string' ? 'a string' : 'a Uint16Array';
      throws(() => make().push(other as unknown as Uint8Array), { name: 'TypeError' }, `${name}: push of ${what}`);
    }
  },
);

bothCase(
  {
    id: 'ndjson-views',
    title: 'a chunk that is a view of larger memory gives its own bytes only',
    why: 'small Buffers are views of one shared pool: their memory begins before them and ends after them',
  },
  ({ name, make, text, events }) => {
    const parser = make();
    const memory = utf8(`"..${text}9\n,`);
    parser.push(new Uint8Array(memory.buffer, memory.byteOffset + 3, text.length));
    for (const event of [...events, NEED_MORE]) equal(parser.next(), event, `${name}: next`);
  },
);

bothCase(
  {
    id: 'ndjson-chunk-reused',
    title: 'after need-more, the caller may use the memory of the chunk again',
    why: 'a reader with one buffer for all chunks overwrites the beginning of the line that it will end',
  },
  ({ name, make }) => {
    const parser = make();
    const isArray = name === 'JsonArrayParser';
    const memory = utf8(isArray ? '["abc' : ' "abc');
    parser.push(memory);
    equal(parser.next(), NEED_MORE, `${name}: next, with half a value`);
    memory.set(utf8(isArray ? 'def",' : 'def"\n'));
    parser.push(memory);
    equal(parser.next().value, 'abcdef', `${name}: the value, whose halves came in the same memory`);
  },
);

bothCase(
  {
    id: 'ndjson-lazy',
    title: 'a value is made when it is asked for, not before',
    why: 'a chunk of 64 KB may hold thousands of records: who makes them all holds them all',
  },
  ({ name }) => {
    let made = 0;
    const parse = (text: string): unknown => {
      made += 1;
      return JSON.parse(text);
    };
    const parser: Parser = name === 'NdjsonParser' ? new NdjsonParser({ parse }) : new JsonArrayParser({ parse });
    parser.push(utf8(name === 'NdjsonParser' ? '1\n2\n3\n4\n' : '[1,2,3,4]'));
    equal(made, 0, `${name}: calls of parse after push`);
    parser.next();
    equal(made, 1, `${name}: calls of parse after the first next`);
    parser.next();
    equal(made, 2, `${name}: calls of parse after the second next`);
  },
);
