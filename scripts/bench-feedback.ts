/**
 * How long from a save to the verdict: `wirekata watch` against plain `vitest --watch` on the same
 * suite, in turns within one run. Also the processor time of an idle watch.
 *
 *     npm run bench:feedback [-- ROUNDS] [-- --json]
 *
 * Each side has a clone of its own, so that a save wakes only one of them. Two saves are measured: one
 * with a single bug, which ends with a failure, and one that makes all cases pass.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findExercise, loadManifest, root } from '../harness/manifest.ts';
import { knownWrong } from '../harness/suite.ts';
import { Clone } from '../harness/test/clone.ts';

const EXERCISE = findExercise(loadManifest(), 'ring-buffer');
/** A small bug, of the kind one makes: few cases see it. */
const BUG = 'start-ignored';
const IDLE_MS = 30_000;
/** Until the next child stands ready and nothing is left to do. */
const SETTLE_MS = 5_000;

const LIMIT_MS = 60_000;

/** A watching process, and the text it prints. */
class Watcher {
  readonly clone: Clone;
  readonly process: ChildProcess;
  #text = '';
  #heard: (() => void) | undefined;

  constructor(clone: Clone, args: string[]) {
    this.clone = clone;
    const env = { ...process.env, NO_COLOR: '1' };
    this.process = spawn(process.execPath, args, { cwd: clone.root, env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.process.stdout?.on('data', (data) => {
      this.#text += String(data);
      this.#heard?.();
    });
  }

  /** Milliseconds from now until the text that is printed from now on matches each pattern. */
  async save(text: string, patterns: RegExp[]): Promise<number[]> {
    this.#text = '';
    const start = performance.now();
    writeFileSync(this.clone.path(path.relative(root, EXERCISE.learner)), text);
    const times: number[] = [];
    for (const pattern of patterns) times.push((await this.until(pattern)) - start);
    return times;
  }

  async until(pattern: RegExp): Promise<number> {
    const limit = setTimeout(() => {
      throw new Error(`no ${pattern} within ${LIMIT_MS / 1000} s; so far:\n${this.#text}`);
    }, LIMIT_MS);
    while (!pattern.test(this.#text)) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    clearTimeout(limit);
    return performance.now();
  }

  async close(): Promise<void> {
    this.process.kill('SIGTERM');
    await new Promise((resolve) => this.process.once('exit', resolve));
    this.clone.remove();
  }
}

function vitestConfig(clone: Clone): string {
  const config = {
    root: clone.root,
    resolve: {
      alias: {
        [`#subject/${EXERCISE.id}/${EXERCISE.file}`]: clone.path(path.relative(root, EXERCISE.learner)),
        wirekata: clone.path('harness/kit/not-implemented.ts'),
      },
    },
    test: { include: [path.relative(root, EXERCISE.conformance)] },
  };
  clone.write('bench.config.mjs', `export default ${JSON.stringify(config)};\n`);
  return clone.path('bench.config.mjs');
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

/** Ticks (10 ms) that a process and all its descendants have used, proc(5). */
function ticksOf(pid: number): number {
  const facts = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'latin1');
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        // utime, stime, and both of the children that have ended.
        const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
        return [{ pid: Number(name), parent: Number(fields[1]), ticks }];
      } catch {
        return []; // It has just ended.
      }
    });
  const sum = (one: number): number =>
    facts.reduce(
      (total, { pid, parent, ticks }) => total + (pid === one ? ticks : 0) + (parent === one ? sum(pid) : 0),
      0,
    );
  return sum(pid);
}

async function idleShare(pid: number): Promise<number> {
  await sleep(SETTLE_MS);
  const before = ticksOf(pid);
  await sleep(IDLE_MS);
  return ((ticksOf(pid) - before) * 10) / IDLE_MS;
}

interface Figures {
  verdict: number[];
  firstLine: number[];
  vitest: number[];
}

interface Measured {
  failing: Figures;
  green: Figures;
  /** Share of one processor. */
  idle: number;
}

const RUNNING = /running \d+ cases/;

async function measure(rounds: number): Promise<Measured> {
  const right = readFileSync(EXERCISE.reference, 'utf8');
  const edit = (await knownWrong(EXERCISE)).find(({ id }) => id === BUG);
  if (!edit || !('find' in edit)) throw new Error(`no known-wrong edit “${BUG}”`);
  const wrong = right.replace(edit.find, edit.replace);
  const kit = new Watcher(new Clone('kit'), ['harness/bin.mjs', 'watch', EXERCISE.id, '--plain']);
  const plainClone = new Clone('plain');
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const plain = new Watcher(plainClone, [vitest, '--watch', '--config', vitestConfig(plainClone)]);
  const failing: Figures = { verdict: [], firstLine: [], vitest: [] };
  const green: Figures = { verdict: [], firstLine: [], vitest: [] };
  try {
    await Promise.all([kit.until(/NOT STARTED/), plain.until(/Tests .*\d+ failed/)]);
    // The first save of each warms up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const mark = `\n// save ${round}\n`;
      const ofWrong = await kit.save(wrong + mark, [RUNNING, /FAILED/]);
      const plainWrong = await plain.save(wrong + mark, [/Tests .*\d+ failed/]);
      const ofRight = await kit.save(right + mark, [RUNNING, /cases pass; measuring/, /SOLVED|SLOW|INCONCLUSIVE/]);
      const plainRight = await plain.save(right + mark, [/Tests .*\d+ passed/]);
      if (round === 0) continue;
      keep(failing, ofWrong, plainWrong);
      keep(green, ofRight, plainRight);
    }
    return { failing, green, idle: await idleShare(kit.process.pid as number) };
  } finally {
    await Promise.all([kit.close(), plain.close()]);
  }
}

function keep(figures: Figures, [firstLine = 0, verdict = 0]: number[], [vitest = 0]: number[]): void {
  figures.firstLine.push(firstLine);
  figures.verdict.push(verdict);
  figures.vitest.push(vitest);
}

function summaryOf(figures: Figures) {
  const verdict = median(figures.verdict);
  const vitest = median(figures.vitest);
  return { verdict, vitest, ratio: verdict / vitest, firstLine: median(figures.firstLine) };
}

function line(name: string, { verdict, vitest, ratio, firstLine }: ReturnType<typeof summaryOf>): string {
  const figures = `wirekata ${verdict.toFixed(0)} ms, plain vitest ${vitest.toFixed(0)} ms, ratio ${ratio.toFixed(2)}`;
  return `${name.padEnd(10)} ${figures} (goal ≤ 0.6); first line ${firstLine.toFixed(0)} ms (goal ≤ 200)`;
}

function print({ failing, green, idle }: Measured, rounds: number): void {
  console.log(`save → verdict of conformance, ${EXERCISE.id}, medians of ${rounds} saves each, in turns`);
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}\n`);
  console.log(line('one bug', summaryOf(failing)));
  console.log(line('all green', summaryOf(green)));
  console.log(`idle watch: ${(idle * 100).toFixed(2)} % of one processor over ${IDLE_MS / 1000} s (goal < 1 %)`);
}

const args = process.argv.slice(2);
const rounds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 15);
const measured = await measure(rounds);
if (args.includes('--json')) {
  const { failing, green, idle } = measured;
  const summary = { failing: summaryOf(failing), green: summaryOf(green), idle };
  console.log(
    JSON.stringify({ rounds, node: process.version, load: loadavg()[0], ...summary, raw: { failing, green } }),
  );
} else print(measured, rounds);
