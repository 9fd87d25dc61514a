/** How Stryker runs one hidden suite: in process, on the (mutated) reference. `MUTATE` names the exercise. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [`harness/suites/${process.env.MUTATE}/conformance.test.ts`],
    testTimeout: 10_000,
  },
});
