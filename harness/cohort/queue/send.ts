/**
 * Jobs on a queue, for workers on any number of machines (work.ts).
 *
 * The sender goes by what is in Redis, again and again: what of a job is not there is put there, what has ended is
 * fetched, reported and taken away. So nothing depends on an event that may be lost, a job is counted once however
 * often it ran, and what workers finish while nobody waits is there for the next run. Only so many jobs are on the
 * queue at a time that neither Redis nor this process ever holds more than those.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Queue, Job as QueuedJob } from 'bullmq';
import type { SandboxName } from '../../run/sandbox.ts';
import type { GradeOptions } from '../crew.ts';
import { faultJob, type JobSpec } from '../job.ts';
import { type Job, jobSchema } from '../results.ts';
import { connect, PREFIX, QUEUE, withoutPassword } from './connection.ts';
import { toMessage } from './message.ts';

export interface SendOptions extends GradeOptions {
  url: string;
  sandbox: SandboxName;
  /** Tells whoever waits why nothing happens. */
  tell: (line: string) => void;
}

const MOST_QUEUED = 32;
const POLL_MS = 100;
/** Without a worker for so long, it is said that there is none. */
const PATIENCE_MS = 3_000;
/** A connection that is lost is tried again for ten seconds. */
const RETRIES = 20;
/** What throws in a worker is tried again; a job whose workers die is not, beyond what work.ts says. */
const ATTEMPTS = 2;
/** Seconds after which what nobody fetches is gone. */
const KEPT = 7 * 24 * 3600;

/** Keys are unique. Resolves when every job has been given to `onJob`, or after an abort. What is on the queue then stays there. */
export async function gradeOverQueue(specs: JobSpec[], options: SendOptions): Promise<void> {
  const connection = await connect(options.url, RETRIES);
  const queue = new connection.bullmq.Queue(QUEUE, {
    connection: connection.redis,
    prefix: PREFIX,
    // Events carry whole results, and nobody here reads them.
    streams: { events: { maxLen: MOST_QUEUED } },
  });
  // Whatever is wrong with the connection, `lost` tells.
  queue.on('error', () => {});
  try {
    await Promise.race([new Sender(queue, specs, options).run(), connection.lost]);
  } catch (error) {
    if (connection.redis.status === 'end') await connection.lost;
    throw error;
  } finally {
    connection.close();
  }
}

class Sender {
  readonly #queue: Queue;
  readonly #options: SendOptions;
  readonly #waiting: JobSpec[];
  /** By key. */
  readonly #queued = new Map<string, JobSpec>();
  #told = false;

  constructor(queue: Queue, specs: JobSpec[], options: SendOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#waiting = [...specs];
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const startedAt = performance.now();
    while (!signal.aborted) {
      for (const spec of this.#waiting.splice(0, MOST_QUEUED - this.#queued.size)) this.#queued.set(spec.key, spec);
      if (this.#queued.size === 0) return;
      await Promise.all([...this.#queued.values()].map((spec) => this.#look(spec)));
      if (performance.now() - startedAt > PATIENCE_MS) await this.#complainOnce();
      await pause(POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #look(spec: JobSpec): Promise<void> {
    const state = await this.#queue.getJobState(spec.key);
    if (state === 'unknown') return this.#send(spec);
    if (state !== 'completed' && state !== 'failed') return;
    const job = await this.#queue.getJob(spec.key);
    if (!job) return;
    await this.#options.onJob(state === 'failed' ? failureOf(job, spec) : resultOf(job, spec));
    await job.remove();
    this.#queued.delete(spec.key);
  }

  async #send(spec: JobSpec): Promise<void> {
    this.#options.onStart?.(spec);
    await this.#queue.add('job', toMessage(spec, this.#options.sandbox), {
      jobId: spec.key,
      attempts: ATTEMPTS,
      removeOnComplete: { age: KEPT },
      removeOnFail: { age: KEPT },
    });
  }

  async #complainOnce(): Promise<void> {
    if (this.#told || (await this.#queue.getWorkersCount()) > 0) return;
    this.#told = true;
    const url = withoutPassword(this.#options.url);
    this.#options.tell(`No worker is at ${url} yet: start some with \`npm run grade:worker -- ${url}\`.`);
  }
}

/** A worker is another process on another machine: what it says is looked at. */
function resultOf(job: QueuedJob, spec: JobSpec): Job {
  const parsed = jobSchema.safeParse(job.returnvalue);
  if (!parsed.success || parsed.data.key !== spec.key || parsed.data.exercise !== spec.exercise)
    return faultJob(spec, 'a worker answered with something that is no result of this job');
  const { learner } = spec;
  return { ...parsed.data, learner, result: { ...parsed.data.result, subject: learner } };
}

function failureOf({ failedReason, stalledCounter }: QueuedJob, spec: JobSpec): Job {
  const died = `each of the ${stalledCounter} workers that took it died, or fell silent`;
  return faultJob(spec, /stalled/.test(failedReason) ? died : `a worker could not grade it: ${failedReason}`);
}
