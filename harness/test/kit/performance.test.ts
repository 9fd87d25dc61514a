/** The performance driver, on a machine whose time is scripted. */
import { describe, expect, test } from 'vitest';
import { CaseFailure } from '../../kit/failure.ts';
import { NotImplemented } from '../../kit/not-implemented.ts';
import { bytesAllocated, count, growth, type RatioMetric, ratio } from '../../kit/performance.ts';
import { isSettled, levelBelow, levelOf, MeasureFault } from '../../kit/performance-driver.ts';
import { Machine } from './performance-machine.ts';

const GATE = [{ metric: 'speed', pass: 1 / 1.5 }];

/** A metric whose work takes `ms` on the machine. */
function speed(machine: Machine, ms: number, more: Partial<RatioMetric<never>> = {}) {
  const work = () => {
    machine.burn(ms);
    return 'done';
  };
  return [ratio({ id: 'speed', title: 'speed', work, ...more })];
}

describe('levels', () => {
  const gate = { metric: 'x', pass: 0.3, silver: 0.6, gold: 0.9 };

  test('a ratio gets the level that its whole interval reaches', () => {
    expect(levelOf({ low: 0.1, high: 0.2 }, gate)).toBe('slow');
    expect(levelOf({ low: 0.3, high: 0.5 }, gate)).toBe('pass');
    expect(levelOf({ low: 0.65, high: 0.8 }, gate)).toBe('silver');
    expect(levelOf({ low: 0.95, high: 2 }, gate)).toBe('gold');
  });

  test('in doubt between two levels it gets the lower; in doubt about passing it is inconclusive', () => {
    expect(levelOf({ low: 0.5, high: 0.7 }, gate)).toBe('pass');
    expect(levelOf({ low: 0.4, high: 1 }, gate)).toBe('pass');
    expect(levelOf({ low: 0.2, high: 0.4 }, gate)).toBe('inconclusive');
    expect(levelOf({ low: 0.2, high: 1 }, gate)).toBe('inconclusive');
    expect(isSettled({ low: 0.5, high: 0.7 }, gate)).toBe(false);
    expect(isSettled({ low: 0.5, high: 0.55 }, gate)).toBe(true);
  });

  test('counts and growth: less is better, and the gate itself still passes', () => {
    const counts = { metric: 'x', pass: 100, silver: 50, gold: 0 };
    expect([101, 100, 50, 0].map((value) => levelBelow(value, counts))).toEqual(['slow', 'pass', 'silver', 'gold']);
    expect(levelBelow(Number.NaN, counts)).toBe('slow');
  });

  test('absent gates equal the one before them', () => {
    expect(levelBelow(9, { metric: 'x', pass: 10 })).toBe('gold');
    expect(levelOf({ low: 0.7, high: 0.8 }, { metric: 'x', pass: 0.5, silver: 0.9 })).toBe('pass');
  });
});

