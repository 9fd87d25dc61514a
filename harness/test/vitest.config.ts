/** The harness's own tests. The hidden suites are not among them: `npm run verify` runs those. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['harness/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests start processes of their own and wait for them: three files at a time keep two cores busy, more would share them.
    maxWorkers: 3,
  },
});
