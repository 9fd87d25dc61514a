/**
 * Archives of strangers: .tar, .tar.gz and .zip, told by their first bytes.
 *
 * Of an archive only regular files are written that lie in a folder named like an exercise; links, devices and
 * everything else are passed over, so that no path leads anywhere else. An archive with a path that leads out of it
 * was not made by accident and is refused as a whole. Limits hold for what comes out, whatever the archive claims.
 */
import { constants, createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { LARGEST } from '../run/largest.ts';

const MB = 2 ** 20;
/** A clone with all of its node_modules has 17,000 entries and 250 MB. */
const MOST_ENTRIES = 50_000;
const MOST_BYTES = 512 * MB;
const MOST_WRITTEN = 32 * MB;
/** A folder of an exercise: 03-ring-buffer. */
const EXERCISE = /^\d\d-[a-z][a-z0-9-]*$/;

/** Resolves to `into`, which then holds the files of exercises. Rejects with what is wrong with the archive. */
export async function unpackArchive(file: string, into: string): Promise<string> {
  const kind = await kindOf(file);
  if (kind === 'zip') await unpackZip(file, into);
  else await unpackTar(kind === 'gzip' ? gunzipped(file) : createReadStream(file), into);
  return into;
}

/** By the magic numbers of the formats; the name says little. */
async function kindOf(file: string): Promise<'zip' | 'gzip' | 'tar'> {
  const start = Buffer.alloc(262);
  const handle = await open(file);
  try {
    await handle.read(start, 0, start.length, 0);
  } finally {
    await handle.close();
  }
  if (start.toString('latin1', 0, 2) === 'PK') return 'zip';
  if (isGzip(start)) return 'gzip';
  if (start.toString('latin1', 257, 262) === 'ustar') return 'tar';
  throw new Error('it is neither a folder nor a .tgz, .tar or .zip archive nor a git repository');
}

function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

function gunzipped(file: string): Readable {
  const gunzip = createGunzip();
  return pipeline(createReadStream(file), gunzip, () => {}) as Readable;
}

/** Rejects for a stream that is no whole tar archive. */
export async function unpackTar(stream: Readable, into: string): Promise<void> {
  const target = new Target(into);
  let problem: Error | undefined;
  const parser = new Parser({
    onReadEntry: (entry) => {
      try {
        readEntry(entry, target);
      } catch (error) {
        problem ??= error as Error;
        entry.resume();
      }
    },
    // What it passes over, it tells here; the code names what it cannot get over.
    onwarn: (code, message) => {
      if (code === 'TAR_BAD_ARCHIVE' || code === 'TAR_ABORT') problem ??= new Error(`it is damaged: ${message}`);
    },
  });
  // What follows the end of an archive is none of it; the parser would keep it all.
  let ended = false;
  let first = true;
  parser.on('eof', () => {
    ended = true;
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      // The parser would unpack it, uncounted.
      if (first && isGzip(chunk)) throw new Error('it is compressed twice');
      first = false;
      target.count(chunk.length);
      parser.write(chunk);
      if (problem) throw problem;
      if (ended) break;
    }
    parser.end();
  } finally {
    stream.destroy();
  }
  if (problem) throw problem;
}

function readEntry(entry: ReadEntry, target: Target): void {
  const name = target.place(entry.path);
  if (!name || (entry.type !== 'File' && entry.type !== 'OldFile')) {
    entry.resume();
    return;
  }
  const start = new Start();
  entry.on('data', (chunk) => start.add(chunk));
  entry.on('end', () => target.write(name, start.bytes));
}

async function unpackZip(file: string, into: string): Promise<void> {
  const target = new Target(into);
  const zip = await yauzl.openPromise(file, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = target.place(entry.fileName);
      if (name && isRegular(entry)) await readZipped(zip, entry, name, target);
    }
  } finally {
    zip.close();
  }
}

async function readZipped(zip: ZipFile, entry: Entry, name: string, target: Target): Promise<void> {
  const start = new Start();
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    start.add(chunk as Buffer);
    if (start.isFull) break;
  }
  target.write(name, start.bytes);
}

/** The upper half of the attributes is the mode of Unix, if anything: APPNOTE 4.4.15, as all tools have it. */
function isRegular({ fileName, externalFileAttributes }: Entry): boolean {
  const type = (externalFileAttributes >>> 16) & constants.S_IFMT;
  return !fileName.endsWith('/') && (type === 0 || type === constants.S_IFREG);
}

/** As much of a file as it takes to see that it is too large. */
class Start {
  #chunks: Buffer[] = [];
  #length = 0;

  add(chunk: Buffer): void {
    const room = LARGEST + 1 - this.#length;
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#length += Math.min(room, chunk.length);
  }

  get isFull(): boolean {
    return this.#length > LARGEST;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Where the files of one archive go, and how much of it has been seen. */
class Target {
  readonly #into: string;
  #entries = 0;
  #bytes = 0;
  #written = 0;

  constructor(into: string) {
    this.#into = into;
    mkdirSync(into, { recursive: true });
  }

  /** Counts an entry. Gives its path, if it lies in an exercise's folder. */
  place(name: string): string | undefined {
    if (++this.#entries > MOST_ENTRIES) throw new Error(`it holds more than ${MOST_ENTRIES} entries`);
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    if (name.startsWith('/') || parts.includes('..') || name.includes('\\') || name.includes('\0')) {
      throw new Error(`it holds ${JSON.stringify(name)}, a path that leads out of it`);
    }
    return parts.some((part) => EXERCISE.test(part)) && !parts.includes('node_modules') ? parts.join('/') : undefined;
  }

  /** Counts bytes that came out of the compression. */
  count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MOST_BYTES) throw new Error(`it unpacks to more than ${MOST_BYTES / MB} MB`);
  }

  write(name: string, bytes: Buffer): void {
    this.#written += bytes.length;
    if (this.#written > MOST_WRITTEN) throw new Error(`its exercises unpack to more than ${MOST_WRITTEN / MB} MB`);
    const file = path.join(this.#into, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
