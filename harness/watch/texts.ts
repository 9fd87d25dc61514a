/** Texts that the screen shows in place of the feedback: help and the statement. */
import { readFileSync } from 'node:fs';
import type { Exercise } from '../manifest.ts';
import { showPath } from '../report/failure.ts';
import { type Paint, wrap } from '../report/paint.ts';
import type { Pane } from '../report/view.ts';

const HELP: [key: string, does: string][] = [
  ['n', 'next exercise, once this one is solved'],
  ['h', 'one more hint; hints cost nothing but pride'],
  ['s', 'the statement'],
  ['o', 'your file (and the statement) in your editor: $VISUAL or $EDITOR'],
  ['r', 'run again, with another seed'],
  ['l', 'the curriculum, and how far you are'],
  ['c', 'your file against the reference, once it is solved'],
  ['x', 'put the stub back; your version is kept in .kata/attempts'],
  ['↑ ↓', 'scroll; space and b by pages, Home and End to the ends'],
  ['esc', 'back to the feedback'],
  ['q', 'quit; so does Ctrl-C'],
];

export function helpPane(exercise: Exercise): Pane {
  return {
    title: 'Keys',
    lines: [
      ...HELP.map(([key, does]) => `  ${key.padEnd(5)} ${does}`),
      '',
      'Every save of your file is run at once. Signs:',
      '  ✓ passes   ✗ fails   ○ not written yet   ⧗ no answer in time   · not run',
      '',
      `statement  ${showPath(exercise.statement)}`,
      `file       ${showPath(exercise.learner)}`,
      `suite      ${showPath(exercise.suite)}  (no need to look, but nobody minds)`,
    ],
  };
}

export function statementPane(exercise: Exercise, paint: Paint): Pane {
  const text = readFileSync(exercise.statement, 'utf8').trimEnd();
  return { title: showPath(exercise.statement), lines: markdownLines(text, paint) };
}

/** Markdown as it stands, but for this: prose is filled to the width, headings are bold, fences dim. */
export function markdownLines(text: string, paint: Paint): string[] {
  const lines: string[] = [];
  let prose = '';
  const flush = () => {
    const [, lead = ''] = /^(\s*(?:[-*] |\d+\. )?)/.exec(prose) ?? [];
    if (prose !== '') lines.push(...wrap(prose, paint.width, ' '.repeat(lead.length)));
    prose = '';
  };
  let fenced = false;
  for (const line of text.split('\n')) {
    const isFence = line.startsWith('```');
    if (!isFence && !fenced && isProse(line)) {
      const begins = prose === '' || /^\s*([-*]|\d+\.) /.test(line);
      if (begins) flush();
      prose = begins ? line : `${prose} ${line.trim()}`;
      continue;
    }
    flush();
    if (isFence) fenced = !fenced;
    lines.push(isFence ? paint.dim(line) : line.startsWith('#') && !fenced ? paint.bold(line) : line);
  }
  flush();
  return lines;
}

/** What may be broken anew: neither blank, nor a heading, nor a row of a table. */
function isProse(line: string): boolean {
  return line.trim() !== '' && !/^(#{1,6} |\|| {4})/.test(line);
}
