/**
 * The two statistics that performance is judged by: the median, and an interval for it.
 */

export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that a share `q` of the values lies below. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = ascending(values);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

export interface Interval {
  low: number;
  high: number;
}

/**
 * The percentile bootstrap interval of the median, without resampling.
 *
 * A resampled median lies at or below the k-th smallest of n values (n odd) when at least (n + 1) / 2 of the
 * n draws fall among the k smallest, each with chance k/n: a binomial tail (Efron 1979, §3). So the
 * bootstrap's distribution is known, and its quantiles are values of the sample. Of an even number the
 * first is left out.
 */
export function medianInterval(values: readonly number[], confidence: number): Interval {
  const sorted = ascending(values.length % 2 === 1 ? values : values.slice(1));
  const n = sorted.length;
  const tail = (1 - confidence) / 2;
  // The largest k whose chance of holding the resampled median among the k smallest stays within the tail…
  let k = n >> 1;
  while (k > 0 && majorityChance(n, k / n) > tail) k--;
  // …so the value after it is the lower end, and by symmetry its mirror image the upper.
  return { low: sorted[k]!, high: sorted[n - 1 - k]! };
}

/** The chance that more than half of `n` (odd) draws succeed, each with chance `p` < 1. */
function majorityChance(n: number, p: number): number {
  const half = (n + 1) / 2;
  const step = Math.log(p) - Math.log1p(-p);
  let logTerm = n * Math.log1p(-p);
  let sum = 0;
  for (let i = 1; i <= n; i++) {
    logTerm += Math.log((n - i + 1) / i) + step;
    if (i >= half) sum += Math.exp(logTerm);
  }
  return sum;
}

function ascending(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}
