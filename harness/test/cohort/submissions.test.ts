/** Submissions of every kind, whole, broken and hostile: what is staged of them, and what is said. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { Header } from 'tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nameLearners, type Submission, stage } from '../../cohort/submissions.ts';
import { loadManifest } from '../../manifest.ts';
import { LARGEST } from '../../run/largest.ts';

const exercises = loadManifest();
const RING = '03-ring-buffer/ring-buffer.ts';
const TEXT = 'export class RingBuffer {}\n';

let home: string;
let stageFolder: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'wirekata-submissions-'));
  stageFolder = path.join(home, 'stage');
});
afterEach(() => rmSync(home, { recursive: true }));

function write(file: string, content: string | Uint8Array = TEXT): string {
  const target = path.join(home, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
  return target;
}

const stageOne = (source: string) =>
  stage({ learner: 'anna', source: path.join(home, source) }, exercises, stageFolder);

/** Everything that was copied, by its path. */
function stagedFiles(): Record<string, string> {
  const folder = path.join(stageFolder, 'anna');
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file), readFileSync(file, 'utf8')];
    }),
  );
}

interface TarEntry {
  path: string;
  type?: 'File' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice';
  linkpath?: string;
  body?: string | Buffer;
}

/** What no tar program would make. */
function tar(entries: TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path: name, type = 'File', linkpath = '', body = '' }) => {
    const bytes = Buffer.from(body as string);
    const header = new Header({ path: name, type, linkpath, size: bytes.length, mode: 0o644, mtime: new Date(0) });
    header.encode();
    return [header.block as Buffer, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function git(cwd: string, ...args: string[]): void {
  const who = ['-c', 'user.name=Anna', '-c', 'user.email=anna@example.org', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, '-c', 'init.defaultBranch=main', ...args], { cwd, stdio: 'pipe' });
}

/** A bare repository with one commit of what is in `folder`. */
function bare(folder: string, name: string): string {
  const work = path.join(home, folder);
  git(work, 'init', '-q');
  git(work, 'add', '-A');
  git(work, 'commit', '-q', '--allow-empty', '-m', 'x');
  git(home, 'clone', '-q', '--bare', folder, name);
  return name;
}

describe('learners are named after their submissions', () => {
  test.each<[string, string]>([
    ['submissions/anna', 'anna'],
    ['submissions/anna/', 'anna'],
    ['submissions/anna/exercises', 'anna'],
    ['anna.tgz', 'anna'],
    ['Anna B. (late).tar.gz', 'Anna-B.-late'],
    ['file:///srv/git/anna.git', 'anna'],
    ['Zoë.zip', 'Zoë'],
    ['../..', 'learner'],
    ['.ssh', 'ssh'],
    ['a\nb\0c.zip', 'a-b-c'],
  ])('%j: %s', (source, learner) => expect(nameLearners([source])[0]?.learner).toBe(learner));

  test('no two have one name, not even where case does not count', () => {
    const names = nameLearners(['a/anna', 'b/Anna', 'c/anna', 'anna-2.zip']).map(({ learner }) => learner);
    expect(names).toEqual(['anna', 'Anna-2', 'anna-3', 'anna-2-2']);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(4);
  });
});

describe('each kind', () => {
  const kinds: [string, () => string][] = [
    ['a clone', () => path.dirname(path.dirname(path.dirname(write(`clone/exercises/${RING}`))))],
    ['an exercises folder', () => path.dirname(path.dirname(write(`anna/exercises/${RING}`)))],
    ['a folder that holds exercises', () => path.dirname(path.dirname(write(`anna/${RING}`)))],
    [
      'a folder in a folder',
      () => write(`anna/repository-main/exercises/${RING}`).split('/repository-main')[0] as string,
    ],
    ['a .tgz', () => write('anna.tgz', gzipSync(tar([{ path: `./clone/exercises/${RING}`, body: TEXT }])))],
    ['a .tar', () => write('anna.tar', tar([{ path: RING, body: TEXT }]))],
    ['a .zip', () => write('anna.zip', zipSync({ [`clone/exercises/${RING}`]: Buffer.from(TEXT) }))],
    ['an archive with another’s ending', () => write('anna.zip', gzipSync(tar([{ path: RING, body: TEXT }])))],
    [
      'a bare repository',
      () => {
        write(`work/exercises/${RING}`);
        return path.join(home, bare('work', 'anna.git'));
      },
    ],
  ];

  test.each(kinds)('%s', async (_, make) => {
    const submission = await stageOne(path.relative(home, make()));
    expect(submission.problem).toBeUndefined();
    expect(submission.exercises.map(({ exercise }) => exercise.id)).toEqual(['03-ring-buffer']);
    expect(stagedFiles()).toEqual({ [RING]: TEXT });
    expect(readdirSync(stageFolder)).toEqual(['anna']);
  });

  test('a git URL', async () => {
    write(`work/exercises/${RING}`);
    const source = `file://${path.join(home, bare('work', 'anna.git'))}`;
    const submission = await stage({ learner: 'anna', source }, exercises, stageFolder);
    expect([submission.problem, stagedFiles()]).toEqual([undefined, { [RING]: TEXT }]);
  });

  test('of a whole clone the exercises are taken, not the solutions and suites', async () => {
    write(`clone/exercises/${RING}`);
    write(`clone/solutions/${RING}`, 'the reference');
    write(`clone/harness/suites/${RING}`, 'the suite');
    await stageOne('clone');
    expect(stagedFiles()).toEqual({ [RING]: TEXT });
  });

  test('files beside the learner’s come along, hidden ones and node_modules do not', async () => {
    write(`anna/${RING}`);
    write('anna/03-ring-buffer/lib/deep/part.ts', 'part');
    write('anna/03-ring-buffer/.git/config', 'hidden');
    write('anna/03-ring-buffer/node_modules/x/index.js', 'package');
    await stageOne('anna');
    expect(Object.keys(stagedFiles()).sort()).toEqual(['03-ring-buffer/lib/deep/part.ts', RING]);
  });
});

describe('what cannot be graded is said of it, and of nobody else', () => {
  const cases: [string, RegExp, () => void][] = [
    ['is missing', /does not exist/, () => {}],
    ['is an empty folder', /no folder in it is named like an exercise/, () => mkdirSync(path.join(home, 'anna'))],
    ['is an empty file', /neither a folder nor/, () => write('anna', '')],
    ['is a text', /neither a folder nor/, () => write('anna', 'Here is my homework. '.repeat(100))],
    [
      'is a cut .tgz',
      /unexpected end of file/,
      () => {
        write('anna', gzipSync(tar([{ path: RING, body: TEXT.repeat(100) }])).subarray(0, 60));
      },
    ],
    ['is a .tgz of something else', /damaged|no folder in it/, () => write('anna', gzipSync('x'.repeat(2_000)))],
    ['is a cut .tar', /damaged/, () => write('anna', tar([{ path: RING, body: TEXT }]).subarray(0, 530))],
    [
      'is a cut .zip',
      /End of central directory/i,
      () => {
        write('anna', zipSync({ [RING]: Buffer.from(TEXT) }).subarray(0, 50));
      },
    ],
    [
      'is a .zip whose data is damaged',
      /invalid|incorrect|unexpected|too (many|few)/,
      () => {
        const zip = zipSync({ [RING]: Buffer.from(TEXT.repeat(50)) });
        zip.fill(0xff, 70, 80);
        write('anna', zip);
      },
    ],
    ['is an empty repository', /git cannot read it/, () => git(home, 'init', '-q', '--bare', 'anna')],
    [
      'is a repository without objects',
      /git cannot/,
      () => {
        for (const name of ['objects', 'refs']) mkdirSync(path.join(home, 'anna', name), { recursive: true });
        write('anna/HEAD', 'ref: refs/heads/main\n');
      },
    ],
    ['is a pipe', /neither a folder nor/, () => void execFileSync('mkfifo', [path.join(home, 'anna')])],
  ];

  test.each(cases)('one that %s', async (_, says, make) => {
    make();
    const { problem, exercises: staged } = await stageOne('anna');
    expect(problem).toMatch(says);
    expect([staged, stagedFiles()]).toEqual([[], {}]);
  });

  test('a URL of elsewhere is not fetched', async () => {
    const { problem } = await stage({ learner: 'anna', source: 'ssh://git@192.0.2.1/x.git' }, exercises, stageFolder);
    expect(problem).toMatch(/on this disk/);
  });
});

/** What lies outside, and must neither be read nor written. */
function outside(): string {
  return write('secret/ring-buffer.ts', 'secret');
}

describe('hostile archives', () => {
  /** gzip goes on after the end of a member, so a few MB make as many GB as one likes. */
  const bomb = () => {
    const zeros = gzipSync(Buffer.alloc(64 * 2 ** 20), { level: constants.Z_BEST_SPEED });
    const start = new Header({ path: '03-ring-buffer/x.ts', type: 'File', size: 2 ** 40, mode: 0o644 });
    start.encode();
    return Buffer.concat([gzipSync(start.block as Buffer), ...Array.from({ length: 9 }, () => zeros)]);
  };
  const refused: [string, RegExp, () => Uint8Array][] = [
    ['a path upwards, in a tar', /leads out of it/, () => tar([{ path: `../../${RING}`, body: 'x' }])],
    [
      'a path upwards inside, in a tar',
      /leads out of it/,
      () => tar([{ path: `exercises/../../../${RING}`, body: 'x' }]),
    ],
    ['an absolute path, in a tar', /leads out of it/, () => tar([{ path: `/tmp/${RING}`, body: 'x' }])],
    [
      'a path upwards, in a zip',
      /relative path|leads out of it/,
      () => zipSync({ [`../../${RING}`]: Buffer.from('x') }),
    ],
    [
      'an absolute path, in a zip',
      /absolute path|leads out of it/,
      () => zipSync({ [`/tmp/${RING}`]: Buffer.from('x') }),
    ],
    ['a backslash path, in a zip', /path|no folder/, () => zipSync({ [`..\\..\\${RING}`]: Buffer.from('x') })],
    ['a gzip bomb', /unpacks to more than/, bomb],
    ['a bomb in a bomb', /compressed twice/, () => gzipSync(bomb())],
    [
      'large files, in a zip',
      /unpack to more than/,
      () => {
        const zeros = Buffer.alloc(2 * LARGEST);
        const files = Array.from({ length: 40 }, (_, n) => [`03-ring-buffer/${n}.ts`, zeros]);
        return zipSync(Object.fromEntries(files), { level: 1 });
      },
    ],
    [
      'large files, in a tar',
      /unpack to more than/,
      () => tar(Array.from({ length: 40 }, (_, n) => ({ path: `03-ring-buffer/${n}.ts`, body: ' '.repeat(LARGEST) }))),
    ],
    [
      'many entries',
      /more than \d+ entries/,
      () => Buffer.concat(Array.from({ length: 50_001 }, () => tar([{ path: 'x' }]).subarray(0, 512))),
    ],
    [
      'a folder where a file is',
      /EEXIST|ENOTDIR|EISDIR/,
      () =>
        tar([
          { path: '03-ring-buffer/a', body: 'x' },
          { path: '03-ring-buffer/a/b', body: 'x' },
        ]),
    ],
  ];

  test.each(refused)('%s', async (_, says, make) => {
    write('anna', make());
    const { problem } = await stageOne('anna');
    expect(problem).toMatch(says);
    expect(readdirSync(home).sort()).toEqual(['anna', 'stage']);
    expect(readdirSync(stageFolder)).toEqual([]);
  });

  test.each<[string, (secret: string) => Uint8Array]>([
    ['a link as the file, in a tar', (secret) => tar([{ path: RING, type: 'SymbolicLink', linkpath: secret }])],
    ['a hard link as the file', (secret) => tar([{ path: RING, type: 'Link', linkpath: secret }])],
    [
      'a link as the folder, then a file in it',
      (secret) => {
        const folder = path.dirname(secret);
        return tar([
          { path: '03-ring-buffer', type: 'SymbolicLink', linkpath: folder },
          { path: RING, body: TEXT },
        ]);
      },
    ],
    [
      'a pipe and a device',
      () => {
        return tar([
          { path: RING, type: 'FIFO' },
          { path: '03-ring-buffer/x', type: 'CharacterDevice' },
        ]);
      },
    ],
    [
      'a link as the file, in a zip',
      (secret) => {
        const mode = (0o120777 << 16) >>> 0;
        return zipSync({ [RING]: [Buffer.from(secret), { os: 3, attrs: mode }] });
      },
    ],
  ])('%s: nothing of the outside is read or written', async (_, make) => {
    const secret = outside();
    write('anna', make(secret));
    await stageOne('anna');
    expect(Object.values(stagedFiles()).filter((text) => text !== TEXT)).toEqual([]);
    expect(readdirSync(path.dirname(secret))).toEqual(['ring-buffer.ts']);
    expect(readFileSync(secret, 'utf8')).toBe('secret');
  });

  test('a repository with links: what they lead to is not read', async () => {
    const secret = outside();
    mkdirSync(path.join(home, 'work/03-ring-buffer'), { recursive: true });
    symlinkSync(secret, path.join(home, 'work', RING));
    await stageOne(bare('work', 'anna.git'));
    expect(stagedFiles()).toEqual({});
  });

  test('a repository whose configuration names programs: none is run', async () => {
    write(`work/${RING}`);
    write('work/.gitattributes', '* filter=evil diff=evil export-subst\n');
    const repository = path.join(home, bare('work', 'anna.git'));
    const evil = write('evil.sh', `#!/bin/sh\ntouch ${path.join(home, 'escaped')}\ncat\n`);
    chmodSync(evil, 0o755);
    for (const key of [
      'core.fsmonitor',
      'filter.evil.smudge',
      'uploadpack.packObjectsHook',
      'core.sshCommand',
      'tar.tar.command',
    ]) {
      git(repository, 'config', key, evil);
    }
    for (const hook of ['post-checkout', 'pre-receive', 'post-update', 'reference-transaction']) {
      writeFileSync(path.join(repository, 'hooks', hook), readFileSync(evil), { mode: 0o755 });
    }
    const { problem } = await stageOne('anna.git');
    expect([problem, stagedFiles()]).toEqual([undefined, { [RING]: TEXT }]);
    expect(existsSync(path.join(home, 'escaped'))).toBe(false);
  });
});

describe('hostile folders', () => {
  async function problemOf(make: () => void): Promise<string | undefined> {
    mkdirSync(path.join(home, 'anna/03-ring-buffer'), { recursive: true });
    make();
    const submission: Submission = await stageOne('anna');
    return submission.exercises[0]?.problem;
  }
  const file = () => path.join(home, 'anna', RING);

  test('a link as the file', async () => {
    const secret = outside();
    expect(await problemOf(() => symlinkSync(secret, file()))).toBe(
      'ring-buffer.ts is a link: hand in the file itself',
    );
    expect(stagedFiles()).toEqual({});
  });

  test('a link as the exercise’s folder is no folder', async () => {
    const folder = path.dirname(outside());
    mkdirSync(path.join(home, 'anna'));
    symlinkSync(folder, path.join(home, 'anna/03-ring-buffer'));
    expect((await stageOne('anna')).problem).toMatch(/no folder in it/);
  });

  test('a pipe as the file does not hold the grader up', async () => {
    expect(await problemOf(() => void execFileSync('mkfifo', [file()]))).toMatch(/ring-buffer\.ts is a link/);
  });

  test('a file that is too large', async () => {
    expect(await problemOf(() => writeFileSync(file(), Buffer.alloc(LARGEST + 1)))).toMatch(/larger than 1 MB/);
  });

  test('too many files', async () => {
    const many = () => {
      for (let n = 0; n < 300; n++) write(`anna/03-ring-buffer/${n}.ts`);
    };
    expect(await problemOf(many)).toMatch(/more than 200 files/);
  });

  test('folders in folders without end', async () => {
    expect(await problemOf(() => write(`anna/03-ring-buffer/${'deep/'.repeat(100)}x.ts`))).toBeUndefined();
    expect(stagedFiles()).toEqual({});
  });
});
