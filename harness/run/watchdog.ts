/**
 * The deadlines and the memory limit of one run, all kept by the parent: a child that spins for ever
 * cannot watch itself.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { ChildEvent, Deadline, ParentEvent } from './events.ts';

type Killed = Extract<ParentEvent, { type: 'killed' }>;

/** Milliseconds. A case gets its manifest time limit and this much more, so that the child's own timeout speaks first. */
export const CASE_SLACK = 500;
export const LIMITS: Record<Exclude<Deadline, 'case'>, number> = { startup: 15_000, import: 5_000, run: 90_000 };

const POLL_MS = 50;
/** Resident memory beyond the heap limit: Node itself, vitest, and Buffers, which the heap limit does not bound. */
const RESIDENT_EXTRA_MB = 320;
const PAGE = 4096;

export interface Limit {
  caseMs: number;
  memoryMb: number;
  /** The memory is that of the process and of all below it. */
  family?: boolean;
}

export class Watchdog {
  readonly #pid: number;
  readonly #limit: Limit;
  readonly #kill: (event: Killed) => void;
  readonly #startedAt = performance.now();
  readonly #poll: NodeJS.Timeout;
  #deadline: Deadline = 'startup';
  #expires: number;
  #during: string | undefined;

  constructor(pid: number, limit: Limit, kill: (event: Killed) => void) {
    this.#pid = pid;
    this.#limit = limit;
    this.#kill = kill;
    this.#expires = this.#startedAt + LIMITS.startup;
    this.#poll = setInterval(() => void this.#look(), POLL_MS);
  }

  /** The case under way, if any. */
  get during(): string | undefined {
    return this.#during;
  }

  /** Each sign of life moves the deadline. */
  heard(event: ChildEvent): void {
    if (event.type === 'case-started') this.#during = event.id;
    if (event.type === 'case-ended') this.#during = undefined;
    this.#deadline = event.type === 'importing' ? 'import' : 'case';
    const allowed = this.#deadline === 'import' ? LIMITS.import : this.#limit.caseMs + CASE_SLACK;
    this.#expires = performance.now() + allowed;
  }

  /** A child that still asks for modules has not come to the end of its imports, however slow the machine is. */
  asked(): void {
    if (this.#deadline === 'import') this.#expires = performance.now() + LIMITS.import;
  }

  stop(): void {
    clearInterval(this.#poll);
  }

  async #look(): Promise<void> {
    const now = performance.now();
    const megabytes = Math.round(
      await (this.#limit.family ? familyMegabytes(this.#pid) : residentMegabytes(this.#pid)),
    );
    const deadline = now > this.#expires ? this.#deadline : now - this.#startedAt > LIMITS.run ? 'run' : undefined;
    // A heap that is nearly full is collected again and again: what looks like a hang is want of memory.
    const full = this.#limit.memoryMb + (deadline ? 0 : RESIDENT_EXTRA_MB);
    if (megabytes > full) this.#end({ reason: 'memory', megabytes });
    else if (deadline) this.#end({ reason: 'deadline', deadline });
  }

  #end(why: { reason: 'deadline'; deadline: Deadline } | { reason: 'memory'; megabytes: number }): void {
    this.stop();
    this.#kill({ type: 'killed', during: this.#during, ...why });
  }
}

/** Resident set of a process, 0 where the platform has no /proc (the heap limit still holds there). */
async function residentMegabytes(pid: number): Promise<number> {
  try {
    const [, pages = '0'] = (await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ');
    return (Number(pages) * PAGE) / 2 ** 20;
  } catch {
    return 0;
  }
}

async function familyMegabytes(pid: number): Promise<number> {
  const parts = await Promise.all([residentMegabytes(pid), ...(await childrenOf(pid)).map(familyMegabytes)]);
  return parts.reduce((sum, part) => sum + part);
}

/** Each thread has children of its own, proc(5). Empty for a process that has just ended. */
async function childrenOf(pid: number): Promise<number[]> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const lists = threads.map((thread) => readFile(`${folder}/${thread}/children`, 'latin1').catch(() => ''));
  return (await Promise.all(lists)).join(' ').split(' ').filter(Boolean).map(Number);
}
