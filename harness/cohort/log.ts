/**
 * What is kept in the output folder while a cohort is graded, so that it can be interrupted and resumed:
 *
 *     cohort.json   the seed and when it began
 *     jobs.ndjson   one finished job a line, on the disk before the next one begins
 *
 * A line that is not whole was being written when the power went: its job is run again.
 */
import { randomInt } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { makeFolder, writeAtomically } from '../write.ts';
import { type Job, jobSchema } from './results.ts';

const JOBS = 'jobs.ndjson';
const STATE = 'cohort.json';

const stateSchema = z.strictObject({ schema: z.literal(1), seed: z.int(), startedAt: z.iso.datetime() });

export type State = z.infer<typeof stateSchema>;

/** What an earlier run left, with another seed if one is given; else a new beginning. */
export function openState(folder: string, seed?: number): State {
  makeFolder(folder);
  const file = path.join(folder, STATE);
  const before = existsSync(file) ? readState(file) : undefined;
  if (before && (seed === undefined || seed === before.seed)) return before;
  const state: State = { schema: 1, seed: seed ?? randomInt(1, 2 ** 31), startedAt: new Date().toISOString() };
  writeAtomically(file, JSON.stringify(state));
  return state;
}

function readState(file: string): State {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new UsageError(`${file} is not from \`grade\`: take another --out, or delete the file to grade all anew.`);
  }
}

export class JobLog {
  readonly #file: string;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  static async open(folder: string): Promise<JobLog> {
    const file = path.join(folder, JOBS);
    const handle = await open(file, 'a+');
    const { size } = await handle.stat();
    const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: Math.max(0, size - 1) });
    if (size > 0 && buffer[0] !== 0x0a) await handle.appendFile('\n');
    return new JobLog(file, handle);
  }

  async add(job: Job): Promise<void> {
    await this.#handle.appendFile(`${JSON.stringify(job)}\n`);
    await this.#handle.datasync();
  }

  /** In the order in which they were finished; of equal keys all. */
  async *read(): AsyncGenerator<Job> {
    for await (const line of createInterface({ input: createReadStream(this.#file) })) {
      const job = parse(line);
      if (job) yield job;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function parse(line: string): Job | undefined {
  try {
    return jobSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
