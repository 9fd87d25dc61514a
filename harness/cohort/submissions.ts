/**
 * From the arguments of `grade` to private copies of what is to be graded.
 *
 * An argument is a folder (a learner's clone, an exercises folder, or one that just holds exercises), an archive, or a
 * git repository on disk. Whatever it is, its exercises are copied to `STAGE/LEARNER/03-ring-buffer/`, and everything
 * after that reads the copy: regular files only, no more of them and no larger than can be meant. Nothing that a
 * submission does to itself ends more than its own grading.
 */
import { constants } from 'node:fs';
import { mkdir, open, opendir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Exercise } from '../manifest.ts';
import { LARGEST } from '../run/largest.ts';

export interface Submission {
  /** Unique, safe as a file name. */
  learner: string;
  /** The argument. */
  source: string;
  exercises: StagedExercise[];
  /** Why nothing of it can be graded. */
  problem?: string;
}

export interface StagedExercise {
  exercise: Exercise;
  folder: string;
  /** Why it cannot be graded as it is. */
  problem?: string;
}

const MB = 2 ** 20;
const MOST_FILES = 200;
/** Of one exercise: all of it travels in one message of a queue (queue/message.ts). */
const MOST_BYTES = 4 * MB;
const DEEPEST = 6;
/** Submissions come as folders in folders: `anna/repository-main/exercises/…`. */
const MOST_SUBFOLDERS = 50;

/** Learners' names from arguments: the last part of a path without its ending, made unique. */
export function nameLearners(sources: string[]): { learner: string; source: string }[] {
  const taken = new Set<string>();
  return sources.map((source) => {
    const name = nameOf(source);
    let learner = name;
    for (let n = 2; taken.has(learner.toLowerCase()); n++) learner = `${name}-${n}`;
    taken.add(learner.toLowerCase());
    return { learner, source };
  });
}

function nameOf(source: string): string {
  const parts = source.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  if (parts.at(-1) === 'exercises' && parts.length > 1) parts.pop();
  const name = (parts.at(-1) ?? '').replace(/\.(git|zip|tar|tgz|tar\.gz)$/i, '').normalize('NFC');
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[.-]+$/g, '');
  return [...safe].slice(0, 60).join('') || 'learner';
}

/** Never rejects for anything that a submission is. */
export async function stage(
  { learner, source }: { learner: string; source: string },
  exercises: Exercise[],
  stageFolder: string,
): Promise<Submission> {
  const home = path.join(stageFolder, learner);
  const unpacked = path.join(stageFolder, '.unpacked');
  const nothing = { learner, source, exercises: [] };
  try {
    const folder = await folderOf(source, unpacked);
    const base = await findBase(folder, exercises);
    if (!base) return { ...nothing, problem: `no folder in it is named like an exercise (${exercises[0]?.id})` };
    return { learner, source, exercises: await copyExercises(base, exercises, home) };
  } catch (error) {
    return { ...nothing, problem: (error as Error).message.replaceAll(`${unpacked}/`, '') };
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function folderOf(source: string, unpacked: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return fromUrl(source, unpacked);
  const facts = await stat(source).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? 'it does not exist' : `it cannot be read (${error.code})`);
  });
  if (facts.isFile()) return (await import('./unpack.ts')).unpackArchive(source, unpacked);
  if (!facts.isDirectory()) throw new Error('it is neither a folder nor an archive nor a git repository');
  return (await isBareRepository(source)) ? fromRepository(path.resolve(source), unpacked) : source;
}

function fromUrl(url: string, unpacked: string): Promise<string> {
  if (/^file:\/\/\//i.test(url)) return fromRepository(url, unpacked);
  throw new Error('only repositories on this disk are read: clone it, and name the clone');
}

async function fromRepository(source: string, unpacked: string): Promise<string> {
  return (await import('./repository.ts')).unpackRepository(source, unpacked);
}

/** A folder that is laid out as gitrepository-layout(5) says, without a work tree. */
async function isBareRepository(folder: string): Promise<boolean> {
  const parts = ['HEAD', 'objects', 'refs'].map((name) => stat(path.join(folder, name)));
  return (await Promise.allSettled(parts)).every(({ status }) => status === 'fulfilled');
}

/** The folder in which the exercises lie: this one, its `exercises`, or the same one level down. */
async function findBase(folder: string, exercises: Exercise[]): Promise<string | undefined> {
  const ids = new Set(exercises.map(({ id }) => id));
  const below = (await foldersIn(folder, MOST_SUBFOLDERS)).map((name) => path.join(folder, name));
  for (const one of [folder, ...below]) {
    // A clone has folders of these names in three places.
    for (const base of [path.join(one, 'exercises'), one]) {
      if ((await foldersIn(base)).some((name) => ids.has(name))) return base;
    }
  }
  return undefined;
}

/** Names of real folders: links are not followed. */
async function foldersIn(folder: string, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) names.push(entry.name);
      if (names.length >= most) break;
    }
  } catch {
    // It is none, or must not be read: then there is nothing in it.
  }
  return names.sort();
}

async function copyExercises(base: string, exercises: Exercise[], home: string): Promise<StagedExercise[]> {
  const present = new Set(await foldersIn(base));
  const staged: StagedExercise[] = [];
  for (const exercise of exercises.filter(({ id }) => present.has(id))) {
    const folder = path.join(home, exercise.id);
    await mkdir(folder, { recursive: true });
    const copy = new FolderCopy(path.join(base, exercise.id), folder);
    await copy.run();
    const why = copy.skipped.get(exercise.file);
    const problem = copy.problem ?? (why && `${exercise.file} ${why}`);
    staged.push({ exercise, folder, ...(problem && { problem }) });
  }
  return staged;
}

/** Copies the regular files of one folder, up to limits. */
class FolderCopy {
  readonly #from: string;
  readonly #to: string;
  #files = 0;
  #bytes = 0;
  /** What was not copied, by its name in the folder, and why. */
  readonly skipped = new Map<string, string>();
  problem: string | undefined;

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  async run(relative = '', depth = 0): Promise<void> {
    for await (const entry of await opendir(path.join(this.#from, relative))) {
      if (this.problem) return;
      const name = path.join(relative, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isFile()) await this.#copy(name);
      else if (!entry.isDirectory()) this.skipped.set(name, 'is a link: hand in the file itself');
      else if (depth < DEEPEST) {
        await mkdir(path.join(this.#to, name));
        await this.run(name, depth + 1);
      }
    }
  }

  async #copy(name: string): Promise<void> {
    if (++this.#files > MOST_FILES) this.problem = `its folder holds more than ${MOST_FILES} files`;
    const read = await readSmall(path.join(this.#from, name));
    if (typeof read === 'string') {
      this.skipped.set(name, read);
      return;
    }
    this.#bytes += read.length;
    if (this.#bytes > MOST_BYTES) this.problem = `its folder holds more than ${MOST_BYTES / MB} MB`;
    else await writeFile(path.join(this.#to, name), read);
  }
}

/** The content, or why there is none. */
async function readSmall(file: string): Promise<Buffer | string> {
  try {
    // It may have been exchanged for a link, or for a pipe that nobody writes to.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) return 'is no regular file';
      if (facts.size > LARGEST) return `is larger than ${LARGEST / MB} MB, and no more than that is read`;
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}
