/**
 * The real timers, kept before anything wraps them, and the line of the subject that made a thing.
 *
 * The kit's own deadlines use `real`, so that the watch for leaks never counts them.
 */
export const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
} as const;

/** Files that act on behalf of someone else: Node, libraries, the kit. */
const GO_BETWEEN = /^node:|\/node_modules\/|\/harness\/(kit|run)\/|\(<anonymous>\)/;

/** "at ring-buffer.ts:37:5": the innermost frame of `from` that belongs to the subject or the suite. */
export function creator(from: Error): string {
  return originOf(from) ?? 'by code that is neither the subject’s nor the suite’s';
}

export function originOf(from: Error): string | undefined {
  for (const line of String(from.stack ?? '')
    .split('\n')
    .slice(1)) {
    const place = /\(?((?:file:\/\/|\/|node:)[^()]*:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    if (place && !GO_BETWEEN.test(place)) return `at ${shorten(place)}`;
  }
  return undefined;
}

function shorten(place: string): string {
  const path = place.replace(/^file:\/\//, '').replace(/\?[^:]*/, '');
  const root = `${process.cwd()}/`;
  return path.startsWith(root) ? path.slice(root.length) : path;
}
