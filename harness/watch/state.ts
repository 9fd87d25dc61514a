/**
 * What watch knows, and what each event makes of it: a pure function from state and event to the next
 * state and the effects to carry out.
 *
 * Keys, files, the runner and the clock all speak through one event union, in one order. A run has a
 * number; whatever an older run still says is not heard. A save while a run is under way therefore
 * needs no queue: the effect `run` ends the older run, and its events fall on deaf ears.
 */
import type { Checked } from '../check.ts';
import type { Exercise } from '../manifest.ts';
import type { PlannedCase } from '../plan.ts';
import { isSolved, nextOf, type Pane, placeOf, type View } from '../report/view.ts';
import type { Location, RunEvent } from '../run/events.ts';
import type { Subject } from '../run/subject.ts';
import type { TypeNote } from '../run/types.ts';
import type { CaseResult } from '../verdict.ts';

export interface State extends View {
  /** The newest text of the subject. */
  subject: Subject | undefined;
  over: boolean;
}

export type Curriculum = View['curriculum'];

export type WatchEvent =
  /** Another exercise is on the screen from now on. */
  | { type: 'opened'; exercise: Exercise; planned: PlannedCase[]; curriculum: Curriculum; notice?: string }
  | { type: 'saved'; subject: Subject; at: string }
  | { type: 'gone' }
  | { type: 'polling'; why: string }
  | { type: 'ran'; run: number; event: RunEvent }
  | { type: 'verdict'; run: number; checked: Checked; curriculum: Curriculum }
  | { type: 'types'; run: number; notes: TypeNote[] }
  | { type: 'elapsed'; run: number; ms: number }
  | { type: 'key'; key: string }
  | { type: 'pane'; pane: Pane }
  | { type: 'notice'; text: string }
  | { type: 'resized'; columns: number; rows: number }
  /** How far the middle of the screen can be scrolled by now. */
  | { type: 'scrolled'; to: number };

export type ShowWhat = 'hint' | 'list' | 'statement' | 'compare' | 'help';

export type Effect =
  /** Ends the run before, if it is still under way. */
  | { do: 'run'; run: number; subject: Subject; seed: number }
  | { do: 'cancel' }
  | { do: 'open'; exercise: Exercise }
  | { do: 'show'; what: ShowWhat }
  /** Moves the middle of the screen by lines, or by pages. */
  | { do: 'scroll'; by: number; unit: 'line' | 'page' | 'all' }
  | { do: 'reset' }
  /** Opens the file, at a place, in the learner's editor. */
  | { do: 'edit'; at: Location }
  | { do: 'suspend' }
  | { do: 'quit' };

export interface Step {
  state: State;
  effects: Effect[];
}

/** The state before anything has been opened. */
export function blank(exercise: Exercise, size: View['size']): State {
  return {
    size,
    exercise,
    planned: [],
    curriculum: [],
    phase: 'opening',
    run: 0,
    seed: 0,
    savedAt: '',
    elapsed: 0,
    cases: [],
    current: undefined,
    measured: [],
    checked: undefined,
    types: [],
    polling: undefined,
    pane: undefined,
    question: undefined,
    notice: undefined,
    scroll: 0,
    subject: undefined,
    over: false,
  };
}

/** `seed` is a fresh random number, used if a run begins. */
export function step(state: State, event: WatchEvent, seed: number): Step {
  switch (event.type) {
    case 'opened':
      return opened(state, event);
    case 'saved':
      return begin({ ...state, subject: event.subject, savedAt: event.at, notice: undefined }, seed);
    case 'gone':
      return {
        state: { ...state, ...FRESH, phase: 'gone', run: state.run + 1, subject: undefined },
        effects: [{ do: 'cancel' }],
      };
    case 'polling':
      return same({
        ...state,
        polling: event.why,
        notice: `no events (${event.why}): looking for changes 4 times a second`,
      });
    case 'ran':
      return same(event.run === state.run ? heard(state, event.event) : state);
    case 'verdict':
      return same(event.run === state.run ? judged(state, event) : state);
    case 'types':
      return same(event.run === state.run ? { ...state, types: event.notes } : state);
    case 'elapsed':
      return same(event.run === state.run && isBusy(state) ? { ...state, elapsed: event.ms } : state);
    case 'key':
      return pressed({ ...state, notice: undefined }, event.key, seed);
    case 'pane':
      return same({ ...state, pane: event.pane, scroll: 0 });
    case 'notice':
      return same({ ...state, notice: event.text });
    case 'resized':
      return same({ ...state, size: { columns: event.columns, rows: event.rows }, scroll: 0 });
    case 'scrolled':
      return same({ ...state, scroll: event.to });
  }
}

export function isBusy({ phase }: State): boolean {
  return phase === 'running' || phase === 'measuring';
}

/** What belongs to one run. */
const FRESH = {
  cases: [] as CaseResult[],
  current: undefined,
  measured: [],
  types: [] as TypeNote[],
  elapsed: 0,
  scroll: 0,
} as const satisfies Partial<State>;

