/**
 * How fast and how lean the files are: for each exercise a plot with a row for each metric, a dot for each learner, the
 * reference as a line and the gates as marks. Drawn by Observable Plot into a document that is no browser's. Pure.
 */
import * as Plot from '@observablehq/plot';
import { DOMImplementation, type Element } from '@xmldom/xmldom';
import { escapeHtml } from '../../report/html.ts';
import { harmless, wrap } from '../../report/paint.ts';
import { type Material, type Model, scrolling } from './model.ts';
import { type Dot, EDGE, type Standing, standings } from './standing.ts';

export function plots(model: Model): string {
  const figures = model.exercises.map((exercise, i) => figure(exercise, standings(model, i)));
  return `<h2 id="performance">Performance against the reference</h2>
<p class="quiet">Of the files whose cases all pass: a dot for each. At 1× a file is as good as the reference (or as the baseline that a metric
names), further right it is faster, leaner, or grows less; how high it stands means nothing. Marks show the gates; what lies beyond ${EDGE}× is drawn at the edge.</p>
${figures.join('\n')}`;
}

function figure({ id, title }: Material, rows: Standing[]): string {
  const head = `<h3 id="exercise-${id}">${escapeHtml(id)} ${escapeHtml(title)}</h3>`;
  if (rows.length === 0) return `${head}\n<p>No file came so far that its performance was measured.</p>`;
  return `${head}
<figure>${scrolling(`Performance of ${id}`, svg(rows, `Performance of ${id} against the reference`))}
<figcaption>${details(rows, id)}</figcaption></figure>`;
}

const WIDTH = 960;
const LABELS = 260;
const ROW = 62;
/** Multiples of it, without their whole parts, fill the unit interval evenly, whatever their number. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

function svg(rows: Standing[], label: string): string {
  const document = new DOMImplementation().createDocument('http://www.w3.org/1999/xhtml', 'html', null);
  const name = (row: Standing) => wrap(harmless(labelOf(row)), 40).join('\n');
  const gates = rows.flatMap((row) => row.gates.map((gate) => ({ ...gate, row: name(row) })));
  const dots = rows.flatMap((row) => spread(row.dots).map((dot) => ({ ...dot, row: name(row) })));
  const drawn = Plot.plot({
    // Plot asks for a browser's document, but makes elements only.
    document: document as never,
    ariaLabel: label,
    width: WIDTH,
    height: rows.length * ROW + 60,
    marginLeft: LABELS,
    marginRight: 30,
    marginTop: 30,
    style: 'font-size: 12px',
    x: {
      type: 'log',
      base: 2,
      domain: domainOf(rows),
      label: 'times as good as the reference',
      tickFormat: tick,
      grid: true,
    },
    y: { axis: null, domain: [0, 1], inset: 6 },
    fy: { label: null, domain: rows.map(name), padding: 0.15 },
    marks: [
      Plot.frame({ stroke: 'var(--line)' }),
      Plot.ruleX([1], { stroke: 'currentColor', strokeDasharray: '4 3' }),
      Plot.tickX(gates, { fy: 'row', x: 'at', stroke: 'var(--warn)', strokeWidth: 2 }),
      Plot.dot(dots, {
        ...{ fy: 'row', x: 'at', y: 'height', r: 3.2, title: titleOf },
        ...{ fill: 'var(--link)', fillOpacity: 0.6, stroke: 'var(--page)', strokeWidth: 0.5 },
      }),
      ...Object.entries(PLACES).map(([level, place]) =>
        Plot.text(
          gates.filter((gate) => gate.level === level),
          { ...place, ...GATE, fy: 'row', x: 'at' },
        ),
      ),
    ],
  });
  const element = drawn as unknown as Element;
  // One picture with one name: parts that are labelled by themselves are noise to a screen reader.
  element.setAttribute('role', 'img');
  for (const part of element.getElementsByTagName('g')) part.removeAttribute('aria-label');
  return element.toString();
}

/** Dots that are alike, or nearly, stand far apart in their row's height, however many there are. */
function spread(dots: Dot[]): (Dot & { height: number })[] {
  return dots.toSorted((a, b) => a.at - b.at).map((dot, i) => ({ ...dot, height: (0.5 + i * GOLDEN) % 1 }));
}

function labelOf({ title, against }: Standing): string {
  return against === 'baseline' ? `${title} (against the baseline)` : title;
}

function titleOf({ learner, at, level }: Dot): string {
  return harmless(`${learner.name}: ${times(at)}, ${level}`);
}

function times(at: number): string {
  return `${Number(at.toPrecision(2))}×`;
}

/** Ticks are powers of two. */
function tick(at: number): string {
  return at < 1 ? `1/${1 / at}×` : `${at}×`;
}

/** Where the label of a gate stands, so that neighbours do not cover each other. */
const PLACES = {
  pass: { textAnchor: 'end', frameAnchor: 'top', dx: -4, dy: 2 },
  silver: { textAnchor: 'start', frameAnchor: 'bottom', dx: 4, dy: -2 },
  gold: { textAnchor: 'start', frameAnchor: 'top', dx: 4, dy: 2 },
} as const;

/** Readable on dots, too. */
const GATE = { text: 'level', fill: 'var(--warn)', stroke: 'var(--page)', fontSize: 10 } as const;

/** As far as anything lies from the reference, in whole powers of four: both sides alike. */
function domainOf(rows: Standing[]): [number, number] {
  const all = rows.flatMap(({ dots, gates }) => [...dots, ...gates].map(({ at }) => Math.abs(Math.log2(at))));
  const edge = 4 ** Math.max(1, Math.ceil(Math.max(...all) / 2));
  return [1 / edge, edge];
}

/** The same in figures, for who cannot see the plot. */
function details(rows: Standing[], id: string): string {
  const lines = rows.map((row) => {
    const sorted = row.dots.map(({ at }) => at).sort((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)]!;
    const slow = row.dots.filter(({ level }) => level === 'slow').length;
    const cells = [row.dots.length, times(sorted[0]!), times(middle), times(sorted.at(-1)!), slow];
    return `<tr><th scope="row">${escapeHtml(labelOf(row))}</th>${cells.map((cell) => `<td class="number">${cell}</td>`).join('')}</tr>`;
  });
  const head = ['metric', 'files', 'lowest', 'median', 'highest', 'slower than the gate'];
  const table = `<table class="teach">
<thead><tr>${head.map((one) => `<th scope="col">${one}</th>`).join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`;
  return `<details><summary>the figures as a table</summary>\n${scrolling(`Figures of ${id}`, table)}</details>`;
}
