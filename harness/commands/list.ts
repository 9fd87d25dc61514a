/** `list`: the curriculum with the learner's state; cases, clauses and attempts of one exercise; the schemas. */
import { z } from 'zod';
import { attemptsOf } from '../attempts.ts';
import { cohortSchema } from '../cohort/results.ts';
import { UsageError } from '../errors.ts';
import { type Exercise, findExercise, loadManifest, manifestSchema } from '../manifest.ts';
import { plannedCases } from '../plan.ts';
import { loadProgress, type Progress, type State, stateOf } from '../progress.ts';
import { showPath } from '../report/failure.ts';
import { resultSchema } from '../report/json.ts';
import { type Paint, paintFor } from '../report/paint.ts';
import { table } from '../report/table.ts';
import type { Command, Values } from './command.ts';

export const command: Command = {
  summary: 'the curriculum, and how far you are',
  usage: `npm run list                          the curriculum with your state
npm run list -- ID --cases            the cases of one exercise, with their clauses
npm run list -- ID --clauses          the same by clause: what each section is tested by
npm run list -- ID --attempts         your versions that are kept in .kata/attempts
npm run list -- --schema result       JSON Schema of \`check --json\` (or: cohort, manifest)

  --json    machine-readable`,
  options: {
    cases: { type: 'boolean' },
    clauses: { type: 'boolean' },
    attempts: { type: 'boolean' },
    schema: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (ids, values) => {
    const { rows, json } = select(ids, values);
    console.log(values.json ? JSON.stringify(json, null, 2) : rows.join('\n'));
    return 0;
  },
};

interface Listing {
  rows: string[];
  json: unknown;
}

function select(ids: string[], values: Values): Listing {
  if (typeof values.schema === 'string') return schema(values.schema);
  const all = loadManifest();
  const chosen = ids.map((id) => findExercise(all, id));
  const paint = paintFor(process.stdout);
  if (values.cases) return each(needed(chosen, 'cases'), cases);
  if (values.clauses) return each(needed(chosen, 'clauses'), clauses);
  if (values.attempts) return each(needed(chosen, 'attempts'), attempts);
  return curriculum(chosen.length > 0 ? chosen : all, paint);
}

function needed(chosen: Exercise[], option: string): Exercise[] {
  if (chosen.length === 0) throw new UsageError(`--${option} needs an exercise.\n\n${command.usage}`);
  return chosen;
}

function each(chosen: Exercise[], list: (exercise: Exercise) => Listing): Listing {
  const listings = chosen.map(list);
  return {
    rows: listings.flatMap(({ rows }) => rows),
    json: listings.length === 1 ? listings[0]?.json : listings.map(({ json }) => json),
  };
}

const STATES: Record<State, string> = {
  solved: '✓ solved',
  'solved-older-suite': '✓ solved with an older suite',
  started: '… started',
  open: '○ open',
};

/** The curriculum with the learner's state. */
export function curriculum(exercises: Exercise[], paint: Paint): Listing {
  const { progress, complaint } = loadProgress();
  if (complaint) console.error(complaint);
  const facts = exercises.map((exercise) => factsOf(exercise, progress));
  const solved = facts.filter(({ state }) => state.startsWith('solved')).length;
  const rows = facts.map(({ id, title, hours, difficulty, state, level }) => {
    const color = state.startsWith('solved') ? paint.good : state === 'started' ? paint.warn : paint.dim;
    return [id, title, '●'.repeat(difficulty).padEnd(5, '·'), `${hours} h`, color(STATES[state]), level ?? ''];
  });
  return { rows: [...table(rows), '', `${solved} of ${facts.length} solved`], json: facts };
}

function factsOf(exercise: Exercise, progress: Progress) {
  const facts = progress.exercises[exercise.slug];
  const levels = Object.values(facts?.solved?.levels ?? {});
  const level = ['pass', 'silver', 'gold'].find((one) => levels.includes(one));
  const { id, slug, title, summary, hours, difficulty } = exercise;
  const solvedAt = facts?.solved?.at;
  return {
    id,
    slug,
    title,
    summary,
    hours,
    difficulty,
    state: stateOf(progress, exercise),
    ...(level && { level }),
    ...(solvedAt && { solvedAt }),
  };
}

function cases(exercise: Exercise): Listing {
  const planned = plannedCases(exercise);
  return {
    rows: table([['CASE', 'CLAUSE', 'TITLE'], ...planned.map(({ id, clause, title }) => [id, clause, title])]),
    json: planned,
  };
}

/** A case may name several clauses, separated by ";". */
function clauses(exercise: Exercise): Listing {
  const byClause = new Map<string, string[]>();
  for (const { id, clause } of plannedCases(exercise)) {
    for (const one of clause.split(/;\s*/)) byClause.set(one, [...(byClause.get(one) ?? []), id]);
  }
  const sorted = [...byClause].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return {
    rows: table([['CLAUSE', 'CASES'], ...sorted.map(([clause, ids]) => [clause, ids.join(', ')])]),
    json: Object.fromEntries(sorted),
  };
}

function attempts(exercise: Exercise): Listing {
  const kept = attemptsOf(exercise);
  const rows = kept.map(({ at, why, bytes, file }) => [at, why, `${bytes} bytes`, showPath(file)]);
  return { rows: kept.length === 0 ? [`No version of ${exercise.id} is kept yet.`] : table(rows), json: kept };
}

function schema(name: string): Listing {
  const known: Record<string, z.ZodType> = { result: resultSchema, cohort: cohortSchema, manifest: manifestSchema };
  const one = known[name];
  if (!one) throw new UsageError(`--schema takes one of ${Object.keys(known).join(', ')}, not “${name}”.`);
  const json = z.toJSONSchema(one);
  return { rows: [JSON.stringify(json, null, 2)], json };
}