function same(state: State): Step {
  return { state, effects: [] };
}

function opened(state: State, event: Extract<WatchEvent, { type: 'opened' }>): Step {
  const { exercise, planned, curriculum, notice } = event;
  const { run, size, polling } = state;
  return same({ ...blank(exercise, size), run: run + 1, planned, curriculum, notice, polling });
}

function begin(state: State, seed: number): Step {
  const { subject } = state;
  if (!subject) return same({ ...state, notice: 'there is no file to run' });
  const run = state.run + 1;
  const cases = state.planned.map(({ id }): CaseResult => ({ id, status: 'not-run', ms: 0 }));
  return {
    state: {
      ...state,
      ...FRESH,
      cases,
      measured: [],
      types: state.types,
      run,
      seed,
      phase: 'running',
      question: undefined,
    },
    effects: [{ do: 'run', run, subject, seed }],
  };
}

function heard(state: State, event: RunEvent): State {
  switch (event.type) {
    case 'case-started':
      return { ...state, current: event.id };
    case 'case-ended':
      return {
        ...state,
        current: undefined,
        cases: state.cases.map((one) => (one.id === event.id ? resultOf(event) : one)),
      };
    case 'done':
      return { ...state, current: undefined, phase: isWhole(state) ? 'measuring' : state.phase };
    case 'measured':
      return { ...state, measured: [...state.measured, event.measurement] };
    default:
      return state;
  }
}

/** All cases pass: what is left is speed. */
function isWhole({ cases, exercise }: State): boolean {
  return exercise.performance.length > 0 && cases.every(({ status }) => status === 'passed');
}

function resultOf(event: Extract<RunEvent, { type: 'case-ended' }>): CaseResult {
  const { id, status, ms, failure, error } = event;
  return { id, status, ms, ...(failure && { failure }), ...(error && { error }) };
}

function judged(state: State, { checked, curriculum }: Extract<WatchEvent, { type: 'verdict' }>): State {
  const { cases, performance: measured } = checked;
  return { ...state, phase: 'ended', checked, curriculum, cases, measured, current: undefined };
}

type Press = (state: State, seed: number) => Step;

const show =
  (what: ShowWhat): Press =>
  (state) => ({ state, effects: [{ do: 'show', what }] });
const scroll =
  (by: number, unit: 'line' | 'page' | 'all'): Press =>
  (state) => ({ state, effects: [{ do: 'scroll', by, unit }] });
const quit: Press = (state) => ({ state: { ...state, over: true }, effects: [{ do: 'cancel' }, { do: 'quit' }] });

const KEYS: Record<string, Press> = {
  n: next,
  h: show('hint'),
  l: show('list'),
  s: show('statement'),
  '?': show('help'),
  c: compare,
  o: (state) => ({ state, effects: [{ do: 'edit', at: placeOf(state) }] }),
  r: (state, seed) => begin({ ...state, pane: undefined }, seed),
  x: (state) => same({ ...state, question: `reset ${state.exercise.file} to the stub (your version is kept)?` }),
  q: quit,
  'ctrl-c': quit,
  'ctrl-d': quit,
  'ctrl-z': (state) => ({ state, effects: [{ do: 'suspend' }] }),
  escape: closePane,
  enter: closePane,
  up: scroll(-1, 'line'),
  down: scroll(1, 'line'),
  k: scroll(-1, 'line'),
  j: scroll(1, 'line'),
  'page-up': scroll(-1, 'page'),
  b: scroll(-1, 'page'),
  'page-down': scroll(1, 'page'),
  space: scroll(1, 'page'),
  home: scroll(-1, 'all'),
  end: scroll(1, 'all'),
};

function pressed(state: State, key: string, seed: number): Step {
  if (state.question) return answered({ ...state, question: undefined }, key);
  const press = KEYS[key] ?? KEYS[key.toLowerCase()];
  return press ? press(state, seed) : same({ ...state, notice: `no key “${key}”: ? shows all of them` });
}

function answered(state: State, key: string): Step {
  if (key === 'ctrl-c') return quit(state, 0);
  if (key === 'y' || key === 'Y') return { state, effects: [{ do: 'reset' }] };
  return same({ ...state, notice: 'nothing was changed' });
}

function closePane(state: State): Step {
  return same({ ...state, pane: undefined, scroll: 0 });
}

function next(state: State): Step {
  if (!isSolved(state)) {
    return same({ ...state, notice: 'n goes on once it is solved; `npm run next -- ID` opens any other' });
  }
  const exercise = nextOf(state);
  if (!exercise) return same({ ...state, notice: `all ${state.curriculum.length} exercises are solved` });
  return { state, effects: [{ do: 'cancel' }, { do: 'open', exercise }] };
}

function compare(state: State, seed: number): Step {
  if (!isSolved(state)) return same({ ...state, notice: 'c compares with the reference once it is solved' });
  return show('compare')(state, seed);
}
