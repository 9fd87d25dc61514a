/**
 * What learners may hand in, each with the verdict that it must get: the stub, the reference, second designs,
 * known-wrong implementations and, for the ring buffer, the hostile corpus.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chooseSubject } from '../../harness/check.ts';
import type { Exercise } from '../../harness/manifest.ts';
import { alsoRight, knownWrong } from '../../harness/suite.ts';
import { CORPUS, hostileCorpus, verdictsFor } from '../../harness/test/hostile-corpus.ts';
import { type Judged, notRefused, notRight, notStub } from '../../harness/verify.ts';

/** How a work must be judged; plain data, so that a cohort can be kept in a file. */
export type Expected =
  | { as: 'stub' }
  | { as: 'right' }
  | { as: 'wrong'; caughtBy: string }
  | { as: 'hostile'; verdicts: string[] };

export interface Work {
  /** As `check` names it: `reference`, `wrong:two-indexes`, `hostile:evals`. */
  name: string;
  /** Text by path within the exercise's folder. */
  files: Map<string, string>;
  expected: Expected;
}

/** Submissions carry no links, so the one that needs a link would be something else. */
const NEEDS_A_LINK = 'imports-through-a-link';
/** What hostile files import. */
const BESIDE = ['ring.ts', 'second/reads.ts'];

export type Works = Record<Expected['as'], Work[]>;

export async function worksFor(exercise: Exercise): Promise<Works> {
  const { reference, slug, stub } = exercise;
  const right = [reference, ...alsoRight(exercise)].map((file) => {
    const name = file === reference ? 'reference' : `right:${path.basename(file, '.ts')}`;
    return fromFile(exercise, name, file, { as: 'right' });
  });
  return {
    stub: [await fromFile(exercise, 'stub', stub, { as: 'stub' })],
    right: await Promise.all(right),
    wrong: await wrongWorks(exercise),
    hostile: slug === 'ring-buffer' ? hostileWorks(exercise) : [],
  };
}

/** The file and what it imports, the file under the name that learners give it. */
async function fromFile(exercise: Exercise, name: string, file: string, expected: Expected): Promise<Work> {
  const { sources } = await chooseSubject(exercise, { file });
  return { name, files: named(exercise, file, sources), expected };
}

async function wrongWorks(exercise: Exercise): Promise<Work[]> {
  const works = (await knownWrong(exercise)).map(async ({ id, caughtBy }): Promise<Work> => {
    const { file, sources } = await chooseSubject(exercise, { wrong: id });
    return { name: `wrong:${id}`, files: named(exercise, file, sources), expected: { as: 'wrong', caughtBy } };
  });
  return Promise.all(works);
}

function named(exercise: Exercise, entry: string, sources: Map<string, string>): Map<string, string> {
  const place = (file: string) => (file === entry ? exercise.file : path.relative(path.dirname(entry), file));
  return new Map([...sources].map(([file, text]) => [place(file), text]));
}

function hostileWorks(exercise: Exercise): Work[] {
  const read = (file: string) => readFileSync(path.join(CORPUS, file), 'utf8');
  const beside = BESIDE.map((file): [string, string] => [file, read(file)]);
  return hostileCorpus()
    .filter(({ name }) => name !== NEEDS_A_LINK)
    .map(({ name, verdict }) => ({
      name: `hostile:${name}`,
      files: new Map([...beside, [exercise.file, read(`${name}.ts`)]]),
      expected: { as: 'hostile', verdicts: verdictsFor(verdict) },
    }));
}

/** What is wrong with how a work was judged, if anything is. */
export function complaintAbout(exercise: Exercise, expected: Expected, judged: Judged): string | undefined {
  switch (expected.as) {
    case 'stub':
      return notStub(judged);
    case 'right':
      return notRight(judged);
    case 'wrong':
      return notRefused(judged, exercise, expected.caughtBy);
    case 'hostile':
      if (expected.verdicts.includes(judged.verdict)) return undefined;
      return `verdict ${judged.verdict} (${judged.reason}), not ${expected.verdicts.join(' or ')}`;
  }
}
