/** Ten thousand random operations, each compared with an array that does the same the slow and obvious way. */
import { RingBuffer, type RingBufferOptions } from '#subject/03-ring-buffer/ring-buffer.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { bytes, equal } from '../../../kit/check.ts';
import { CaseFailure, explain } from '../../../kit/failure.ts';
import { fc, modelTest } from '../../../kit/property.ts';
import { show } from '../../../kit/show.ts';

const group = 'model';
const clause = 'statement: the contract';

type Act = 'write' | 'read' | 'readInto' | 'peek' | 'skip' | 'clear';
/** What is done, and with how many bytes. */
type Step = [Act, number];

/** As often as they stand here: what fills the ring as often as what empties it, and seldom all at once. */
const ACTS: Act[] = [
  ...Array<Act>(15).fill('write'),
  ...Array<Act[]>(4).fill(['read', 'readInto', 'peek', 'skip']).flat(),
  'clear',
];

/** The bytes that are in the ring, and what the counters should be. */
class Model {
  readonly content: number[] = [];
  readonly #capacity: number;
  readonly #overwrites: boolean;
  writePosition: number;
  overwritten = 0;

  constructor(capacity: number, { overflow, start = 0 }: RingBufferOptions) {
    this.#capacity = capacity;
    this.#overwrites = overflow === 'overwrite';
    this.writePosition = start;
  }

  write(source: Uint8Array): number {
    const room = this.#capacity - this.content.length;
    const accepted = this.#overwrites ? source.length : Math.min(source.length, room);
    this.content.push(...source.subarray(0, accepted));
    this.writePosition += accepted;
    this.overwritten += this.content.splice(0, Math.max(0, this.content.length - this.#capacity)).length;
    return accepted;
  }

  take(count: number): Uint8Array {
    return Uint8Array.from(this.content.splice(0, count));
  }
}

interface State {
  ring: RingBuffer;
  model: Model;
}

function run({ ring, model }: State, [act, count]: Step): void {
  doBoth(ring, model, act, count);
  equal(ring.length, model.content.length, 'length');
  equal(ring.free, ring.capacity - model.content.length, 'free');
  equal(ring.overwritten, model.overwritten, 'overwritten');
  equal(ring.writePosition, model.writePosition, 'writePosition');
  equal(ring.readPosition, model.writePosition - model.content.length, 'readPosition');
}

function doBoth(ring: RingBuffer, model: Model, act: Act, count: number): void {
  if (act === 'write') {
    // No byte equals its neighbours, and none is 0, which is what fresh memory holds.
    const source = Uint8Array.from({ length: count }, (_, i) => ((model.writePosition + i) % 251) + 1);
    return equal(ring.write(source), model.write(source), 'bytes accepted');
  }
  if (act === 'read') return bytes(ring.read(count), model.take(count), 'what read returns');
  if (act === 'peek')
    return bytes(ring.peek(count), Uint8Array.from(model.content.slice(0, count)), 'what peek returns');
  if (act === 'skip') return equal(ring.skip(count), model.take(count).length, 'bytes skipped');
  if (act === 'clear') return equal(ring.clear(), model.take(model.content.length).length, 'bytes dropped');
  const [target, expected] = [new Uint8Array(count), new Uint8Array(count)];
  const taken = model.take(count);
  expected.set(taken);
  equal(ring.readInto(target), taken.length, 'bytes read');
  bytes(target, expected, 'the target of readInto');
}

function compare(t: CaseContext, capacity: number, options: RingBufferOptions): void {
  new RingBuffer(capacity, options);
  try {
    modelTest<State, Step>(t, {
      what: `a ring of ${capacity} beside an array`,
      steps: fc.tuple(fc.constantFrom(...ACTS), fc.nat(capacity + 3)),
      start: () => ({ ring: new RingBuffer(capacity, options), model: new Model(capacity, options) }),
      run,
      show: nameStep,
      runs: 70,
      length: 100,
    });
  } catch (error) {
    // The steps of a model test begin with the first call.
    const steps = error instanceof CaseFailure ? (error.failure.steps ?? []) : [];
    throw explain(error, { steps: [`ring = new RingBuffer(${capacity}, ${show(options)})`, ...steps] });
  }
}

function nameStep([act, count]: Step): string {
  const size = `${count} byte${count === 1 ? '' : 's'}`;
  const argument = { write: size, readInto: `${size} of memory`, read: count, peek: count, skip: count, clear: '' };
  return `ring.${act}(${argument[act]})`;
}

testCase(
  {
    id: 'ring-model',
    title: 'thousands of random operations do what an array would do',
    clause,
    why: 'the combination that nobody thought of is the one that fails in production',
    group,
  },
  (t) => compare(t, 13, {}),
);

testCase(
  {
    id: 'ring-model-overwrite',
    title: 'the same with overwriting',
    clause,
    why: 'every write moves the reader: twice as many ways to get a counter wrong',
    group,
  },
  (t) => compare(t, 10, { overflow: 'overwrite' }),
);

testCase(
  {
    id: 'ring-model-late',
    title: 'the same after 4 GiB of traffic',
    clause,
    why: 'a connection that has lived long must not behave differently from a young one',
    group,
  },
  (t) => compare(t, 16, { start: 2 ** 32 - 100 }),
);
