/** Keys and the lock: small parts that the terminal tests would reach only now and then. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keysIn } from '../../watch/keys.ts';
import { takeLock } from '../../watch/lock.ts';

describe('keys', () => {
  test.each([
    ['n', ['n']],
    ['nh?', ['n', 'h', '?']],
    ['\x03', ['ctrl-c']],
    ['\x1a', ['ctrl-z']],
    ['\x1b', ['escape']],
    [' \r', ['space', 'enter']],
    ['\x1b[A\x1bOB\x1b[5~\x1b[6~', ['up', 'down', 'page-up', 'page-down']],
    ['\x1b[H\x1b[1~\x1bOF\x1b[4~', ['home', 'home', 'end', 'end']],
    ['\x1b[1;5D', []],
    ['\x00\x07\x7f', []],
    ['é宽😀', ['é', '宽', '😀']],
    ['', []],
  ])('%j', (text, keys) => expect(keysIn(text)).toEqual(keys));
});

describe('the lock', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'wirekata-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = () => path.join(folder, 'watch.lock');
  const write = (holder: object) => writeFileSync(file(), JSON.stringify(holder));

  test('is held by one, and told to the other', () => {
    const first = takeLock(folder, '03-ring');
    expect(first.held).toBe(true);
    const second = takeLock(folder, '05-frames');
    expect(second).toMatchObject({ held: false, by: { pid: process.pid, exercise: '03-ring' } });
    if (first.held) first.release();
    expect(existsSync(file())).toBe(false);
    expect(takeLock(folder, '05-frames').held).toBe(true);
  });

  test('of a process that has ended is taken over', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    write({ pid, began: '1', exercise: '03-ring', since: '' });
    expect(takeLock(folder, '05-frames').held).toBe(true);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  test.runIf(existsSync('/proc/self/stat'))('of another process with the same pid is taken over', () => {
    write({ pid: process.pid, began: '1', exercise: '03-ring', since: '' });
    expect(takeLock(folder, '05-frames').held).toBe(true);
  });

  test.each(['', '{', '{"pid":-1}', '{"pid":"x"}'])('that cannot be read is taken over: %j', (text) => {
    writeFileSync(file(), text);
    expect(takeLock(folder, '05-frames').held).toBe(true);
  });

  test('is done without where it cannot be written', () => {
    const inside = path.join(folder, 'a file');
    writeFileSync(inside, '');
    expect(takeLock(inside, '03-ring').held).toBe(true);
  });

  test('that has passed to another is not released', () => {
    const mine = takeLock(folder, '03-ring');
    write({ pid: 1, began: '', exercise: '', since: '' });
    if (mine.held) mine.release();
    expect(existsSync(file())).toBe(true);
  });
});
