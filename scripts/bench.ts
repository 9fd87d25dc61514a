/**
 * `npm run bench [-- ID…] [--json] [--seed N]`: the references against npm's and Node's own implementations of
 * the same job.
 *
 * Each peer runs interleaved with the reference, on the same input, its results compared with the reference's
 * before and between timings. Printed is the speed of the reference relative to the peer (2 = twice as fast) with
 * its 99.8 % interval, and what the peer does not do: a ratio without that says little. Exit 1 if a result differs.
 */
import { readdirSync } from 'node:fs';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { systemClock } from '../harness/kit/measure/clock.ts';
import { compare, type Estimate } from '../harness/kit/measure/compare.ts';
import { steadyCompiler } from '../harness/kit/measure/compiler.ts';
import type { Side } from '../harness/kit/measure/timer.ts';
import { Random } from '../harness/kit/random.ts';
import { show } from '../harness/kit/show.ts';
import { findExercise, loadManifest } from '../harness/manifest.ts';
import { type Contest, type Peer, versionOf } from './bench/contest.ts';
import { renderTable, type Table } from './bench/table.ts';

/** What `scripts/bench/NN-slug.ts` exports: what is timed and, where the peers differ in more than speed, what they do. */
interface Adapter {
  default: Contest[];
  table?: () => Promise<Table>;
}

interface Line {
  contest: string;
  peer: string;
  version: string;
  lacks: string;
  /** Speed of the reference relative to the peer, with its interval. */
  ratio?: number;
  low?: number;
  high?: number;
  /** Figures of both, in `unit`. */
  unit?: string;
  reference?: number;
  value?: number;
  problem?: string;
}

const LONGEST_MS = 2_000;
/** An interval this narrow (high / low) needs no more pairs. */
const NARROW = 1.04;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
});

steadyCompiler();
const lines: Line[] = [];
const tables: Table[] = [];
for (const file of adapters(positionals)) {
  const { default: contests, table } = (await import(`./bench/${file}`)) as Adapter;
  for (const contest of contests) {
    if (!options.json) console.log(`\n${file.replace('.ts', '')}: ${contest.title}`);
    for (const peer of contest.peers) {
      const line = await meet(contest, peer);
      lines.push(line);
      if (!options.json) console.log(render(line));
    }
  }
  if (!table) continue;
  tables.push(await table());
  if (!options.json) console.log(renderTable(tables.at(-1)!));
}
if (options.json) {
  console.log(JSON.stringify({ schema: 1, node: process.version, seed: Number(options.seed), lines, tables }));
}
process.exitCode = lines.some((line) => line.problem) ? 1 : 0;

function adapters(ids: string[]): string[] {
  const files = readdirSync(new URL('bench/', import.meta.url)).filter((name) => /^\d\d-.*\.ts$/.test(name));
  if (ids.length === 0) return files.sort();
  const manifest = loadManifest();
  const wanted = ids.map((id) => `${findExercise(manifest, id).id}.ts`);
  const missing = wanted.find((name) => !files.includes(name));
  if (!missing) return wanted;
  console.error(`no adapter scripts/bench/${missing}; there are: ${files.join(', ')}`);
  process.exit(2);
}

async function meet(contest: Contest, peer: Peer<unknown>): Promise<Line> {
  const facts = { contest: contest.id, peer: peer.name, version: versionOf(peer), lacks: peer.lacks };
  try {
    const estimate = await measure(contest, peer);
    const { ratio, low, high, first, second } = estimate;
    const unit = contest.rate?.unit ?? 'µs';
    return { ...facts, ratio, low, high, unit, reference: figure(first, contest), value: figure(second, contest) };
  } catch (error) {
    return { ...facts, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function measure(contest: Contest, peer: Peer<unknown>): Promise<Estimate> {
  const random = new Random(Number(options.seed), `${contest.id} ${peer.name}`);
  const reference: Side = { input: undefined, work: await contest.reference() };
  const other: Side = { input: undefined, work: await peer.make() };
  const freshen = async () => {
    const seed = random.u32();
    for (const side of [reference, other]) side.input = contest.prepare(new Random(seed));
    const expected = await reference.work(reference.input);
    const actual = await other.work(other.input);
    if (isDeepStrictEqual(actual, expected)) return;
    throw new Error(`${peer.name} returned ${show(actual)}, the reference ${show(expected)}`);
  };
  await freshen();
  const enough = ({ low, high }: Estimate, elapsed: number) => high / low < NARROW || elapsed > LONGEST_MS;
  return compare(reference, other, { clock: systemClock, random, enough, freshen });
}

function figure(msPerCall: number, { rate }: Contest): number {
  return rate ? rate.perCall / (msPerCall / 1_000) : msPerCall * 1_000;
}

function render(line: Line): string {
  const name = `  against ${line.peer} (${line.version})`;
  if (line.problem) return `${name}: ${line.problem}`;
  const [ratio, low, high] = [line.ratio!, line.low!, line.high!].map(short);
  const figures = `${short(line.reference!)} to ${short(line.value!)} ${line.unit}`;
  return `${name}: ×${ratio} [${low}–${high}]  ${figures}\n      does not do: ${line.lacks}`;
}

/** Three digits, but no powers of ten. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
