/**
 * How Stryker asks a hidden suite about a mutant: the cases run one after the other in Stryker's worker, with nothing
 * between, until one fails. A process that starts anew for each mutant takes a second; this takes milliseconds.
 *
 * One worker sees hundreds of mutants, so an answer must not be due to the one before:
 * - A case that fails runs again at once, and must fail again; and once more without the mutant, and must pass.
 * - If it does not, if an error came from outside the case, or if the case did not end, only a worker that has seen no
 *   other mutant is believed. Stryker asks again in a new one when `mutantRun` rejects.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import { findExercise, loadManifest, root } from '../../harness/manifest.ts';
import { type Case, cases } from './cases.ts';

/**
 * What the instrumented reference reads and writes (Stryker's instrumenter). It asks for `activeMutant` at every place
 * that could be mutated, so in every turn of every loop: these are the steps that are counted.
 */
class Instrumentation {
  active: string | undefined;
  steps = 0;
  /** Of the case under way. */
  mostSteps = Number.POSITIVE_INFINITY;
  currentTestId: string | undefined;
  mutantCoverage: MutantCoverage = { static: {}, perTest: {} };

  get activeMutant(): string | undefined {
    if (++this.steps > this.mostSteps) throw new Error(RAN_AWAY.message);
    return this.active;
  }
}

/** How a case went wrong. */
interface Trouble {
  kind: 'failed' | 'outside' | 'endless' | 'ran away';
  message: string;
}

/** A case may take so many times the steps that it takes without a mutant. Steps are counted, so no load matters. */
const MOST_STEPS = 100;
/** And so many more. */
const FEW_STEPS = 1_000_000;
/** Where the first worker leaves what the others need to know: the steps of each case. In Stryker's sandbox. */
const STEPS = 'steps.json';
const RAN_AWAY: Trouble = { kind: 'ran away', message: 'the mutant ran away' };
/** What has been thrown outside of every case gets this long to show. */
const GRACE_MS = 30;

const { setTimeout: arm, clearTimeout: disarm } = globalThis; // before the kit wraps them
const collectGarbage = globalThis.gc as () => void; // the worker is started with --expose-gc
const exercise = findExercise(loadManifest(), process.env.MUTATE as string);
const instrumentation = new Instrumentation();
Object.assign(globalThis, { __stryker__: instrumentation });

const outside: unknown[] = [];
process.on('uncaughtException', (error) => void outside.push(error));
process.on('unhandledRejection', (error) => void outside.push(error));

class SuiteRunner implements TestRunner {
  /** Whether a mutant has been active in this process. */
  #used = false;
  #spoilt = false;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    await load();
    const tests: TestResult[] = [];
    const steps: Record<string, number> = {};
    for (const one of cases) {
      const from = performance.now();
      instrumentation.currentTestId = one.id;
      const trouble = await troubleOf(one);
      instrumentation.currentTestId = undefined;
      steps[one.id] = instrumentation.steps;
      const facts = { id: one.id, name: one.id, timeSpentMs: performance.now() - from };
      tests.push(
        trouble
          ? { ...facts, status: TestStatus.Failed, failureMessage: trouble.message }
          : { ...facts, status: TestStatus.Success },
      );
    }
    writeFileSync(STEPS, JSON.stringify(steps));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: instrumentation.mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    if (this.#spoilt) throw new Error('this process is spoilt');
    const fresh = !this.#used;
    this.#used = true;
    const trouble = await firstTrouble(options);
    instrumentation.active = undefined;
    instrumentation.mostSteps = Number.POSITIVE_INFINITY;
    if (!trouble) return { status: MutantRunStatus.Survived, nrOfTests: cases.length };
    const { by, kind, message } = trouble;
    if (kind === 'ran away') return { status: MutantRunStatus.Timeout, reason: `${by}: ${message}` };
    if (kind !== 'failed' || (await failsWithoutMutant(by, options.mutantActivation))) {
      this.#spoilt = true;
      if (!fresh) throw new Error(`${by} may have failed for another reason: ${message}`);
    }
    if (kind === 'endless') return { status: MutantRunStatus.Timeout, reason: `${by}: ${message}` };
    return { status: MutantRunStatus.Killed, killedBy: [by], failureMessage: message, nrOfTests: cases.length };
  }
}

const IMPORT = 'the import';

