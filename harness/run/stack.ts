/** From a stack to the innermost line of it that the subject's author wrote. */
import type { Location } from './events.ts';
import type { Subject } from './subject.ts';

export type Locate = (stack: string) => { at?: Location };

/** `file?query:line:column`, alone or in brackets. Lines are those of the source: vite maps them in the child. */
const FRAME = /\(?([^\s(][^(]*?)(?:\?[\w-]*)?:(\d+):(\d+)\)?$/;

export function locator(subject: Subject): Locate {
  return (stack) => {
    for (const frame of stack.split('\n')) {
      const [, file = '', line, column] = FRAME.exec(frame.trim().replace(/^at (?:.*? \()?/, '')) ?? [];
      if (subject.sources.has(file)) return { at: { file, line: Number(line), column: Number(column) } };
    }
    return {};
  };
}
