/**
 * The clocks that time is judged by, taken before any subject loads.
 *
 * CPU time (`getrusage`, 1 µs steps) is what a batch costs: it stands still while another process has the
 * core, so it is steady under load where wall time is not. It does not see sleeping, so the number of times that the
 * process gave up the core of its own accord is read with it: being pushed off it does not count there.
 * `process.threadCpuUsage` steps by 4 ms and does not exist on Node 20.
 */
interface Usage {
  /** Milliseconds of CPU used by this process so far. */
  cpu: number;
  /** How often it has waited for something so far. */
  waits: number;
}

export interface Clock {
  usage(): Usage;
  /** Milliseconds on a steady clock. */
  wall(): number;
}

const resourceUsage = process.resourceUsage.bind(process);
const now = performance.now.bind(performance);

export const systemClock: Clock = {
  usage() {
    const { userCPUTime, systemCPUTime, voluntaryContextSwitches } = resourceUsage();
    return { cpu: (userCPUTime + systemCPUTime) / 1_000, waits: voluntaryContextSwitches };
  },
  wall: now,
};