describe('ratios', () => {
  test('the same work as the reference passes, in a quarter of a second', async () => {
    const machine = new Machine();
    machine.noise = 0.2;
    const [result] = await machine.grade(speed(machine, 0.2), speed(machine, 0.2), GATE);
    expect(result).toMatchObject({ level: 'gold', clock: 'cpu', against: 'reference', unit: 'µs' });
    expect(result!.ratio).toBeCloseTo(1, 1);
    expect(result!.ms).toBeLessThan(300);
    expect(result!.samples).toBeGreaterThanOrEqual(15);
  });

  test('work that takes twice as long is slow', async () => {
    const machine = new Machine();
    machine.noise = 0.2;
    const [result] = await machine.grade(speed(machine, 0.4), speed(machine, 0.2), GATE);
    expect(result!.level).toBe('slow');
    expect(result!.ratio).toBeCloseTo(0.5, 1);
  });

  test('under load only the wall clock runs ahead, and nobody is held to wait', async () => {
    const machine = new Machine();
    machine.noise = 0.1;
    machine.load = 10;
    const [result] = await machine.grade(speed(machine, 0.2), speed(machine, 0.2), GATE);
    expect(result).toMatchObject({ level: 'gold', clock: 'cpu' });
  });

  test('sleeping is seen, and timed by the wall clock', async () => {
    const machine = new Machine();
    const work = () => {
      machine.burn(0.1);
      machine.sleep(1);
      return 'done';
    };
    const [result] = await machine.grade(speed(machine, 0.1, { work }), speed(machine, 0.1), GATE);
    expect(result).toMatchObject({ level: 'slow', clock: 'wall' });
  });

  test('in doubt about passing it measures on, then says inconclusive', async () => {
    const machine = new Machine();
    machine.noise = 0.6;
    const [result] = await machine.grade(speed(machine, 3), speed(machine, 2), GATE);
    expect(result!.level).toBe('inconclusive');
    expect(result!.ms).toBeGreaterThan(6_000);
  });

  test('the budget cuts the extension short, not the measurement', async () => {
    const machine = new Machine();
    machine.noise = 0.6;
    const [result] = await machine.grade(speed(machine, 3), speed(machine, 2), GATE, { budgetMs: 0 });
    expect(result!.level).toBe('inconclusive');
    expect(result!.ms).toBeGreaterThan(1_500);
    expect(result!.ms).toBeLessThan(4_000);
  });

  test('in doubt between two levels it gives the lower after 1.5 s', async () => {
    const machine = new Machine();
    machine.noise = 0.6;
    const gates = [{ metric: 'speed', pass: 0.2, silver: 1 }];
    const [result] = await machine.grade(speed(machine, 2), speed(machine, 2), gates);
    expect(result!.level).toBe('pass');
    expect(result!.ms).toBeLessThan(4_000);
  });

  test('hopelessly slow work is found out in a few calls', async () => {
    const machine = new Machine();
    const [result] = await machine.grade(speed(machine, 500), speed(machine, 0.1), GATE);
    expect(result!.level).toBe('slow');
    expect(result!.samples).toBe(3);
    expect(result!.ms).toBeLessThan(8_000);
  });

  test('figures come as the rate that the metric names', async () => {
    const machine = new Machine();
    const rate = { perCall: 0.008, unit: 'Gbit/s' };
    const [result] = await machine.grade(speed(machine, 2, { rate }), speed(machine, 1, { rate }), GATE);
    expect(result!.unit).toBe('Gbit/s');
    expect(result!.value).toBeCloseTo(4);
    expect(result!.reference).toBeCloseTo(8);
  });

  test('a baseline is what the subject is measured against', async () => {
    const machine = new Machine();
    const baseline = () => {
      machine.burn(2);
      return 'done';
    };
    const [result] = await machine.grade(speed(machine, 1), speed(machine, 1, { baseline }), [
      { metric: 'speed', pass: 1.5 },
    ]);
    expect(result!.ratio).toBeCloseTo(2);
    expect(result!.level).toBe('gold');
  });

  test('promises are waited for, also those that only begin when asked', async () => {
    const machine = new Machine();
    const lazy = () => ({
      // biome-ignore lint/suspicious/noThenProperty: this is the trick that the test plays
      then(resolve: (value: string) => void) {
        machine.burn(2);
        resolve('done');
      },
    });
    const [result] = await machine.grade(speed(machine, 1, { work: lazy }), speed(machine, 1), GATE);
    expect(result!.level).toBe('slow');
    expect(result!.ratio).toBeCloseTo(0.5);
  });
});

describe('inputs', () => {
  test('both sides get the same input, and a fresh one again and again', async () => {
    const machine = new Machine();
    const seen: [number[], number[]] = [[], []];
    const metric = (side: 0 | 1) =>
      ratio({
        id: 'speed',
        title: 'speed',
        prepare: (random) => random.u32(),
        work: (input) => {
          if (seen[side].at(-1) !== input) seen[side].push(input);
          machine.burn(1);
          return input;
        },
      });
    await machine.grade([metric(0)], [metric(1)], GATE);
    expect(new Set(seen[0]).size).toBeGreaterThan(7);
    expect(seen[0]).toEqual(seen[1]);
  });
});

describe('wrong results', () => {
  test('are a failure that shows the difference, not a level', async () => {
    const machine = new Machine();
    const mine = speed(machine, 1, { work: () => Buffer.from('ab') });
    const reference = speed(machine, 1, { work: () => Buffer.from('ax') });
    const error = (await machine.grade(mine, reference, GATE).catch((e: unknown) => e)) as CaseFailure;
    expect(error).toBeInstanceOf(CaseFailure);
    expect(error.failure.bytes).toMatchObject({ at: 1 });
    expect(error.failure.notes?.[0]).toContain('speed');
  });

  test('are found when they begin only while time is taken', async () => {
    const machine = new Machine();
    let calls = 0;
    const work = () => {
      machine.burn(0.5);
      return calls++ < 200 ? 'done' : 'cheap';
    };
    await expect(machine.grade(speed(machine, 0.5, { work }), speed(machine, 0.5), GATE)).rejects.toThrow(/cheap/);
  });

  test('what the subject throws comes through as it is', async () => {
    const machine = new Machine();
    const work = () => {
      throw new NotImplemented('RingBuffer.write');
    };
    await expect(machine.grade(speed(machine, 1, { work }), speed(machine, 1), GATE)).rejects.toThrow(NotImplemented);
  });
});

