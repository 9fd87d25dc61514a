/** Random values, written as a stream, cut at random, and read again. */
import { JsonArrayParser, NdjsonParser } from '#subject/07-ndjson/ndjson.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { elements, lines, type Outcome, utf8 } from './support.ts';

const group = 'model';

interface Sample {
  values: unknown[];
  /** What stands between values, taken in turn. */
  gaps: string[];
  /** Sizes of the chunks, taken in turn. */
  sizes: number[];
}

/** fast-check takes a while to load, and everything before these cases does without it. */
async function compare(
  t: CaseContext,
  write: (sample: Sample) => string,
  gap: string[],
  read: (chunks: Buffer[]) => Outcome,
): Promise<void> {
  const { fc, property } = await import('../../../kit/property.ts');
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('"', '\\', ']', '},', '\n', '\r\n', '\u2028', '\0', '\uFEFF', '__proto__', 'é😀'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
      ),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const sample = fc.record<Sample>({
    values: fc.array(value, { maxLength: 12 }),
    gaps: fc.array(fc.constantFrom(...gap), { minLength: 1, maxLength: 5 }),
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
  });
  property(
    t,
    'what was written is read',
    sample,
    (s) => {
      const { records, last } = read(cut(utf8(write(s)), s.sizes));
      equal(
        records.map(([, v]) => v),
        s.values.map((v) => JSON.parse(JSON.stringify(v)) as unknown),
        'the values',
      );
      equal(last, 'end', 'how it ended');
    },
    { runs: 150, show: (s) => [JSON.stringify(write(s)), `cut into chunks of ${s.sizes.join(', ')} … bytes`] },
  );
}

function cut(bytes: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

testCase(
  {
    id: 'ndjson-model-lines',
    title: 'random values, as lines, in random chunks, come out as they went in',
    clause: 'NDJSON §3.1',
    why: 'the combination that nobody thought of is the one that fails in production',
    group,
  },
  (t) => {
    new NdjsonParser();
    const write = ({ values, gaps }: Sample) =>
      values.map((value, i) => `${JSON.stringify(value)}${gaps[i % gaps.length]}`).join('');
    return compare(t, write, ['\n', '\n', '\r\n', '\n\n', ' \t\n', '\n \r\n'], (chunks) => lines(chunks));
  },
);

testCase(
  {
    id: 'ndjson-model-array',
    title: 'the same for an array',
    clause: 'RFC 8259 §5',
    why: 'strings full of quotes, brackets and backslashes, cut anywhere',
    group,
  },
  (t) => {
    new JsonArrayParser();
    const write = ({ values, gaps }: Sample) =>
      `[${values.map((value, i) => `${gaps[i % gaps.length]}${JSON.stringify(value)}${gaps.at(-1)}`).join(',')}]`;
    return compare(t, write, ['', '', ' ', '\n', '\t\r\n'], (chunks) => elements(chunks));
  },
);
