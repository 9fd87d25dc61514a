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

/** Files that differ in more lines than this have nothing in common that a reader could use; the time goes with the square. */
const MOST_EDITS = 2_000;

/** Lines of a file that are shown by itself. */
const MOST_LINES = 2_000;

/** Longer lines are cut: nobody wrote them by hand. */
const WIDEST = 300;

/** Undefined where the two are too far apart. */
export function difference(mine: string, reference: string, anchor: string): Difference | undefined {
  if (mine.split('\n', MOST_EDITS * 2).length === MOST_EDITS * 2) return undefined;
  const patch = structuredPatch('', '', mine, reference, '', '', { context: 2, maxEditLength: MOST_EDITS });
  if (!patch) return undefined;
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  const html = patch.hunks.map(({ oldStart, newStart, lines: own }) => {
    const head = `<b>line ${oldStart}, reference line ${newStart}</b>\n`;
    return (
      head +
      runsOf(own)
        .map((run) => runHtml(run, anchor))
        .join('')
    );
  });
  return { html: `<pre class="diff">${html.join('')}</pre>`, mine: count('-'), reference: count('+') };
}

/** A file by itself, its first lines if it is longer than anybody reads. */
export function sourceHtml(text: string): string {
  const lines = text.split('\n');
  const hidden = lines.length - MOST_LINES;
  const more = hidden > 0 ? `\n<b>… ${hidden} more lines</b>` : '';
  return `<pre class="source">${textOf(lines.slice(0, MOST_LINES))}${more}</pre>`;
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

/** `del` and `ins` are blocks, and end their line by themselves. */
function runHtml(run: string[], anchor: string): string {
  const sign = run[0]?.[0];
  if (sign === '-') return `<del>${textOf(run)}</del>`;
  if (sign !== '+') return `${textOf(run)}\n`;
  const hidden = run.length - SHOWN;
  // One line more is no longer than the sentence that would stand for it.
  if (hidden <= 1) return `<ins>${textOf(run)}</ins>`;
  return `<ins>${textOf(run.slice(0, SHOWN))}</ins><a href="#${anchor}">… ${hidden} more lines of the reference</a>\n`;
}

function textOf(lines: string[]): string {
  return lines.map((line) => escapeHtml(line.length > WIDEST ? `${line.slice(0, WIDEST)} …` : line)).join('\n');
}
