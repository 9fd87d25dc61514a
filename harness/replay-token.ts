/**
 * A replay token names one case of one exercise with its exact seed, and, if a property was shrunk,
 * the path to its counterexample: `03-ring-buffer/ring-model@12345[:0:1:3]`.
 */
import { UsageError } from './errors.ts';

export interface Replay {
  exercise: string;
  caseId: string;
  seed: number;
  /** fast-check's path. */
  path?: string;
}

export function replayToken({ exercise, caseId, seed, path }: Replay): string {
  return `${exercise}/${caseId}@${seed}${path === undefined ? '' : `:${path}`}`;
}

export function parseReplayToken(token: string): Replay {
  const [, exercise, caseId, seed, path] = /^([\w-]+)\/([\w-]+)@(\d+)(?::([\d:]+))?$/.exec(token) ?? [];
  if (exercise === undefined || caseId === undefined || seed === undefined) {
    throw new UsageError(
      `“${token}” is no replay token. A failing case prints one, like 03-ring-buffer/ring-model@12345.`,
    );
  }
  return { exercise, caseId, seed: Number(seed), ...(path !== undefined && { path }) };
}
