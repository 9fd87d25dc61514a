/** The split replayer against line splitters, right and wrong. */
import { expect, test } from 'vitest';
import { runCase } from '../../kit/case.ts';
import { equal } from '../../kit/check.ts';
import { turn } from '../../kit/deadline.ts';
import type { CaseFailure, Failure } from '../../kit/failure.ts';
import { NotImplemented } from '../../kit/not-implemented.ts';
import { Random } from '../../kit/random.ts';
import { twoWayCuts } from '../../kit/schedules.ts';
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

test('a right asynchronous splitter passes', () =>
  runCase('any', async (t) => {
    let runs = 0;
    const run = async (chunks: Iterable<Buffer>): Promise<Lines> => {
      await turn();
      runs++;
      return right(chunks);
    };
    await everySplit(t, { ...twoLines, run });
    expect(runs).toBeGreaterThan(30);
  }));

interface Wrong {
  bug: string;
  run: Run;
  schedule: string | undefined;
  more?: Partial<SplitCase<Lines>>;
}

/** A line splitter with a hole in it: how it looks for the end of a line, and what it does with what is left. */
function splitter(find: (text: string) => string[], keep = (rest: string): string => rest): Run {
  return (chunks) => {
    const lines: string[] = [];
    let rest = '';
    for (const chunk of chunks) {
      const parts = find(rest + chunk.toString('latin1'));
      rest = keep(parts.pop()!);
      lines.push(...parts);
    }
    return { lines, rest };
  };
}

const wrong: Wrong[] = [
  {
    bug: 'looks for CR LF within one chunk only',
    run: (chunks) => {
      const lines: string[] = [];
      let rest = '';
      for (const chunk of chunks) {
        const [first = '', ...others] = chunk.toString('latin1').split('\r\n');
        if (others.length === 0) rest += first;
        else {
          lines.push(rest + first, ...others.slice(0, -1));
          rest = others.at(-1)!;
        }
      }
      return { lines, rest };
    },
    schedule: 'passes whole; fails when split between CR and LF at byte 6',
  },
  {
    bug: 'forgets what was left of the chunk before',
    run: splitter(
      (text) => text.split('\r\n'),
      () => '',
    ),
    schedule: 'passes whole; fails when split between “G” and “E” at byte 1',
    more: { trailing: [], next: undefined },
  },
  {
    bug: 'waits for more than one byte',
    run: (chunks) => right([...chunks].filter((chunk) => chunk.length > 1)),
    schedule: 'passes whole; fails when split between “G” and “E” at byte 1',
    more: { reuse: false },
  },
  {
    bug: 'has room for three chunks',
    run: (chunks) => right([...chunks].slice(0, 3)),
    schedule: expect.stringMatching(
      /^passes whole; fails when split between .+ at byte \d+ and between .+ at byte \d+ and /,
    ),
    more: { reuse: false },
  },
  {
    bug: 'drops what comes after the message in the same chunk',
    run: (chunks) => {
      const all = right(chunks);
      return { ...all, rest: '' };
    },
    schedule: 'passes alone; fails when followed by trailing bytes in the same chunk',
  },
  {
    bug: 'takes one message from each chunk',
    run: (chunks) => {
      const { lines, rest } = right(chunks);
      return { lines: lines.slice(0, 2), rest };
    },
    schedule: 'passes alone; fails when followed by the next message in the same chunk',
    more: { trailing: [] },
  },
  {
    bug: 'reads the memory around its chunk',
    run: (chunks) => right([...chunks].map((chunk) => Buffer.from(chunk.buffer))),
    schedule: undefined,
  },
  {
    bug: 'fails whole',
    run: () => ({ lines: ['GET /'], rest: '' }),
    schedule: undefined,
  },
];

for (const { bug, run, schedule, more } of wrong) {
  test(`finds a splitter that ${bug}`, async () => {
    expect((await failureOf(run, more)).schedule).toEqual(schedule);
  });
}

test('says that a subject keeps views of memory that is not its own', async () => {
  const lazily: Run = (chunks) => right([...chunks]);
  const failure = await failureOf(lazily);
  expect(failure.notes).toEqual([expect.stringContaining('must be copied')]);
  expect((await failureOf(() => ({ lines: [], rest: '' }))).notes).toBeUndefined();
  await runCase('any', (t) => everySplit(t, { ...twoLines, reuse: false, run: lazily }));
});

