/** After a hang: runs the case that hung once more, briefly, to learn in which loop of the subject it hangs. */
import type { Location, RunEvent } from './events.ts';
import { endlessPlace, type Marked, markLoops } from './loop-lines.ts';
import type { Runner, RunRequest } from './run.ts';

/** Milliseconds that the second look may take after its last sign of life. */
const LONGEST = 800;
/** The same where a process of the subject's own has to be started first. */
const LONGEST_REMOTE = 2_500;
/** Earlier cases are run as well, if the case does not hang by itself: as many as took this long together (ms). */
const BEFORE = 1_000;

interface Look {
  at: Location | undefined;
  /** The case came to an end this time. */
  ended: boolean;
}

type HungAt = Extract<RunEvent, { type: 'hung-at' }>;

/** The loop in which a run was when a deadline ended it, if there is one. */
export async function whereItHangs(
  runner: Runner,
  request: RunRequest,
  events: RunEvent[],
  signal?: AbortSignal,
): Promise<HungAt | undefined> {
  const hung = events.find(isHang);
  if (!hung) return undefined;
  const marked = markLoops(request.subject);
  if (!marked.places.some(({ isLoop }) => isLoop)) return undefined;
  const look = (only: string[]) => lookBriefly(runner, { ...request, only }, marked, signal);
  const during = hung.type === 'killed' ? hung.during : hung.id;
  const first = await look(during === undefined ? [] : [during]);
  // What hangs may have been started by a case before, with a timer for instance.
  const again = first.ended && during !== undefined && !signal?.aborted;
  const { at } = again ? await look(casesUpTo(during, events.slice(0, events.indexOf(hung)))) : first;
  return at && { type: 'hung-at', at, during };
}

type Hang = Extract<RunEvent, { type: 'killed' | 'case-ended' }>;

/** The child was killed for it; or the suite has seen that the subject's own process does not answer. */
function isHang(event: RunEvent): event is Hang {
  if (event.type === 'case-ended') return event.error?.name === 'TimedOut';
  return event.type === 'killed' && event.reason === 'deadline' && ['import', 'case'].includes(event.deadline);
}

async function lookBriefly(
  runner: Runner,
  request: RunRequest,
  { subject, places }: Marked,
  signal?: AbortSignal,
): Promise<Look> {
  const found: Look = { at: undefined, ended: false };
  const stop = new AbortController();
  const startedAt = performance.now();
  const least = request.suite === 'remote' ? LONGEST_REMOTE : LONGEST;
  let longest = least;
  let timer: NodeJS.Timeout | undefined;
  const onEvent = (event: RunEvent) => {
    if (event.type === 'case-ended') found.ended = true;
    if (event.type === 'ticking') {
      found.at ??= endlessPlace(event.ticks, places);
      if (found.at) stop.abort();
      return;
    }
    // A machine that was slow to start the child is slow in the rest, too.
    if (event.type === 'importing') longest = Math.max(least, 2 * (performance.now() - startedAt));
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), longest);
  };
  const signals = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  await runner.run({ ...request, subject, ticks: true }, { onEvent, signal: signals });
  clearTimeout(timer);
  return found;
}

function casesUpTo(hung: string, events: RunEvent[]): string[] {
  const ended = events.filter((event) => event.type === 'case-ended').reverse();
  let ms = 0;
  const before = ended.findIndex((event) => {
    ms += event.ms;
    return ms > BEFORE;
  });
  return [hung, ...ended.slice(0, before === -1 ? undefined : before).map(({ id }) => id)];
}
