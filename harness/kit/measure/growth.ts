/**
 * Growth: how much longer 8n takes than n.
 *
 * Linear work stays at or below 8.5 even on a busy machine, quadratic work lies at 46 to 63, so a gate of 10
 * separates them with room on either side. The minimum of five runs of each size is compared, since whatever
 * disturbs a run only makes it longer.
 */
import type { Clock } from './clock.ts';
import { BATCH_MS, isThenable, sink } from './timer.ts';

const ROUNDS = 5;
/** Whatever the rounds, a run that takes this long has shown its growth. */
const CAP_MS = 2_000;
const MOST_COPIES = 64;

const FACTOR = 8;

export interface Growth {
  growth: number;
  /** ms per run over n things. */
  small: number;
  runs: number;
}

export async function measureGrowth(prepare: (n: number) => () => unknown, n: number, clock: Clock): Promise<Growth> {
  const start = clock.wall();
  // The first of each size warms up; it also tells how many runs over n fill a batch.
  const first = await timeRuns(prepare, n, 1, clock);
  await timeRuns(prepare, n * FACTOR, 1, clock);
  const copies = Math.min(MOST_COPIES, Math.max(1, Math.ceil(BATCH_MS / Math.max(first, BATCH_MS / MOST_COPIES))));
  let small = Number.POSITIVE_INFINITY;
  let large = Number.POSITIVE_INFINITY;
  let runs = 0;
  do {
    small = Math.min(small, await timeRuns(prepare, n, copies, clock));
    large = Math.min(large, await timeRuns(prepare, n * FACTOR, copies, clock));
    runs++;
  } while (runs < ROUNDS && clock.wall() - start < CAP_MS);
  return { growth: large / Math.max(small, 1e-6), small, runs };
}

/** ms per run; `copies` runs are prepared, then timed together. */
async function timeRuns(prepare: (n: number) => () => unknown, n: number, copies: number, clock: Clock) {
  const runs = Array.from({ length: copies }, () => prepare(n));
  const start = clock.usage().cpu;
  for (const run of runs) {
    sink.last = run();
    if (isThenable(sink.last)) await sink.last;
  }
  return (clock.usage().cpu - start) / copies;
}
