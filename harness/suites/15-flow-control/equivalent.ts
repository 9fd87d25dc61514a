/** Mutants of the reference that no case can kill, each with the reason. */
import type { EquivalentMutant } from '../../kit/equivalent.ts';

const why = 'the wording of messages is not part of the contract: callers branch on names and codes';

const names = ['octets', 'increment', 'size', 'maxUnread', 'connectionWindowSize', 'length', 'padding', 'streamId'];
const frames = ['WINDOW_UPDATE', 'DATA'];

export default [
  ...[...names, ...frames].map((name) => ({ original: `'${name}'`, replacement: '""', why })),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  { original: '`stream ${streamId} is not idle: it cannot be opened`', replacement: '``', why },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  { original: '`stream ${streamId} is not open for sending`', replacement: '``', why },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  { original: '`nothing has arrived on stream ${streamId}: it is idle`', replacement: '``', why },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  { original: '`${name} must be a whole number from ${least} to ${most}, not ${value}`', replacement: '``', why },
] satisfies EquivalentMutant[];
