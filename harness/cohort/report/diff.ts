/**
 * A learner's file against the reference as compact HTML: hunks of lines, each with its sign, since a whole cohort
 * side by side (compare-html.ts) would make a page of a million table cells.
 *
 * The reference stands once in the page. Long runs of its lines are not repeated for each learner, but named. Pure.
 */
import { structuredPatch } from 'diff';
import { escapeHtml } from '../../report/html.ts';

export interface Difference {
  html: string;
  /** Lines that only the learner's file has, and that only the reference has. */
  mine: number;
  reference: number;
}

/** Lines of the reference that one run shows. */
const SHOWN = 8;

/** Files that differ in more lines than this have nothing in common that a reader could use, and take seconds. */
const MOST_EDITS = 3_000;

/** Longer lines are cut: nobody wrote them by hand. */
const WIDEST = 300;

/** Undefined where the two are too far apart, or the file too large to be read. */
export function difference(mine: string, reference: string, anchor: string): Difference | undefined {
  const patch = structuredPatch('', '', mine, reference, '', '', { context: 2, maxEditLength: MOST_EDITS });
  if (!patch) return undefined;
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  const html = patch.hunks.map(({ oldStart, newStart, lines: own }) => {
    const head = `<b>line ${oldStart}, reference line ${newStart}</b>`;
    return [head, ...runsOf(own).map((run) => runHtml(run, anchor))].join('\n');
  });
  return { html: `<pre class="diff">${html.join('\n')}</pre>`, mine: count('-'), reference: count('+') };
}

/** Neighbours with the same sign. */
function runsOf(lines: string[]): string[][] {
  const runs: string[][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.[0]?.[0] === line[0]) last!.push(line);
    else runs.push([line]);
  }
  return runs;
}

function runHtml(run: string[], anchor: string): string {
  const sign = run[0]?.[0];
  if (sign === '-') return `<del>${textOf(run)}</del>`;
  if (sign !== '+') return textOf(run);
  const hidden = run.length - SHOWN;
  // One line more is no longer than the sentence that would stand for it.
  if (hidden <= 1) return `<ins>${textOf(run)}</ins>`;
  return `<ins>${textOf(run.slice(0, SHOWN))}</ins>\n<a href="#${anchor}">… ${hidden} more lines of the reference</a>`;
}

function textOf(lines: string[]): string {
  return lines.map((line) => escapeHtml(line.length > WIDEST ? `${line.slice(0, WIDEST)} …` : line)).join('\n');
}
