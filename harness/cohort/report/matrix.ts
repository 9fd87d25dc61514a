/** Learners × exercises: the verdict and the score of each job, and the way to its details. Pure. */
import { escapeHtml } from '../../report/html.ts';
import type { Job } from '../results.ts';
import { isSolved } from '../score.ts';
import {
  anchorOf,
  jobPercent,
  type Learner,
  linkTo,
  type Material,
  type Model,
  percent,
  scrolling,
  symbolOf,
  toneOf,
  wordOf,
} from './model.ts';

export function matrix({ exercises, learners }: Model): string {
  const head = exercises.map(
    ({ id, title }) => `<th scope="col"><a href="#exercise-${id}">${escapeHtml(id)}</a><br>${escapeHtml(title)}</th>`,
  );
  const table = `<table class="matrix">
<thead><tr><th scope="col">learner</th><th scope="col">solved</th><th scope="col">score</th>${head.join('')}</tr></thead>
<tbody>
${learners.map((learner) => row(learner, exercises)).join('\n')}
</tbody>
<tfoot>${footer(exercises, learners)}</tfoot>
</table>`;
  return `<h2 id="matrix">Learners and exercises</h2>
<p class="quiet">Each cell has the verdict and the share of cases and gates that passed. It leads to the failures.</p>
${scrolling('Learners and exercises', table)}`;
}

function row(learner: Learner, exercises: Material[]): string {
  const cells = learner.jobs.map((job, i) => cell(learner, job, exercises[i]!.id));
  const total = `<td class="number">${learner.solved}</td><td class="number">${percent(learner.score)}</td>`;
  return `<tr><th scope="row">${linkTo(learner)}</th>${total}${cells.join('')}</tr>`;
}

function cell(learner: Learner, job: Job | undefined, exercise: string): string {
  if (!job) return '<td class="verdict none">–<br><small>not handed in</small></td>';
  const { verdict } = job.result;
  const text = `${symbolOf(verdict)}&nbsp;${jobPercent(job)}<br><small>${wordOf(verdict)}</small>`;
  return `<td class="verdict ${toneOf(verdict)}"><a href="#${anchorOf(learner, exercise)}">${text}</a></td>`;
}

/** How many solved each exercise. */
function footer(exercises: Material[], learners: Learner[]): string {
  const solved = exercises.map((_, i) => {
    const jobs = learners.flatMap(({ jobs }) => jobs[i] ?? []);
    return `<td>${jobs.filter(({ result }) => isSolved(result)).length} of ${jobs.length}</td>`;
  });
  return `<tr><th scope="row">solved</th><td></td><td></td>${solved.join('')}</tr>`;
}
