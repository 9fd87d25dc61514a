/** A known-wrong implementation as data: a small edit of the reference. */
export interface WrongEdit {
  /** Slug, unique in its exercise; used as `check 03 --wrong ID`. */
  id: string;
  /** What a reader would call the bug, in one line. */
  bug: string;
  /** Id of the case that must be among the failed. */
  caughtBy: string;
  /** Text that stands exactly once in the reference… */
  find: string;
  /** …and what stands there instead. */
  replace: string;
}
