/**
 * Grading over a queue: the same results as on this machine, whichever workers die; nothing twice; an end to what kills
 * its workers; and messages that say what to do. Needs Debian's redis-server.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeCohort, mismatches } from '../../../scripts/cohort/make.ts';
import { type JobSpec, jobKey, submittedFiles } from '../../cohort/job.ts';
import { PREFIX, QUEUE, withoutPassword } from '../../cohort/queue/connection.ts';
import { fromMessage, messageSchema, toMessage } from '../../cohort/queue/message.ts';
import { gradeOverQueue } from '../../cohort/queue/send.ts';
import { LOCKS, workOnQueue } from '../../cohort/queue/work.ts';
import type { Cohort, Job } from '../../cohort/results.ts';
import { findExercise, loadManifest, root } from '../../manifest.ts';
import { openSandbox } from '../../run/sandbox.ts';
import { Clone, runKit } from '../clone.ts';
import { hasRedis, RedisServer } from './redis.ts';

const exercise = findExercise(loadManifest(), 'ring-buffer');
const holder = mkdtempSync(path.join(tmpdir(), 'wirekata-queue-'));
const sandbox = await openSandbox('bwrap').then(
  () => 'bwrap' as const,
  () => 'none' as const,
);

afterAll(() => rmSync(holder, { recursive: true, force: true }));

/** What a learner handed in, ready to be graded. */
function specOf(learner: string, file = exercise.stub): JobSpec {
  const folder = mkdtempSync(path.join(holder, `${learner}-`));
  cpSync(file, path.join(folder, exercise.file));
  return { learner, exercise: exercise.id, folder, seed: 1, key: jobKey(exercise, submittedFiles(folder), 1) };
}

/** A result without what differs from one run to the next: times, ports, how far a counterexample was shrunk in time. */
function lasting({ key, learner, text, result }: Job) {
  const { exercise, subject, seed, parts, kit, at } = result;
  // A busy machine may not be able to say how fast it is.
  const verdict = result.verdict === 'inconclusive' ? 'solved' : result.verdict;
  const cases = result.cases.map(({ id, title, clause, status }) => ({ id, title, clause, status }));
  return { key, learner, text, exercise, subject, seed, parts, kit, at, verdict, cases };
}

describe('a message', () => {
  test('carries the files, and nothing of whose they are', () => {
    const spec = specOf('anna');
    mkdirSync(path.join(spec.folder, 'parts'));
    cpSync(exercise.reference, path.join(spec.folder, 'parts/a.ts'));
    const message = messageSchema.parse(JSON.parse(JSON.stringify(toMessage(spec, 'none'))));
    expect(JSON.stringify(message)).not.toContain('anna');
    const back = fromMessage(message, mkdtempSync(path.join(holder, 'back-')));
    expect(submittedFiles(back.folder)).toEqual(submittedFiles(spec.folder));
    expect(back).toMatchObject({ key: spec.key, seed: spec.seed, exercise: spec.exercise });
  });

  test.each(['../a.ts', '/a.ts', 'a/../../b.ts', './a.ts', 'a/..', 'a\\b.ts', 'a\0.ts', ''])(
    'refuses the name %j',
    (name) => {
      const message = toMessage(specOf('anna'), 'none');
      expect(messageSchema.safeParse({ ...message, files: [{ path: name, gzip: '' }] }).success).toBe(false);
    },
  );

  test('shows no password', () => {
    expect(withoutPassword('redis://:secret@example.org:6379/1')).toBe('redis://example.org:6379/1');
    expect(withoutPassword('rediss://anna:secret@example.org')).toBe('rediss://example.org');
    expect(withoutPassword('redis://example.org/@')).toBe('redis://example.org/@');
  });
});

test('without BullMQ, `grade` says how to get it', async () => {
  const clone = new Clone();
  try {
    rmSync(clone.path('node_modules'));
    mkdirSync(clone.path('node_modules'));
    for (const name of readdirSync(path.join(root, 'node_modules')).filter((one) => !/^(\.|bullmq|ioredis)/.test(one)))
      symlinkSync(path.join(root, 'node_modules', name), clone.path('node_modules', name));
    const { code, stderr } = await clone.run(['grade', 'exercises', '--queue', 'redis://127.0.0.1:1']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/`npm i --no-save bullmq@[\d.]+ ioredis@[\d.]+`/)]);
  } finally {
    clone.remove();
  }
});

