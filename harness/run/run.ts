/**
 * The only place that runs a subject: request in, events out.
 *
 * A `Runner` keeps one vitest instance alive, so that transforms stay cached, and one child ahead, which has
 * loaded all but the subject and its suite. Each run uses a child of its own and never the same one twice.
 * Runs do not overlap: a child gets its request when vitest has finished with the one before it.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { createVitest, type Vitest } from 'vitest/node';
import { type Exercise, root } from '../manifest.ts';
import { Child, type Kind } from './child-process.ts';
import type { ChildEvent, ChildRequest, Location, RunEvent, Suite } from './events.ts';
import { TICK } from './loop-lines.ts';
import { sparePool } from './pool.ts';
import { bundleProgram, type HostProgram } from './program.ts';
import { PROGRAM, resolver, type Stage } from './resolver.ts';
import type { Sandbox } from './sandbox.ts';
import { type Locate, locator } from './stack.ts';
import type { Subject } from './subject.ts';
import { Watchdog } from './watchdog.ts';

const CHILD_FOLDER = path.join(root, 'harness/run/child');
const KIT_FOLDER = path.join(root, 'harness/kit/');

/** Milliseconds that a measurement may go on without a sign of life: what is timed in between is a batch, or one run. */
const STRETCH_MS = 8_000;

/** Bytes that a child may write to its channel. The wordiest suite writes a tenth of it when every case fails. */
const CHANNEL_CAP = 32 * 2 ** 20;

export interface RunRequest {
  exercise: Exercise;
  subject: Subject;
  suite: Suite;
  seed: number;
  /** Case ids; all if absent. */
  only?: string[];
  /** fast-check's path, on replay. */
  path?: string;
  /** The subject tells which of its loops run (loop-lines.ts). */
  ticks?: boolean;
}

export interface RunOptions {
  onEvent?: (event: RunEvent) => void;
  /** Aborting kills the child at once; the events then end with `cancelled`. */
  signal?: AbortSignal;
}

/** A child that was taken as far as the wait for its request, and vitest's run that it is part of. */
interface Spare {
  child: Child;
  /** Resolves when vitest has finished with it, to what vitest complained of, if it did. Never rejects. */
  over: Promise<Error | undefined>;
}

