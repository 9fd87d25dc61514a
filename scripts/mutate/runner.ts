/**
 * How Stryker asks a hidden suite about a mutant: the cases run one after the other in Stryker's worker, with nothing
 * between, until one fails. A process that starts anew for each mutant takes a second; this takes milliseconds.
 *
 * One worker sees hundreds of mutants, so an answer must not be due to the one before:
 * - A case that fails runs again at once without the mutant, and must pass.
 * - If it does not, if an error came from outside the case, or if the case did not end, only a worker that has seen no
 *   other mutant is believed. Stryker asks again in a new one when `mutantRun` rejects.
 */
import { register } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
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

/** What the instrumented reference reads and writes (Stryker's instrumenter). */
interface Instrumentation {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
  hitCount?: number;
  hitLimit?: number | undefined;
}

/** How a case went wrong. */
interface Trouble {
  kind: 'failed' | 'outside' | 'endless';
  message: string;
}

/** What has been thrown outside of every case gets this long to show. */
const GRACE_MS = 30;

const { setTimeout: arm, clearTimeout: disarm } = globalThis; // before the kit wraps them
const exercise = findExercise(loadManifest(), process.env.MUTATE as string);
const instrumentation: Instrumentation = {};
Object.assign(globalThis, { __stryker__: instrumentation });

const outside: unknown[] = [];
process.on('uncaughtException', (error) => void outside.push(error));
process.on('unhandledRejection', (error) => void outside.push(error));

class SuiteRunner implements TestRunner {
  /** Whether a mutant has been active in this process. */
  #used = false;
  #spoilt = false;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  async dryRun(): Promise<DryRunResult> {
    await load();
    const tests: TestResult[] = [];
    for (const one of cases) {
      const from = performance.now();
      instrumentation.currentTestId = one.id;
      const trouble = await troubleOf(one);
      instrumentation.currentTestId = undefined;
      const facts = { id: one.id, name: one.id, timeSpentMs: performance.now() - from };
      tests.push(
        trouble
          ? { ...facts, status: TestStatus.Failed, failureMessage: trouble.message }
          : { ...facts, status: TestStatus.Success },
      );
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: instrumentation.mutantCoverage! };
  }

  async mutantRun({
    activeMutant,
    mutantActivation,
    testFilter,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    if (this.#spoilt) throw new Error('this process is spoilt');
    const fresh = !this.#used;
    this.#used = true;
    instrumentation.hitCount = 0;
    instrumentation.hitLimit = hitLimit;
    // Some mutants stand in code that runs while the module loads; the others must not be active as early as that.
    if (mutantActivation === 'static') instrumentation.activeMutant = activeMutant.id;
    try {
      await load();
    } catch (error) {
      return killed('the import', String(error), 0);
    }
    instrumentation.activeMutant = activeMutant.id;
    try {
      return await this.#ask(testFilter ? cases.filter(({ id }) => testFilter.includes(id)) : cases, fresh);
    } finally {
      instrumentation.activeMutant = undefined;
    }
  }

  async #ask(covering: Case[], fresh: boolean): Promise<MutantRunResult> {
    for (const [i, one] of covering.entries()) {
      const trouble = (await troubleOf(one)) ?? (i === covering.length - 1 ? await afterwards() : undefined);
      if (ranAway()) return { status: MutantRunStatus.Timeout, reason: `${one.id}: it ran away` };
      if (!trouble) continue;
      instrumentation.activeMutant = undefined;
      if (trouble.kind !== 'failed' || (await troubleOf(one))) {
        this.#spoilt = true;
        if (!fresh) throw new Error(`${one.id} may have failed for another reason: ${trouble.message}`);
      }
      if (trouble.kind === 'endless') return { status: MutantRunStatus.Timeout, reason: `${one.id}: it did not end` };
      return killed(one.id, trouble.message, i + 1);
    }
    return { status: MutantRunStatus.Survived, nrOfTests: covering.length };
  }
}

let loading: Promise<void> | undefined;

/** Loads the suite, once, out of Stryker's sandbox, where the instrumented reference lies. */
function load(): Promise<void> {
  loading ??= loadSuite();
  return loading;
}

async function loadSuite(): Promise<void> {
  const collector = JSON.stringify(new URL('cases.ts', import.meta.url).href);
  const hook = `export const resolve = (specifier, context, next) =>
    specifier === 'vitest' ? { url: ${collector}, shortCircuit: true } : next(specifier, context)`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  await import(pathToFileURL(path.resolve(path.relative(root, exercise.conformance))).href);
}

async function troubleOf(one: Case): Promise<Trouble | undefined> {
  outside.length = 0;
  let timer: NodeJS.Timeout | undefined;
  const endless = new Promise<Trouble>((resolve) => {
    // Twice what a learner is given: nobody else needs the processor then.
    timer = arm(resolve, 2 * exercise.timeLimit, { kind: 'endless', message: 'it did not end' });
  });
  const failed = one.run().then(
    () => undefined,
    (error): Trouble => ({ kind: 'failed', message: String(error?.message ?? error) }),
  );
  const trouble = await Promise.race([failed, endless]);
  disarm(timer);
  return trouble ?? thrownOutside();
}

async function afterwards(): Promise<Trouble | undefined> {
  await new Promise((resolve) => arm(resolve, GRACE_MS));
  return thrownOutside();
}

function thrownOutside(): Trouble | undefined {
  return outside.length > 0 ? { kind: 'outside', message: String(outside[0]) } : undefined;
}

/** Stryker's own measure, which no load can change: the mutant was reached a hundred times as often as the original. */
function ranAway(): boolean {
  const { hitCount = 0, hitLimit = Number.POSITIVE_INFINITY } = instrumentation;
  return hitCount > hitLimit;
}

function killed(by: string, failureMessage: string, nrOfTests: number): MutantRunResult {
  return { status: MutantRunStatus.Killed, killedBy: [by], failureMessage, nrOfTests };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'suite', SuiteRunner)];
