/** The report as one page, part by part: what it is about, how all did, what to teach again, and each learner. Pure. */
import { escapeHtml, pageParts } from '../../report/html.ts';
import { sourceHtml } from './diff.ts';
import { learnerSection } from './learner.ts';
import { likeness } from './likeness.ts';
import { matrix } from './matrix.ts';
import { type Material, type Model, percent } from './model.ts';
import { plots } from './plots.ts';
import { STYLE } from './style.ts';
import { teach } from './teach.ts';

export function reportPage(model: Model): Generator<string> {
  return pageParts(`Report on ${model.learners.length} learners`, partsOf(model), STYLE);
}

function* partsOf(model: Model): Generator<string> {
  yield head(model);
  yield '<main id="content">';
  yield numbers(model);
  yield matrix(model);
  yield teach(model);
  yield plots(model);
  yield likeness(model);
  yield '<h2 id="learners">Learner by learner</h2>';
  yield '<p class="quiet"><code>npm run replay</code> runs a case again on the file in <code>exercises/</code>; with <code>--file PATH</code> on any other.</p>';
  for (const learner of model.learners) yield learnerSection(model, learner);
  yield '<h2 id="references">References</h2>';
  for (const exercise of model.exercises) yield reference(exercise);
  yield '</main>';
}

const SECTIONS = [
  ['matrix', 'Learners and exercises'],
  ['teach', 'What to teach again'],
  ['performance', 'Performance'],
  ['likeness', 'Submissions that are alike'],
  ['learners', 'Learner by learner'],
  ['references', 'References'],
];

function head({ cohort, learners }: Model): string {
  const { kit, node, seed, sandbox, startedAt } = cohort;
  const links = SECTIONS.map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`);
  return `<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>Report on ${learners.length} learners</h1>
<p class="quiet">Graded on ${startedAt.slice(0, 16).replace('T', ' ')} UTC with wirekata ${escapeHtml(kit.version)}, Node ${escapeHtml(node)}, seed ${seed}, sandbox ${sandbox}.</p>
<nav aria-label="contents"><ul>${links.join('')}</ul></nav>
</header>`;
}

function numbers({ cohort, learners, exercises }: Model): string {
  const scores = learners.flatMap(({ score }) => score ?? []);
  const mean = scores.length === 0 ? undefined : scores.reduce((sum, one) => sum + one, 0) / scores.length;
  const solved = learners.reduce((sum, one) => sum + one.solved, 0);
  const facts: [string, string][] = [
    ['learners', String(learners.length)],
    ['exercises', String(exercises.length)],
    ['files graded', String(cohort.jobs.length)],
    ['solved', String(solved)],
    ['mean score', percent(mean)],
  ];
  return `<dl class="numbers">${facts.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`).join('')}</dl>
<p class="quiet">A score is the share of cases and gates that passed; only solved is 100 %. What was not handed in is 0. Faults of the kit count nowhere.</p>`;
}

function reference({ id, title, reference: text }: Material): string {
  if (text === undefined) return '';
  return `<details class="long" id="reference-${id}"><summary>${escapeHtml(id)} ${escapeHtml(title)}</summary>\n${sourceHtml(text)}</details>`;
}
