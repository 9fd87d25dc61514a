/** The hostile corpus as data: what the headers of harness/test/hostile/*.ts say. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../manifest.ts';

export const CORPUS = path.join(root, 'harness/test/hostile');

export interface Hostile {
  name: string;
  does: string;
  verdict: string;
  /** Must stand in the reason, or in the message of a failing case. */
  says?: string;
  prints?: string;
  neverPrints?: string;
  /** Line that must be named. */
  line?: number;
}

export function hostileCorpus(): Hostile[] {
  return readdirSync(CORPUS)
    .filter((file) => file.endsWith('.ts') && file !== 'ring.ts')
    .map(readHeader);
}

/** The verdicts that a header's line allows. */
export function verdictsFor(verdict: string): string[] {
  return verdict === 'never solved' ? ['failed', 'refused', 'crashed', 'timed-out', 'slow'] : [verdict];
}

function readHeader(file: string): Hostile {
  const text = readFileSync(path.join(CORPUS, file), 'utf8');
  const fact = (label: string) => new RegExp(`^ \\* ${label}: (.+?)\\r?$`, 'm').exec(text)?.[1];
  const here = text.split('\n').findIndex((line) => line.includes('// HERE'));
  return {
    name: path.basename(file, '.ts'),
    does: fact('hostile') as string,
    verdict: fact('verdict') as string,
    says: fact('says'),
    prints: fact('prints'),
    neverPrints: fact('never prints'),
    ...(here !== -1 && { line: here + 1 }),
  };
}
