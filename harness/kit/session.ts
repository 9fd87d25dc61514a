/** What the running child was asked to do. Filled by the runner before the suite loads; never seen by the subject. */
export const session = { seed: 1 };
