/** Mutants of the reference that no case can kill, each with the reason. */
import type { EquivalentMutant } from '../../kit/equivalent.ts';

const message = 'the wording of messages is not part of the contract: callers branch on names and codes';
const shortcut =
  'copying through an empty view, or through a view of the whole, has the same effect and only costs more';

export default [
  { original: "'capacity'", replacement: '""', why: message },
  { original: "'start'", replacement: '""', why: message },
  { original: "'max'", replacement: '""', why: message },
  { original: "'count'", replacement: '""', why: message },
  { original: "'write after close'", replacement: '""', why: message },
  {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
    original: '`${name} must be a whole number of at least ${least}, not ${value}`',
    replacement: '``',
    why: message,
  },
  { original: 'to - from === source.length', replacement: 'false', why: shortcut },
  { original: 'to > from', replacement: 'true', why: shortcut },
  { original: 'to > from', replacement: 'to >= from', why: shortcut },
] satisfies EquivalentMutant[];
