/** A mutant of a reference that behaves as the reference does, so that no case can kill it. */
export interface EquivalentMutant {
  /** The source text that the mutant replaces, exactly. */
  original: string;
  /** Part of the line it stands in, where the text alone stands in others too. */
  line?: string;
  /** What stands there instead, exactly as `npm run mutate` prints it. */
  replacement: string;
  /** Why nobody can tell the difference. */
  why: string;
}
