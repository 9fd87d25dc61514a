/** What every command's file exports as `command`. */
import type { ParseArgsConfig } from 'node:util';

export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** All of `--help`. */
  usage: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** Returns the exit code. Throws UsageError for what the user can mend. */
  run(positionals: string[], values: Values): Promise<number>;
}

export const EXIT = { solved: 0, notSolved: 1, usage: 2, kitFault: 70 } as const;
