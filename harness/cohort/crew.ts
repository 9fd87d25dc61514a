/**
 * Jobs on this machine, several at a time: worker processes, each with a warm vitest of its own, and one list that
 * all of them take from.
 *
 * A worker that dies or falls silent is replaced, and its job tried once more; after that the result is a fault of the
 * kit, and the others go on.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SandboxName } from '../run/sandbox.ts';
import { faultJob, type JobSpec } from './job.ts';
import type { Job } from './results.ts';

export interface GradeOptions {
  /** Gets each job once. No further one begins for this worker until it has resolved. */
  onJob: (job: Job) => Promise<void> | void;
  onStart?: (spec: JobSpec) => void;
  /** Aborting ends all workers at once; jobs under way are lost. */
  signal: AbortSignal;
}

export interface CrewOptions extends GradeOptions {
  workers: number;
  sandbox: SandboxName;
}

const ATTEMPTS = 2;
/** A worker tells each second that its event loop goes round. */
const SILENCE_MS = 60_000;
/** A whole check has deadlines of its own, which lie far below this. */
const JOB_MS = 15 * 60_000;

/** What a worker says. */
export type Message = { type: 'alive' } | { type: 'graded'; job: Job } | { type: 'fault'; message: string };

/** Resolves when every job has been given to `onJob`, or after an abort. */
export async function gradeLocally(specs: JobSpec[], options: CrewOptions): Promise<void> {
  const waiting = [...specs];
  const workers = Array.from({ length: Math.min(options.workers, specs.length) }, () => workThrough(waiting, options));
  await Promise.all(workers);
}

async function workThrough(waiting: JobSpec[], options: CrewOptions): Promise<void> {
  const grader = new Grader(options.sandbox);
  const end = () => void grader.end();
  options.signal.addEventListener('abort', end);
  try {
    for (let spec = waiting.shift(); spec && !options.signal.aborted; spec = waiting.shift()) {
      options.onStart?.(spec);
      const job = await grader.grade(spec);
      if (options.signal.aborted) return;
      await options.onJob(job);
    }
  } finally {
    options.signal.removeEventListener('abort', end);
    await grader.end();
  }
}

/** Grades one job after another in a worker process, and replaces that when it dies or falls silent. */
export class Grader {
  readonly #sandbox: SandboxName;
  #worker: Worker | undefined;
  #ended = false;

  constructor(sandbox: SandboxName) {
    this.#sandbox = sandbox;
  }

  /** Never rejects. After `end` it means nothing. */
  async grade(spec: JobSpec): Promise<Job> {
    let job: Job | string = '';
    for (let attempt = 0; attempt < ATTEMPTS && typeof job === 'string' && !this.#ended; attempt++) {
      if (!this.#worker?.alive) this.#worker = new Worker(this.#sandbox);
      job = await this.#worker.grade(spec);
    }
    return typeof job === 'string' ? faultJob(spec, job) : job;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker?.end();
  }
}

class Worker {
  readonly #process: ChildProcess;
  #alive = true;
  #settle: (outcome: Job | string) => void = () => {};
  #silence: NodeJS.Timeout | undefined;
  readonly #ended: Promise<unknown>;

  constructor(sandbox: SandboxName) {
    const execArgv = ['--import', new URL('../typescript.mjs', import.meta.url).href];
    this.#process = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [sandbox], { execArgv });
    this.#process.on('message', (message: Message) => this.#hear(message));
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', resolve).once('exit', resolve);
    });
    this.#process.once('error', (error) => this.#lost(`could not be started: ${error.message}`));
    this.#process.once('exit', (code, signal) => this.#lost(`was ended by ${signal ?? `exit code ${code}`}`));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves to the job, or to why there is none; the worker is then gone, unless it said so itself. */
  async grade(spec: JobSpec): Promise<Job | string> {
    const longest = setTimeout(() => this.#stuck('took too long'), JOB_MS);
    const outcome = await new Promise<Job | string>((resolve) => {
      this.#settle = resolve;
      this.#hear({ type: 'alive' });
      this.#process.send(spec, (error) => {
        if (error) this.#stuck(`could not be reached: ${error.message}`);
      });
    });
    clearTimeout(longest);
    clearTimeout(this.#silence);
    return outcome;
  }

  /** Its children end with it, see run/child-process.ts. */
  async end(): Promise<void> {
    clearTimeout(this.#silence);
    this.#process.kill('SIGTERM');
    const forced = setTimeout(() => this.#process.kill('SIGKILL'), 2_000);
    await this.#ended;
    clearTimeout(forced);
  }

  #hear(message: Message): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#stuck('no longer answered'), SILENCE_MS);
    if (message.type === 'graded') this.#settle(message.job);
    if (message.type === 'fault') this.#settle(message.message);
  }

  #stuck(why: string): void {
    this.#lost(why);
    this.#process.kill('SIGKILL');
  }

  #lost(why: string): void {
    this.#alive = false;
    clearTimeout(this.#silence);
    this.#settle(`the process that graded it ${why}`);
  }
}
