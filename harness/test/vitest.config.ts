/** The harness's own tests. The hidden suites are not among them: `npm run verify` runs those. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['harness/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests start processes of their own; more files at a time would only share two cores.
    maxWorkers: 2,
  },
});
