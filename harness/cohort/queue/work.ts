/**
 * A worker on a queue: takes jobs, grades them as `grade` does on its own machine, and answers with results.
 *
 * It renews a lock on each job while it is at work. When it dies, the lock runs out and another worker takes the job
 * up; a job that has cost so many workers their life is given up, and becomes a fault of the kit.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job as QueuedJob } from 'bullmq';
import { UsageError } from '../../errors.ts';
import type { SandboxName } from '../../run/sandbox.ts';
import { Grader } from '../crew.ts';
import type { Job } from '../results.ts';
import { connect, PREFIX, QUEUE } from './connection.ts';
import { fromMessage, type Message, messageSchema, refusalOf } from './message.ts';

export interface WorkOptions {
  url: string;
  /** How many jobs at a time. */
  jobs: number;
  sandbox: SandboxName;
  signal: AbortSignal;
  onJob: (job: Job) => void;
  tell: (line: string) => void;
}

export const LOCKS = {
  /** A lock that is not renewed for so long is free (ms); it is renewed twice as often. */
  lockDuration: 10_000,
  /** How often each worker looks for such locks (ms). */
  stalledInterval: 5_000,
  /** So many workers may die of a job; with the next one it is given up. */
  maxStalledCount: 2,
};

/** To put back what is under way (ms). */
const GRACE_MS = 5_000;

/** Resolves after an abort, when what was under way is back on the queue. Rejects for a run that it cannot serve. */
export async function workOnQueue(options: WorkOptions): Promise<void> {
  const { url, jobs, signal, tell } = options;
  // For ever: a worker waits for its Redis as it waits for jobs.
  const connection = await connect(url, Number.POSITIVE_INFINITY);
  const { Worker } = connection.bullmq;
  const desk = new Desk(options, connection.bullmq.WaitingError);
  const worker = new Worker(QUEUE, (job, token) => desk.process(job, token), {
    connection: connection.redis,
    prefix: PREFIX,
    concurrency: jobs,
    // Who looks at a job in Redis sees who has it.
    name: `${hostname()}:${process.pid}`,
    ...LOCKS,
  });
  let last = '';
  worker.on('error', ({ message }) => {
    // A Redis that is away says so twice a second.
    if (message !== last) tell(message);
    last = message;
  });
  signal.addEventListener('abort', () => desk.close());
  try {
    await Promise.race([desk.closed, connection.lost]);
    await orGiveUp(worker.close());
  } finally {
    await desk.end();
    connection.close();
  }
  if (desk.refusal !== undefined) throw new UsageError(desk.refusal);
}

/** Redis may be away just then: the lock runs out in any case. */
async function orGiveUp(closing: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([closing, pause(GRACE_MS, undefined, { signal: timer.signal })]);
  timer.abort();
}

/** Where a worker's jobs are graded, so many at a time. */
class Desk {
  readonly #options: WorkOptions;
  readonly #WaitingError: new () => Error;
  readonly #graders: Grader[];
  readonly #idle: Grader[];
  #close: () => void = () => {};
  #isClosed = false;
  refusal: string | undefined;
  /** Resolves when no further job is to be taken. */
  readonly closed = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(options: WorkOptions, WaitingError: new () => Error) {
    this.#options = options;
    this.#WaitingError = WaitingError;
    this.#graders = Array.from({ length: options.jobs }, () => new Grader(options.sandbox));
    this.#idle = [...this.#graders];
  }

  async process(queued: QueuedJob, token?: string): Promise<Job> {
    const message = messageSchema.parse(queued.data);
    const refusal = refusalOf(message, this.#options.sandbox);
    if (refusal !== undefined) {
      this.refusal = refusal;
      this.close();
    }
    if (this.#isClosed) return this.#putBack(queued, token);
    const grader = this.#idle.pop() as Grader;
    const job = await gradeMessage(grader, message);
    if (this.#isClosed) return this.#putBack(queued, token);
    this.#idle.push(grader);
    this.#options.onJob(job);
    return job;
  }

  close(): void {
    this.#isClosed = true;
    this.#close();
    void this.end();
  }

  async end(): Promise<void> {
    await Promise.all(this.#graders.map((grader) => grader.end()));
  }

  async #putBack(queued: QueuedJob, token?: string): Promise<never> {
    await queued.moveToWait(token);
    throw new this.#WaitingError();
  }
}

async function gradeMessage(grader: Grader, message: Message): Promise<Job> {
  const folder = await mkdtemp(path.join(tmpdir(), 'wirekata-job-'));
  try {
    return await grader.grade(fromMessage(message, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
