/** The file watcher against real files: what each editor does to save is seen exactly once. */
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { locate, type ManifestEntry } from '../../manifest.ts';
import { readSubject } from '../../run/subject.ts';
import { type Eyes, type FileEvent, FileWatch, type FileWatchOptions } from '../../watch/files.ts';

const text = (n: number) => `export const value = ${n};\n`;

interface Told {
  type: string;
  text?: string;
  why?: string;
}

class Bench {
  readonly base = mkdtempSync(path.join(tmpdir(), 'wirekata watch ü '));
  readonly exercise = locate(
    { slug: 'sample', number: 1, file: 'sample.ts', exports: [], requires: [] } as never as ManifestEntry,
    this.base,
  );
  readonly file = this.exercise.learner;
  readonly folder = path.dirname(this.file);
  readonly told: Told[] = [];
  #heard: (() => void) | undefined;
  #watch: FileWatch | undefined;

  async open(options: Partial<FileWatchOptions> = {}): Promise<this> {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(this.file, text(0));
    this.#watch = new FileWatch(
      {
        file: this.file,
        read: () => this.read(),
        tell: (event) => this.hear(event),
        probeFolder: path.join(this.base, '.kata'),
        ...options,
      },
      this.read(),
    );
    await this.#watch.start();
    return this;
  }

  read() {
    return readSubject(this.exercise, { name: 'learner', file: this.file });
  }

  hear(event: FileEvent): void {
    if (event.type === 'saved') {
      this.told.push({ type: event.type, text: [...event.subject.sources.values()].join('') });
    } else this.told.push(event);
    this.#heard?.();
  }

  async until(done: (told: Told[]) => boolean): Promise<void> {
    while (!done(this.told)) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  /** Waits for the save, saves a mark of its own, and returns all that was told in between. */
  async expectOnce(expected: Told): Promise<void> {
    await this.until((told) => told.some((one) => one.text === expected.text && one.type === expected.type));
    writeFileSync(this.file, text(999));
    await this.until((told) => told.at(-1)?.text === text(999));
    expect(this.told).toEqual([expected, { type: 'saved', text: text(999) }]);
  }

  async close(): Promise<void> {
    await this.#watch?.close();
    rmSync(this.base, { recursive: true, force: true });
  }
}

let bench: Bench | undefined;
afterEach(() => bench?.close());

async function open(options?: Partial<FileWatchOptions>): Promise<Bench> {
  bench = await new Bench().open(options);
  return bench;
}

