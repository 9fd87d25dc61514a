/**
 * Runs one conformance suite on any file, in this process and unguarded, and prints each case and its state as JSON:
 * `node --import ./harness/typescript.mjs harness/test/exercises/run-suite.ts 08-http1-parser /path/of/subject.ts`.
 *
 * For subjects that the harness would refuse, such as adapters around Node's own internals.
 */
import path from 'node:path';
import type { RunnerTask, RunnerTestCase } from 'vitest';
import { startVitest } from 'vitest/node';

const [suite, subject] = process.argv.slice(2) as [string, string];
const root = path.resolve(import.meta.dirname, '../../..');

const vitest = await startVitest(
  'test',
  [],
  {
    root,
    config: false,
    watch: false,
    include: [`harness/suites/${suite}/conformance.test.ts`],
    reporters: [{}],
    testTimeout: 10_000,
    maxWorkers: 1,
  },
  {
    plugins: [
      {
        name: 'subject',
        enforce: 'pre',
        resolveId: (id: string) => (id.startsWith(`#subject/${suite}/`) ? subject : undefined),
      },
    ],
  },
);

function tests(tasks: readonly RunnerTask[]): RunnerTestCase[] {
  return tasks.flatMap((task) =>
    task.type === 'test' ? [task as RunnerTestCase] : 'tasks' in task ? tests(task.tasks) : [],
  );
}

const states = tests(vitest.state.getFiles()).map((test) => [test.name, test.result?.state ?? 'none']);
await vitest.close();
process.exitCode = 0;
console.log(JSON.stringify(Object.fromEntries(states)));
