/** The house rules that a machine can hold. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { z } from 'zod';
import { loadManifest, manifestSchema, root } from '../manifest.ts';
import { withCurriculum } from '../report/curriculum.ts';
import { moduleFacts } from '../run/module-facts.ts';

const exercises = loadManifest();
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root }).toString().split('\0').filter(Boolean);
const sources = tracked.filter((file) => file.endsWith('.ts') && !file.startsWith('harness/test/hostile/'));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Layers of the harness, in the direction in which data flows. A file may import its own layer and those before it. */
const LAYERS: [string, RegExp][] = [
  ['errors', /^harness\/errors\.ts$/],
  ['kit', /^harness\/kit\//],
  ['manifest', /^harness\/manifest\.ts$/],
  ['suite', /^harness\/suite\.ts$/],
  ['run', /^harness\/run\//],
  ['verdict', /^harness\/(verdict|plan|replay-token)\.ts$/],
  ['check', /^harness\/(check|compare|parts|verify)\.ts$/],
  ['progress', /^harness\/(progress|attempts|record)\.ts$/],
  ['report', /^harness\/report\//],
  ['watch', /^harness\/watch\//],
  ['cohort', /^harness\/cohort\//],
  ['commands', /^harness\/(commands\/|cli\.ts)/],
];

/** Types flow freely; what matters is who runs whom. */
function importsOf(file: string): string[] {
  return moduleFacts(parseAst(read(file), { lang: 'ts' })).imports.map(({ specifier }) => specifier);
}

const layerOf = (file: string) => LAYERS.findIndex(([, pattern]) => pattern.test(file));

describe('data flows one way', () => {
  test.each(sources.filter((file) => layerOf(file) !== -1))('%s', (file) => {
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) continue;
      const target = path.posix.join(path.posix.dirname(file), specifier);
      expect(layerOf(target), `${file} imports ${target}`).toBeLessThanOrEqual(layerOf(file));
    }
  });
});

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

const isFunction = ({ type }: Node) => type === 'FunctionDeclaration' || type === 'FunctionExpression';

/** Outermost functions below a node, and with `deep` those inside them as well. */
function functionsIn(node: unknown, deep: boolean, found: Node[] = []): Node[] {
  for (const child of Object.values(node ?? {})) {
    if (typeof child !== 'object' || child === null) continue;
    const isOne = isFunction(child as Node);
    if (isOne) found.push(child as Node);
    if (deep || !isOne) functionsIn(child, deep, found);
  }
  return found;
}

/** Lines of a function without those of the functions inside it: what one reads at a time. */
function ownLines(text: string, node: Node): number {
  const lines = ({ start, end }: Node) => text.slice(start, end).split('\n').length;
  return functionsIn(node, false).reduce((left, inner) => left - lines(inner) + 1, lines(node));
}

describe('one sitting', () => {
  const written = sources.filter((file) => !file.startsWith('harness/suites/'));

  test.each(written)('%s has no function of 70 lines or more', (file) => {
    const text = read(file);
    for (const node of functionsIn(parseAst(text, { lang: 'ts' }), true)) {
      expect(ownLines(text, node), text.slice(node.start, node.start + 60)).toBeLessThan(70);
    }
  });

  // Second designs are read one by one, and lists of known-wrong edits are looked things up in.
  const read500 = sources.filter((file) => file.startsWith('harness/') && !/\/(right|wrong)(\/|\.ts$)/.test(file));

  test.each(read500)('%s has at most 500 lines', (file) => {
    expect(read(file).split('\n').length).toBeLessThanOrEqual(501);
  });
});

describe('what is generated is up to date (npm run verify -- --update)', () => {
  test('the curriculum in README.md', () =>
    expect(read('README.md')).toBe(withCurriculum(read('README.md'), exercises)));

  test('the JSON Schema of the manifest', () => {
    expect(read('exercises/manifest.schema.json')).toBe(`${JSON.stringify(z.toJSONSchema(manifestSchema), null, 2)}\n`);
  });
});

describe('the learner’s files, as they are committed', () => {
  test.each(exercises.map(({ id, file }) => [id, file]))('%s is the pristine stub', (id, file) => {
    const committed = execFileSync('git', ['show', `HEAD:exercises/${id}/${file}`], { cwd: root }).toString();
    expect(committed).toBe(read(`harness/suites/${id}/stub.ts`));
  });
});

describe('the errata', () => {
  const page = read('exercises/ERRATA.md');
  /** As GitHub makes them. */
  const anchorOf = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-');
  const sections = page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const heading = text.slice(0, text.indexOf('\n'));
      return {
        anchor: anchorOf(heading),
        touches: [...text.matchAll(/\]\(([\w-]+)\/README\.md\)/g)].map(([, id]) => id),
      };
    });
  const entries = page.split(/^(?=- \*\*|## )/m).filter((text) => text.startsWith('- '));

  test('are linked with the exercises that they touch, both ways', () => {
    const there = sections.flatMap(({ anchor, touches }) => touches.map((id) => `${id} ${anchor}`));
    const back = exercises.flatMap(({ id }) => {
      return [...read(`exercises/${id}/README.md`).matchAll(/\.\.\/ERRATA\.md#([\w-]+)/g)].map(
        ([, anchor]) => `${id} ${anchor}`,
      );
    });
    expect(back.length).toBeGreaterThan(0);
    expect(back.sort()).toEqual(there.sort());
  });

  test('name a source for each statement', () => {
    expect(entries.filter((entry) => !/^- \*\*“.+”.*\*\*[\s\S]+ _[^_][\s\S]+_\s*$/.test(entry))).toEqual([]);
  });

  test('name measurements that exist, and all of them', () => {
    const named = [...page.matchAll(/`([a-z\d-]+)`/g)].map(([, name]) => name);
    const exist = [...read('scripts/errata.ts').matchAll(/^ {2}'?([a-z\d-]+)'?: (?:async )?\(\) =>/gm)].map(
      ([, name]) => name,
    );
    expect([...new Set(named)].filter((name) => exist.includes(name)).sort()).toEqual(exist.sort());
    const claimed = [...page.matchAll(/[Mm]easured: ([^_]+)_/g)].flatMap(([, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    expect(claimed.filter((name) => !name?.startsWith('npm run') && !exist.includes(name as string))).toEqual([]);
  });
});

test('the top level holds what was agreed, and nothing else', () => {
  const agreed = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'biome.json', 'exercises', 'fixtures'];
  const more = ['harness', 'package-lock.json', 'package.json', 'scripts', 'solutions', 'tsconfig.json'];
  const top = new Set(tracked.map((file) => file.split('/')[0] as string).filter((name) => !name.startsWith('.')));
  expect([...top].filter((name) => ![...agreed, ...more].includes(name))).toEqual([]);
});
