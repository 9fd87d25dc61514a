/**
 * The watch loop: every key, file, run and tick becomes an event; `step` decides; this file carries
 * the effects out and shows what changed. Nothing else in here decides anything.
 */
import { randomInt } from 'node:crypto';
import { check } from '../check.ts';
import { SIGNALS } from '../errors.ts';
import type { Exercise } from '../manifest.ts';
import { choosePartFor } from '../parts.ts';
import { plannedCases } from '../plan.ts';
import { loadProgress, type Progress, stateFolder } from '../progress.ts';
import { record } from '../record.ts';
import { OUTCOME } from '../report/checked.ts';
import { showLocation } from '../report/failure.ts';
import { type Paint, paintFor } from '../report/paint.ts';
import { plainLines } from '../report/plain.ts';
import { screenLines, scrollRange } from '../report/screen.ts';
import type { Pane, View } from '../report/view.ts';
import type { Location } from '../run/events.ts';
import { Runner } from '../run/run.ts';
import { readSubject, type Subject } from '../run/subject.ts';
import { TypeChecker } from '../run/types.ts';
import { chooseEditor, type Ending, startEditor } from './editor.ts';
import { FileWatch } from './files.ts';
import { blank, type Effect, isBusy, type ShowWhat, type State, step, type WatchEvent } from './state.ts';
import type { Terminal } from './terminal.ts';
import { helpPane, statementPane } from './texts.ts';

/** What other commands do as well, and the keys of watch share with them. */
export interface Actions {
  /** Each returns what to show. */
  hint(exercise: Exercise, width: number): string[];
  list(exercises: Exercise[], paint: Paint): string[];
  compare(exercise: Exercise, paint: Paint): Promise<string[]>;
  /** Returns what to tell in one line. */
  reset(exercise: Exercise): string;
  /** Makes sure that there is a file to edit; returns what to tell, if it had to be made. */
  provide(exercise: Exercise): string | undefined;
}

export interface SessionOptions {
  exercise: Exercise;
  exercises: Exercise[];
  terminal: Terminal;
  /** One screen that is drawn over, or lines that are added. */
  frames: boolean;
  /** Opens the file in the learner's editor at the start. */
  edit: boolean;
  actions: Actions;
}

/** Frames are drawn at most this often while results stream in. */
const FRAME_MS = 40;
const TICK_MS = 250;

