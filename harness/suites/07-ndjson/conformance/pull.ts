/** readNdjson and readJsonArray: any source of bytes, asked no sooner than necessary, and closed whatever happens. */
import { readJsonArray, readNdjson, type Source } from '#subject/07-ndjson/ndjson.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal, ok, rejects, throws } from '../../../kit/check.ts';
import { before } from '../../../kit/deadline.ts';
import { everySplit } from '../../../kit/splits.ts';
import { collect, nextValue, utf8, Watched } from './support.ts';

const group = 'pulling';
const clause = 'statement: readNdjson and readJsonArray';

interface Reader {
  name: string;
  read: (source: Source, options?: object) => AsyncIterableIterator<unknown>;
  /** A stream of these values. */
  text: (values: unknown[]) => string;
  /** One that is good for the first value and bad behind it. */
  bad: string;
}

const READERS: Reader[] = [
  {
    name: 'readNdjson',
    read: readNdjson,
    text: (values) => values.map((value) => `${JSON.stringify(value)}\n`).join(''),
    bad: '1\nx\n',
  },
  { name: 'readJsonArray', read: readJsonArray, text: (values) => JSON.stringify(values), bad: '[1,x,' },
];

/** A case of both readers. Whatever waits for ever fails with words. */
function readerCase(
  facts: { id: string; title: string; why: string },
  body: (reader: Reader, t: CaseContext) => Promise<void>,
): void {
  testCase({ ...facts, clause, group }, async (t) => {
    for (const reader of READERS)
      await before(body(reader, t), { what: `${reader.name} gives its next record or its end` });
  });
}

/** Each line or element in a chunk of its own, the delimiter at its end. */
function inChunks(reader: Reader, values: unknown[]): Buffer[] {
  const text = reader.text(values);
  return text.match(/.*?[\n,]|.+$/gs)!.map(utf8);
}

readerCase(
  {
    id: 'ndjson-read',
    title: 'for await gives the values, however the chunks are cut',
    why: 'this is how it will be used: one loop, one record at a time',
  },
  async ({ read, text, name }, t) => {
    const values = [{ a: 'é' }, null, [1, 2], 'x', false, 0];
    await everySplit(t, {
      what: `the values of ${name}`,
      input: utf8(text(values)),
      expected: { values, last: 'end' as const },
      run: (chunks) => collect(read(chunks)),
      random: 2,
    });
  },
);

readerCase(
  {
    id: 'ndjson-read-async',
    title: 'a source may be asynchronous, or a plain array of chunks',
    why: 'a socket is the one, a test or a cache the other',
  },
  async ({ read, text, name }) => {
    const input = utf8(text([1, 2, 3]));
    const chunks = [input.subarray(0, 3), input.subarray(3)];
    for (const source of [chunks, new Watched(chunks)]) {
      equal(await collect(read(source)), { values: [1, 2, 3], last: 'end' }, `${name}: what it gives`);
    }
  },
);

readerCase(
  {
    id: 'ndjson-read-before-end',
    title: 'a record is out before the stream ends',
    why: 'a live stream never ends: who collects first gives nothing, ever',
  },
  async (reader) => {
    const source = new Watched(inChunks(reader, ['a', 'b', 'c']));
    const records = reader.read(source);
    equal(await nextValue(records, `${reader.name}: the first`), 'a', `${reader.name}: the first value`);
    equal(source.finished, false, `${reader.name}: the source was asked for its end`);
    await records.return?.();
  },
);

readerCase(
  {
    id: 'ndjson-read-asks-late',
    title: 'a chunk is asked for only when the records before it were taken',
    why: 'this is backpressure: the consumer’s speed is the sender’s speed',
  },
  async (reader) => {
    const source = new Watched(inChunks(reader, ['a', 'b', 'c', 'd', 'e']));
    const records = reader.read(source);
    equal(source.pulled, 0, `${reader.name}: chunks asked for before anybody asked for a record`);
    for (const [i, letter] of ['a', 'b', 'c'].entries()) {
      equal(await nextValue(records, `${reader.name}: a value`), letter, `${reader.name}: the value`);
      equal(source.pulled, i + 1, `${reader.name}: chunks asked for when ${letter} was given`);
    }
    await records.return?.();
  },
);

readerCase(
  {
    id: 'ndjson-read-one-chunk',
    title: 'the records of one chunk are given before the next chunk is asked for',
    why: 'a consumer that stops after ten records must not have caused a read of the eleventh’s chunk',
  },
  async ({ read, text, name }) => {
    const chunk = utf8(text(Array.from({ length: 10 }, (_, i) => i)));
    const source = new Watched([chunk, utf8(' ')]);
    const records = read(source);
    for (let i = 0; i < 10; i++) equal(await nextValue(records, `${name}: a value`), i, `${name}: the value`);
    equal(source.pulled, 1, `${name}: chunks asked for when the ten records of the first were given`);
    await records.return?.();
  },
);

readerCase(
  {
    id: 'ndjson-read-early-return',
    title: 'leaving the loop closes the source',
    why: 'a socket that nobody reads and nobody closes is a leak, and its sender waits for ever',
  },
  async (reader) => {
    const source = new Watched(inChunks(reader, ['a', 'b', 'c']));
    for await (const value of reader.read(source)) {
      equal(value, 'a', `${reader.name}: the first value`);
      break;
    }
    equal(source.closed, 1, `${reader.name}: calls of the source’s return`);
    equal(source.pulled, 1, `${reader.name}: chunks asked for`);
  },
);

