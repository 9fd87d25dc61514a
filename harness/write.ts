/** Files that must not be lost: whole or not at all, whatever happens meanwhile. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Written beside, synced, and renamed over: at any instant the file is the old one or the new one. */
export function writeAtomically(file: string, text: string | Iterable<string>): void {
  makeFolder(path.dirname(file));
  const beside = `${file}.${process.pid}.tmp`;
  try {
    writeAndSync(beside, typeof text === 'string' ? [text] : text);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** As `mkdir -p`. What Node itself makes of a read-only file system is “no such file”. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function writeAndSync(file: string, parts: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  try {
    // Goes on after a short write, which is what a disk that is nearly full answers first.
    for (const part of parts) writeFileSync(descriptor, part);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
