/**
 * Is the grader right? `npm run bench:grader [-- --trials 2004] [--seed 1] [--json]`
 *
 * At a gate of 1/1.5 (a subject may take one and a half times as long as the reference) it grades the same code
 * against itself, which must never come out slow, and code that does its work twice, which must never come out
 * fast enough. `inconclusive` is allowed for less than one trial in a hundred, and the median time to a verdict must
 * stay below 0.3 s. Half of the trials run while every core is kept busy by another process, the other half should
 * have the machine to themselves: start it on a quiet one. Exit 1 if any of it does not hold.
 *
 * About 0.4 s per trial: 2,004 trials take a quarter of an hour. Each process runs a few trials, so that what V8
 * makes of a fresh process is part of the trial.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { median, quantile } from '../harness/kit/measure/statistics.ts';
import type { MetricResult } from '../harness/kit/performance-driver.ts';
import { type WorkName, workNames } from './bench-grader/works.ts';
import { keepCoresBusy } from './load.ts';

type Trial = Pick<MetricResult, 'level' | 'low' | 'high' | 'ms' | 'samples' | 'clock'> & { ratio: number };

interface Cell {
  work: WorkName;
  /** 1: the same code as the reference's; 2: twice as slow. */
  times: 1 | 2;
  load: 'quiet' | 'busy';
}

interface Row extends Cell {
  trials: number;
  right: number;
  wrong: number;
  inconclusive: number;
  /** ms to a verdict, of each trial. */
  ms: number[];
  /** Least and greatest ratio that was reported. */
  ratios: [number, number];
}

const TRIALS_PER_PROCESS = 8;
const MEDIAN_LIMIT_MS = 300;

const { values: options } = parseArgs({
  options: {
    trials: { type: 'string', default: '2004' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const cells: Cell[] = (['quiet', 'busy'] as const).flatMap((load) =>
  workNames.flatMap((work) => ([1, 2] as const).map((times) => ({ work, times, load }))),
);
const perCell = Math.ceil(Number(options.trials) / cells.length);

const rows: Row[] = [];
for (const load of ['quiet', 'busy'] as const) {
  const burners = load === 'busy' ? keepCoresBusy() : undefined;
  try {
    for (const cell of cells.filter((candidate) => candidate.load === load)) {
      const row = summarise(cell, await runTrials(cell));
      rows.push(row);
      if (!options.json) console.log(line(row));
    }
  } finally {
    burners?.stop();
  }
}
finish(rows);

async function runTrials({ work, times }: Cell): Promise<Trial[]> {
  const trials: Trial[] = [];
  while (trials.length < perCell) {
    const count = Math.min(TRIALS_PER_PROCESS, perCell - trials.length);
    const seed = `${options.seed}${trials.length}`;
    const script = new URL('bench-grader/trials.ts', import.meta.url).pathname;
    const args = [...process.execArgv, script, work, String(times), String(count), seed];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    trials.push(
      ...stdout
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as Trial),
    );
  }
  return trials;
}

function summarise(cell: Cell, trials: Trial[]): Row {
  const inconclusive = trials.filter((trial) => trial.level === 'inconclusive').length;
  const slow = trials.filter((trial) => trial.level === 'slow').length;
  const right = cell.times === 2 ? slow : trials.length - slow - inconclusive;
  const ms = trials.map((trial) => trial.ms);
  const ratios = trials.map((trial) => trial.ratio);
  return {
    ...cell,
    trials: trials.length,
    right,
    wrong: trials.length - right - inconclusive,
    inconclusive,
    ms,
    ratios: [Math.min(...ratios), Math.max(...ratios)],
  };
}

function line(row: Row): string {
  const what = row.times === 1 ? 'same code' : '2× slower';
  const figures = `${row.trials} trials: ${row.wrong} wrong, ${row.inconclusive} inconclusive`;
  const time = `verdict after ${times(row.ms)}`;
  const ratios = `ratio ${row.ratios.map((ratio) => ratio.toFixed(2)).join('–')}`;
  return `${row.load.padEnd(6)} ${row.work.padEnd(6)} ${what.padEnd(10)} ${figures.padEnd(42)} ${time}; ${ratios}`;
}

/** ms to a verdict, in one line. */
function times(ms: number[]): string {
  const [middle, late, longest] = [median(ms), quantile(ms, 0.95), Math.max(...ms)].map(Math.round);
  return `${middle} ms (median), ${late} (p95), ${longest} (longest)`;
}

function finish(all: Row[]): void {
  const total = (key: 'trials' | 'wrong' | 'inconclusive') => all.reduce((sum, row) => sum + row[key], 0);
  const timesOf = (load?: string) => all.flatMap((row) => (load && row.load !== load ? [] : row.ms));
  const medianMs = Math.round(median(timesOf()));
  const holds = total('wrong') === 0 && total('inconclusive') < total('trials') / 100 && medianMs < MEDIAN_LIMIT_MS;
  const summary = { trials: total('trials'), wrong: total('wrong'), inconclusive: total('inconclusive'), medianMs };
  process.exitCode = holds ? 0 : 1;
  if (options.json) {
    console.log(JSON.stringify({ schema: 1, node: process.version, ...summary, holds, rows: all }));
    return;
  }
  console.log(`\nquiet: ${times(timesOf('quiet'))}; busy: ${times(timesOf('busy'))}; all: ${times(timesOf())}`);
  const counts = `${summary.wrong} wrong and ${summary.inconclusive} inconclusive of ${summary.trials}`;
  console.log(`${counts}: ${holds ? 'the grader is right' : 'NOT as it should be'}`);
}