readerCase(
  {
    id: 'ndjson-read-throw-closes',
    title: 'so does an error in the loop',
    why: 'the consumer’s own bug must not leak the connection',
  },
  async (reader) => {
    const source = new Watched(inChunks(reader, ['a', 'b', 'c']));
    const bug = new Error('a bug of the consumer');
    const consume = async (): Promise<void> => {
      for await (const value of reader.read(source)) if (value === 'b') throw bug;
    };
    equal((await rejects(consume(), {}, `${reader.name}: the loop`)) === bug, true, 'it is the consumer’s error');
    equal(source.closed, 1, `${reader.name}: calls of the source’s return`);
  },
);

readerCase(
  {
    id: 'ndjson-read-fault-closes',
    title: 'a fault is thrown at its place, and closes the source',
    why: 'after a fault nobody will read on: the sender must learn of it',
  },
  async ({ read, bad, name }) => {
    const source = new Watched([utf8(bad), utf8('3\n')]);
    const place = name === 'readNdjson' ? 2 : 1;
    equal(await collect(read(source)), { values: [1], last: ['bad-json', place] }, `${name}: what it gives`);
    equal(source.closed, 1, `${name}: calls of the source’s return`);
  },
);

readerCase(
  {
    id: 'ndjson-read-after-end',
    title: 'after the end, next says done again and again',
    why: 'the rule of all iterators',
  },
  async ({ read, text, name }) => {
    const records = read([utf8(text([1]))]);
    equal(await nextValue(records, `${name}: the first`), 1, `${name}: the value`);
    for (let i = 0; i < 2; i++) equal(await records.next(), { value: undefined, done: true }, `${name}: next`);
  },
);

readerCase(
  {
    id: 'ndjson-read-overlapping',
    title: 'calls of next that overlap are answered in order',
    why: 'two workers that take from one iterator do so',
  },
  async (reader) => {
    const records = reader.read(new Watched(inChunks(reader, [1, 2, 3])));
    const results = await Promise.all([records.next(), records.next(), records.next(), records.next()]);
    equal(
      results.map(({ value, done }) => (done ? 'done' : value)),
      [1, 2, 3, 'done'],
      `${reader.name}: the answers`,
    );
  },
);

readerCase(
  {
    id: 'ndjson-read-two-workers',
    title: 'who asks again at once stands behind those who wait already',
    why: 'a queue with a door at the side: one worker gets everything, and the other the wrong record',
  },
  async ({ read, text, name }) => {
    const records = read([utf8(text([1, 2, 3, 4]))]);
    const taken: unknown[] = [];
    const worker = async (who: string): Promise<void> => {
      for (let i = 0; i < 2; i++) taken.push([who, (await records.next()).value]);
    };
    await Promise.all([worker('a'), worker('b')]);
    const turns = [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['b', 4],
    ];
    equal(taken, turns, `${name}: who got what`);
  },
);

readerCase(
  {
    id: 'ndjson-read-after-return',
    title: 'after return, next says done, whatever the chunk still holds',
    why: 'who has left the loop must not find it going on',
  },
  async ({ read, text, name }) => {
    const records = read([utf8(text([1, 2, 3]))]);
    equal(await nextValue(records, `${name}: the first`), 1, `${name}: the value`);
    await records.return?.();
    equal(await records.next(), { value: undefined, done: true }, `${name}: next after return`);
  },
);

readerCase(
  {
    id: 'ndjson-read-source-fails',
    title: 'an error of the source comes out, after the records before it',
    why: 'a reset connection is not the end of the stream',
  },
  async (reader) => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const [first, second] = inChunks(reader, ['a', 'b', 'c']) as [Buffer, Buffer];
    const source = async function* (): AsyncGenerator<Buffer> {
      yield first;
      yield second;
      throw reset;
    };
    const values: unknown[] = [];
    const consume = async (): Promise<void> => {
      for await (const value of reader.read(source())) values.push(value);
    };
    equal((await rejects(consume(), {}, `${reader.name}: the loop`)) === reset, true, 'it is the error of the source');
    equal(values, ['a', 'b'], `${reader.name}: the values before it`);
  },
);

testCase(
  {
    id: 'ndjson-read-stop',
    title: 'with onError: stop the loop ends at the bad line, and the source is closed',
    clause: 'statement: bad lines',
    why: 'to stop means to stop the sender as well',
    group,
  },
  async () => {
    const faults: unknown[] = [];
    const source = new Watched(['1\n', 'x\n3\n', '4\n'].map(utf8));
    const records = readNdjson(source, { onError: 'stop', report: ({ code, line }) => faults.push([code, line]) });
    equal(await before(collect(records), { what: 'the loop ends' }), { values: [1], last: 'end' }, 'what it gives');
    equal(faults, [['bad-json', 2]], 'faults reported');
    equal([source.pulled, source.closed], [2, 1], 'chunks asked for, and calls of the source’s return');
  },
);

testCase(
  {
    id: 'ndjson-read-options',
    title: 'options reach the parser, and a bad one is refused before the source is touched',
    clause,
    why: 'the two ways in are one parser',
    group,
  },
  async () => {
    const skipping = readNdjson([utf8('1\nx\n"long line"\n4')], { onError: 'skip', maxLineBytes: 5 });
    equal(await collect(skipping), { values: [1, 4], last: 'end' }, 'values of readNdjson');
    const parsed = readJsonArray([utf8('[1, 2]')], { parse: (text) => text.trim() });
    equal(await collect(parsed), { values: ['1', '2'], last: 'end' }, 'values of readJsonArray');
    throws(() => readNdjson([], { maxLineBytes: 0 }), { name: 'RangeError' }, 'readNdjson with maxLineBytes: 0');
    throws(() => readJsonArray([], { maxElementBytes: 0 }), { name: 'RangeError' }, 'readJsonArray with 0');
    ok(true, 'both refuse');
  },
);
