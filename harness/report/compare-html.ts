/** A comparison as one self-contained HTML page: the two files side by side. Pure. */
import { diffLines } from 'diff';
import type { Comparison } from '../compare.ts';
import { performanceLines } from './bars.ts';
import { sizeRows } from './compare.ts';
import { escapeHtml, page } from './html.ts';
import { makePaint } from './paint.ts';

export function comparisonPage(comparison: Comparison): string {
  const { exercise, checked } = comparison;
  const title = `${exercise.id}: your file and the reference`;
  const measured = performanceLines(checked.performance, makePaint(false, 140)).filter((line) => line !== '');
  return page(
    title,
    [
      `<h1>${escapeHtml(title)}</h1>`,
      `<p class="quiet">${escapeHtml(exercise.title)}. Seed ${checked.seed}, Node ${escapeHtml(process.version)}.</p>`,
      factsTable(sizeRows(comparison)),
      measured.length > 0 ? `<h2>Performance</h2>\n<pre>${escapeHtml(measured.join('\n'))}</pre>` : '',
      '<h2>Side by side</h2>',
      diffTable(comparison.mine.text, comparison.reference.text),
    ].join('\n'),
  );
}

function factsTable([head = [], ...rows]: string[][]): string {
  const cells = (row: string[], tag: 'th' | 'td') => row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  return `<table class="facts">\n<tr>${cells(head, 'th')}</tr>\n${body}\n</table>`;
}

const COLUMNS = '<colgroup><col class="number"><col><col class="number"><col></colgroup>';

interface Side {
  number: number;
  text: string;
}

/** Lines that differ stand opposite each other, as far as there are any on both sides. */
function diffTable(mine: string, reference: string): string {
  const rows: string[] = [];
  const at = { mine: 1, reference: 1 };
  let removed: Side[] = [];
  let added: Side[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) rows.push(row(removed[i], added[i], true));
    removed = [];
    added = [];
  };
  for (const change of diffLines(mine, reference)) {
    const lines = change.value.replace(/\n$/, '').split('\n');
    if (change.removed) removed = lines.map((text) => ({ number: at.mine++, text }));
    else if (change.added) added = lines.map((text) => ({ number: at.reference++, text }));
    else {
      flush();
      for (const text of lines) rows.push(row({ number: at.mine++, text }, { number: at.reference++, text }, false));
    }
  }
  flush();
  return `<table class="diff">\n${COLUMNS}\n<tr><th colspan="2">yours</th><th colspan="2">reference</th></tr>\n${rows.join('\n')}\n</table>`;
}

function row(mine: Side | undefined, reference: Side | undefined, differs: boolean): string {
  return `<tr>${cell(mine, differs ? 'mine' : '')}${cell(reference, differs ? 'theirs' : '')}</tr>`;
}

function cell(side: Side | undefined, kind: string): string {
  if (!side) return '<td class="number"></td><td></td>';
  return `<td class="number">${side.number}</td><td${kind ? ` class="${kind}"` : ''}>${escapeHtml(side.text)}</td>`;
}
