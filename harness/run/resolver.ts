/**
 * A vite plugin that decides which file stands behind each name in a run.
 *
 *     #suite                        the hidden conformance suite
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
}

/** Marks module copies that belong to the reference, so that a ratio compares two separate copies. */
const REFERENCE = '?reference';
/** Keeps a subject's module apart from the same file in another role. */
const SUBJECT = '?subject';

const KIT_ENTRY = path.join(root, 'harness/kit/not-implemented.ts');

export function resolver(stage: () => Stage) {
  return {
    name: 'wirekata',
    enforce: 'pre' as const,
    resolveId(id: string, importer?: string): string | undefined {
      if (id === 'wirekata') return KIT_ENTRY;
      if (id.startsWith('#')) return resolveName(id, importer ?? '', stage());
      if (importer?.endsWith(SUBJECT) && id.startsWith('.')) return resolveFromSubject(id, importer, stage());
      return undefined;
    },
    load(id: string): string | undefined {
      if (!id.endsWith(SUBJECT)) return undefined;
      const file = id.slice(0, -SUBJECT.length);
      return stage().subject.sources.get(file) ?? readFileSync(file, 'utf8');
    },
  };
}

function resolveName(id: string, importer: string, { exercise, subject }: Stage): string | undefined {
  if (id === '#suite') return exercise.conformance;
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