describe('faults of the kit', () => {
  const machine = new Machine();

  test('a gate without a metric, a metric without a gate', async () => {
    const gates = [{ metric: 'sped', pass: 1 }];
    await expect(machine.grade(speed(machine, 1), speed(machine, 1), gates)).rejects.toThrow(MeasureFault);
    await expect(machine.grade(speed(machine, 1), speed(machine, 1), [])).rejects.toThrow(/no gate/);
  });

  test('a baseline that does another job', async () => {
    const reference = speed(machine, 1, { baseline: () => 'something else' });
    await expect(machine.grade(speed(machine, 1), reference, GATE)).rejects.toThrow(/baseline returns something else/);
  });
});

describe('growth', () => {
  const metric = (machine: Machine, ms: (n: number) => number) => [
    growth({ id: 'grow', title: 'grow', n: 100, prepare: (n) => () => machine.burn(ms(n)) }),
  ];
  const linear = (n: number) => n / 100;

  test('linear passes without a gate in the manifest, quadratic does not', async () => {
    const machine = new Machine();
    const quadratic = (n: number) => (n / 100) ** 2;
    const [good] = await machine.grade(metric(machine, linear), metric(machine, linear), []);
    const [bad] = await machine.grade(metric(machine, quadratic), metric(machine, linear), []);
    expect(good).toMatchObject({ level: 'gold', unit: '×', samples: 5 });
    expect(good!.value).toBeCloseTo(8);
    expect(bad!.level).toBe('slow');
    expect(bad!.value).toBeCloseTo(64);
    expect(bad!.samples).toBe(5);
  });

  test('a miss that noise may explain is measured again', async () => {
    const machine = new Machine();
    let runs = 0;
    const disturbed = (n: number) => (n === 800 && runs++ < 8 ? 12 : linear(n));
    const [result] = await machine.grade(metric(machine, disturbed), metric(machine, linear), []);
    expect(result!.level).toBe('gold');
    expect(result!.high).toBeCloseTo(12);
    expect(result!.samples).toBe(10);
  });

  test('each run is prepared anew, and runs too short to time are taken together', async () => {
    const machine = new Machine();
    let prepared = 0;
    let used = 0;
    const mine = growth({
      id: 'grow',
      title: 'grow',
      n: 100,
      prepare(n) {
        prepared++;
        let fresh = true;
        return () => {
          expect(fresh).toBe(true);
          fresh = false;
          used++;
          machine.burn(n / 1_000);
        };
      },
    });
    await machine.grade([mine], metric(machine, linear), []);
    expect(prepared).toBe(used);
    expect(used).toBe(2 + 2 * 5 * 10);
  });
});

describe('counts', () => {
  test('are compared as they are', async () => {
    const metric = (value: number) => [count({ id: 'n', title: 'n', unit: 'writes', measure: async () => value })];
    const gates = [{ metric: 'n', pass: 3, gold: 1 }];
    const [result] = await new Machine().grade(metric(2), metric(1), gates);
    expect(result).toMatchObject({ value: 2, reference: 1, low: 2, high: 2, level: 'silver', unit: 'writes' });
  });

  test('bytes allocated: nothing, objects, buffers', () => {
    const keep: { last?: unknown } = {};
    const object = () => {
      keep.last = { a: 1, b: 2 };
    };
    const buffer = () => {
      keep.last = Buffer.alloc(65_536);
    };
    let total = 0;
    const nothing = () => {
      total += 1;
    };
    expect(bytesAllocated(nothing)).toBeLessThan(1);
    // Header, properties and elements, and two fields with room for two more: 40 bytes on 64 bits.
    expect(bytesAllocated(object)).toBeGreaterThan(20);
    expect(bytesAllocated(object)).toBeLessThan(80);
    expect(bytesAllocated(buffer)).toBeGreaterThan(65_536);
    expect(bytesAllocated(buffer)).toBeLessThan(70_000);
    expect(total).toBeGreaterThan(0);
  });
});