export class Runner {
  readonly #sandbox: Sandbox | undefined;
  #vitest: Promise<Vitest> | undefined;
  #spare: Spare | undefined;
  #stage: Stage | undefined;
  /** The child that vitest's pool gets next. */
  #next: Child | undefined;
  /** vitest does one run at a time: the end of the last one that was begun. */
  #last: Promise<unknown> = Promise.resolve();
  /** The last run is over and its child gone: it must not be served what is staged for the next one. */
  #settled: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: { sandbox?: Sandbox } = {}) {
    this.#sandbox = options.sandbox;
  }

  /** Starts what the first run will need, while the caller still reads files. */
  warm(exercise: Exercise, suite: Suite = 'conformance'): void {
    this.#vitest ??= this.#open();
    this.#prefork(kindFor(exercise, suite));
  }

  /** Runs one suite on one subject. Never rejects for anything that the subject does. */
  async run(request: RunRequest, options: RunOptions = {}): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const tell = (event: RunEvent) => {
      events.push(event);
      options.onEvent?.(event);
    };
    if (request.subject.problem) {
      tell(request.subject.problem);
      return events;
    }
    this.warm(request.exercise, request.suite);
    await this.#vitest;
    await this.#settled;
    if (options.signal?.aborted) tell({ type: 'cancelled' });
    else await this.#runOnce(request, tell, options.signal);
    return events;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Shown, for its end is waited for: a process that waits for hidden things alone ends at once.
    this.#spare?.child.show();
    this.#spare?.child.kill();
    await this.#last;
    await (await this.#vitest)?.close();
  }

  async #runOnce(request: RunRequest, tell: (event: RunEvent) => void, signal?: AbortSignal): Promise<void> {
    const { exercise, subject, suite } = request;
    const vitest = await (this.#vitest as Promise<Vitest>);
    const program = await programFor(request);
    const { child, over } = this.#prefork(kindFor(exercise, suite));
    this.#spare = undefined;
    child.show();
    this.#setStage(vitest, { exercise, subject, ...(program && { program: program.text }) });
    await new Promise<void>((resolve) => {
      const run = new ChildRun(child, request, locator(subject, program?.original), tell, resolve, signal);
      this.#settled = over.then((error) => {
        run.ended(error);
        if (!this.#closed) this.#prefork(kindFor(exercise, followerOf(request)));
      });
    });
  }

  #setStage(vitest: Vitest, stage: Stage): void {
    const before = this.#stage;
    this.#stage = stage;
    const sources = [...(before?.subject.sources.keys() ?? []), ...stage.subject.sources.keys()];
    for (const file of [...sources, PROGRAM]) vitest.invalidateFile(file);
    if (before?.exercise === stage.exercise && before.subject.file === stage.subject.file) return;
    // What a name stands for is cached in the module that uses it, and what one run was served another may not see.
    for (const file of vitest.vite.environments.ssr.moduleGraph.fileToModulesMap.keys()) {
      if (!file.startsWith(KIT_FOLDER)) vitest.invalidateFile(file);
    }
  }

  #prefork(kind: Kind): Spare {
    if (this.#spare?.child.alive && isDeepStrictEqual(this.#spare.child.kind, kind)) return this.#spare;
    this.#spare?.child.kill();
    const child = new Child(kind, this.#sandbox);
    const over = this.#last.then(() => this.#lead(child)).catch((error: Error) => error);
    this.#last = over;
    this.#spare = { child, over };
    return this.#spare;
  }

  /** Leads a child through vitest's start; it stops by itself where it needs the request. */
  async #lead(child: Child): Promise<Error | undefined> {
    const vitest = await (this.#vitest as Promise<Vitest>);
    this.#next = child;
    const spec = vitest.getRootProject().createSpecification(path.join(CHILD_FOLDER, 'suite.test.ts'));
    await vitest.runTestSpecifications([spec], false);
    return vitestError(vitest);
  }

  async #open(): Promise<Vitest> {
    const hooks = endHooks();
    const vitest = await createVitest(
      'test',
      {
        root,
        config: false,
        watch: false,
        pool: sparePool(() => this.#next as Child),
        runner: path.join(CHILD_FOLDER, 'runner.ts'),
        // One module graph for runner and suite; every run has its own child all the same.
        isolate: false,
        fileParallelism: false,
        maxWorkers: 1,
        testTimeout: 0,
        disableConsoleIntercept: true,
        reporters: [{}],
        include: ['harness/run/child/*.test.ts'],
        passWithNoTests: true,
      } as Parameters<typeof createVitest>[1],
      {
        plugins: [resolver(() => this.#stage)],
        logLevel: 'silent',
        clearScreen: false,
        server: { watch: null },
      } as Parameters<typeof createVitest>[2],
    );
    dropHooksBut(hooks);
    return vitest;
  }
}

function kindFor({ memoryLimit }: Exercise, suite: Suite): Kind {
  return { memoryLimit, mayStart: suite === 'remote' };
}

/** The suite that is likely to run after this one. */
function followerOf({ exercise, suite }: RunRequest): Suite {
  return suite === 'conformance' && exercise.remote ? 'remote' : 'conformance';
}

async function programFor({ exercise, subject, suite, ticks }: RunRequest): Promise<HostProgram | undefined> {
  if (suite !== 'remote' || !exercise.remote) return undefined;
  return bundleProgram({ exercise, subject }, exercise.remote.program, ticks ? TICK : undefined);
}

const ENDS = ['SIGINT', 'SIGTERM', 'exit'] as const;

function endHooks(): Set<unknown> {
  return new Set(ENDS.flatMap((event) => process.rawListeners(event)));
}

/** vitest would end the process 1 ms after a signal: before a terminal is restored and the children are gone. */
function dropHooksBut(ours: Set<unknown>): void {
  for (const event of ENDS) {
    const theirs = process.rawListeners(event).filter((hook) => !ours.has(hook));
    for (const hook of theirs) process.removeListener(event, hook as () => void);
  }
}

/** What vitest itself complained of, for the report of a fault of the kit. */
function vitestError(vitest: Vitest): Error | undefined {
  const errors = vitest.state.getUnhandledErrors() as Error[];
  return errors[0] && new Error(errors[0].stack ?? errors[0].message);
}

/** Milliseconds for one case, or for one stretch of a measurement, which says after each that it goes on. */
function timeLimit({ exercise, suite }: RunRequest): number {
  return suite === 'performance' ? Math.max(STRETCH_MS, exercise.timeLimit) : exercise.timeLimit;
}

/** One child at work: reads its markers, watches its deadlines, and says how it ended. */
class ChildRun {
  readonly #child: Child;
  readonly #watchdog: Watchdog;
  readonly #tell: (event: RunEvent) => void;
  readonly #locate: Locate;
  readonly #token = randomBytes(16).toString('hex');
  readonly #resolve: () => void;
  #over = false;
  #isEnding = false;
  /** Where the subject called process.exit. */
  #exitedAt: Location | undefined;

  constructor(
    child: Child,
    request: RunRequest,
    locate: Locate,
    tell: (event: RunEvent) => void,
    resolve: () => void,
    signal?: AbortSignal,
  ) {
    this.#child = child;
    this.#tell = tell;
    this.#locate = locate;
    this.#resolve = resolve;
    const { exercise } = request;
    const family = child.isSandboxed || child.kind.mayStart;
    const limit = { caseMs: timeLimit(request), memoryMb: exercise.memoryLimit, family };
    this.#watchdog = new Watchdog(child.process.pid as number, limit, (event) => this.#end(event));
    let octets = 0;
    child.channel.on('data', (data: Buffer) => {
      octets += data.length;
      if (octets > CHANNEL_CAP) this.#end({ type: 'forged', line: 'more than any run has to tell' });
    });
    createInterface({ input: child.channel })
      .on('line', (line) => this.#read(line))
      // A child that is killed may reset the channel.
      .on('error', () => {});
    child.process.on('message', () => this.#watchdog.asked());
    child.process.once('exit', (code, exitSignal) => this.#exited(code, exitSignal));
    signal?.addEventListener('abort', () => this.#end({ type: 'cancelled' }), { once: true });
    child.channel.write(`${JSON.stringify(this.#request(request))}\n`);
    // It may have been aborted while the child was got ready; then no event comes.
    if (signal?.aborted) this.#end({ type: 'cancelled' });
  }

  /**
   * vitest has finished. Without a “done” marker before, that is a fault of the kit if vitest complains,
   * and the subject's doing if it was told that all is well.
   */
  ended(error: Error | undefined): void {
    this.#whenRead(() => {
      if (error)
        this.#end({ type: 'kit-fault', message: error.cause instanceof Error ? error.cause.message : error.message });
      else this.#end({ type: 'refused', what: 'something ended the run before its last case' });
    });
  }

  #request(request: RunRequest): ChildRequest {
    const { exercise, suite, seed, only, path, ticks } = request;
    return {
      token: this.#token,
      suite,
      exercise: exercise.id,
      seed,
      timeLimit: timeLimit(request),
      gates: exercise.performance,
      ...(only && { only }),
      ...(path !== undefined && { path }),
      ...(ticks && { ticks: TICK }),
    };
  }

  #read(line: string): void {
    if (this.#over) return;
    if (!line.startsWith(`${this.#token} `)) return this.#end({ type: 'forged', line: line.slice(0, 200) });
    const event = JSON.parse(line.slice(this.#token.length + 1)) as ChildEvent;
    // That a loop goes round is no sign of life.
    if (event.type !== 'ticking') this.#watchdog.heard(event);
    if (event.type === 'exiting') this.#exitedAt = this.#locate(event.stack).at;
    if (event.type === 'refused')
      return this.#end({ type: 'refused', what: event.what, ...this.#locate(event.stack ?? '') });
    if ('error' in event && event.error) Object.assign(event.error, this.#locate(event.error.stack));
    this.#tell(event);
    if (event.type === 'done') this.#end();
  }

  #exited(code: number | null, signal: string | null): void {
    this.#whenRead(() => {
      const outOfMemory = /heap out of memory|Allocation failed/i.test(this.#child.output.text);
      const how = this.#child.how(code, signal);
      const at = this.#exitedAt;
      this.#end({ type: 'exited', ...how, during: this.#watchdog.during, outOfMemory, ...(at && { at }) });
    });
  }

  /** The first end counts, whoever tells of it, and only after all that the child wrote before has been read. */
  #whenRead(tell: () => void): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    // Else what it left behind would hold the channel open.
    this.#child.kill();
    if (this.#child.channel.readableEnded) tell();
    else this.#child.channel.once('close', tell);
  }

  #end(event?: RunEvent): void {
    if (this.#over) return;
    this.#over = true;
    this.#watchdog.stop();
    const { text, cut } = this.#child.output;
    if (text !== '') this.#tell({ type: 'output', text, cut });
    if (event) {
      this.#tell(event);
      this.#child.kill();
    }
    this.#resolve();
  }
}
