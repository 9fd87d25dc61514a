/**
 * The learner's file beside the reference: what both are, how they differ, how fast each is. Pure but
 * for the reading; the check comes from outside.
 */
import { readFileSync } from 'node:fs';
import { diffLines, structuredPatch } from 'diff';
import type { Checked } from './check.ts';
import type { Exercise } from './manifest.ts';

/** Size of a file, counted as people count it. */
export interface Size {
  lines: number;
  /** Lines that are neither empty nor comment only. */
  code: number;
  bytes: number;
}

export interface Hunk {
  /** First line in the learner's file and in the reference, from 1. */
  mine: number;
  reference: number;
  /** Each begins with “-” (the learner's), “+” (the reference's) or “ ” (both). */
  lines: string[];
}

export interface Comparison {
  exercise: Exercise;
  checked: Checked;
  mine: { text: string; size: Size };
  reference: { text: string; size: Size };
  hunks: Hunk[];
  /** Lines that both have, as a share of the longer file. */
  shared: number;
}

export function compareFiles(exercise: Exercise, checked: Checked): Comparison {
  const mine = readFileSync(exercise.learner, 'utf8');
  const reference = readFileSync(exercise.reference, 'utf8');
  const { hunks } = structuredPatch('', '', mine, reference, '', '', { context: 3 });
  const kept = diffLines(mine, reference).reduce(
    (sum, { added, removed, count }) => sum + (added || removed ? 0 : count),
    0,
  );
  const sizes = { mine: sizeOf(mine), reference: sizeOf(reference) };
  return {
    exercise,
    checked,
    mine: { text: mine, size: sizes.mine },
    reference: { text: reference, size: sizes.reference },
    hunks: hunks.map(({ oldStart, newStart, lines }) => ({ mine: oldStart, reference: newStart, lines })),
    shared: kept / Math.max(1, sizes.mine.lines, sizes.reference.lines),
  };
}

function sizeOf(text: string): Size {
  const lines = text.replace(/\n$/, '').split('\n');
  const code = lines.filter((line) => !/^\s*(\/\/.*|\/\*.*|\*.*)?$/.test(line));
  return { lines: lines.length, code: code.length, bytes: Buffer.byteLength(text) };
}
