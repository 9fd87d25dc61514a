/** The formats that the exports claim to be, written from their published descriptions, each with its source. */
import { DOMParser, type Element } from '@xmldom/xmldom';
import { z } from 'zod';

const visibility = z.enum(['hidden', 'after_due_date', 'after_published', 'visible']);
const outputFormat = z.enum(['text', 'html', 'simple_format', 'md', 'ansi']);

/** https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format */
export const gradescopeSchema = z
  .strictObject({
    score: z.number().optional(),
    execution_time: z.number().optional(),
    output: z.string().optional(),
    output_format: outputFormat.optional(),
    test_output_format: outputFormat.optional(),
    test_name_format: outputFormat.optional(),
    visibility: visibility.optional(),
    stdout_visibility: visibility.optional(),
    extra_data: z.record(z.string(), z.unknown()).optional(),
    tests: z
      .array(
        z.strictObject({
          score: z.number().optional(),
          max_score: z.number().optional(),
          status: z.enum(['passed', 'failed']).optional(),
          name: z.string().optional(),
          name_format: outputFormat.optional(),
          number: z.string().optional(),
          output: z.string().optional(),
          output_format: outputFormat.optional(),
          tags: z.array(z.string()).optional(),
          visibility: visibility.optional(),
          extra_data: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
    leaderboard: z.array(z.unknown()).optional(),
  })
  .refine(
    ({ score, tests = [] }) =>
      score !== undefined || (tests.length > 0 && tests.every((one) => one.score !== undefined)),
    'a score at the top, or on each test',
  )
  .refine(
    ({ tests = [] }) => tests.every(({ score = 0, max_score = Infinity }) => score <= max_score),
    'score ≤ max_score',
  );

/** src/ of https://github.com/classroom-resources/autograding-command-grader (writes it) and …-grading-reporter (reads it). */
export const classroomResultSchema = z
  .strictObject({
    version: z.literal(1),
    status: z.enum(['pass', 'fail', 'error']),
    max_score: z.number().min(0),
    tests: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          status: z.enum(['pass', 'fail', 'error']),
          score: z.number().min(0),
          message: z.string(),
          test_code: z.string(),
          filename: z.string(),
          line_no: z.int().min(0),
          duration: z.number().min(0),
        }),
      )
      // The reporter divides by their number.
      .min(1),
  })
  .refine(({ max_score, tests }) => {
    // Its console table and its notice count in two ways, which must agree: helpers/test-helpers.js, notify-classroom.js.
    const passed = tests.filter(({ status }) => status === 'pass').length;
    const sum = tests.reduce((points, { score }) => points + score, 0);
    return Math.abs((passed / tests.length) * max_score - sum) < 1e-9;
  }, 'points add up to the share of tests that passed');

/** The file that GitHub Classroom keeps as .github/classroom/autograding.json; education/autograding (src/runner.ts) runs it. */
export const autogradingSchema = z.strictObject({
  tests: z.array(
    z.strictObject({
      name: z.string().min(1),
      setup: z.string(),
      run: z.string().min(1),
      input: z.string(),
      output: z.string(),
      comparison: z.enum(['exact', 'included', 'regex']),
      timeout: z.number().positive(),
      points: z.number().min(0),
    }),
  ),
});

const exercismTest = z
  .strictObject({
    name: z.string().min(1),
    test_code: z.string().min(1),
    status: z.enum(['pass', 'fail', 'error']),
    message: z.string().nullable().optional(),
    output: z.string().max(500).nullable().optional(),
    task_id: z.int().min(1).optional(),
  })
  .refine(({ status, message }) => status === 'pass' || !!message, 'a message on what did not pass');

/** https://github.com/exercism/docs/blob/main/building/tooling/test-runners/interface.md */
export const exercismSchema = z
  .strictObject({
    version: z.literal(3),
    status: z.enum(['pass', 'fail', 'error']),
    message: z.string().nullable().optional(),
    tests: z.array(exercismTest).optional(),
  })
  .refine(
    ({ status, message }) => (status === 'error' ? !!message : !message),
    'a message with an error, and only there',
  )
  .refine(({ message }) => Buffer.byteLength(message ?? '') <= 65_535, 'a message of at most 65,535 bytes')
  .refine(({ status, tests }) => status === 'error' || (tests?.length ?? 0) > 0, 'tests where they ran')
  .refine(
    ({ status, tests = [] }) => status !== 'pass' || tests.every((one) => one.status === 'pass'),
    'pass: all pass',
  )
  .refine(
    ({ status, tests = [] }) => status !== 'fail' || tests.some((one) => one.status !== 'pass'),
    'fail: one fails',
  );