/** A pause that the imitated editor makes; nothing waits for it to be long enough. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Save = (file: string, text: string) => void | Promise<void>;

const EDITORS: Record<string, Save> = {
  'in place': (file, content) => writeFileSync(file, content),
  'in place, emptied long before it is written': async (file, content) => {
    const descriptor = openSync(file, 'r+');
    ftruncateSync(descriptor, 0);
    await pause(40);
    writeSync(descriptor, content, 0);
    closeSync(descriptor);
  },
  'renamed over (sed -i, Kate, Sublime Text)': (file, content) => {
    const beside = path.join(path.dirname(file), 'sedAb3Xz');
    writeFileSync(beside, content);
    renameSync(beside, file);
  },
  'renamed over from a dotfile (gedit, GNOME)': (file, content) => {
    const beside = path.join(path.dirname(file), '.goutputstream-4QZ1');
    writeFileSync(beside, content);
    renameSync(beside, file);
  },
  'vim: 4913, backup by renaming, swap file': async (file, content) => {
    const folder = path.dirname(file);
    const swap = path.join(folder, '.sample.ts.swp');
    writeFileSync(swap, 'b0VIM 9.1');
    appendFileSync(swap, 'x');
    writeFileSync(path.join(folder, '4913'), '');
    unlinkSync(path.join(folder, '4913'));
    renameSync(file, `${file}~`);
    await pause(15);
    const descriptor = openSync(file, 'w');
    writeSync(descriptor, content);
    fsyncSync(descriptor);
    closeSync(descriptor);
    unlinkSync(`${file}~`);
    appendFileSync(swap, 'y');
    unlinkSync(swap);
  },
  'vim: backup by copying': (file, content) => {
    copyFileSync(file, `${file}~`);
    writeFileSync(file, content);
    unlinkSync(`${file}~`);
  },
  'Emacs: lock link, auto-save, backup': (file, content) => {
    const folder = path.dirname(file);
    symlinkSync('somebody@somewhere.4711:1700000000', path.join(folder, '.#sample.ts'));
    writeFileSync(path.join(folder, '#sample.ts#'), content);
    renameSync(file, `${file}~`);
    writeFileSync(file, content);
    unlinkSync(path.join(folder, '#sample.ts#'));
    unlinkSync(path.join(folder, '.#sample.ts'));
  },
  'JetBrains: safe write': (file, content) => {
    writeFileSync(`${file}___jb_tmp___`, content);
    renameSync(file, `${file}___jb_old___`);
    renameSync(`${file}___jb_tmp___`, file);
    unlinkSync(`${file}___jb_old___`);
  },
  'deleted and made anew (git checkout)': async (file, content) => {
    unlinkSync(file);
    await pause(15);
    writeFileSync(file, content);
  },
  'the whole folder replaced': async (file, content) => {
    const folder = path.dirname(file);
    renameSync(folder, mkdtempSync(`${folder}.old`));
    await pause(15);
    mkdirSync(folder);
    writeFileSync(file, content);
  },
};

describe.each(Object.entries(EDITORS))('%s', (_, save) => {
  test('is seen exactly once, twice in a row', async () => {
    const { file } = await open();
    await save(file, text(1));
    await bench?.expectOnce({ type: 'saved', text: text(1) });
    bench?.told.splice(0);
    await save(file, text(2));
    await bench?.expectOnce({ type: 'saved', text: text(2) });
  });
});

describe('what changes nothing', () => {
  const IDLE: Record<string, (file: string) => void> = {
    'a touch': (file) => utimesSync(file, new Date(), new Date()),
    'an identical save': (file) => writeFileSync(file, text(0)),
    'an identical save by renaming': (file) => {
      writeFileSync(`${file}.tmp`, text(0));
      renameSync(`${file}.tmp`, file);
    },
    'a script that nothing imports': (file) => writeFileSync(path.join(path.dirname(file), 'notes.ts'), 'scribble'),
    'the statement': (file) => writeFileSync(path.join(path.dirname(file), 'README.md'), 'scribble'),
  };
  test.each(Object.entries(IDLE))('%s', async (_, act) => {
    const { file } = await open();
    act(file);
    await pause(30); // gives a wrong watcher the time to tell
    writeFileSync(file, text(1));
    await bench?.expectOnce({ type: 'saved', text: text(1) });
  });
});

test('saves in quick succession: the last one always wins', async () => {
  const one = await open();
  for (let n = 1; n <= 20; n++) {
    writeFileSync(one.file, text(n));
    await pause(n % 4 === 0 ? 12 : 3);
  }
  await one.until((told) => told.at(-1)?.text === text(20));
});

test('a stream of events does not put reading off for ever', async () => {
  const one = await open({ times: { quiet: 40, patience: 60 } });
  const noise = setInterval(() => writeFileSync(path.join(one.folder, 'log.ts'), String(Math.random())), 5);
  try {
    writeFileSync(one.file, text(1));
    await one.until((told) => told.at(-1)?.text === text(1));
  } finally {
    clearInterval(noise);
  }
});

test('a file that the subject imports counts, from when it is imported', async () => {
  const one = await open();
  const helper = path.join(one.folder, 'helper.ts');
  writeFileSync(helper, text(1));
  const importing = `export { value } from './helper.ts';\n`;
  writeFileSync(one.file, importing);
  await one.until((told) => told.at(-1)?.text === importing + text(1));
  writeFileSync(helper, text(2));
  await one.until((told) => told.at(-1)?.text === importing + text(2));
  expect(one.told).toHaveLength(2);
});

test('a file that is imported before it exists is seen when it comes', async () => {
  const one = await open();
  const importing = `export { value } from './later.ts';\n`;
  writeFileSync(one.file, importing);
  await one.until((told) => told.at(-1)?.text === importing);
  writeFileSync(path.join(one.folder, 'later.ts'), text(3));
  await one.until((told) => told.at(-1)?.text === importing + text(3));
});

test('deletion is told, and so is the return, even of the same text', async () => {
  const one = await open();
  unlinkSync(one.file);
  await one.until((told) => told.at(-1)?.type === 'gone');
  writeFileSync(one.file, text(0));
  await one.until((told) => told.at(-1)?.type === 'saved');
  expect(one.told).toEqual([{ type: 'gone' }, { type: 'saved', text: text(0) }]);
});

test('the folder may vanish and return', async () => {
  const one = await open();
  rmSync(one.folder, { recursive: true });
  await one.until((told) => told.at(-1)?.type === 'gone');
  mkdirSync(one.folder);
  writeFileSync(one.file, text(1));
  await one.until((told) => told.at(-1)?.text === text(1));
  writeFileSync(one.file, text(2));
  await one.until((told) => told.at(-1)?.text === text(2));
});

test('a file saved empty is believed in the end', async () => {
  const one = await open();
  writeFileSync(one.file, '');
  await one.until((told) => told.at(-1)?.text === '');
});

/** A platform that never tells of anything. */
const deaf = (): Eyes => ({ on: (event, heard) => event === 'ready' && heard(), close: async () => {} });

test('where the platform tells nothing, it polls and says so', async () => {
  const one = await open({ openEyes: deaf, times: { probe: 20, polling: 20 } });
  expect(one.told).toEqual([{ type: 'polling', why: expect.stringContaining('no changes') }]);
  one.told.splice(0);
  writeFileSync(one.file, text(1));
  await one.expectOnce({ type: 'saved', text: text(1) });
});

test('where watching fails, it polls and says why', async () => {
  const broken = (): Eyes => ({
    on: (event, heard) => {
      if (event === 'ready') heard();
      if (event === 'error') heard(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    },
    close: async () => {},
  });
  const one = await open({ openEyes: broken, times: { probe: 20, polling: 20 } });
  expect(one.told[0]).toEqual({ type: 'polling', why: 'ENOSPC' });
  expect(one.told).toHaveLength(1);
});
