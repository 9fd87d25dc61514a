/**
 * Results as JUnit XML, the dialect that CI systems read: a suite for each result, a case for each case
 * and each measured metric. Pure.
 */
import type { Checked } from '../check.ts';
import { type Entry, entriesOf } from './entries.ts';
import { type Result, toResult } from './json.ts';

export function junit(all: Checked[]): string {
  return [...junitParts(all.map((checked) => ({ name: checked.exercise.id, result: toResult(checked) })))].join('');
}

export interface Suite {
  name: string;
  result: Result;
}

/** Suite by suite, so that many need not be in memory as a whole. */
export function* junitParts(suites: Iterable<Suite>): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n';
  for (const suite of suites) yield suiteXml(suite);
  yield '</testsuites>\n';
}

function suiteXml({ name, result }: Suite): string {
  const entries = entriesOf(result);
  const count = (status: Entry['status']) => entries.filter((entry) => entry.status === status).length;
  const counts = `tests="${entries.length}" failures="${count('failed')}" errors="${count('error')}" skipped="${count('not-run')}"`;
  const head = `  <testsuite name="${escaped(name)}" ${counts} time="${seconds(result.ms)}" timestamp="${result.startedAt}">`;
  const properties = `    <properties><property name="seed" value="${result.seed}"/></properties>`;
  return `${head}\n${properties}\n${entries.map((entry) => testcase(name, entry)).join('')}  </testsuite>\n`;
}

function testcase(classname: string, { id, title, status, ms, message = '' }: Entry): string {
  const head = `    <testcase classname="${escaped(classname)}" name="${escaped(`${id}: ${title}`)}" time="${seconds(ms)}"`;
  if (status === 'passed') return `${head}/>\n`;
  if (status === 'not-run') return `${head}><skipped/></testcase>\n`;
  const tag = status === 'error' ? 'error' : 'failure';
  return `${head}><${tag} message="${escaped(message)}" type="${status}"/></testcase>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** XML 1.0 §2.2 forbids most control characters, and halves of surrogate pairs, even when they are escaped. */
function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
    '\n': '&#10;',
  };
  return text
    .replace(/[\x00-\x08\x0b-\x1f\ufffe\uffff\p{Surrogate}]/gu, '�')
    .replace(/[&<>"'\n]/g, (c) => entities[c] as string);
}
