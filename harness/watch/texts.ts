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
  let fenced = false;
  const lines = text.split('\n').flatMap((line) => {
    const isFence = line.startsWith('```');
    if (isFence) fenced = !fenced;
    if (isFence) return paint.dim(line);
    if (fenced || line.startsWith('|')) return line;
    if (/^#{1,6} /.test(line)) return paint.bold(line);
    const [, indent = ''] = /^(\s*(?:[-*] |\d+\. )?)/.exec(line) ?? [];
    return wrap(line, paint.width, ' '.repeat(indent.length));
  });
  return { title: showPath(exercise.statement), lines };
}
