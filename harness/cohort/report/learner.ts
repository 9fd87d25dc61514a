/** The page of one learner: each exercise with its verdict, its failures, and the difference from the reference. Pure. */
import type { ByteDifference } from '../../kit/failure.ts';
import { figure } from '../../report/bars.ts';
import { differenceLines } from '../../report/bytes.ts';
import { commandOf, type Entry, entriesOf } from '../../report/entries.ts';
import { escapeHtml } from '../../report/html.ts';
import type { Result } from '../../report/json.ts';
import type { Job } from '../results.ts';
import { isSolved, scoreOf } from '../score.ts';
import { difference, sourceHtml } from './diff.ts';
import {
  anchorOf,
  type Learner,
  type Material,
  type Model,
  nameHtml,
  percent,
  symbolOf,
  toneOf,
  wordOf,
} from './model.ts';

/** Failing cases that are told in full; the rest by their titles. */
const MOST = 20;

/** Characters of a message; a subject can make it as long as it likes. */
const LONGEST = 2_000;

export function learnerSection({ exercises, learners }: Model, learner: Learner): string {
  const index = learners.indexOf(learner);
  const [before, after] = [learners[index - 1], learners[index + 1]];
  const ways = [
    ...(before ? [`<a href="#${before.anchor}" rel="prev">previous: ${nameHtml(before)}</a>`] : []),
    '<a href="#matrix">all learners</a>',
    ...(after ? [`<a href="#${after.anchor}" rel="next">next: ${nameHtml(after)}</a>`] : []),
  ];
  const handedIn = learner.jobs.filter(Boolean).length;
  const facts = `solved ${learner.solved} of ${exercises.length}, handed in ${handedIn}, score ${percent(learner.score)}`;
  return `<section class="learner" id="${learner.anchor}" aria-labelledby="${learner.anchor}-name">
<h3 id="${learner.anchor}-name">${nameHtml(learner)}</h3>
<p class="quiet">${facts}. From <code>${escapeHtml(learner.source)}</code>.</p>
${learner.problem === undefined ? '' : `<p>Nothing could be graded: ${escapeHtml(learner.problem)}</p>`}
${learner.jobs.map((job, i) => (job ? jobSection(learner, job, exercises[i]!) : '')).join('\n')}
<p class="ways">${ways.join(' · ')}</p>
</section>`;
}

function jobSection(learner: Learner, job: Job, exercise: Material): string {
  const { result } = job;
  const { verdict } = result;
  const score = scoreOf(result);
  const counts = score ? `${score.passed} of ${score.asked}` : 'no score';
  const badge = `<span class="verdict ${toneOf(verdict)}">${symbolOf(verdict)} ${wordOf(verdict)}</span>`;
  return `<section class="job" id="${anchorOf(learner, exercise.id)}">
<h4>${badge} ${escapeHtml(exercise.id)} ${escapeHtml(exercise.title)} <small>${counts}</small></h4>
${isSolved(result) ? '' : `<p>${escapeHtml(clipped(result.reason))}${result.at ? ` (${escapeHtml(result.at)})` : ''}</p>`}
${failures(result)}
${performance(result)}
${differenceHtml(job, exercise)}
</section>`;
}

function failures(result: Result): string {
  // That nothing is done yet needs no list.
  if (result.verdict === 'not-started') return '';
  const entries = entriesOf(result).filter(
    ({ id, status }) => id !== 'verdict' && (status === 'failed' || status === 'error'),
  );
  if (entries.length === 0) return '';
  const cases = new Map(result.cases.map((one) => [one.id, one]));
  const told = entries.slice(0, MOST).map((entry) => failure(entry, cases.get(entry.id), result.exercise));
  const rest = entries.slice(MOST).map(({ title }) => `<li>${escapeHtml(title)}</li>`);
  const more =
    rest.length === 0
      ? ''
      : `<details><summary>${rest.length} more that did not pass</summary>\n<ul>${rest.join('\n')}</ul></details>`;
  return `<ul class="failures">\n${told.join('\n')}\n</ul>\n${more}`;
}

function failure(entry: Entry, one: Result['cases'][0] | undefined, exercise: string): string {
  const { title, id, message = '', clause } = entry;
  const facts: [string, string][] = [
    ['clause', clause ? escapeHtml(clause) : ''],
    ['at', one?.at ? `<code>${escapeHtml(one.at)}</code>` : ''],
    ['schedule', one?.schedule ? escapeHtml(one.schedule) : ''],
    ['again', `<code>${escapeHtml(commandOf(entry, exercise))}</code>`],
  ];
  const list = facts
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`);
  const bytes = one?.bytes ? `<pre>${escapeHtml(differenceLines(one.bytes as ByteDifference).join('\n'))}</pre>` : '';
  return `<li><strong>${escapeHtml(title)}</strong> <code>${escapeHtml(id)}</code>
<p>${escapeHtml(clipped(message))}</p>${bytes}<dl>${list.join('')}</dl></li>`;
}

function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} … (${text.length - LONGEST} more characters)` : text;
}

function performance({ performance: measured }: Result): string {
  if (measured.length === 0) return '';
  const lines = measured.map(({ title, level, value, reference, unit, against }) => {
    const figures = `${figure(value)} ${unit}, the ${against} ${figure(reference)} ${unit}`;
    return `<li>${escapeHtml(title)}: <strong>${level}</strong>, ${escapeHtml(figures)}</li>`;
  });
  return `<details><summary>performance: ${measured.length} metrics</summary>\n<ul>${lines.join('')}</ul></details>`;
}

function differenceHtml({ text, result }: Job, { id, reference }: Material): string {
  if (text === undefined || reference === undefined || result.verdict === 'not-started') return '';
  if (text === reference) return '<p>The file is the reference.</p>';
  const found = difference(text, reference, `reference-${id}`);
  if (!found)
    return `<details class="long"><summary>the file, which is too far from the reference for a comparison</summary>\n${sourceHtml(text)}</details>`;
  const counts = `${found.mine} lines only here, ${found.reference} only in the reference`;
  return `<details class="long"><summary>difference from the reference: ${counts}</summary>\n${found.html}</details>`;
}
