// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is source text
/** Mutants of the reference that no case can kill, each with the reason. */
import type { EquivalentMutant } from '../../kit/equivalent.ts';

const message = 'the wording of messages is not part of the contract: callers branch on codes';
const messages: readonly [original: string, replacement: string][] = [
  ['`socket ${socket} is already bound`', '``'],
  ["'IPv4-mapped, yet ipv6Only'", '""'],
  ['`port ${port} is taken`', '``'],
  ['`socket ${socket} is not bound`', '``'],
  ['`port ${binding.port} is listened on`', '``'],
  ["'the remote port is 0'", '""'],
  ["'the tuple is in use'", '""'],
  ["'one address is IPv4, the other IPv6'", '""'],
  ["'no ephemeral port is free'", '""'],
  ['`an address of ${length} bytes`', '``'],
  ['`${socket} is no socket number`', '``'],
  ['`${port} is no port`', '``'],
];

const cut = 'what is over is cut off the queue sooner or later; when, is a matter of time and not of results';
const start =
  'where in the range the search begins, and which way it goes, is free as long as the seed has a say in it';
const hash =
  'another hash, a little weaker or as good, under which the same keys are found: a byte may count for nothing, or as another byte does';

export default [
  ...messages.map(([original, replacement]) => ({ original, replacement, why: message })),
  { original: 'this.#oldest * 2 >= this.#waiting.length', replacement: 'true', why: cut },
  {
    original: 'this.#oldest * 2 >= this.#waiting.length',
    replacement: 'this.#oldest * 2 > this.#waiting.length',
    why: cut,
  },
  {
    original: 'isAny(address)',
    replacement: 'true',
    why: 'endpoints that cannot overlap are looked at as well, and found not to: this only takes longer',
  },
  {
    original: 'false',
    line: 'const wanted = ',
    replacement: 'true',
    why: 'ipv6Only is only asked of `::`, and a connection’s own address is never that',
  },
  {
    original: 'true',
    line: 'readonly ipv6Only = true',
    replacement: 'false',
    why: 'ipv6Only is only asked of `::`, and a connection’s own address is never that',
  },
  { original: 'i < this.#portCount', replacement: 'i <= this.#portCount', why: 'the first port is tried once more' },
  { original: 'start + this.#tried++', replacement: 'start - this.#tried++', why: start },
  { original: 'this.#tried++', replacement: 'this.#tried--', why: start },
  {
    original: 'old[row + this.keyWords] !== EMPTY',
    replacement: 'true',
    why: 'an empty row is copied onto an empty row',
  },
  ...[
    ['first + (word & 0xff)', 'first - (word & 0xff)'],
    ['first + 0x100', 'first - 0x100'],
    ['first + 0x100 + ((word >>> 8) & 0xff)', 'first + 0x100 - (word >>> 8 & 0xff)'],
    ['first + 0x200', 'first - 0x200'],
    ['first + 0x200 + ((word >>> 16) & 0xff)', 'first + 0x200 - (word >>> 16 & 0xff)'],
    ['first + 0x300', 'first - 0x300'],
    ['first + 0x300 + (word >>> 24)', 'first + 0x300 - (word >>> 24)'],
  ].map(([original, replacement]) => ({ original: original!, replacement: replacement!, why: hash })),
  { original: 'seed + Math.imul(i + 1, 0x9e3779b9)', replacement: 'seed - Math.imul(i + 1, 0x9e3779b9)', why: hash },
  { original: 'i + 1', replacement: 'i - 1', why: hash },
  { original: '`${code}: ${message}`', replacement: '``', why: message },
  {
    original: '2 * this.#used > this.#mask',
    replacement: '2 * this.#used >= this.#mask',
    why: 'an even number is never equal to an odd one',
  },
  {
    original: 'i < this.keyWords',
    replacement: 'i <= this.keyWords',
    why: 'one word more: in add the socket overwrites it, and in hash there is no random word for it',
  },
  {
    original: 'hole < next',
    replacement: 'hole <= next',
    why: 'there is an empty row before `next` comes round to the hole',
  },
  { original: 'i < count', replacement: 'i <= count', why: 'a typed array ignores what is written behind its end' },
  {
    original: '4 * i < length',
    replacement: '4 * i <= length',
    why: 'one word more, which the second address or the ports overwrite',
  },
  {
    original: 'isAny(a.address) || isAny(b.address)',
    replacement: 'true',
    why: 'of one family, `#rivals` offers only the same address and the wildcard',
  },
  {
    original: '-1',
    line: 'const MISSING',
    replacement: '+1',
    why: 'a row begins at a multiple of its length, and so never at 1',
  },
] satisfies EquivalentMutant[];
