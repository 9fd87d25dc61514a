/** The split replayer against line splitters, right and wrong. */
import { expect, test } from 'vitest';
import { runCase } from '../../kit/case.ts';
import type { CaseFailure, Failure } from '../../kit/failure.ts';
import { NotImplemented } from '../../kit/not-implemented.ts';
import { everySplit, type SplitCase } from '../../kit/splits.ts';

type Lines = { lines: string[]; rest: string };
type Run = (chunks: Iterable<Buffer>) => Lines;

const twoLines: Omit<SplitCase<Lines>, 'run'> = {
  what: 'lines',
  input: 'GET /\r\nHost: a\r\n',
  expected: { lines: ['GET /', 'Host: a'], rest: '' },
  trailing: [{ input: 'tail', expected: { lines: ['GET /', 'Host: a'], rest: 'tail' } }],
  next: { input: 'x\r\n', expected: { lines: ['GET /', 'Host: a', 'x'], rest: '' } },
  reuse: true,
};

/** Splits at CR LF; what a reader of lines ought to do. */
const right: Run = (chunks) => {
  const lines: string[] = [];
  let rest = '';
  for (const chunk of chunks) {
    const parts = (rest + chunk.toString('latin1')).split('\r\n');
    rest = parts.pop()!;
    lines.push(...parts);
  }
  return { lines, rest };
};

async function failureOf(run: Run, more: Partial<SplitCase<Lines>> = {}): Promise<Failure> {
  const body = runCase('any', (t) => everySplit(t, { ...twoLines, ...more, run }));
  return body.then(
    () => expect.unreachable('it passed'),
    (error: CaseFailure) => error.failure,
  );
}

test('a right splitter passes, synchronously', async () => {
  await runCase('any', (t) => {
    expect(everySplit(t, { ...twoLines, run: right })).toBeUndefined();
  });
});

test('names the place between CR and LF', async () => {
  // Looks for CR LF within one chunk only.
  const failure = await failureOf((chunks) => {
    const lines: string[] = [];
    let rest = '';
    for (const chunk of chunks) {
      const parts = chunk.toString('latin1').split('\r\n');
      lines.push(...parts.slice(0, -1).map((part, i) => (i === 0 ? rest + part : part)));
      rest = parts.length > 1 ? parts.at(-1)! : rest + parts[0];
    }
    return { lines, rest };
  });
  expect(failure.schedule).toBe('passes whole; fails when split between CR and LF at byte 6');
  expect(failure.expected).toBe("lines, at lines[0]: 'GET /'");
});

test('what fails whole is reported without a schedule', async () => {
  const failure = await failureOf(() => ({ lines: ['GET /'], rest: '' }));
  expect(failure.schedule).toBeUndefined();
});

test('the stub passes through', async () => {
  const stub = runCase('any', (t) => {
    everySplit(t, {
      ...twoLines,
      run: () => {
        throw new NotImplemented('lines');
      },
    });
  });
  await expect(stub).rejects.toBeInstanceOf(NotImplemented);
});
