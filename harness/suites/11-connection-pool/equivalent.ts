/** Mutants of the reference that no case can kill, each with the reason. */
import type { EquivalentMutant } from '../../kit/equivalent.ts';

const message = 'the wording of messages is not part of the contract: callers branch on codes';
const names = 'ids are compared, never calculated with: counting down gives new ones, too';
const nothing = 'stands for “no match”: whatever is taken out of it is undefined, or never looked at';

export default [
  { original: "'the connection closed before the response was complete'", replacement: '""', why: message },
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is source text
  { original: '`the server sent ${what.slice(0, 80)}`', replacement: '``', why: message },
  { original: 'what.slice(0, 80)', replacement: 'what', why: message },
  { original: '`no connections for ${protocol}`', replacement: '``', why: message },
  { original: "'both Transfer-Encoding and Content-Length'", replacement: '""', why: message },
  { original: '`transfer coding ${codings}`', replacement: '``', why: message },
  { original: '`status line “${statusLine}”`', replacement: '``', why: message },
  { original: '`field line “${line}”`', replacement: '``', why: message },
  { original: '`chunk size “${line}”`', replacement: '``', why: message },
  { original: "'chunk data longer than its size'", replacement: '""', why: message },
  { original: '`more than ${MAX_LINES} bytes of lines`', replacement: '``', why: message },
  { original: "'a line without CR'", replacement: '""', why: message },
  { original: '`Content-Length ${lengths}`', replacement: '``', why: message },
  { original: "'the pool is closed'", replacement: '""', why: message },
  { original: '`no connection within ${this.#waitTimeout} ms`', replacement: '``', why: message },
  { original: "'the pool was destroyed'", replacement: '""', why: message },
  { original: '`method ${JSON.stringify(method)}`', replacement: '``', why: message },
  { original: '`header ${JSON.stringify(name)}`', replacement: '``', why: message },
  { original: '`value of header ${name}`', replacement: '``', why: message },
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is source text
  { original: '/^\\[|\\]$/g', replacement: '/\\[|\\]$/g', why: 'a host has brackets at its ends or nowhere' },
  { original: '/^\\[|\\]$/g', replacement: '/^\\[|\\]/g', why: 'a host has brackets at its ends or nowhere' },
  ...['.exec(', '#parts: ', '#headers: ', 'exchange.reader!.end()'].map((line) => ({
    original: '[]',
    line,
    replacement: '["Stryker was here"]',
    why: nothing,
  })),
  {
    original: 'this.#lineBytes > MAX_LINES',
    replacement: 'this.#lineBytes >= MAX_LINES',
    why: 'the contract leaves room between what must be read and what must be refused',
  },
  { original: '++this.#lastId', replacement: '--this.#lastId', why: names },
  {
    original: 'connections.size === 0',
    replacement: 'false',
    why: 'origins that are never forgotten are seen by pool-origins-growth in performance.ts',
  },
  { original: 'at < this.#wakeAt', replacement: 'at <= this.#wakeAt', why: 'sets it to what it is' },
  { original: 'at === this.#timerAt', replacement: 'false', why: 'sets the same timer anew' },
  {
    original: 'false',
    line: 'answered: false',
    replacement: 'true',
    why: '`answered` is cleared when a request is assigned',
  },
  {
    original: '{ link: undefined, reader: undefined, body: undefined }',
    replacement: '{}',
    why: 'an absent property reads as undefined',
  },
] satisfies EquivalentMutant[];
