/**
 * Which loop a hang is in: from a subject to one whose loops and functions tell that they run, and from what they
 * told to the place to name. Pure.
 *
 * A blocked child cannot say where it is, so the case that hung is run once more on a copy of the subject with a
 * call at the start of each loop body and each function body. The calls stand on the lines where they are
 * inserted, so every line keeps its number.
 */
import { parseAst } from 'vitest/node';
import type { Location, Ticks } from './events.ts';
import { type Node, positionAt, walk } from './module-facts.ts';
import type { Subject } from './subject.ts';

/** Name of the global function that the inserted calls reach. */
export const TICK = '__wirekataTick';

/** One loop or function of the subject. */
export interface Place {
  isLoop: boolean;
  at: Location;
  /** Where it starts and ends in its file, in UTF-16 units. */
  from: number;
  to: number;
}

export interface Marked {
  subject: Subject;
  /** By the number that the inserted call passes. */
  places: Place[];
}

interface Insertion {
  at: number;
  text: string;
  closes: boolean;
}

const LOOP = /^(For|ForIn|ForOf|While|DoWhile)Statement$/;
const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

export function markLoops(subject: Subject): Marked {
  const places: Place[] = [];
  const sources = new Map([...subject.sources].map(([file, source]) => [file, markSource(file, source, places)]));
  return { subject: { ...subject, sources }, places };
}

function markSource(file: string, source: string, places: Place[]): string {
  const insertions: Insertion[] = [];
  walk(parseAst(source, { lang: 'ts' }) as unknown as Node, (node) => {
    const isLoop = LOOP.test(node.type);
    const body = node.body as Node | null;
    if (!body || !(isLoop || FUNCTION.test(node.type))) return;
    insertions.push(...callAt(body, places.length));
    places.push({ isLoop, at: positionAt(file, source, node.start), from: node.start, to: node.end });
  });
  return insert(source, insertions);
}

/** A block takes one more statement; another statement becomes a block; the expression of an arrow gets brackets. */
function callAt(body: Node, place: number): Insertion[] {
  const call = `${TICK}(${place})`;
  if (body.type === 'BlockStatement') return [{ at: body.start + 1, text: `${call};`, closes: false }];
  const isStatement = /(Statement|Declaration)$/.test(body.type);
  const [open, close] = isStatement ? [`{${call};`, '}'] : [`(${call}, `, ')'];
  return [
    { at: body.start, text: open, closes: false },
    { at: body.end, text: close, closes: true },
  ];
}

/** Insertions come outer before inner; of several that close at one point the inner one is first. */
function insert(source: string, insertions: Insertion[]): string {
  const order = [...insertions.filter(({ closes }) => closes).reverse(), ...insertions.filter(({ closes }) => !closes)];
  let text = '';
  let done = 0;
  for (const { at, text: added } of order.sort((a, b) => a.at - b.at)) {
    text += source.slice(done, at) + added;
    done = at;
  }
  return text + source.slice(done);
}

/**
 * The loop that does not end, by what was reached in one span of time: its body was, but the function that it stands
 * in was not entered. Of several inside one another it is the outermost, since the others end again and again.
 */
export function endlessPlace(ticks: Ticks, places: Place[]): Location | undefined {
  const reached = ticks.flatMap((number) => places[number] ?? []);
  const stays = reached.filter((one) => one.isLoop && !reached.includes(functionAround(one, places) as Place));
  return stays.find((one) => !stays.some((other) => encloses(other, one)))?.at;
}

function functionAround(loop: Place, places: Place[]): Place | undefined {
  // Outer before inner: the last one is the innermost.
  return places.findLast((place) => !place.isLoop && encloses(place, loop));
}

function encloses(outer: Place, inner: Place): boolean {
  return outer.at.file === inner.at.file && outer.from < inner.from && inner.to <= outer.to;
}