test('names a mark, and always cuts there, however long the input', async () => {
  const input = Buffer.alloc(100_000, 'x');
  const at = 77_777;
  let cuts = 0;
  const run = (chunks: Iterable<Buffer>): number => {
    const lengths = [...chunks].map(({ length }) => length);
    cuts++;
    return lengths[0] === at ? -1 : lengths.reduce((a, b) => a + b, 0);
  };
  const body = runCase('any', (t) => {
    everySplit(t, { what: 'length', input, expected: input.length, marks: [{ at, name: 'after the head' }], run });
  });
  const error = await body.catch((e: CaseFailure) => e);
  expect((error as CaseFailure).failure.schedule).toBe('passes whole; fails when split after the head at byte 77777');
  expect(cuts).toBeLessThan(300);
});

test('the cuts of a long input leave no long stretch untried', () => {
  const cuts = twoWayCuts(new Random(1), { limit: 256 }, Buffer.alloc(10_000));
  expect(cuts.length).toBeGreaterThan(200);
  expect(Math.max(...cuts.map((at, i) => at - (cuts[i - 1] ?? 0)))).toBeLessThan(100);
});

test('an error that only some cuts provoke is reported with its cut and its stack', async () => {
  const bug = new TypeError('Cannot read properties of undefined');
  const body = runCase('any', (t) => {
    everySplit(t, {
      ...twoLines,
      run: (chunks) => {
        const all = [...chunks];
        if (all.length > 1 && all[0]!.length === 3) throw bug;
        return right(all);
      },
      reuse: false,
    });
  });
  const error = (await body.catch((e: CaseFailure) => e)) as CaseFailure;
  expect(error.failure.actual).toBe('threw TypeError: Cannot read properties of undefined');
  expect(error.failure.schedule).toBe('passes whole; fails when split between “T” and SP at byte 3');
  expect(error.cause).toBe(bug);
});

test('an error on the whole input is thrown as it is', async () => {
  const bug = new TypeError('x');
  const body = runCase('any', (t) => {
    everySplit(t, {
      ...twoLines,
      run: () => {
        throw bug;
      },
    });
  });
  await expect(body).rejects.toBe(bug);
});

test('an assertion in run gets the schedule', async () => {
  const run: Run = (chunks) => {
    const all = [...chunks];
    equal(all.length < 3, true, 'few chunks');
    return right(all);
  };
  const failure = await failureOf(run, { reuse: false });
  expect(failure.schedule).toMatch(/^passes whole; fails when split .* and .* at byte \d+$/);
});

test('the stub passes through, synchronously and not', async () => {
  const stub = new NotImplemented('lines');
  const thrown = runCase('any', (t) => {
    everySplit(t, {
      ...twoLines,
      run: () => {
        throw stub;
      },
    });
  });
  await expect(thrown).rejects.toBe(stub);
  const rejected = runCase('any', (t) => everySplit(t, { ...twoLines, run: () => Promise.reject(stub) }));
  await expect(rejected).rejects.toBe(stub);
});

test('a forgotten await is an error of the suite', async () => {
  const body = runCase('any', (t) => {
    void everySplit(t, { ...twoLines, run: async (chunks) => right(chunks) });
  });
  await expect(body).rejects.toThrow('everySplit (lines) was still running: await it');
});

test('the transcript of a failure is what was fed', async () => {
  const failure = await failureOf(() => ({ lines: [], rest: '' }), { protocol: 'http1' });
  expect(failure.transcript).toMatchObject([{ who: 'input', what: 'sent', protocol: 'http1' }]);
});

test('the same seed gives the same cuts', async () => {
  const seen: string[] = [];
  const sizes = async (): Promise<string> => {
    const all: number[][] = [];
    await runCase('any', (t) => {
      const run: Run = (chunks) => {
        const mine = [...chunks];
        all.push(mine.map(({ length }) => length));
        return right(mine);
      };
      everySplit(t, { ...twoLines, reuse: false, run });
    });
    return JSON.stringify(all);
  };
  seen.push(await sizes(), await sizes());
  expect(seen[0]).toBe(seen[1]);
});

test('a hundred cases of two hundred bytes take a fraction of a second', async () => {
  const input = `${'x'.repeat(98)}\r\n${'y'.repeat(98)}\r\n`;
  const expected = { lines: ['x'.repeat(98), 'y'.repeat(98)], rest: '' };
  const start = process.cpuUsage();
  for (let i = 0; i < 100; i++) {
    await runCase('any', (t) => everySplit(t, { what: 'lines', input, expected, run: right, reuse: true }));
  }
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(1000);
});
