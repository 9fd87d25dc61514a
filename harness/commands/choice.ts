/** The options by which commands choose what to run: the implementation, the seed. */
import type { Choice } from '../check.ts';
import { UsageError } from '../errors.ts';
import type { Command, Values } from './command.ts';

export const CHOICE_OPTIONS: Command['options'] = {
  as: { type: 'string' },
  wrong: { type: 'string' },
  file: { type: 'string' },
};

export const CHOICE_USAGE = `  --as learner|reference|stub   whose file (default: learner)
  --wrong ID                    a known-wrong implementation; \`check -- ID --list-wrong\` lists them
  --file PATH                   any other file with the same exports`;

export function readChoice({ as, wrong, file }: Values): Choice {
  if ([as, wrong, file].filter((one) => one !== undefined).length > 1) {
    throw new UsageError('Give one of --as, --wrong, --file.');
  }
  if (typeof wrong === 'string') return { wrong };
  if (typeof file === 'string') return { file };
  const whose = as ?? 'learner';
  if (whose === 'learner' || whose === 'reference' || whose === 'stub') return { as: whose };
  throw new UsageError(`--as takes learner, reference or stub, not “${String(whose)}”.`);
}

export function readSeed(text: unknown): number {
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
  throw new UsageError(`--seed takes a whole number from 0 to 4294967295, not “${String(text)}”.`);
}
