/** What the report of a cohort adds to the common style (harness/report/html.ts). */
export const STYLE = `
:root { --good: #1a7f37; --warn: #7d4e00; --bad: #b3261e; --link: #0550ae; --soft: #f6f8fa; --good-soft: #dafbe1; --warn-soft: #fff1c2; --bad-soft: #ffebe9; }
@media (prefers-color-scheme: dark) { :root { --good: #5fd37e; --warn: #e8b64c; --bad: #ff8f86; --link: #79b8ff; --soft: #161b22; --good-soft: #12351d; --warn-soft: #3a2d0c; --bad-soft: #4b1d1b; } }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
:target { scroll-margin-top: 1rem; }
a.skip { position: absolute; left: -100rem; } a.skip:focus { position: static; }
h3 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; } h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
dl.numbers { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; } dl.numbers dt { color: var(--quiet); } dl.numbers dd { margin: 0; font-size: 1.4rem; }
small { font-size: .8em; } code, pre { font: .85em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.note { border-left: .3rem solid var(--warn); background: var(--warn-soft); padding: .5rem .75rem; max-width: 60rem; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; } .scroll th { font-weight: 600; } .scroll:has(> table.matrix) { max-height: 92vh; overflow-y: auto; }
table.matrix td, table.matrix th, table.teach td, table.teach th { padding: .3rem .6rem; border-bottom: 1px solid var(--line); line-height: 1.25; }
table.matrix thead th { vertical-align: bottom; font-size: .85em; position: sticky; top: 0; background: var(--page); z-index: 1; } table.matrix thead th:first-child { left: 0; z-index: 2; }
table.matrix tbody th { position: sticky; left: 0; background: var(--page); min-width: 8rem; max-width: 16rem; overflow-wrap: anywhere; }
table.matrix a { color: inherit; } td.verdict { min-width: 5.5rem; } td.verdict a { display: block; text-decoration: none; } td.verdict a:hover { text-decoration: underline; }
.verdict.good { color: var(--good); background: var(--good-soft); } .verdict.warn { color: var(--warn); background: var(--warn-soft); } .verdict.bad { color: var(--bad); background: var(--bad-soft); } .verdict.none { color: var(--quiet); }
span.verdict { padding: 0 .4rem; border-radius: .25rem; } tbody tr:hover { background: var(--soft); }
table.teach th { text-align: left; } table.teach tbody th { font-weight: 400; min-width: 16rem; } table.teach td:first-child { min-width: 7rem; }
.bar { display: block; height: .3rem; background: var(--bad); }
summary { cursor: pointer; color: var(--link); width: fit-content; }
section.learner { border-top: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 40rem; }
section.learner > h3 { font-size: 1.3rem; }
section.job { padding-left: 1rem; border-left: 2px solid var(--line); margin: 1rem 0; }
ul.failures { list-style: none; padding: 0; } ul.failures li { margin: .75rem 0; } ul.failures p { margin: .15rem 0; max-width: 60rem; overflow-wrap: anywhere; }
ul.failures dl { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: 0; font-size: .85em; } ul.failures dl div { display: flex; gap: .4rem; } ul.failures dt { color: var(--quiet); } ul.failures dd { margin: 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; background: var(--soft); padding: .5rem .75rem; max-width: 100%; }
pre.diff, pre.source { white-space: pre-wrap; } pre.diff del, pre.diff ins { display: block; text-decoration: none; } pre.diff del { background: var(--mine); } pre.diff ins { background: var(--theirs); } pre.diff b { color: var(--quiet); font-weight: 400; }
figure { margin: 0 0 1.5rem; } figure svg { min-width: 46rem; max-width: 100%; height: auto; }
@media (max-width: 40rem) { body { margin: 1rem auto; padding: 0 .75rem; } section.job { padding-left: .5rem; } table.matrix tbody th { max-width: 9rem; } }
@media print { table.matrix thead th { position: static; } h2, h3, h4 { break-after: avoid; } figure svg { min-width: 0; } a { color: inherit; } a.skip, nav, p.ways, #references, details.long:not([open]) { display: none; } .scroll, .scroll:has(> table.matrix) { overflow: visible; max-height: none; } table.matrix { font-size: 9px; } table.matrix tbody th { position: static; } td.verdict { min-width: 0; } section.learner { content-visibility: visible; break-before: page; } ul.failures li, svg { break-inside: avoid; } details::details-content { content-visibility: visible; } * { print-color-adjust: exact; } }
`;
