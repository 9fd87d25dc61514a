/**
 * The curriculum: `exercises/manifest.json`, validated, cross-checked, and turned into paths.
 *
 * This is the only file that knows where things lie. A broken manifest is reported whole: every
 * problem at once, each with its path in the file and what would be right.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { UsageError } from './errors.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

const slug = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a slug: lowercase words joined by "-"');

const gate = z
  .strictObject({
    metric: slug.describe('Id of a metric that performance.ts declares.'),
    pass: z.number().positive().describe('What a careful implementation reaches on any supported Node.'),
    silver: z.number().positive().optional(),
    gold: z.number().positive().optional(),
  })
  .describe('Ratios: higher is better. Counts and growth: lower is better.');

const exercise = z.strictObject({
  slug: slug.describe('Folder name without its number; the key of all progress. Never changes.'),
  number: z.int().min(1).max(99).describe('Folder prefix; the order of the curriculum.'),
  title: z.string().min(1),
  chapters: z.array(z.int().min(1).max(20)).min(1).describe('Chapters of the course notes it belongs to.'),
  summary: z.string().min(1).max(140).describe('One line.'),
  file: z
    .string()
    .regex(/^[\w-]+\.ts$/, 'a file name ending in .ts')
    .describe('The one file that the learner writes.'),
  exports: z.array(z.string().min(1)).min(1).describe('Names that the file must export.'),
  requires: z.array(slug).describe('Exercises whose module this one imports.'),
  clauses: z.array(z.string().min(1)).min(1).describe('What to read: RFC sections, man pages.'),
  difficulty: z.int().min(1).max(5),
  hours: z.number().positive(),
  imports: z.array(z.string().regex(/^node:/, 'a builtin, written node:…')).describe('Builtins the file may import.'),
  timeLimit: z.int().min(100).max(60_000).describe('Milliseconds that one case may take.'),
  memoryLimit: z.int().min(32).max(4096).describe('Heap limit in MB.'),
  performance: z.array(gate),
  hints: z.array(z.string().min(1)).min(4).describe('Ordered: each gives away a little more.'),
});

export const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  kit: z.string().describe('Version of the kit that wrote this file.').optional(),
  edition: z
    .literal('learners')
    .optional()
    .describe('Made by `npm run pack`: suites are minified, with the references among them.'),
  exercises: z.array(exercise).min(1),
});

export type ManifestEntry = z.infer<typeof exercise>;

/** An entry and where everything of it lies (absolute paths). */
export interface Exercise extends ManifestEntry {
  /** Folder name, `03-ring-buffer`. */
  id: string;
  statement: string;
  /** The learner's file. */
  learner: string;
  reference: string;
  notes: string;
  suite: string;
  conformance: string;
  performanceSuite: string;
  /** If the subject is a client or a server on sockets: cases that drive it in a process of its own, and what runs there. */
  remote?: { suite: string; program: string };
  stub: string;
  cases: string;
  /** In an edition for learners: suite and reference are minified, and the instructor holds the readable ones. */
  packed: boolean;
}

/** What commands say that would show a reference. */
export const REFERENCE_HELD = 'This edition is for learners: your instructor holds the references.';

export interface Problem {
  path: string;
  problem: string;
  remedy: string;
}

export class ManifestError extends UsageError {
  readonly problems: Problem[];

  constructor(file: string, problems: Problem[]) {
    const lines = problems.map(({ path, problem, remedy }) => `  ${path}: ${problem}\n    → ${remedy}`);
    super(`${file} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

export function locate(entry: ManifestEntry, base = root, packed = false): Exercise {
  const id = `${String(entry.number).padStart(2, '0')}-${entry.slug}`;
  const suite = path.join(base, 'harness/suites', id);
  const solution = path.join(base, 'solutions', id);
  return {
    ...entry,
    id,
    statement: path.join(base, 'exercises', id, 'README.md'),
    learner: path.join(base, 'exercises', id, entry.file),
    notes: path.join(solution, 'NOTES.md'),
    suite,
    stub: path.join(suite, 'stub.ts'),
    cases: path.join(suite, 'cases.json'),
    packed,
    // Minified code is JavaScript: as TypeScript some of it would mean something else, `a<b>(c)` for instance.
    reference: packed ? path.join(suite, 'reference.js') : path.join(solution, entry.file),
    conformance: path.join(suite, packed ? 'conformance.js' : 'conformance.test.ts'),
    performanceSuite: path.join(suite, packed ? 'performance.js' : 'performance.ts'),
    ...remoteIn(suite, packed),
  };
}

function remoteIn(suite: string, packed: boolean): Pick<Exercise, 'remote'> {
  const cases = path.join(suite, packed ? 'remote.js' : 'remote.test.ts');
  const program = path.join(suite, packed ? 'program.js' : 'remote/program.ts');
  return existsSync(cases) ? { remote: { suite: cases, program } } : {};
}

/** Reads and checks the manifest. Throws ManifestError with every problem found. */
export function loadManifest(base = root): Exercise[] {
  const file = path.join(base, 'exercises/manifest.json');
  const parsed = manifestSchema.safeParse(parseJson(file));
  if (!parsed.success) throw new ManifestError('exercises/manifest.json', parsed.error.issues.map(fromZod));
  const packed = parsed.data.edition === 'learners';
  const entries = parsed.data.exercises.map((entry) => locate(entry, base, packed));
  const problems = [...crossCheck(entries), ...entries.flatMap((entry, i) => checkFiles(entry, i, base))];
  if (problems.length > 0) throw new ManifestError('exercises/manifest.json', problems);
  return entries;
}

/** Finds an exercise by `03`, `3`, `ring-buffer` or `03-ring-buffer`. */
export function findExercise(exercises: Exercise[], id: string): Exercise {
  const found = exercises.find((e) => e.id === id || e.slug === id || (/^\d+$/.test(id) && e.number === Number(id)));
  if (found) return found;
  const closest = [...exercises].sort((a, b) => closeness(a, id) - closeness(b, id))[0] as Exercise;
  const near = closeness(closest, id) <= 4 ? ` Did you mean ${closest.id}?` : '';
  throw new UsageError(`There is no exercise “${id}”.${near} \`npm run list\` shows all of them.`);
}

function closeness(exercise: Exercise, id: string): number {
  return Math.min(distance(exercise.slug, id), distance(exercise.id, id));
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const remedy = existsSync(file) ? 'mend the JSON' : 'run `git checkout exercises/manifest.json`';
    throw new ManifestError('exercises/manifest.json', [{ path: '$', problem: (error as Error).message, remedy }]);
  }
}

