/**
 * `npm run soak:progress [-- --kills 500]`: kills a process that saves progress, again and again, at
 * any instant; what is on disk must then be a state that it had saved, whole.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '../harness/kit/random.ts';
import { loadProgress, type Progress, saveProgress } from '../harness/progress.ts';

/** Long enough that a write can be caught half-way. */
const HINTS = 2_000;

/** State n names itself in every entry, so that a mixture of two states would show. */
function state(n: number): Progress {
  return {
    schema: 1,
    exercises: Object.fromEntries(Array.from({ length: HINTS }, (_, i) => [`exercise-${i}`, { hints: n }])),
  };
}

function saveForEver(folder: string, first: number): void {
  for (let n = first; ; n++) {
    saveProgress(state(n), folder);
    process.stdout.write(`${n}\n`);
  }
}

/** Number of the last state that the child said it had saved. */
async function killOne(folder: string, first: number, random: Random): Promise<number> {
  const args = [
    ...process.execArgv,
    import.meta.filename ?? (process.argv[1] as string),
    '--child',
    folder,
    '--first',
    String(first),
  ];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = first - 1;
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
  lines.on('line', (line) => {
    last = Number(line);
  });
  await once(lines, 'line');
  await sleep(random.int(0, 30));
  child.kill('SIGKILL');
  await once(child, 'close');
  return last;
}

function complaintAbout(folder: string, last: number): string | undefined {
  const { progress, complaint } = loadProgress(folder);
  if (complaint) return complaint;
  const seen = new Set(Object.values(progress.exercises).map(({ hints }) => hints));
  const [n = -1] = seen;
  if (seen.size !== 1 || Object.keys(progress.exercises).length !== HINTS) return 'a mixture of states';
  return n === last || n === last + 1 ? undefined : `state ${n}, but ${last} was saved`;
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    child: { type: 'string' },
    first: { type: 'string', default: '1' },
  },
});
if (values.child !== undefined) saveForEver(values.child, Number(values.first));

const folder = mkdtempSync(path.join(tmpdir(), 'wirekata-soak-'));
const random = new Random(Number(values.seed));
const kills = Number(values.kills);
let broken = 0;
let last = 0;
for (let i = 0; i < kills; i++) {
  last = (await killOne(folder, last + 1, random)) + 1;
  const complaint = complaintAbout(folder, last - 1);
  if (complaint) console.log(`kill ${i}: ${complaint}`);
  if (complaint) broken++;
}
rmSync(folder, { recursive: true });
console.log(`${kills} kills, ${broken} broken states, ${last} saves (seed ${values.seed})`);
process.exitCode = broken === 0 ? 0 : 1;
