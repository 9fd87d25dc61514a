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
const hash = 'another hash, a little weaker or as good, under which the same keys are found';

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
    replacement: 'true',
    why: 'ipv6Only is only asked of `::`, and a connection’s own address is never that',
  },
  {
    original: 'true',
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
  {
    original: 'first + 0x100 + ((word >>> 8) & 0xff)',
    replacement: 'first + 0x100 - (word >>> 8 & 0xff)',
    why: hash,
  },
  { original: 'first + 0x300', replacement: 'first - 0x300', why: hash },
  { original: 'seed + Math.imul(i + 1, 0x9e3779b9)', replacement: 'seed - Math.imul(i + 1, 0x9e3779b9)', why: hash },
  { original: 'i + 1', replacement: 'i - 1', why: hash },
] satisfies EquivalentMutant[];
