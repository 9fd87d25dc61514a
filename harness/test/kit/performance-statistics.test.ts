/** The statistics under the performance grades. */
import { expect, test } from 'vitest';
import { median, medianInterval, quantile } from '../../kit/measure/statistics.ts';
import { Random } from '../../kit/random.ts';

const random = new Random(3);
const uniform = () => (random.u32() + 0.5) / 0x1_0000_0000;
/** Box and Muller's transform. */
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const sample = (n: number) => Array.from({ length: n }, normal);

test('median and quantile', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  expect(quantile([5, 1, 4, 2, 3], 1)).toBe(5);
});

test('the interval is what resampling gives, at its limit', () => {
  for (const n of [15, 41, 101]) {
    const values = sample(n);
    const { low, high } = medianInterval(values, 0.95);
    const resampled = Array.from({ length: 10_000 }, () =>
      median(Array.from({ length: n }, () => values[random.int(0, n - 1)]!)),
    );
    const below = resampled.filter((value) => value < low).length / resampled.length;
    const above = resampled.filter((value) => value > high).length / resampled.length;
    // Each end leaves at most 2.5 % outside, and the next value inwards would leave more.
    expect(below).toBeLessThanOrEqual(0.03);
    expect(above).toBeLessThanOrEqual(0.03);
    expect(resampled.filter((value) => value <= low).length / resampled.length).toBeGreaterThan(0.02);
  }
});

test('an interval of 99.8 % misses the true median in less than one of a hundred samples', () => {
  const missed = Array.from({ length: 1_000 }, () => medianInterval(sample(25), 0.998)).filter(
    ({ low, high }) => low > 0 || high < 0,
  );
  expect(missed.length).toBeLessThan(10);
});

test('the interval ignores a tenth of wild values', () => {
  const values = sample(100).map((value, i) => (i % 10 === 0 ? 1e6 : value / 100));
  const { low, high } = medianInterval(values, 0.998);
  expect(low).toBeGreaterThan(-0.05);
  expect(high).toBeLessThan(0.05);
});

test('the interval of very many values takes no noticeable time', () => {
  const start = performance.now();
  medianInterval(sample(5_001), 0.998);
  expect(performance.now() - start).toBeLessThan(500);
});
