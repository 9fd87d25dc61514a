/**
 * Checks as JUnit XML, the dialect that CI systems read: a suite for each exercise, a case for each case
 * and each measured metric.
 */
import type { Checked } from '../check.ts';

export function junit(all: Checked[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${all.map(suite).join('')}</testsuites>\n`;
}

interface Entry {
  name: string;
  seconds: number;
  problem?: string;
  skipped?: boolean;
}

function suite(checked: Checked): string {
  const { exercise, ms, startedAt, seed } = checked;
  const entries = entriesOf(checked);
  const failures = entries.filter(({ problem }) => problem !== undefined).length;
  const skipped = entries.filter((entry) => entry.skipped).length;
  const counts = `tests="${entries.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  const head = `  <testsuite name="${escaped(exercise.id)}" ${counts} time="${seconds(ms)}" timestamp="${startedAt.toISOString()}">`;
  const properties = `    <properties><property name="seed" value="${seed}"/></properties>`;
  return `${head}\n${properties}\n${entries.map((entry) => testcase(exercise.id, entry)).join('')}  </testsuite>\n`;
}

/** What ended the run by itself (a crash, a refusal …) is an entry of its own, so that it is never lost. */
function entriesOf({ cases, planned, performance, verdict, reason }: Checked): Entry[] {
  const entries = cases.map(({ status, ms, failure, error }, i): Entry => {
    const name = `${planned[i]?.id}: ${planned[i]?.title}`;
    if (status === 'passed') return { name, seconds: ms };
    if (status === 'not-run') return { name, seconds: 0, skipped: true };
    return {
      name,
      seconds: ms,
      problem: failure ? `${failure.expected}; ${failure.actual}` : (error?.message ?? status),
    };
  });
  const metrics = performance.map(({ id, ms, level }): Entry => {
    return { name: id, seconds: ms, ...(level === 'slow' && { problem: 'slower than its gate' }) };
  });
  const all = [...entries, ...metrics];
  const told = verdict === 'solved' || verdict === 'inconclusive' || all.some(({ problem }) => problem !== undefined);
  return told ? all : [...all, { name: `verdict: ${verdict}`, seconds: 0, problem: reason }];
}

function testcase(classname: string, { name, seconds: ms, problem, skipped }: Entry): string {
  const head = `    <testcase classname="${escaped(classname)}" name="${escaped(name)}" time="${seconds(ms)}"`;
  if (skipped) return `${head}><skipped/></testcase>\n`;
  if (problem === undefined) return `${head}/>\n`;
  return `${head}><failure message="${escaped(problem)}"/></testcase>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** XML 1.0 §2.2 forbids most control characters even when they are escaped. */
function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
    '\n': '&#10;',
  };
  return text.replace(/[\x00-\x08\x0b-\x1f\ufffe\uffff]/g, '�').replace(/[&<>"'\n]/g, (c) => entities[c] as string);
}
