/**
 * Bytes allocated by one call, on the V8 heap and in array buffers.
 *
 * Node 20 counts no allocations, but between two collections "used" only grows, by exactly what was
 * allocated. So: warmed up, trials of many calls each, used after minus used before, and the median of
 * the trials. A collection makes a trial's difference too small (often negative), the compiler at work in
 * it makes it too large; both are rare, and the median ignores them. What reading the counters itself
 * allocates is measured the same way and taken off.
 */
import { systemClock } from './clock.ts';
import { median } from './statistics.ts';

const memoryUsage = process.memoryUsage.bind(process);

const TRIALS = 25;
const WARM_MS = 60;
/** A trial stays far below the young generation (16 MB), so that few trials see a collection. */
const TRIAL_BYTES = 1 << 19;
const TRIAL_CALLS = 4_096;
const TRIAL_MS = 5;

export function bytesAllocated(work: () => unknown): number {
  const start = systemClock.wall();
  while (systemClock.wall() - start < WARM_MS) work();
  const calls = callsPerTrial(work);
  const trial = (body: () => unknown) => median(Array.from({ length: TRIALS }, () => allocatedBy(body, calls)));
  const overhead = trial(nothing);
  return Math.max(0, (trial(work) - overhead) / calls);
}

function nothing(): void {}

function callsPerTrial(work: () => unknown): number {
  for (let calls = 1; ; calls *= 2) {
    const start = systemClock.wall();
    const bytes = allocatedBy(work, calls);
    const full = bytes > TRIAL_BYTES || systemClock.wall() - start > TRIAL_MS;
    if (full || calls >= TRIAL_CALLS) return calls;
  }
}

function allocatedBy(work: () => unknown, calls: number): number {
  const before = used();
  for (let i = 0; i < calls; i++) work();
  return used() - before;
}

function used(): number {
  const { heapUsed, arrayBuffers } = memoryUsage();
  return heapUsed + arrayBuffers;
}
