/**
 * A vite plugin that decides which file stands behind each name in a run.
 *
 *     #suite                        the hidden conformance suite
 *     #remote                       its cases whose subject is in a process of its own
 *     #program                      what runs in that process, as a text
 *     #performance[?reference]      the performance suite, built on the subject (or on the reference)
 *     #subject/03-…/ring-buffer.ts  the file under test, served exactly as it was inspected
 *     wirekata                      the one module that a learner's file may import
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Exercise, root } from '../manifest.ts';
import type { Subject } from './subject.ts';

export interface Stage {
  exercise: Exercise;
  subject: Subject;
  /** Of the subject's own process, if this run has one. */
  program?: string;
}

/** Marks module copies that belong to the reference, so that a ratio compares two separate copies. */
const REFERENCE = '?reference';
/** Keeps a subject's module apart from the same file in another role. */
const SUBJECT = '?subject';

/** The text for the subject's own process; no file has it. */
export const PROGRAM = path.join(root, 'harness/run/child/program');

const KIT = ['harness/kit', 'harness/run/child'].map((folder) => path.join(root, folder));
const FIXTURES = path.join(root, 'fixtures');
const KIT_ENTRY = path.join(root, 'harness/kit/not-implemented.ts');

/** `known` gives nothing before the first run: a spare child loads the kit ahead of it. */
export function resolver(known: () => Stage | undefined) {
  // The kit itself uses no names that stand for something else.
  const stage = known as () => Stage;
  return {
    name: 'wirekata',
    enforce: 'pre' as const,
    resolveId(id: string, importer?: string): string | undefined {
      if (id === 'wirekata') return KIT_ENTRY;
      if (id.startsWith('#')) return resolveName(id, importer ?? '', stage() as Stage);
      if (importer?.endsWith(SUBJECT) && id.startsWith('.')) return resolveFromSubject(id, importer, stage());
      return undefined;
    },
    /** Comes before all other plugins: what throws here is read by none of them. */
    load(id: string): string | undefined {
      if (id.endsWith(SUBJECT)) return subjectText(id.slice(0, -SUBJECT.length), stage());
      if (id === PROGRAM) return `export default ${JSON.stringify(stage().program)};`;
      const file = id.endsWith(REFERENCE) ? id.slice(0, -REFERENCE.length) : id;
      if (isServed(file, known())) return undefined;
      throw new Error(`${id} is not for this run`);
    },
  };
}

/** Exactly the text that was inspected; or that of a part, which is not the subject's. */
function subjectText(file: string, { subject }: Stage): string {
  const text = subject.sources.get(file);
  if (text !== undefined) return text;
  if (subject.parts.some((part) => isBelow(path.dirname(part.file), file))) return readFileSync(file, 'utf8');
  throw new Error(`${file} is no file of the subject`);
}

/**
 * A child asks vite for modules by name, and whoever has taken the child over can ask for any: the suite's and the
 * kit's are all that there is for it. A name with another query is none of them.
 */
function isServed(file: string, stage: Stage | undefined): boolean {
  if (KIT.some((folder) => isBelow(folder, file))) return true;
  if (!stage) return false;
  const { suite, reference } = stage.exercise;
  return file === reference || [suite, FIXTURES].some((folder) => isBelow(folder, file));
}

function isBelow(folder: string, file: string): boolean {
  return file.startsWith(folder + path.sep) && path.normalize(file) === file && !file.includes('?');
}

function resolveName(id: string, importer: string, { exercise, subject }: Stage): string | undefined {
  if (id === '#suite') return exercise.conformance;
  if (id === '#remote') return exercise.remote?.suite;
  if (id === '#program') return PROGRAM;
  if (id === '#performance') return exercise.performanceSuite;
  if (id === `#performance${REFERENCE}`) return exercise.performanceSuite + REFERENCE;
  if (!id.startsWith('#subject/')) return undefined;
  return importer.endsWith(REFERENCE) ? exercise.reference + REFERENCE : subject.file + SUBJECT;
}

function resolveFromSubject(id: string, importer: string, { subject }: Stage): string {
  const target = path.resolve(path.dirname(importer), id);
  const part = subject.parts.find((one) => one.exercise === path.basename(path.dirname(target)));
  return (part?.file ?? target) + SUBJECT;
}
