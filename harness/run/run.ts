/**
 * The only place that runs a subject: request in, events out.
 *
 * A `Runner` keeps one vitest instance alive, so that transforms stay cached, and one child forked
 * ahead. Each run uses a child of its own and never the same one twice. Runs do not overlap: a new
 * one first ends the one before it.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createVitest, type Vitest } from 'vitest/node';
import { type Exercise, root } from '../manifest.ts';
import { Child } from './child-process.ts';
import type { ChildEvent, ChildRequest, Location, RunEvent } from './events.ts';
import { TICK } from './loop-lines.ts';
import { sparePool } from './pool.ts';
import { resolver, type Stage } from './resolver.ts';
import { type Locate, locator } from './stack.ts';
import type { Subject } from './subject.ts';
import { Watchdog } from './watchdog.ts';

const CHILD_FOLDER = path.join(root, 'harness/run/child');

/** A metric's budget, its extensions and three attempts at a growth, with room to spare. */
const METRIC_MS = 20_000;

export interface RunRequest {
  exercise: Exercise;
  subject: Subject;
  suite: 'conformance' | 'performance';
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

export class Runner {
  #vitest: Promise<Vitest> | undefined;
  #spare: Child | undefined;
  #stage: Stage | undefined;
  #begin: ((child: Child) => void) | undefined;
  #settled: Promise<unknown> = Promise.resolve();

  /** Starts what the first run will need, while the caller still reads files. */
  warm(exercise: Exercise): void {
    this.#vitest ??= this.#open();
    this.#prefork(exercise.memoryLimit);
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
    this.warm(request.exercise);
    await this.#settled;
    if (options.signal?.aborted) tell({ type: 'cancelled' });
    else await this.#runOnce(request, tell, options.signal);
    return events;
  }

  async close(): Promise<void> {
    this.#spare?.kill();
    await this.#settled;
    await (await this.#vitest)?.close();
    this.#spare?.kill();
  }

  async #runOnce(request: RunRequest, tell: (event: RunEvent) => void, signal?: AbortSignal): Promise<void> {
    const vitest = await (this.#vitest as Promise<Vitest>);
    this.#setStage(vitest, { exercise: request.exercise, subject: request.subject });
    const locate = locator(request.subject);
    await new Promise<void>((resolve) => {
      let run: ChildRun | undefined;
      this.#begin = (child) => {
        run = new ChildRun(child, request, locate, tell, resolve, signal);
      };
      const spec = vitest.getRootProject().createSpecification(path.join(CHILD_FOLDER, `${request.suite}.test.ts`));
      this.#settled = vitest
        .runTestSpecifications([spec], false)
        .catch((error: Error) => run?.ended(error))
        .then(() => run?.ended(vitestError(vitest)))
        .then(() => this.#prefork(request.exercise.memoryLimit));
    });
  }

  #setStage(vitest: Vitest, stage: Stage): void {
    const before = this.#stage;
    this.#stage = stage;
    for (const file of stage.subject.sources.keys()) vitest.invalidateFile(file);
    if (before?.exercise === stage.exercise && before.subject.file === stage.subject.file) return;
    // What a name stands for is cached in the module that uses it.
    const { exercise } = stage;
    const graph = vitest.vite.environments.ssr.moduleGraph;
    for (const file of graph.fileToModulesMap.keys()) {
      if (file.startsWith(exercise.suite) || file.startsWith(CHILD_FOLDER)) vitest.invalidateFile(file);
    }
  }

  #prefork(memoryLimit: number): void {
    if (this.#spare?.alive && this.#spare.memoryLimit === memoryLimit) return;
    this.#spare?.kill();
    this.#spare = new Child(memoryLimit);
  }

  #take(): Child {
    this.#prefork((this.#stage as Stage).exercise.memoryLimit);
    const child = this.#spare as Child;
    this.#spare = undefined;
    child.show();
    this.#begin?.(child);
    return child;
  }

  async #open(): Promise<Vitest> {
    const hooks = endHooks();
    const vitest = await createVitest(
      'test',
      {
        root,
        config: false,
        watch: false,
        pool: sparePool(() => this.#take()),
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
        plugins: [resolver(() => this.#stage as Stage)],
        logLevel: 'silent',
        clearScreen: false,
        server: { watch: null },
      } as Parameters<typeof createVitest>[2],
    );
    dropHooksBut(hooks);
    return vitest;
  }
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

/** Milliseconds for one case. A metric is measured for longer than any case takes. */
function timeLimit({ exercise, suite }: RunRequest): number {
  return suite === 'performance' ? Math.max(METRIC_MS, exercise.timeLimit) : exercise.timeLimit;
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
    const limit = { caseMs: timeLimit(request), memoryMb: exercise.memoryLimit };
    this.#watchdog = new Watchdog(child.process.pid as number, limit, (event) => this.#end(event));
    createInterface({ input: child.channel })
      .on('line', (line) => this.#read(line))
      // A child that is killed may reset the channel.
      .on('error', () => {});
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
    if (error)
      this.#end({ type: 'kit-fault', message: error.cause instanceof Error ? error.cause.message : error.message });
    else this.#end({ type: 'refused', what: 'something ended the run before its last case' });
  }

  #request(request: RunRequest): ChildRequest {
    const { exercise, seed, only, path, ticks } = request;
    return {
      token: this.#token,
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
    const outOfMemory = /heap out of memory|Allocation failed/i.test(this.#child.output.text);
    // What the child wrote before it died may still be in the pipe.
    const tell = () => {
      const at = this.#exitedAt;
      this.#end({ type: 'exited', code, signal, during: this.#watchdog.during, outOfMemory, ...(at && { at }) });
    };
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
