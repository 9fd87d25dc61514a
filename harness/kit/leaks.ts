/** Placeholder until the leak watcher lands: see issue on leaks. */
export type Baseline = { stop(): void };
export function watchLeaks(): Baseline {
  return { stop() {} };
}
export async function leaksSince(_baseline: Baseline): Promise<void> {}