function fromZod(issue: z.core.$ZodIssue): Problem {
  const at = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return { path: `$${at}`, problem: issue.message, remedy: remedyFor(issue) };
}

function remedyFor(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `remove ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_type') return `give a value of type ${issue.expected}`;
  if (issue.code === 'too_small') return `at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return 'see exercises/manifest.schema.json';
}

function crossCheck(entries: Exercise[]): Problem[] {
  const problems: Problem[] = [];
  const slugs = new Map(entries.map((entry) => [entry.slug, entry]));
  entries.forEach((entry, i) => {
    const at = `$.exercises[${i}]`;
    const earlier = entries.slice(0, i);
    if (earlier.some((other) => other.slug === entry.slug)) {
      problems.push({ path: `${at}.slug`, problem: `“${entry.slug}” stands twice`, remedy: 'slugs are unique' });
    }
    const before = earlier.at(-1);
    if (before && before.number >= entry.number) {
      const problem = `${entry.number} comes after ${before.number}`;
      problems.push({ path: `${at}.number`, problem, remedy: 'numbers are unique, entries stand in their order' });
    }
    for (const [j, name] of entry.requires.entries()) {
      if (slugs.has(name)) continue;
      const problem = `there is no exercise “${name}”`;
      problems.push({ path: `${at}.requires[${j}]`, problem, remedy: 'name the slug of another entry' });
    }
    const cycle = findCycle(entry, slugs);
    if (cycle) {
      const problem = `“${entry.slug}” needs itself: ${cycle.join(' → ')}`;
      problems.push({ path: `${at}.requires`, problem, remedy: 'break the cycle' });
    }
    for (const [j, gate] of entry.performance.entries()) {
      if (entry.performance.findIndex((other) => other.metric === gate.metric) === j) continue;
      const problem = `“${gate.metric}” has two gates`;
      problems.push({ path: `${at}.performance[${j}]`, problem, remedy: 'one gate for each metric' });
    }
  });
  return problems;
}

function findCycle(start: Exercise, slugs: Map<string, Exercise>): string[] | undefined {
  const visit = (slug: string, trail: string[]): string[] | undefined => {
    if (slug === start.slug && trail.length > 0) return [...trail, slug];
    if (trail.includes(slug)) return undefined;
    for (const next of slugs.get(slug)?.requires ?? []) {
      const found = visit(next, [...trail, slug]);
      if (found) return found;
    }
    return undefined;
  };
  return visit(start.slug, []);
}

/** The learner's own file is not checked: it may be missing, half-written, anything. */
function checkFiles(entry: Exercise, i: number, base: string): Problem[] {
  const needed: [string, string][] = [
    ['statement', entry.statement],
    ['reference', entry.reference],
    ['conformance suite', entry.conformance],
    ['stub', entry.stub],
    ['list of cases', entry.cases],
  ];
  if (entry.performance.length > 0) needed.push(['performance suite', entry.performanceSuite]);
  const at = `$.exercises[${i}]`;
  const missing = needed
    .filter(([, file]) => !existsSync(file))
    .map(([what, file]) => ({
      path: at,
      problem: `the ${what} of ${entry.id} is missing (${path.relative(base, file)})`,
      remedy: `write it, or take the entry out; \`npm run new\` makes all the files of one`,
    }));
  return [...missing, ...checkExports(entry, at)];
}

function checkExports(entry: Exercise, at: string): Problem[] {
  const problems: Problem[] = [];
  for (const file of [entry.reference, entry.stub]) {
    // A minified reference has the exports of the one that was packed.
    if (!existsSync(file) || file.endsWith('.js')) continue;
    const source = readFileSync(file, 'utf8');
    entry.exports.forEach((name, j) => {
      if (exportsName(source, name)) return;
      const problem = `${path.basename(path.dirname(file))}/${path.basename(file)} does not export “${name}”`;
      problems.push({ path: `${at}.exports[${j}]`, problem, remedy: 'export it, or take the name out' });
    });
  }
  return problems;
}

function exportsName(source: string, name: string): boolean {
  const declared = new RegExp(
    `^export\\s+(?:default\\s+)?(?:async\\s+)?(?:abstract\\s+)?(?:class|function\\*?|const|let)\\s+${name}\\b`,
    'm',
  );
  const listed = new RegExp(`^export\\s*\\{[^}]*\\b${name}\\b[^}]*\\}`, 'm');
  return declared.test(source) || listed.test(source);
}
