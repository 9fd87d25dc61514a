/** Pieces of self-contained HTML pages: escaping, and the one style sheet. No script, no network. Pure. */
import { harmless } from './paint.ts';

/** Text of anybody as HTML: nothing in it is markup, moves the cursor of a terminal, or turns the direction of reading. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return harmless(text).replace(/[&<>"']/g, (c) => entities[c] as string);
}

export function page(title: string, body: string): string {
  return [...pageParts(title, [body])].join('');
}

/** A page piece by piece, so that a large one need not be in memory as a whole. `style` adds to the common rules. */
export function* pageParts(title: string, body: Iterable<string>, style = ''): Generator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
`;
  for (const part of body) yield `${part}\n`;
  yield '</body>\n</html>\n';
}

const STYLE = `
:root { color-scheme: light dark; --text: #1c2128; --page: #fff; --quiet: #59636e; --line: #d1d9e0; --mine: #ffebe9; --theirs: #dafbe1; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --quiet: #9198a1; --line: #3d444d; --mine: #4b1d1b; --theirs: #12351d; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 100rem; padding: 0 1.5rem; color: var(--text); background: var(--page); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
p.quiet { color: var(--quiet); }
table { border-collapse: collapse; } th, td { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top; }
table.facts td { font-variant-numeric: tabular-nums; }
table.diff { width: 100%; table-layout: fixed; border: 1px solid var(--line); font: 13px/1.45 ui-monospace, monospace; }
table.diff td { padding: 0 .5rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 0; }
table.diff col.number { width: 3.5rem; }
table.diff td.number { text-align: right; color: var(--quiet); user-select: none; }
table.diff td.mine { background: var(--mine); } table.diff td.theirs { background: var(--theirs); }
@media print { body { margin: 0; max-width: none; font-size: 11px; } table.diff { font-size: 9px; } tr { break-inside: avoid; } }
`;
