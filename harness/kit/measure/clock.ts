/**
 * The clocks that time is judged by, taken before any subject loads.
 *
 * CPU time (`getrusage`, 1 µs steps) is what a batch costs: it stands still while another process has the
 * core, so it is steady under load where wall time is not. It does not see sleeping, hence the second clock.
 * `process.threadCpuUsage` steps by 4 ms and does not exist on Node 20.
 */
export interface Clock {
  /** Milliseconds of CPU used by this process so far. */
  cpu(): number;
  /** Milliseconds on a steady clock. */
  wall(): number;
}

const cpuUsage = process.cpuUsage.bind(process);
const now = performance.now.bind(performance);

export const systemClock: Clock = {
  cpu() {
    const used = cpuUsage();
    return (used.user + used.system) / 1_000;
  },
  wall: now,
};