export class Session {
  readonly #options: SessionOptions;
  readonly #runner = new Runner();
  #state: State;
  #files: FileWatch | undefined;
  #types: TypeChecker | undefined;
  #abort: AbortController | undefined;
  #tick: NodeJS.Timeout | undefined;
  #frame: NodeJS.Timeout | undefined;
  #drawnAt = 0;
  /** What is under way, so that the end can wait for it: an exercise is opened, or the terminal lent. */
  #opening: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #ended = false;
  readonly #over = new AbortController();
  /** Of Ctrl-C in the editor: Node may tell us of the editor's end by it before it tells us of our own SIGINT. */
  #interrupt: 'none' | 'told' | 'owed' = 'none';
  #finish: (code: number) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#state = blank(options.exercise, options.terminal.size);
  }

  /** Watches until the learner quits or a signal ends it; resolves to the exit code. Rejects for a fault of the kit. */
  async run(): Promise<number> {
    const { terminal, exercise, edit } = this.#options;
    const over = new Promise<number>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    const unhook = hookProcess((code) => this.#signalled(code), this.#fail);
    try {
      terminal.listen({ key: (key) => this.#tell({ type: 'key', key }), resized: () => this.#resized() });
      this.#perform({ do: 'open', exercise });
      if (edit) this.#opening = this.#opening.then(() => this.#tell({ type: 'key', key: 'o' }));
      return await over;
    } finally {
      terminal.restore();
      await this.#end();
      unhook();
    }
  }

  /** Ctrl-C in an editor that the terminal is lent to is not meant for us. */
  #signalled(code: number): void {
    const isTheirs = code === SIGNALS.SIGINT && (this.#options.terminal.isLent || this.#interrupt === 'owed');
    if (isTheirs) this.#interrupt = 'told';
    else this.#finish(code);
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#over.abort();
    clearInterval(this.#tick);
    clearTimeout(this.#frame);
    this.#abort?.abort();
    await Promise.allSettled([this.#opening, this.#running]);
    await Promise.all([this.#files?.close(), this.#types?.close(), this.#runner.close()]);
  }

  /** Where things stand, in one line, for the end. */
  get summary(): string | undefined {
    const { checked, exercise } = this.#state;
    return checked && `${exercise.id}  ${OUTCOME[checked.verdict]}  ${checked.reason}`;
  }

  get exercise(): Exercise {
    return this.#state.exercise;
  }

  #tell(event: WatchEvent): void {
    if (this.#ended) return;
    const before = this.#state;
    const { state, effects } = step(before, event, randomInt(1, 2 ** 31));
    this.#state = state;
    this.#show(before, event);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'run':
        this.#running = this.#run(effect).catch(this.#fail);
        return;
      case 'cancel':
        return this.#abort?.abort();
      case 'open':
        this.#opening = this.#opening.then(() => this.#open(effect.exercise)).catch(this.#fail);
        return;
      case 'show':
        this.#pane(effect.what).catch((error: Error) => this.#tell({ type: 'notice', text: error.message }));
        return;
      case 'scroll':
        return this.#scroll(effect);
      case 'reset':
        return this.#reset();
      case 'edit':
        this.#edit(effect.at).catch(this.#fail);
        return;
      case 'suspend':
        return this.#options.terminal.suspend();
      case 'quit':
        return this.#finish(0);
    }
  }

  async #open(exercise: Exercise): Promise<void> {
    await Promise.all([this.#files?.close(), this.#types?.close()]);
    if (this.#ended) return;
    this.#runner.warm(exercise);
    const { progress, complaint } = loadProgress();
    const provided = this.#options.actions.provide(exercise);
    const notice = [complaint, provided].filter(Boolean).join('; ');
    const planned = plannedCases(exercise);
    this.#tell({
      type: 'opened',
      exercise,
      planned,
      curriculum: this.#curriculum(progress),
      ...(notice && { notice }),
    });
    const subject = this.#read(exercise);
    this.#types = new TypeChecker(exercise.learner, stateFolder);
    this.#files = new FileWatch(
      {
        file: exercise.learner,
        read: () => this.#read(exercise),
        tell: (event) => this.#tell(event.type === 'saved' ? { ...event, at: clockTime() } : event),
        probeFolder: stateFolder,
      },
      subject,
    );
    this.#tell({ type: 'saved', subject, at: clockTime() });
    await this.#files.start();
  }

  #read(exercise: Exercise): Subject {
    const choosePart = choosePartFor(loadProgress().progress);
    return readSubject(exercise, { name: 'learner', file: exercise.learner, choosePart });
  }

  async #run({ run, subject, seed }: Extract<Effect, { do: 'run' }>): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#startClock(run);
    const { exercise } = this.#state;
    const checked = await check(this.#runner, exercise, subject, {
      seed,
      signal: abort.signal,
      onEvent: (event) => this.#tell({ type: 'ran', run, event }),
    });
    if (abort.signal.aborted) return;
    const { progress, unsaved } = record(checked);
    this.#tell({ type: 'verdict', run, checked, curriculum: this.#curriculum(progress) });
    if (unsaved) this.#tell({ type: 'notice', text: unsaved });
    // Not before: the verdict does not share the processors with the type checker, which takes a few milliseconds.
    this.#askTypes(run, subject).catch(this.#fail);
  }

  async #askTypes(run: number, { problem, sources }: Subject): Promise<void> {
    // Of a file that does not parse, the verdict says more than the type checker could.
    if (problem) return this.#tell({ type: 'types', run, notes: [] });
    await this.#opening;
    if (this.#ended || !this.#types || run !== this.#state.run) return;
    this.#tell({ type: 'types', run, notes: await this.#types.notes([...sources.keys()]) });
  }

  #curriculum(progress: Progress): View['curriculum'] {
    return this.#options.exercises.map((exercise) => ({
      exercise,
      solved: progress.exercises[exercise.slug]?.solved !== undefined,
    }));
  }

  #startClock(run: number): void {
    clearInterval(this.#tick);
    const start = performance.now();
    this.#tick = setInterval(() => {
      if (isBusy(this.#state)) this.#tell({ type: 'elapsed', run, ms: performance.now() - start });
      else clearInterval(this.#tick);
    }, TICK_MS);
  }

  async #pane(what: ShowWhat): Promise<void> {
    const pane = await this.#makePane(what, this.#state.exercise);
    this.#tell({ type: 'pane', pane });
  }

  async #makePane(what: ShowWhat, exercise: Exercise): Promise<Pane> {
    const { actions, exercises } = this.#options;
    const paint = this.#paint();
    switch (what) {
      case 'help':
        return helpPane(exercise);
      case 'statement':
        return statementPane(exercise, paint);
      case 'hint':
        return { title: `Hints for ${exercise.id}`, lines: actions.hint(exercise, paint.width) };
      case 'list':
        return { title: 'Curriculum', lines: actions.list(exercises, paint) };
      case 'compare':
        return { title: `${exercise.id} against the reference`, lines: await actions.compare(exercise, paint) };
    }
  }

  #reset(): void {
    try {
      this.#tell({ type: 'notice', text: this.#options.actions.reset(this.#state.exercise) });
    } catch (error) {
      this.#tell({ type: 'notice', text: (error as Error).message });
    }
  }

  async #edit(at: Location): Promise<void> {
    const editor = chooseEditor(process.env);
    if (!editor)
      return this.#tell({ type: 'notice', text: 'o needs to know your editor: EDITOR=vim npm run next, for example' });
    const start = () => startEditor(editor, at, [this.#state.exercise.statement], this.#over.signal);
    if (editor.hasWindow) this.#tell({ type: 'notice', text: `opening ${showLocation(at)} with ${editor.command}` });
    const { wrong } = await (editor.hasWindow ? start() : this.#lend(start));
    if (wrong) this.#tell({ type: 'notice', text: wrong });
    else if (!editor.hasWindow) this.#resized();
  }

  /**
   * Ctrl-C in what uses the terminal is a signal to all in it, and would end the type checker's server: it goes
   * before, while Ctrl-C is still a key, and another one comes after.
   */
  #lend(use: () => Promise<Ending>): Promise<Ending> {
    const lent = this.#opening.then(async () => {
      await this.#types?.close();
      this.#types = undefined;
      if (this.#ended) return {};
      this.#interrupt = 'none';
      const ending = await this.#options.terminal.lend(use);
      if (ending.interrupted && this.#interrupt === 'none') this.#interrupt = 'owed';
      this.#types = new TypeChecker(this.#state.exercise.learner, stateFolder);
      return ending;
    });
    this.#opening = lent.then(() => {});
    return lent;
  }

  #scroll({ by, unit }: Extract<Effect, { do: 'scroll' }>): void {
    const { longest, page } = scrollRange(this.#state, this.#paint());
    const distance = { line: 1, page, all: longest }[unit] * by;
    this.#tell({ type: 'scrolled', to: Math.max(0, Math.min(longest, this.#state.scroll + distance)) });
  }

  #resized(): void {
    this.#tell({ type: 'resized', ...this.#options.terminal.size });
  }

  #paint(): Paint {
    return paintFor({ isTTY: process.stdout.isTTY, columns: this.#options.terminal.size.columns });
  }

  #show(before: State, event: WatchEvent): void {
    const { terminal, frames } = this.#options;
    if (before === this.#state) return;
    if (!frames) return terminal.append(plainLines(before, this.#state, this.#paint()));
    // Case by case, results come faster than anybody reads; all else is drawn at once.
    const left = event.type === 'ran' ? this.#drawnAt + FRAME_MS - performance.now() : 0;
    clearTimeout(this.#frame);
    if (left > 0) this.#frame = setTimeout(() => this.#draw(), left);
    else this.#draw();
  }

  #draw(): void {
    this.#drawnAt = performance.now();
    this.#options.terminal.draw(screenLines(this.#state, this.#paint()));
  }
}

/** However it ends, the session gets to put the terminal back. */
function hookProcess(finish: (code: number) => void, fail: (error: unknown) => void): () => void {
  const hooks = Object.entries(SIGNALS).map(([signal, code]) => [signal, () => finish(code)] as const);
  for (const [signal, hook] of hooks) process.on(signal, hook);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return () => {
    for (const [signal, hook] of hooks) process.off(signal, hook);
    process.off('uncaughtException', fail);
    process.off('unhandledRejection', fail);
  };
}

function clockTime(): string {
  return new Date().toTimeString().slice(0, 8);
}
