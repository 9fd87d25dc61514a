/** The report as text: what stands in it, what hostile texts do to it, how large it gets. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { difference } from '../../cohort/report/diff.ts';
import { writeReport } from '../../cohort/report/index.ts';
import { hints } from '../../cohort/report/likeness.ts';
import { anchorOf, type Material, type Model, modelOf, percent } from '../../cohort/report/model.ts';
import { reportPage } from '../../cohort/report/page.ts';
import { EDGE, standings } from '../../cohort/report/standing.ts';
import { stumbles } from '../../cohort/report/teach.ts';
import type { Cohort } from '../../cohort/results.ts';
import { findExercise, loadManifest } from '../../manifest.ts';
import { plannedCases } from '../../plan.ts';
import { alsoRight } from '../../suite.ts';
import { madeCohort } from './made-cohort.ts';

const RING = '03-ring-buffer';
const ring = findExercise(loadManifest(), RING);
const reference = readFileSync(ring.reference, 'utf8');
const stub = readFileSync(ring.stub, 'utf8');
const [design = '', other = ''] = alsoRight(ring).map((file) => readFileSync(file, 'utf8'));

const material: Material = { id: RING, title: 'Ring', planned: plannedCases(ring), reference, stub };
const modelFor = (cohort: Cohort): Model => modelOf(cohort, [material]);
const pageFor = (cohort: Cohort): string => [...reportPage(modelFor(cohort))].join('');
const ringCohort = (options: Parameters<typeof madeCohort>[0]) => madeCohort({ exercises: [RING], ...options });

describe('the page', () => {
  const cohort = ringCohort({ learners: 16 });
  const html = pageFor(cohort);

  test('every link leads to an id that is there once', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.filter((id) => !ids.includes(id!))).toEqual([]);
    expect(html.match(/href="(?!#)/)).toBeNull();
  });

  test('every job has its cell and its section, with the replay of each failing case', () => {
    for (const learner of modelFor(cohort).learners) {
      if (!learner.jobs[0]) continue;
      expect(html).toContain(`href="#${anchorOf(learner, RING)}"`);
      expect(html).toContain(`id="${anchorOf(learner, RING)}"`);
    }
    const failed = cohort.jobs.find(({ result }) => result.verdict === 'failed')!;
    for (const { replay } of failed.result.cases) if (replay) expect(html).toContain(`npm run replay -- ${replay}<`);
  });

  test('loads nothing and runs nothing', () => {
    expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(html).not.toMatch(
      /<(script|link|img|iframe|object|embed|base|form)\b| on\w+=| src=|url\(|@import|javascript:/i,
    );
  });

  test('only what is whole is 100 %', () => {
    expect([1, 0.999, 0.005, 0, undefined].map(percent)).toEqual([
      '100\u00a0%',
      '99\u00a0%',
      '1\u00a0%',
      '0\u00a0%',
      '–',
    ]);
  });

  test('an edition without references makes a report all the same', () => {
    const { reference: _, stub: __, ...bare } = material;
    expect([...reportPage(modelOf(cohort, [bare]))].join('')).not.toContain('difference from the reference');
  });

  test('a cohort of nobody, and a learner of whom nothing could be graded', () => {
    expect(pageFor(ringCohort({ learners: 0 }))).toContain('Report on 0 learners');
    const empty = ringCohort({ learners: 1, fates: [undefined] });
    const learners = empty.learners.map((one) => ({ ...one, problem: 'the archive is <broken>' }));
    expect(pageFor({ ...empty, learners })).toContain('Nothing could be graded: the archive is &lt;broken&gt;');
  });
});

describe('texts that mean harm', () => {
  const evil = '</pre></style><script>alert(1)</script><img src=x onerror=alert(1)>&"\'\x1b[2J\u202e\u2066\x00\x9b';
  const cohort = ringCohort({
    learners: 2,
    fates: ['failed', 'solved'],
    names: [evil],
    text: () => `${evil}\n${reference}`,
  });
  const jobs = cohort.jobs.map((job) => {
    const cases = job.result.cases.map((one) => ({
      ...one,
      title: evil,
      clause: evil,
      message: evil,
      at: evil,
      schedule: evil,
    }));
    const performance = job.result.performance.map((one) => ({ ...one, title: evil, unit: evil }));
    return { ...job, result: { ...job.result, reason: evil, at: evil, cases, performance } };
  });
  const learners = cohort.learners.map((one) => ({ ...one, source: evil, problem: evil }));
  const html = pageFor({ ...cohort, jobs, learners });

  test('are there, and are text', () => {
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toMatch(/<script|<img/i);
    expect(html.match(/<\/style>/g)).toHaveLength(1 + html.split('</svg>').length - 1);
  });

  test('neither turn the direction of reading nor reach a terminal', () => {
    expect(html).toContain('\\x1b[2J\\u202e\\u2066\\x00\\x9b');
    expect(html).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  });
});

test('files of a megabyte of nothing cost little', () => {
  const large = [
    '('.repeat(2 ** 20),
    '\n'.repeat(2 ** 20),
    '`'.repeat(2 ** 20),
    '/*'.repeat(2 ** 19),
    'a '.repeat(2 ** 19),
  ];
  const html = pageFor(ringCohort({ learners: 20, fates: ['solved'], text: (i) => large[i % large.length] }));
  expect(html.length).toBeLessThan(2e6);
});

describe('what to teach again', () => {
  test('counts those whose file ran the case, and not those who have not begun', () => {
    const cohort = ringCohort({ learners: 4, fates: ['failed', 'solved', 'not-started', 'crashed'] });
    const ran = cohort.jobs.filter(({ result }) => result.verdict !== 'not-started');
    const found = stumbles(modelFor(cohort));
    expect(found.length).toBeGreaterThan(0);
    for (const { id, tried, failed } of found) {
      const states = ran.map(({ result }) => result.cases.find((one) => one.id === id)!.status);
      expect(tried).toBe(states.filter((status) => status !== 'not-run').length);
      expect(failed).toHaveLength(states.filter((status) => status === 'failed').length);
    }
    const counts = found.map(({ failed }) => failed.length);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });
});

describe('performance', () => {
  const cohort = ringCohort({ learners: 1, fates: ['solved'] });
  const [job] = cohort.jobs;
  const [some] = job!.result.performance;
  const measured = (facts: object) => {
    const performance = [{ ...some!, ratio: undefined, gate: { pass: 50, gold: 10 }, ...facts }];
    const [row] = standings(modelFor({ ...cohort, jobs: [{ ...job!, result: { ...job!.result, performance } }] }), 0);
    return { at: row!.dots[0]!.at, gates: row!.gates.map(({ at }) => at) };
  };

  test('twice as fast and half as much are both 2', () => {
    expect(measured({ metric: 'ratio', ratio: 2, gate: { pass: 0.5 } })).toEqual({ at: 2, gates: [0.5] });
    expect(measured({ metric: 'count', value: 10, reference: 20 })).toEqual({ at: 2, gates: [0.4, 2] });
    expect(measured({ metric: 'growth', value: 16, reference: 8 })).toEqual({ at: 0.5, gates: [0.16, 0.8] });
  });

  test('nothing at all is as good as a reference with nothing, and at the edge of any other', () => {
    expect(measured({ metric: 'count', value: 0, reference: 0 }).at).toBe(1);
    expect(measured({ metric: 'count', value: 0, reference: 9 }).at).toBe(EDGE);
    expect(measured({ metric: 'count', value: 9, reference: 0 }).at).toBe(1 / EDGE);
  });
});

describe('likeness', () => {
  const renamed = design.replace(/\b(read|write|head|length|bytes|count|start|index|size|at)\b/g, 'x$1');
  const bare = design
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^\s+/gm, '');
  const hintsOn = (...texts: string[]) =>
    hints(modelFor(ringCohort({ learners: texts.length, fates: ['solved'], text: (i) => texts[i] })));
  const between = (...texts: string[]) => hintsOn(...texts).map(({ likeness }) => likeness);

  test('a copy is one, whatever its names and comments', () => {
    for (const copy of [design, renamed, bare]) expect(between(design, copy)[0]).toBeGreaterThan(0.95);
  });

  test('a copy with every tenth line lost shows', () => {
    const cut = design.split('\n').filter((_, i) => i % 10 !== 0);
    expect(between(design, cut.join('\n'))[0]).toBeGreaterThan(0.5);
  });

  test('many copies of one file are one hint, and another for whoever changed theirs', () => {
    const cut = design.split('\n').filter((_, i) => i % 10 !== 0);
    const found = hintsOn(design, renamed, cut.join('\n'), design).map(({ left, right }) => [
      left.length,
      right.length,
    ]);
    expect(found).toEqual([
      [1, 2],
      [3, 1],
    ]);
  });

  test('another design of the same exercise is none', () => expect(between(design, other)).toEqual([]));

  test('what the stub or the reference has counts for nothing', () => {
    expect(between(stub, stub)).toEqual([]);
    expect(between(reference, reference)).toEqual([]);
    expect(between(`${reference}\n${design}`, `${reference}\n${other}`)).toEqual([]);
  });

  test('empty and broken texts do no harm', () => expect(between('', '`${', '/*', '"')).toEqual([]));
});

describe('difference', () => {
  test('has every line of the learner that the reference has not, and counts both', () => {
    const found = difference('a\nmine\nb\n', 'a\nb\ntheirs\n', 'ref')!;
    expect(found).toMatchObject({ mine: 1, reference: 1 });
    expect(found.html).toContain('<del>-mine</del> b\n<ins>+theirs</ins>');
  });

  test('names a long run of the reference instead of repeating it', () => {
    const long = Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n');
    const { html } = difference('', `${long}\n`, 'ref')!;
    expect(html).toContain('line 7');
    expect(html).not.toContain('line 8');
    expect(html).toContain('<a href="#ref">… 22 more lines of the reference</a>');
  });

  test('gives up on files that are worlds apart', () => {
    const lines = (word: string) => Array.from({ length: 5_000 }, (_, i) => `${word} ${i}`).join('\n');
    expect(difference(lines('a'), lines('b'), 'ref')).toBeUndefined();
  });
});

describe('written, for 60 learners and all exercises', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'wirekata-report-'));
  beforeAll(() => writeReport(madeCohort({ learners: 60 }), out), 300_000);
  afterAll(() => rmSync(out, { recursive: true }));

  test('the page stays below 15 MB', () => expect(statSync(path.join(out, 'index.html')).size).toBeLessThan(15e6));

  test('every learner has a file in each format', () => {
    for (const file of [
      'gradescope/ana/results.json',
      `classroom/ana/${RING}.json`,
      `exercism/ana/${RING}/results.json`,
    ])
      expect(existsSync(path.join(out, file)), file).toBe(true);
    expect(readFileSync(path.join(out, 'classroom/ana/results.env'), 'utf8')).toContain('03-RING-BUFFER_RESULTS=');
    for (const file of ['results.csv', 'junit.xml', 'classroom/.github/classroom/autograding.json'])
      expect(statSync(path.join(out, file)).size).toBeGreaterThan(0);
  });
});