const DECIMAL = /^\d+(\.\d+)?$/;

/** Children and attributes: required ones, then those that may be absent. */
const GRAMMAR: Record<string, { children: string[]; required: string[]; optional: string[] }> = {
  testsuites: { children: ['testsuite'], required: [], optional: ['name', 'time', 'tests', 'failures', 'errors'] },
  testsuite: {
    children: ['properties', 'testcase', 'system-out', 'system-err'],
    required: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'],
    optional: ['timestamp', 'hostname', 'id', 'package'],
  },
  properties: { children: ['property'], required: [], optional: [] },
  property: { children: [], required: ['name', 'value'], optional: [] },
  testcase: {
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
    required: ['name', 'classname', 'time'],
    optional: [],
  },
  skipped: { children: [], required: [], optional: ['message'] },
  error: { children: [], required: ['type'], optional: ['message'] },
  failure: { children: [], required: ['type'], optional: ['message'] },
};

/**
 * The rules that Jenkins (jenkinsci/xunit-plugin: junit-10.xsd) and Maven Surefire (surefire-test-report.xsd) have in
 * common, and that counts are what they count. Returns what is wrong.
 */
export function junitProblems(xml: string): string[] {
  const root = parseXml(xml);
  const problems = root.tagName === 'testsuites' ? [] : [`the root is ${root.tagName}`];
  // XML 1.0 §2.2, which the parser does not hold anybody to.
  if (/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml)) problems.push('a character that XML forbids');
  return [...problems, ...elementProblems(root), ...[...root.getElementsByTagName('*')].flatMap(elementProblems)];
}

/** Throws on what is not well-formed. */
function parseXml(xml: string): Element {
  const onError = (level: string, message: string) => {
    if (level !== 'warning') throw new Error(message);
  };
  return new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement!;
}

function childrenOf(element: Element): Element[] {
  return [...element.childNodes].filter((node) => node.nodeType === node.ELEMENT_NODE) as Element[];
}

function elementProblems(element: Element): string[] {
  const { tagName: name } = element;
  const rule = GRAMMAR[name];
  if (!rule) return [`unknown element ${name}`];
  const known = [...rule.required, ...rule.optional];
  const [children, attributes] = [childrenOf(element), [...element.attributes].map((one) => one.name)];
  const time = element.getAttribute('time');
  return [
    ...rule.required.filter((one) => !attributes.includes(one)).map((one) => `${name} lacks ${one}`),
    ...attributes.filter((one) => !known.includes(one)).map((one) => `${name} has ${one}`),
    ...children.filter((one) => !rule.children.includes(one.tagName)).map((one) => `${one.tagName} in ${name}`),
    ...(time === null || DECIMAL.test(time) ? [] : [`${name} takes ${time}`]),
    ...(name === 'testsuite' ? countProblems(element, children) : []),
    ...(name === 'testcase' && children.length > 1 ? ['a case with two outcomes'] : []),
  ];
}

function countProblems(suite: Element, children: Element[]): string[] {
  const name = suite.getAttribute('name');
  const cases = children.filter(({ tagName }) => tagName === 'testcase');
  const having = (tag: string) => cases.filter((one) => childrenOf(one).some(({ tagName }) => tagName === tag)).length;
  const counts = {
    tests: cases.length,
    failures: having('failure'),
    errors: having('error'),
    skipped: having('skipped'),
  };
  const wrong = Object.entries(counts).filter(([tag, count]) => suite.getAttribute(tag) !== String(count));
  const twice = cases.length - new Set(cases.map((one) => one.getAttribute('name'))).size;
  return [
    ...wrong.map(([tag, count]) => `${name}: ${tag} is ${suite.getAttribute(tag)}, not ${count}`),
    ...(twice > 0 ? [`${name}: ${twice} names stand twice`] : []),
  ];
}
