/**
 * `npm run soak:hostile [-- --saves 200] [--seed N]`: one watch process, and a random hostile subject saved into it
 * again and again. Every verdict must be the one of the subject's header, memory and number of processes must stay
 * flat, and a correct save must be graded as fast after a hang as after anything else.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '../harness/kit/random.ts';
import { OUTCOME } from '../harness/report/checked.ts';
import { Clone } from '../harness/test/clone.ts';

const { values } = parseArgs({ options: { saves: { type: 'string', default: '200' }, seed: { type: 'string' } } });
const saves = Number(values.saves);
const seed = values.seed === undefined ? randomInt(1, 2 ** 30) : Number(values.seed);

const HOME = 'exercises/03-ring-buffer';
const FILE = `${HOME}/ring-buffer.ts`;
const CORPUS = 'harness/test/hostile';
/** A correct file comes after each so many hostile ones. */
const CORRECT_EVERY = 4;
/** Longer than any run may take. */
const PATIENCE_MS = 180_000;

interface Sample {
  name: string;
  expected: string;
  verdict: string;
  ms: number;
  megabytes: number;
  processes: number;
}

const clone = new Clone();
cpSync(clone.path(CORPUS), clone.path(HOME), { recursive: true });
const corpus = readdirSync(clone.path(CORPUS)).filter((name) => name.endsWith('.ts') && name !== 'ring.ts');
const correct = clone.read('solutions/03-ring-buffer/ring-buffer.ts');

const watch = spawn(process.execPath, ['harness/bin.mjs', 'watch', '03', '--plain'], {
  cwd: clone.root,
  env: { ...process.env, NO_COLOR: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise<void>((resolve) => watch.once('exit', () => resolve()));
let hear: (line: string) => void = () => {};
createInterface({ input: watch.stdout }).on('line', (line) => hear(line));

/** Resolves to the verdict of the run that begins next; all cases green is enough, speed is not waited for. */
function nextVerdict(): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no verdict came')), PATIENCE_MS);
    let running = false;
    hear = (line) => {
      if (/running \d+ cases/.test(line)) running = true;
      const named = Object.entries(OUTCOME).find(([, text]) => line.startsWith(`${text}  `))?.[0];
      const verdict = /all \d+ cases pass; measuring/.test(line) ? 'green' : named;
      if (!running || verdict === undefined) return;
      clearTimeout(timer);
      resolve(verdict);
    };
  });
}

async function save(name: string, expected: string, text: string): Promise<Sample> {
  const start = performance.now();
  const verdict = nextVerdict();
  clone.write(FILE, text);
  const sample = { name, expected, verdict: await verdict, ms: performance.now() - start };
  return { ...sample, megabytes: residentOf(watch.pid as number), processes: family().length };
}

/** A measurement that was begun is waited for where the subject needs it to be found out. */
async function saveHostile(name: string, n: number): Promise<Sample> {
  const text = clone.read(`${CORPUS}/${name}`);
  const expected = /^ \* verdict: (.+?)\r?$/m.exec(text)?.[1] as string;
  const sample = await save(name, expected, `${text}\n// save ${n}\n`);
  if (sample.verdict !== 'green') return sample;
  const verdict = await new Promise<string>((resolve) => {
    hear = (line) => {
      const named = Object.entries(OUTCOME).find(([, outcome]) => line.startsWith(`${outcome}  `))?.[0];
      if (named) resolve(named);
    };
  });
  return { ...sample, verdict };
}

/** Those that still live some seconds later: what was killed takes a moment to go. */
async function leftOf(pids: number[]): Promise<string[]> {
  for (let n = 0; n < 50 && pids.some(commandOf); n++) await sleep(100);
  return pids.flatMap((pid) => commandOf(pid) ?? []);
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function residentOf(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024);
}

/** Pids below the watch process. */
function family(): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has just ended.
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === watch.pid || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

const isExpected = ({ expected, verdict }: Sample) =>
  expected === 'never solved'
    ? !['solved', 'green', 'inconclusive', 'kit-fault'].includes(verdict)
    : expected === verdict;

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

const figures = (numbers: number[], unit: string) =>
  numbers.length === 0
    ? 'none'
    : `median ${Math.round(median(numbers))}, ${Math.min(...numbers)} to ${Math.max(...numbers)} ${unit} (${numbers.length})`;

function report(samples: Sample[]): number {
  const wrong = samples.filter((one) => !isExpected(one));
  for (const one of wrong) console.log(`${one.name}: ${one.verdict}, not ${one.expected}`);
  // The first saves fill caches.
  const settled = samples.slice(Math.floor(samples.length / 5));
  const [early, late] = [settled.slice(0, settled.length >> 1), settled.slice(settled.length >> 1)];
  const greens = samples.flatMap((one, i) => (one.expected === 'green' ? [{ ...one, before: samples[i - 1] }] : []));
  const hung = (one?: Sample) => one?.verdict === 'timed-out';
  const ms = (some: Sample[]) =>
    figures(
      some.map((one) => Math.round(one.ms)),
      'ms',
    );
  console.log(`${samples.length} saves, ${wrong.length} wrong verdicts (seed ${seed})`);
  console.log(
    `memory of the watch process, first half: ${figures(
      early.map((one) => one.megabytes),
      'MB',
    )}`,
  );
  console.log(
    `memory of the watch process, second half: ${figures(
      late.map((one) => one.megabytes),
      'MB',
    )}`,
  );
  console.log(
    `processes below it, first half: ${figures(
      early.map((one) => one.processes),
      'processes',
    )}`,
  );
  console.log(
    `processes below it, second half: ${figures(
      late.map((one) => one.processes),
      'processes',
    )}`,
  );
  console.log(`correct save → all green, after a hang: ${ms(greens.filter(({ before }) => hung(before)))}`);
  console.log(`correct save → all green, after others: ${ms(greens.filter(({ before }) => !hung(before)))}`);
  return wrong.length === 0 ? 0 : 1;
}

const random = new Random(seed, 'soak-hostile');
const samples: Sample[] = [];
try {
  await nextVerdict();
  let last = '';
  let since = 0;
  while (samples.length < saves) {
    const n = samples.length;
    const name = random.pick(corpus.filter((one) => one !== last));
    const sample = await saveHostile(name, n);
    samples.push(sample);
    last = name;
    if (!isExpected(sample)) console.log(`${name}: ${sample.verdict}, not ${sample.expected}`);
    // After each hang, and after some others.
    if (sample.verdict !== 'timed-out' && ++since < CORRECT_EVERY) continue;
    since = 0;
    samples.push(await save('correct', 'green', `${correct}\n// save ${n}\n`));
  }
  process.exitCode = report(samples);
} finally {
  const pids = family();
  watch.kill('SIGTERM');
  await ended;
  console.log(`processes left when it has ended: ${(await leftOf(pids)).join(', ') || 'none'}`);
  clone.remove();
}
