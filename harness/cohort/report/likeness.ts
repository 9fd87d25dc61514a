/**
 * Which submissions are alike: a hint where to look, never a proof.
 *
 * Winnowing (Schleimer, Wilkerson, Aiken: Local Algorithms for Document Fingerprinting, SIGMOD 2003) as Dolos has it.
 * A file becomes a row of tokens without comments, in which every name is the same token, so that renaming and
 * reformatting change nothing. Of all runs of K tokens, one in each window of W is kept as a fingerprint: whatever
 * two files share in K + W − 1 tokens is found, what is shorter than K tokens never is.
 *
 * Fingerprints of the stub and of the reference are left out: everybody has the one, and whoever reads the same
 * notes comes close to the other. Of the rest, the likeness of two files is what both have, counted in both, as a
 * share of what they have at all. Pure.
 */
import { File, FingerprintIndex, Region, type SharedFingerprint, TokenizedFile } from '@dodona/dolos-core';
import jsTokens, { type Token } from 'js-tokens';
import { escapeHtml } from '../../report/html.ts';
import { type Learner, linkTo, type Material, type Model, percent, scrolling } from './model.ts';

/** Dolos's defaults, which its authors tuned on real courses. */
const K = 23;
const W = 17;

/**
 * Measured on this kit's exercises: second designs by the same author stay below 0.15, a copy with every tenth line
 * lost is at 0.63 to 0.74, one with its halves exchanged above 0.95, one with every name changed at 1.
 */
const LIKE = 0.4;

/** Fewer common fingerprints are a coincidence, however short the files are. */
const FEWEST = 8;

/** What is read of a file: three times the largest reference. A megabyte of parentheses must not cost gigabytes. */
const MOST_TOKENS = 20_000;

/** Likenesses that are told for each exercise. */
const MOST = 20;

export interface Hint {
  exercise: string;
  /** Who handed in the one file, and who the other. Where all is the same, the first of them, and the others. */
  left: Learner[];
  right: Learner[];
  /** From 0 to 1. */
  likeness: number;
  /** Fingerprints that both have. */
  common: number;
}

/** For each exercise, the most alike first. */
export function hints({ exercises, learners }: Model): Hint[] {
  return exercises.flatMap((exercise, i) => hintsOf(exercise, i, learners));
}

function hintsOf({ id, stub, reference }: Material, index: number, learners: Learner[]): Hint[] {
  const files = learners.flatMap((learner) => {
    const text = learner.jobs[index]?.text;
    return text === undefined ? [] : [{ learner, file: tokenized(text) }];
  });
  const fingerprints = new FingerprintIndex(K, W);
  fingerprints.addFiles(files.map(({ file }) => file));
  // After the others: what is ignored is taken away from the files that are there.
  for (const text of [stub, reference]) if (text !== undefined) fingerprints.addIgnoredFile(tokenized(text));
  const own = new Map(fingerprints.entries().map((entry) => [entry.file.id, entry.shared]));
  const prints = groups(files.map(({ learner, file }) => ({ learner, own: own.get(file.id)! })));
  const found: Hint[] = [];
  for (const [i, { learners: left, own: a }] of prints.entries()) {
    const [first, ...others] = left;
    if (others.length > 0) found.push({ exercise: id, left: [first!], right: others, likeness: 1, common: a.size });
    for (const { learners: right, own: b } of prints.slice(i + 1)) {
      const common = [...a].filter((one) => b.has(one)).length;
      const likeness = (2 * common) / Math.max(1, a.size + b.size);
      if (common >= FEWEST && likeness >= LIKE) found.push({ exercise: id, left, right, likeness, common });
    }
  }
  return found.sort((a, b) => b.likeness - a.likeness);
}

interface Group {
  learners: Learner[];
  own: Set<SharedFingerprint>;
}

/** Files with the very same fingerprints as one, lest ten copies be told as 45 pairs. Files with too few are none. */
function groups(files: { learner: Learner; own: Set<SharedFingerprint> }[]): Group[] {
  const byPrints = new Map<string, Group>();
  for (const { learner, own } of files) {
    if (own.size < FEWEST) continue;
    const key = Array.from(own, ({ id }) => id)
      .sort((a, b) => a - b)
      .join();
    const group = byPrints.get(key) ?? { learners: [], own };
    byPrints.set(key, group);
    group.learners.push(learner);
  }
  return [...byPrints.values()];
}

function tokenized(text: string): TokenizedFile {
  const tokens: string[] = [];
  for (const one of jsTokens(text)) {
    const token = tokenOf(one);
    if (token !== undefined) tokens.push(token);
    if (tokens.length === MOST_TOKENS) break;
  }
  return new TokenizedFile(
    new File('', ''),
    tokens,
    tokens.map((_, i) => new Region(0, i, 0, i + 1)),
  );
}

const KEYWORDS = new Set(
  (
    'async await break case catch class const constructor continue default delete do else enum export extends false ' +
    'finally for from function get if implements import in instanceof interface let new null of private public ' +
    'readonly return set static super switch this throw true try type typeof undefined var void while yield'
  ).split(' '),
);

/** What is written; a name, a number or a text only as that it is one. */
function tokenOf({ type, value }: Token): string | undefined {
  if (type === 'WhiteSpace' || type === 'LineTerminatorSequence' || type.endsWith('Comment')) return undefined;
  if (type === 'Punctuator' || (type === 'IdentifierName' && KEYWORDS.has(value))) return value;
  return type;
}

export function likeness(model: Model): string {
  const all = hints(model);
  const told = model.exercises.flatMap(({ id }) => all.filter(({ exercise }) => exercise === id).slice(0, MOST));
  const more = all.length - told.length;
  const body =
    told.length === 0
      ? '<p>No two submissions are conspicuously alike.</p>'
      : scrolling('Alike submissions', table(told));
  return `<h2 id="likeness">Submissions that are alike</h2>
<p class="note"><strong>A hint, not a proof.</strong> It says where two files share more than chance explains, not why:
learners who worked together, sat in the same class, or used the same book write alike. Read both files, and talk, before you conclude anything.</p>
<p class="quiet">Fingerprints of ${K} tokens, one in each window of ${W} (winnowing); names, numbers, texts and comments do not count, nor
does what the stub or the reference has. Shown from ${percent(LIKE)} on.${more > 0 ? ` Not shown: ${more} more.` : ''}</p>
${body}`;
}

function table(told: Hint[]): string {
  const rows = told.map(
    ({ exercise, left, right, likeness, common }) => `<tr><td>${escapeHtml(exercise)}</td>
<td>${linksTo(left, exercise)}</td><td>${linksTo(right, exercise)}</td>
<td class="number">${percent(likeness)}</td><td class="number">${common}</td></tr>`,
  );
  return `<table class="teach">
<thead><tr><th scope="col">exercise</th><th scope="col">one</th><th scope="col">the other</th><th scope="col">likeness</th><th scope="col">common fingerprints</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function linksTo(learners: Learner[], exercise: string): string {
  return learners.map((learner) => linkTo(learner, exercise)).join(', ');
}