test('where there is no Redis, it says so', async () => {
  const { code, stderr } = await runKit(root, ['grade:worker', `unix://${holder}/nothing`, '--sandbox', 'none']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`There is no Redis at unix://${holder}/nothing`)]);
});

describe.skipIf(!hasRedis)(`on a queue${hasRedis ? '' : ' (redis-server is not installed)'}`, () => {
  const server = new RedisServer();
  let client: Redis;
  let queue: Queue;
  const processes = new Set<ChildProcess>();

  beforeAll(() => server.start());
  afterAll(() => server.remove());
  beforeEach(async () => {
    client = new Redis(server.url, { maxRetriesPerRequest: null });
    client.on('error', () => {});
    queue = new Queue(QUEUE, { connection: client, prefix: PREFIX });
    queue.on('error', () => {});
    await client.flushall();
  });
  afterEach(async () => {
    for (const child of processes) child.kill('SIGKILL');
    client.disconnect();
  });

  function start(args: string[]): ChildProcess & { lines: string[] } {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    processes.add(child);
    child.once('exit', () => processes.delete(child));
    return Object.assign(child, { lines });
  }

  const startWorker = (url = server.url) =>
    start(['harness/bin.mjs', 'grade:worker', url, '--jobs', '1', '--sandbox', sandbox]);

  /** The process that is at work on a job, of those given. */
  async function atWork(workers: ChildProcess[]): Promise<ChildProcess | undefined> {
    const names = (await queue.getActive()).map(({ processedBy = '' }) => processedBy);
    return workers.find(({ pid }) => names.some((name) => name.endsWith(`:${pid}`)));
  }

  /** Sends, and resolves to what came of it. */
  async function send(specs: JobSpec[], signal = new AbortController().signal): Promise<Job[]> {
    const jobs: Job[] = [];
    const onJob = (job: Job) => void jobs.push(job);
    await gradeOverQueue(specs, { url: server.url, sandbox: 'none', signal, onJob, tell: () => {} });
    return jobs;
  }

  const work = (signal: AbortSignal) =>
    workOnQueue({ url: server.url, jobs: 1, sandbox: 'none', signal, onJob: () => {}, tell: () => {} });

  test('two workers, of which one is killed, come to the results of this machine', { timeout: 300_000 }, async () => {
    const made = await makeCohort({ out: path.join(holder, 'cohort'), learners: 8, seed: 3, exercises: [exercise] });
    const grade = async (name: string, ...options: string[]): Promise<Cohort> => {
      const out = path.join(holder, name);
      const args = ['grade', ...made.submissions, '--only', exercise.id, '--seed', '5', '--sandbox', sandbox];
      const { code, stderr } = await runKit(root, [...args, '--out', out, ...options]);
      expect(code, stderr).toBe(0);
      return JSON.parse(readFileSync(path.join(out, 'results.json'), 'utf8'));
    };
    const workers = [startWorker(), startWorker()];
    const overQueue = grade('over-queue', '--queue', server.url);
    const killed = await vi.waitUntil(() => atWork(workers), { timeout: 60_000, interval: 20 });
    killed.kill('SIGKILL');
    const [seen, wanted] = [await overQueue, await grade('here')];
    expect(seen.jobs.map(lasting)).toEqual(wanted.jobs.map(lasting));
    expect(mismatches(made, seen)).toEqual([]);
    const other = made.jobs.map((job) => ({ ...job, expected: { as: 'hostile' as const, verdicts: ['cancelled'] } }));
    expect(mismatches({ ...made, jobs: other }, seen)).toHaveLength(other.length);
    // Nothing is lost, and nothing is left on the queue.
    const said = workers.flatMap(({ lines }) => lines.filter((line) => line.includes(exercise.id)));
    expect(said.length).toBeGreaterThanOrEqual(new Set(wanted.jobs.map(({ key }) => key)).size);
    expect(Object.values(await queue.getJobCounts()).filter((count) => count > 0)).toEqual([]);
  });

  test('the same job of two who grade counts once for each', async () => {
    startWorker();
    const [anna, ben] = await Promise.all([send([specOf('anna')]), send([specOf('ben')])]);
    const told = (jobs: Job[]) => jobs.map(({ learner, result }) => [learner, result.subject, result.verdict]);
    expect(told(anna)).toEqual([['anna', 'anna', 'not-started']]);
    expect(told(ben)).toEqual([['ben', 'ben', 'not-started']]);
  });

  test('what is finished while nobody waits is there for the next run', async () => {
    const abort = new AbortController();
    const spec = specOf('anna');
    const interrupted = send([spec], abort.signal);
    await vi.waitUntil(async () => (await queue.getJobState(spec.key)) === 'waiting');
    abort.abort();
    expect(await interrupted).toEqual([]);
    const worker = startWorker();
    await vi.waitUntil(async () => (await queue.getJobState(spec.key)) === 'completed', { timeout: 60_000 });
    worker.kill('SIGKILL');
    expect((await send([spec])).map(({ result }) => result.verdict)).toEqual(['not-started']);
  });

  test('a job that kills each of its workers ends as a fault of the kit, and others go on', async () => {
    const [poison, other] = [specOf('mallory'), specOf('anna', exercise.reference)];
    const mortal = `
      const { Worker } = require('bullmq');
      const connection = new (require('ioredis').Redis)(${JSON.stringify(server.url)}, { maxRetriesPerRequest: null });
      const locks = ${JSON.stringify({ ...LOCKS, lockDuration: 400, stalledInterval: 200 })};
      const die = (job) => job.id === '${poison.key}' ? process.kill(process.pid, 'SIGKILL') : 'no result';
      new Worker('${QUEUE}', die, { connection, prefix: '${PREFIX}', ...locks });`;
    let deaths = 0;
    let over = false;
    const breed = () => {
      const child = start(['-e', mortal]);
      child.once('exit', () => {
        deaths++;
        if (!over) breed();
      });
    };
    breed();
    const jobs = await send([poison, other]);
    over = true;
    const told = Object.fromEntries(jobs.map(({ learner, result }) => [learner, [result.verdict, result.reason]]));
    expect(told).toEqual({
      mallory: ['kit-fault', expect.stringContaining('3 workers that took it died')],
      anna: ['kit-fault', expect.stringContaining('no result of this job')],
    });
    expect(deaths).toBe(3);
  });

  test('a worker with another suite refuses, and leaves the job to others', async () => {
    const spec = specOf('anna');
    await queue.add('job', { ...toMessage(spec, 'none'), suite: 'of-tomorrow' }, { jobId: spec.key });
    await expect(work(new AbortController().signal)).rejects.toThrow(/needs suite of-tomorrow of 03-ring-buffer/);
    expect(await queue.getJobState(spec.key)).toBe('waiting');
  });

  test('a worker without the sandbox that is asked for refuses', async () => {
    const spec = specOf('anna');
    await queue.add('job', toMessage(spec, 'bwrap'), { jobId: spec.key });
    await expect(work(new AbortController().signal)).rejects.toThrow('needs workers with `--sandbox bwrap`');
    expect(await queue.getJobState(spec.key)).toBe('waiting');
  });

  test('a worker that is told to end puts back what it has begun', async () => {
    const endless = path.join(root, 'harness/test/hostile/never-settles.ts');
    const spec = specOf('anna', endless);
    cpSync(path.join(root, 'harness/test/hostile/ring.ts'), path.join(spec.folder, 'ring.ts'));
    await queue.add('job', toMessage(spec, 'none'), { jobId: spec.key });
    const worker = startWorker();
    await vi.waitUntil(() => atWork([worker]), { timeout: 60_000, interval: 20 });
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([143, null]);
    expect(await queue.getJobState(spec.key)).toBe('waiting');
  });

  test('a worker ends when it is told to, even if Redis has gone', async () => {
    const own = new RedisServer();
    await own.start();
    const watcher = new Redis(own.url, { maxRetriesPerRequest: null });
    watcher.on('error', () => {});
    const workers = new Queue(QUEUE, { connection: watcher, prefix: PREFIX });
    workers.on('error', () => {});
    const worker = startWorker(own.url);
    await vi.waitUntil(async () => (await workers.getWorkersCount()) > 0, { timeout: 30_000 });
    watcher.disconnect();
    await own.remove();
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([143, null]);
  });

  test('it says that there is no worker, and that Redis has gone', async () => {
    const own = new RedisServer();
    await own.start();
    const told: string[] = [];
    const specs = [specOf('anna')];
    const signal = new AbortController().signal;
    const tell = (line: string) => void told.push(line);
    const sent = gradeOverQueue(specs, { url: own.url, sandbox: 'none', signal, onJob: () => {}, tell });
    const lost = expect(sent).rejects.toThrow(/The connection to unix:.* is lost: .*goes on from there/);
    await vi.waitUntil(() => told.length > 0, { timeout: 30_000 });
    await own.remove();
    await lost;
    expect(told).toEqual([expect.stringContaining(`npm run grade:worker -- ${own.url}`)]);
  });
});
