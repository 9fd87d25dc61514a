/**
 * What the syntax tree of one module says: what it imports, what it exports, and what no exercise may
 * contain. Imports of types alone are erased before anything runs, so they do not count.
 */
import { distance } from 'fastest-levenshtein';
import type { Location } from './events.ts';

/** Offset into the source text, in UTF-16 units. */
type Offset = number;

export interface ModuleFacts {
  imports: { specifier: string; at: Offset }[];
  exports: Set<string>;
  /** `export * from`: the names are then not all known. */
  exportsAll: boolean;
  refused: { what: string; at: Offset }[];
}

/** The parts of an ESTree node that are looked at here. */
export interface Node {
  type: string;
  start: Offset;
  end: Offset;
  [key: string]: unknown;
}

const CALLS = new Map([
  ['eval', 'eval()'],
  ['Function', 'Function(), which compiles text'],
  ['require', 'require()'],
]);

export function moduleFacts(program: unknown): ModuleFacts {
  const facts: ModuleFacts = { imports: [], exports: new Set(), exportsAll: false, refused: [] };
  walk(program as Node, (node) => {
    readImport(node, facts);
    readExport(node, facts);
    readCall(node, facts);
    readInternals(node, facts);
  });
  return facts;
}

export function missingExports(facts: ModuleFacts, wanted: string[]): { name: string; near: string | undefined }[] {
  if (facts.exportsAll) return [];
  return wanted
    .filter((name) => !facts.exports.has(name))
    .map((name) => ({
      name,
      near: [...facts.exports].find((other) => distance(other.toLowerCase(), name.toLowerCase()) <= 3),
    }));
}

export function positionAt(file: string, source: string, offset: Offset): Location {
  const before = source.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1) as string).length + 1 };
}

function readImport(node: Node, facts: ModuleFacts): void {
  if (node.type === 'ImportExpression') facts.refused.push({ what: 'dynamic import()', at: node.start });
  if (node.importKind === 'type' || node.exportKind === 'type') return;
  const source = node.source as Node | null | undefined;
  if (!source || !/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) return;
  const specifiers = (node.specifiers ?? []) as Node[];
  const typesOnly =
    specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type');
  if (!typesOnly) facts.imports.push({ specifier: String(source.value), at: source.start });
}

function readExport(node: Node, facts: ModuleFacts): void {
  if (node.exportKind === 'type') return;
  if (node.type === 'ExportAllDeclaration' && !node.exported) facts.exportsAll = true;
  if (node.type === 'ExportDefaultDeclaration') facts.exports.add('default');
  if (node.type !== 'ExportNamedDeclaration') return;
  for (const one of (node.specifiers ?? []) as Node[]) facts.exports.add(nameOf(one.exported));
  const declaration = node.declaration as Node | null;
  if (!declaration) return;
  const declared = (declaration.declarations as Node[] | undefined) ?? [declaration];
  for (const one of declared) facts.exports.add(nameOf(one.id));
}

function readCall(node: Node, facts: ModuleFacts): void {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return;
  const callee = node.callee as Node;
  const what = callee.type === 'Identifier' ? CALLS.get(String(callee.name)) : undefined;
  if (what) facts.refused.push({ what, at: node.start });
}

/** Ways past the resolver: what vite and vitest hand to a module besides the language. */
function readInternals(node: Node, facts: ModuleFacts): void {
  const word = node.type === 'Identifier' ? node.name : node.type === 'Literal' ? node.value : undefined;
  if (typeof word === 'string' && /^__vi(te|test)_/.test(word)) facts.refused.push({ what: word, at: node.start });
  if (node.type === 'MetaProperty' && nameOf(node.meta) === 'import') {
    facts.refused.push({ what: 'import.meta', at: node.start });
  }
}

function nameOf(node: unknown): string {
  const { name, value } = (node ?? {}) as { name?: string; value?: string };
  return String(name ?? value ?? '');
}

/** Each node once, a parent before its children. */
export function walk(root: Node, visit: (node: Node) => void): void {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (typeof (node as Node).type === 'string') visit(node as Node);
    for (const key in node) {
      const child = (node as Record<string, unknown>)[key];
      if (typeof child === 'object' && child !== null) pending.push(child);
    }
  }
}
