/**
 * A contest: one job, done by a reference and by its peers (npm packages, Node's own implementation, the obvious
 * way) on the same input. `scripts/bench/NN-slug.ts` default-exports a list of them; `scripts/bench.ts` runs them.
 *
 *     export default [
 *       contest({
 *         id: 'ring-transfer',
 *         title: '…',
 *         prepare: (random) => random.bytes(1_500),
 *         reference: () => (input) => …,
 *         peers: [{ name: 'bl', package: 'bl', lacks: 'a bound: it grows …', make: async () => { … return (input) => …; } }],
 *       }),
 *     ];
 *
 * `reference` and `make` set up once and return the work, sync or async, 0.05 to 1 ms a call. All works must
 * return the same plain data for the same input: that is checked before they are timed, and between. So an adapter
 * brings every peer's results into one form, and does no more than that.
 */
import { readFileSync } from 'node:fs';
import type { Random } from '../../harness/kit/random.ts';

export type Work<Input> = (input: Input) => unknown;

export interface Peer<Input> {
  name: string;
  /** The npm package that it comes from; absent for what Node itself brings and for code in the adapter. */
  package?: string;
  /** What the reference does and this does not, in one line; `nothing` if they do the same. */
  lacks: string;
  /** Loads and sets up, untimed. Import the package here, so that one that is missing spoils its own line alone. */
  make(): Work<Input> | Promise<Work<Input>>;
}

export interface Contest<Input = unknown> {
  id: string;
  title: string;
  /** Turns the time of a call into a figure people know: `{ perCall: 8e-3, unit: 'Gbit/s' }`. Else µs per call. */
  rate?: { perCall: number; unit: string };
  prepare(random: Random): Input;
  reference(): Work<Input> | Promise<Work<Input>>;
  peers: Peer<Input>[];
}

export function contest<Input>(facts: Contest<Input>): Contest {
  return facts as unknown as Contest;
}

/** The version that is installed; Node's own for peers without a package. */
export function versionOf(peer: Peer<never>): string {
  if (!peer.package) return `node ${process.versions.node}`;
  try {
    // By path, since a package's `exports` may hide its package.json.
    const path = new URL(`../../node_modules/${peer.package}/package.json`, import.meta.url);
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  } catch {
    return 'not installed';
  }
}