/** Activates the mutant and runs the cases that reach it, up to the first that goes wrong. */
async function firstTrouble(options: MutantRunOptions): Promise<({ by: string } & Trouble) | undefined> {
  const { activeMutant, mutantActivation, testFilter, reloadEnvironment } = options;
  // Some mutants stand in code that runs while the module loads; the others must not be active as early as that.
  if (mutantActivation === 'static') instrumentation.active = activeMutant.id;
  try {
    await load(reloadEnvironment);
  } catch (error) {
    return { by: IMPORT, kind: 'failed', message: String(error) };
  }
  instrumentation.active = activeMutant.id;
  const covering = testFilter ? cases.filter(({ id }) => testFilter.includes(id)) : cases;
  for (const one of covering) {
    instrumentation.mostSteps = MOST_STEPS * stepsOf(one) + FEW_STEPS;
    const trouble = (await troubleOf(one)) ?? (one === covering.at(-1) ? await afterwards() : undefined);
    if (!trouble) continue;
    // Cases that measure memory would see that of the failure go.
    collectGarbage();
    // What fails only once is owed to the machine's load.
    const again = trouble.kind === 'failed' ? await troubleOf(one) : trouble;
    if (again) return { by: one.id, ...again };
  }
  return undefined;
}

let known: Record<string, number> | undefined;

/** How many steps the case takes without a mutant, as the first worker has counted them. */
function stepsOf({ id }: Case): number {
  known ??= JSON.parse(readFileSync(STEPS, 'utf8')) as Record<string, number>;
  return known[id] ?? 0;
}

async function failsWithoutMutant(by: string, activation: MutantRunOptions['mutantActivation']): Promise<boolean> {
  try {
    await load(activation === 'static');
  } catch {
    return true;
  }
  const one = cases.find(({ id }) => id === by);
  return one !== undefined && (await troubleOf(one)) !== undefined;
}

/** Makes the suite and the reference load anew under each number, and gives them `cases.ts` for vitest. */
const HOOK = `export async function resolve(specifier, context, next) {
  if (specifier === 'vitest') return { url: '${new URL('cases.ts', import.meta.url).href}', shortCircuit: true };
  const found = await next(specifier, context);
  const [, load] = /[?](load=[0-9]+)$/.exec(context.parentURL ?? '') ?? [];
  return load && /[/](suites|solutions)[/]/.test(found.url) ? { ...found, url: found.url + '?' + load } : found;
}`;

let loads = 0;

/** Loads the suite out of Stryker's sandbox, where the instrumented reference lies; `anew` even if it is loaded. */
async function load(anew = false): Promise<void> {
  if (loads === 0) register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
  else if (!anew) return;
  loads += 1;
  cases.length = 0;
  // Not remote.test.ts: each of its cases starts a process, and what it catches others catch.
  const suite = pathToFileURL(path.resolve(path.relative(root, exercise.conformance)));
  await import(`${suite.href}?load=${loads}`);
}

async function troubleOf(one: Case): Promise<Trouble | undefined> {
  outside.length = 0;
  instrumentation.steps = 0;
  let timer: NodeJS.Timeout | undefined;
  const endless = new Promise<Trouble>((resolve) => {
    // Twice what a learner is given: nobody else needs the processor then.
    timer = arm(resolve, 2 * exercise.timeLimit, { kind: 'endless', message: 'it did not end' });
  });
  const failed = one.run().then(
    () => undefined,
    (error): Trouble => (isLimit(error) ? RAN_AWAY : { kind: 'failed', message: String(error?.message ?? error) }),
  );
  const trouble = await Promise.race([failed, endless]);
  disarm(timer);
  return trouble ?? (ranAway() ? RAN_AWAY : thrownOutside());
}

async function afterwards(): Promise<Trouble | undefined> {
  await new Promise((resolve) => arm(resolve, GRACE_MS));
  return thrownOutside();
}

function thrownOutside(): Trouble | undefined {
  return outside.length > 0 ? { kind: 'outside', message: String(outside[0]) } : undefined;
}

function ranAway(): boolean {
  return instrumentation.steps > instrumentation.mostSteps;
}

/** Whether a case failed because it ran away, and not before (then looking for a smaller example took the steps). */
function isLimit(error: unknown): boolean {
  return ranAway() && String(error).includes(RAN_AWAY.message);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'suite', SuiteRunner)];
