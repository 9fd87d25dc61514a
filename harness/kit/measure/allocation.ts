/**
 * Bytes allocated by one call, on the V8 heap and in array buffers.
 *
 * Node 20 counts no allocations, but between two collections the bytes in use only grow, by exactly what
 * was allocated. So: warmed up, many short trials, bytes in use after minus bytes in use before.
 *
 * - Heap: a collection makes a trial's difference too small (often negative), the compiler at work in it
 *   makes it too large. Both are rare: the median ignores them. What reading the counter allocates itself is
 *   measured the same way and taken off. Exact to a small fraction of a byte per call.
 * - Array buffers: old ones are given back by another thread at any time, so that many trials come out too
 *   small, and none too large: the ninth decile stands for the undisturbed ones. Small Buffers are cut from
 *   slabs of 8 KiB, each counted when it is made: exact to one slab per trial (6 bytes per call at worst
 *   for Buffers of 100).
 */
import { systemClock } from './clock.ts';
import { median, quantile } from './statistics.ts';

const memoryUsage = process.memoryUsage.bind(process);

const TRIALS = 81;
const WARM_MS = 50;
/** A trial stays below the smallest young generation (1 MB), so that few trials see a collection. */
const TRIAL_BYTES = 1 << 18;
const TRIAL_CALLS = 4_096;
const TRIAL_MS = 4;

interface Used {
  heap: number;
  buffers: number;
}

export function bytesAllocated(work: () => unknown): number {
  const start = systemClock.wall();
  while (systemClock.wall() - start < WARM_MS) work();
  const calls = callsPerTrial(work);
  const trials = (body: () => unknown) => Array.from({ length: TRIALS }, () => allocatedBy(body, calls));
  const overhead = median(trials(nothing).map((used) => used.heap));
  const seen = trials(work);
  const heap = median(seen.map((used) => used.heap)) - overhead;
  const buffers = quantile(
    seen.map((used) => used.buffers),
    0.9,
  );
  return (Math.max(0, heap) + Math.max(0, buffers)) / calls;
}

function nothing(): void {}

/** Doubles until a trial is full, by the most of three tries, since collections only hide bytes. */
function callsPerTrial(work: () => unknown): number {
  for (let calls = 1; ; calls *= 2) {
    const start = systemClock.wall();
    const tries = [1, 2, 3].map(() => allocatedBy(work, calls));
    const bytes = Math.max(...tries.map(({ heap, buffers }) => Math.max(heap, buffers)));
    const full = bytes * 2 > TRIAL_BYTES || systemClock.wall() - start > 3 * TRIAL_MS;
    if (full || calls >= TRIAL_CALLS) return calls;
  }
}

function allocatedBy(work: () => unknown, calls: number): Used {
  const before = memoryUsage();
  for (let i = 0; i < calls; i++) work();
  const after = memoryUsage();
  return { heap: after.heapUsed - before.heapUsed, buffers: after.arrayBuffers - before.arrayBuffers };
}
