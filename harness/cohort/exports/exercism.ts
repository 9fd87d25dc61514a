/**
 * What an Exercism test runner writes as results.json (version 3), for one job.
 *
 * Exercism has tasks where the kit has groups of cases: task 1 is the group that one would solve first. The code of
 * a hidden case is not told; what runs it is.
 *
 * https://github.com/exercism/docs/blob/main/building/tooling/test-runners/interface.md
 */

import type { PlannedCase } from '../../plan.ts';
import { commandOf, type Entry, entriesOf } from '../../report/entries.ts';
import type { Job } from '../results.ts';
import { isSolved } from '../score.ts';

/** Characters that a message may have at the top; fewer, as they may be of several bytes. */
const LONGEST = 16_000;

export function exercism({ exercise, result }: Job, planned: readonly PlannedCase[] = []) {
  const entries = entriesOf(result);
  const message = result.reason.slice(0, LONGEST) || result.verdict;
  if (!result.cases.some(({ status }) => status !== 'not-run')) return { version: 3, status: 'error', message };
  const groups = [...new Set(planned.map(({ group }) => group))];
  const tasks = new Map(planned.map(({ id, group }) => [id, groups.indexOf(group) + 1]));
  const tests = entries.map((entry) => testOf(entry, exercise, tasks.get(entry.id)));
  return { version: 3, status: isSolved(result) ? 'pass' : 'fail', message: null, tests };
}

const STATUS = { passed: 'pass', failed: 'fail', error: 'error', 'not-run': 'error' } as const;

function testOf(entry: Entry, exercise: string, task: number | undefined) {
  const { title, status, message, clause } = entry;
  const command = commandOf(entry, exercise);
  return {
    name: title,
    status: STATUS[status],
    ...(message !== undefined && { message }),
    test_code: clause === undefined ? command : `// ${clause}\n${command}`,
    ...(task !== undefined && { task_id: task }),
  };
}
