/** A machine whose clocks move only when work says so: measurements on it are exact, instant and repeatable. */
import type { Clock } from '../../kit/measure/clock.ts';
import type { Gate, Metric } from '../../kit/performance.ts';
import { type GradeOptions, grade, type MetricResult } from '../../kit/performance-driver.ts';
import { Random } from '../../kit/random.ts';

export class Machine implements Clock {
  readonly random = new Random(7);
  #cpu = 0;
  #wall = 0;
  #waits = 0;
  /** Spread of the noise on each call, as a factor: 0.1 is ± 10 %. */
  noise = 0;
  /** How much longer the wall clock runs while the process is pushed off the core: 0 on a quiet machine. */
  load = 0;

  usage() {
    return { cpu: this.#cpu, waits: this.#waits };
  }

  wall(): number {
    return this.#wall;
  }

  burn(ms: number): void {
    const spent = ms * (1 + this.noise * (2 * this.#draw() - 1));
    this.#cpu += spent;
    this.#wall += spent * (1 + this.load * 2 * this.#draw());
  }

  sleep(ms: number): void {
    this.#wall += ms;
    this.#waits += 1;
  }

  /** Grades metrics on this machine and returns all results. */
  async grade(mine: Metric[], reference: Metric[], gates: Gate[], more: Partial<GradeOptions> = {}) {
    const results: MetricResult[] = [];
    const options = { random: new Random(1), clock: this, ...more };
    for await (const result of grade(mine, reference, gates, options)) results.push(result);
    return results;
  }

  #draw(): number {
    return this.random.u32() / 0x1_0000_0000;
  }
}
