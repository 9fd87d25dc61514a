// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is source text
/** Mutants of the reference that no case can kill, each with the reason. */
import type { EquivalentMutant } from '../../kit/equivalent.ts';

const message = 'the wording of messages is not part of the contract: callers branch on names and codes';
const overwritten = 'an initial value that nothing reads before it is overwritten';
const copied =
  'one copy more of the same octets: a matter of level in h1-body-allocation, and refused by h1-drip-growth if it is made again and again (performance.ts)';
const shortcut = 'a shortcut past the pattern behind it, which says the same of the same text';
const stopped = 'the colon in front of a value and the CR behind it are no whitespace: they stop the search';

export default [
  { original: '`${name} must be a whole number, not ${value}`', replacement: '``', why: message },
  { original: "'push() after end()'", replacement: '""', why: message },
  { original: "'resume() without a pause'", replacement: '""', why: message },
  { original: "'rest() without a pause'", replacement: '""', why: message },
  { original: "'request-line'", line: '#state: State', replacement: '""', why: overwritten },
  {
    original: '-1',
    line: '  #colon = -1',
    replacement: '+1',
    why: 'the first line is a request line, at whose end this still lies before the next',
  },
  { original: '[]', line: '#marks: number[]', replacement: '["Stryker was here"]', why: overwritten },
  {
    original: '[]',
    line: '.exec(text)',
    replacement: '["Stryker was here"]',
    why: 'stands for “no match”: what is taken out of it is undefined',
  },
  { original: 'this.#from === this.#until', replacement: 'false', why: copied },
  {
    original: `{
      this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#from = 0;
      this.#until = bytes.length;
      return;
    }`,
    replacement: '{}',
    why: copied,
  },
  { original: 'this.#until + bytes.length > this.#bytes.length', replacement: 'true', why: copied },
  {
    original: 'this.#until + bytes.length > this.#bytes.length',
    replacement: 'this.#until + bytes.length >= this.#bytes.length',
    why: copied,
  },
  {
    original: 'this.#colon < this.#lineStart',
    replacement: 'this.#colon <= this.#lineStart',
    why: 'a name has at least one octet, so no colon stands where its line begins',
  },
  {
    original: 'octet < 0x7f',
    replacement: 'octet <= 0x7f',
    why: 'DEL stands in no line: `#findLineEnd` refuses it first',
  },
  { original: "text === 'HTTP/1.1'", replacement: 'false', why: shortcut },
  {
    original: 'first === 0',
    line: 'let start = ',
    replacement: 'false',
    why: 'the mark before the first is undefined, and slice takes NaN for 0',
  },
  { original: 'from < to', replacement: 'true', why: stopped },
  { original: 'from < to', replacement: 'from <= to', why: stopped },
  { original: 'to > from', replacement: 'true', why: stopped },
  { original: 'to > from', replacement: 'to >= from', why: stopped },
  {
    original: `{
    host: undefined,
    connection: undefined,
    upgrade: undefined,
    expect: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
  }`,
    replacement: '{}',
    why: 'an absent property reads as undefined',
  },
  { original: 'at < text.length && HOST_CHAR[text.charCodeAt(at)] !== 0', replacement: 'false', why: shortcut },
  { original: 'at < text.length', replacement: 'at <= text.length', why: shortcut },
  { original: 'at === text.length', replacement: 'false', why: shortcut },
  {
    original: '(octet) => /[\\w.-]/.test(String.fromCharCode(octet))',
    replacement: '() => undefined',
    why: shortcut,
  },
  {
    original: 'list !== undefined',
    replacement: 'true',
    why: 'a pattern reads undefined as a text that has no such member',
  },
] satisfies EquivalentMutant[];
