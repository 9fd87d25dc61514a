/** What to teach again: the cases, and the clauses, on which most learners of those who tried stumbled. Pure. */
import { escapeHtml } from '../../report/html.ts';
import type { Result } from '../../report/json.ts';
import { type Learner, linkTo, type Material, type Model, percent, scrolling } from './model.ts';

const MOST_CASES = 20;
const MOST_CLAUSES = 12;

export interface Stumble {
  exercise: string;
  id: string;
  title: string;
  clause: string;
  why: string;
  /** Whose file ran the case and did not pass it. */
  failed: Learner[];
  /** How many files ran it. A stub that was not touched, or a run that never came so far, is none. */
  tried: number;
}

/** Most often failed first. */
export function stumbles({ exercises, learners }: Model): Stumble[] {
  const found = exercises.flatMap((exercise, i) => stumblesOf(exercise, i, learners));
  return found.filter(({ failed }) => failed.length > 0).sort((a, b) => b.failed.length - a.failed.length);
}

function stumblesOf({ id: exercise, planned }: Material, index: number, learners: Learner[]): Stumble[] {
  const whys = new Map(planned.map(({ id, why }) => [id, why]));
  const byCase = new Map<string, Stumble>();
  for (const learner of learners) {
    const result = learner.jobs[index]?.result;
    if (!result || result.verdict === 'not-started' || result.verdict === 'kit-fault') continue;
    for (const one of result.cases.filter(({ status }) => status !== 'not-run')) {
      const { id, title, clause } = one;
      const fresh = { exercise, id, title, clause, why: whys.get(id) ?? '', failed: [], tried: 0 };
      const stumble: Stumble = byCase.get(id) ?? fresh;
      byCase.set(id, stumble);
      stumble.tried++;
      if (isFailure(one)) stumble.failed.push(learner);
    }
  }
  return [...byCase.values()];
}

function isFailure({ status }: Result['cases'][0]): boolean {
  return status !== 'passed' && status !== 'not-run';
}

/** A case may name several clauses, separated by “;”. */
function byClause(all: Stumble[]): { clause: string; cases: number; learners: number }[] {
  const clauses = new Map<string, { cases: number; learners: Set<Learner> }>();
  for (const { clause, failed } of all) {
    for (const one of clause.split(/;\s*/)) {
      const { cases, learners } = clauses.get(one) ?? { cases: 0, learners: new Set() };
      clauses.set(one, { cases: cases + 1, learners: new Set([...learners, ...failed]) });
    }
  }
  const counted = [...clauses].map(([clause, { cases, learners }]) => ({ clause, cases, learners: learners.size }));
  return counted.sort((a, b) => b.learners - a.learners || b.cases - a.cases);
}

export function teach(model: Model): string {
  const all = stumbles(model);
  if (all.length === 0) return '<h2 id="teach">What to teach again</h2>\n<p>No case failed.</p>';
  const more = all.length - MOST_CASES;
  return `<h2 id="teach">What to teach again</h2>
<p class="quiet">Of those whose file ran a case, how many did not pass it.${more > 0 ? ` ${more} more cases failed no more often.` : ''}</p>
${scrolling('Cases most often failed', caseTable(all.slice(0, MOST_CASES)))}
<h3>The clauses behind them</h3>
${scrolling('Clauses most often missed', clauseTable(byClause(all).slice(0, MOST_CLAUSES)))}`;
}

function caseTable(all: Stumble[]): string {
  const rows = all.map((stumble) => {
    const { exercise, id, title, clause, why, failed, tried } = stumble;
    const share = failed.length / tried;
    const who = failed.map((learner) => linkTo(learner, exercise)).join(', ');
    return `<tr>
<td class="number">${failed.length} of ${tried}<span class="bar" style="width:${Math.round(share * 100)}%"></span></td>
<th scope="row">${escapeHtml(title)} <code>${escapeHtml(id)}</code><details><summary>${percent(share)}, who and why</summary><p>${escapeHtml(why)}</p><p>${who}</p></details></th>
<td>${escapeHtml(clause)}</td>
<td><a href="#exercise-${exercise}">${escapeHtml(exercise)}</a></td>
</tr>`;
  });
  return `<table class="teach">
<thead><tr><th scope="col">failed</th><th scope="col">case</th><th scope="col">clause</th><th scope="col">exercise</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function clauseTable(clauses: ReturnType<typeof byClause>): string {
  const rows = clauses.map(
    ({ clause, cases, learners }) =>
      `<tr><th scope="row">${escapeHtml(clause)}</th><td class="number">${learners}</td><td class="number">${cases}</td></tr>`,
  );
  return `<table class="teach">
<thead><tr><th scope="col">clause</th><th scope="col">learners who missed it</th><th scope="col">cases failed</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}
