/** `grade` as a process of its own, with its memory measured from outside; and the same jobs by hand, with `check`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Cohort } from '../../harness/cohort/results.ts';
import { EXIT } from '../../harness/commands/command.ts';
import { type Exercise, root } from '../../harness/manifest.ts';

const BIN = path.join(root, 'harness/bin.mjs');
const SAMPLE_MS = 500;

export interface Graded {
  cohort: Cohort;
  ms: number;
  /** Megabytes resident, in the order of time. */
  memory: number[];
}

/** `onLine` hears each line that it prints: one for each job that is finished. */
export async function runGrade(
  submissions: string[],
  out: string,
  options: string[],
  onLine: (line: string) => void = () => {},
): Promise<Graded> {
  const start = performance.now();
  const args = [BIN, 'grade', ...submissions, '--out', out, ...options];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', onLine);
  const memory: number[] = [];
  const sampler = setInterval(() => memory.push(...residentMegabytes(child.pid as number)), SAMPLE_MS);
  const [code] = await once(child, 'exit');
  clearInterval(sampler);
  // A fault of the kit is one job's result; the others count all the same.
  if (code !== EXIT.solved && code !== EXIT.kitFault) throw new Error(`grade ended with ${code}`);
  const cohort = JSON.parse(readFileSync(path.join(out, 'results.json'), 'utf8')) as Cohort;
  return { cohort, ms: performance.now() - start, memory };
}

/** None where there is no /proc, or the process has gone. */
function residentMegabytes(pid: number): number[] {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? [] : [Number(kilobytes) / 1024];
  } catch {
    return [];
  }
}

/** One `check` for each file, one after another, as one would do it by hand. Resolves to milliseconds. */
export async function runChecks(works: { exercise: Exercise; file: string }[], seed: number): Promise<number> {
  const start = performance.now();
  for (const { exercise, file } of works) {
    const args = [BIN, 'check', exercise.id, '--file', file, '--seed', String(seed), '--json'];
    await once(spawn(process.execPath, args, { cwd: root, stdio: 'ignore' }), 'exit');
  }
  return performance.now() - start;
}
