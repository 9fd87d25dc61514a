/** One worker of a crew (crew.ts): a job in, a result out, one after another, with everything kept warm between. */

import { Runner } from '../run/run.ts';
import { openSandbox, type SandboxName } from '../run/sandbox.ts';
import type { Message } from './crew.ts';
import { gradeJob } from './grade-job.ts';
import type { JobSpec } from './job.ts';

const ALIVE_MS = 1_000;

const tell = (message: Message) => process.send?.(message);

process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
// Ctrl-C reaches the whole group; the parent decides.
process.on('SIGINT', () => {});
setInterval(() => tell({ type: 'alive' }), ALIVE_MS).unref();

async function open(): Promise<Runner> {
  const sandbox = await openSandbox(process.argv[2] as SandboxName);
  return new Runner({ ...(sandbox && { sandbox }) });
}

const runner = open();

async function work(spec: JobSpec): Promise<void> {
  try {
    tell({ type: 'graded', job: await gradeJob(await runner, spec) });
  } catch (error) {
    tell({ type: 'fault', message: error instanceof Error ? error.message : String(error) });
  }
}

process.on('message', (spec: JobSpec) => void work(spec));
