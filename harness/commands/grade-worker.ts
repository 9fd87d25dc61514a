/** `grade:worker`: grades what `grade --queue` puts on a queue; see harness/cohort/queue/. */
import { withoutPassword } from '../cohort/queue/connection.ts';
import { workOnQueue } from '../cohort/queue/work.ts';
import { SIGNALS, UsageError } from '../errors.ts';
import { openSandbox } from '../run/sandbox.ts';
import type { Command } from './command.ts';
import { readJobs, readSandbox } from './grade.ts';

export const command: Command = {
  summary: 'grade what another machine puts on a queue',
  usage: `npm run grade:worker -- URL [options]

Waits at a queue, a Redis (redis://HOST:PORT), for the jobs of \`npm run grade -- … --queue URL\`, until it is
interrupted; what is under way then goes back on the queue. It needs the same version of the kit as the
one that grades. Who can write to the Redis can have it run code: give it a password, or a network of its own.

  --sandbox NAME   bwrap (default; Linux with bubblewrap) or none, for code that you trust
  --jobs N         how many at a time (default: one less than there are processors)`,
  options: { sandbox: { type: 'string' }, jobs: { type: 'string' } },
  run: async ([url, ...rest], values) => {
    if (url === undefined || rest.length > 0) throw new UsageError(`grade:worker takes one URL.\n\n${command.usage}`);
    const sandbox = readSandbox(values);
    const jobs = readJobs(values);
    await openSandbox(sandbox);
    const abort = new AbortController();
    let code = 0;
    for (const [name, value] of Object.entries(SIGNALS)) {
      process.on(name, () => {
        if (abort.signal.aborted) process.exit(value);
        code = value;
        abort.abort();
      });
    }
    console.log(`Waiting at ${withoutPassword(url)} for jobs: ${jobs} at a time, sandbox ${sandbox}.`);
    await workOnQueue({
      ...{ url, jobs, sandbox, signal: abort.signal, tell: (line) => console.error(line) },
      onJob: ({ exercise, result }) => console.log(`${exercise} ${result.verdict}`),
    });
    // Where Redis has gone, BullMQ would go on waiting for it.
    process.exit(code);
  },
};
