// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is source text
/** Mutants of the reference that no case can kill, each with the reason. */
import type { EquivalentMutant } from '../../kit/equivalent.ts';

const message = 'the wording of messages is not part of the contract: callers branch on names and codes';
const messages = ["'push takes bytes, in a Uint8Array'", "'push after end'", "'push before next() has said need-more'"];

/** Time alone, which performance.ts compares. */
const queued = '`#ready` only saves the way through the queue, at whose end the same answer is';
const single = 'a block only saves time: decoded line by line, the same lines come out';
const copied = 'one copy more of the same bytes';
const memory = 'memory that is given back sooner, or made sooner, holds the same bytes';

export default [
  ...messages.map((original) => ({ original, replacement: '""', why: message })),
  { original: "'maxLineBytes'", replacement: '""', why: message },
  { original: "'maxElementBytes'", replacement: '""', why: message },
  { original: '`${name} ${number}: ${FAULTS[code]}`', replacement: '``', why: message },
  { original: '`${name} must be a whole number of at least 1, not ${value}`', replacement: '``', why: message },
  { original: 'cause === undefined', replacement: 'false', why: 'an absent cause reads as undefined' },
  {
    original: `{
    if (this.#waiting > 0 || this.#over) return undefined;
    try {
      const event = this.#parser.next();
      return 'value' in event ? Promise.resolve({ value: event.value, done: false }) : undefined;
    } catch {
      // The parser will say it again, where the source can be closed.
      return undefined;
    }
  }`,
    replacement: '{}',
    why: queued,
  },
  {
    original: `{
      const event = this.#parser.next();
      return 'value' in event ? Promise.resolve({ value: event.value, done: false }) : undefined;
    }`,
    replacement: '{}',
    why: queued,
  },
  {
    original: `{
      // The parser will say it again, where the source can be closed.
      return undefined;
    }`,
    replacement: '{}',
    why: 'nothing is returned either way',
  },
  { original: 'this.#waiting > 0 || this.#over', replacement: 'true', why: queued },
  { original: 'this.#waiting > 0', replacement: 'this.#waiting >= 0', why: queued },
  { original: 'this.#waiting -= 1', replacement: 'this.#waiting += 1', why: queued },
  { original: '{\n      this.#waiting -= 1;\n    }', replacement: '{}', why: queued },
  { original: 'this.#head.length > 0', replacement: 'this.#head.length >= 0', why: single },
  { original: 'this.#head.length > 0', replacement: 'true', why: single },
  ...['false', 'true', 'from <= this.#suspect', 'from >= this.#suspect'].map((replacement) => ({
    original: 'from < this.#suspect',
    replacement,
    why: single,
  })),
  { original: 'from + BLOCK - 1', replacement: 'from + BLOCK + 1', why: single },
  { original: 'from + BLOCK', replacement: 'from - BLOCK', why: single },
  { original: 'to <= firstEnd', replacement: 'true', why: single },
  {
    original: 'to <= firstEnd',
    replacement: 'to < firstEnd',
    why: 'where the first line ends there is a LF: the last LF is there, behind it, or not found at all',
  },
  {
    original: 'to - from <= this.#max && this.#isText(this.#chunk.subarray(from, to))',
    replacement: 'false',
    why: single,
  },
  { original: 'to - from <= this.#max', replacement: 'to - from < this.#max', why: single },
  { original: 'to - from', replacement: 'to + from', why: single },
  {
    original: "'value'",
    line: 'delimiter === COMMA',
    replacement: '""',
    why: 'a position that is none of the others means the same',
  },
  { original: 'length > this.#memory.length', replacement: 'length >= this.#memory.length', why: memory },
  { original: 'this.length === 0', replacement: 'false', why: copied },
  { original: 'this.#memory.length > BLOCK', replacement: 'true', why: memory },
  { original: 'this.#memory.length > BLOCK', replacement: 'this.#memory.length >= BLOCK', why: memory },
] satisfies EquivalentMutant[];
