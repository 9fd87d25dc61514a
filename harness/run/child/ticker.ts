/**
 * The child's end of the search for a loop that does not end (run/loop-lines.ts): notes which loops and functions
 * of the subject are reached, and tells so from time to time.
 */
import type { Ticks } from '../events.ts';

/** Milliseconds. Each case is left alone for a while: most of them end. */
const BUSY = 200;
const SPAN = 100;

/** Puts the function that notes a place there under `name`. The function returned begins anew, for the next case. */
export function notePlaces(name: string, now: () => number, tell: (ticks: Ticks) => void): () => void {
  let from: number | undefined;
  const reached = new Set<number>();
  const note = (place: number): void => {
    const at = now();
    from ??= at + BUSY;
    if (at < from) return;
    reached.add(place);
    if (at < from + SPAN) return;
    tell([...reached]);
    reached.clear();
    from = at;
  };
  Reflect.defineProperty(globalThis, name, { value: note });
  return () => {
    from = undefined;
    reached.clear();
  };
}
