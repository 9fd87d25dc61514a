/** From a stack to the innermost line of it that the subject's author wrote. */
import type { Location } from './events.ts';
import type { Subject } from './subject.ts';

export type Locate = (stack: string) => { at?: Location };

/** `file?query:line:column`, alone or in brackets. Lines are those of the source: vite maps them in the child. */
const FRAME = /\(?([^\s(][^(]*?)(?:\?[\w-]*)?:(\d+):(\d+)\)?$/;

/** A program made of several sources: the place in them of a place in it, if it is one. */
type Original = (file: string, line: number, column: number) => Location | undefined;

export function locator(subject: Subject, original: Original = () => undefined): Locate {
  return (stack) => {
    for (const frame of stack.split('\n')) {
      const [, name = '', row, col] = FRAME.exec(frame.trim().replace(/^at (?:.*? \()?/, '')) ?? [];
      const seen = { file: name, line: Number(row), column: Number(col) };
      const { file, line, column } = original(name, seen.line, seen.column) ?? seen;
      if (subject.sources.has(file)) return { at: { file, line, column } };
    }
    return {};
  };
}
