/**
 * What the sandbox holds by itself. Each file of escapes/ is a subject that tries to get out, run with all that Node
 * and the kit forbid lifted: every builtin may be imported, and the permission flags are taken away. Its header says
 * what must come of it; `%NAMES%` in it stand for what it is after. None may print ESCAPED.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Exercise, findExercise, loadManifest, root } from '../../manifest.ts';
import { plannedCases } from '../../plan.ts';
import type { RunEvent } from '../../run/events.ts';
import { Runner } from '../../run/run.ts';
import { closeAll, openSandbox, type Sandbox } from '../../run/sandbox.ts';
import { readSubject } from '../../run/subject.ts';

const ESCAPES = path.join(import.meta.dirname, 'escapes');
const ring = findExercise(loadManifest(), 'ring-buffer');
const lifted: Exercise = { ...ring, imports: builtinModules.map((name) => `node:${name}`) };
const firstCase = plannedCases(ring)[0]?.id ?? '';

interface Escape {
  name: string;
  does: string;
  /** One of these must be in what it printed and how it ended. */
  outcomes: string[];
}

function readEscape(file: string): Escape {
  const text = readFileSync(path.join(ESCAPES, file), 'utf8');
  const fact = (label: string) => new RegExp(`^ \\* ${label}: (.+)$`, 'm').exec(text)?.[1] as string;
  return { name: path.basename(file, '.ts'), does: fact('escape'), outcomes: fact('outcome').split('|') };
}

const escapes = readdirSync(ESCAPES).map(readEscape);

/** The same, without Node's own permission model. */
const withoutFlags = (argv: string[]) => argv.filter((one) => !/^--((experimental-)?permission$|allow-)/.test(one));

const bwrap = await openSandbox('bwrap').catch((error: Error) => error.message);
if (typeof bwrap === 'string') console.log(`Escapes are not tried here. ${bwrap}`);
const jail: Sandbox | undefined =
  typeof bwrap === 'object' ? { ...bwrap, command: (argv) => bwrap.command(withoutFlags(argv)) } : undefined;
const open: Sandbox = { command: withoutFlags, descriptors: () => [], identity: {} };

/** What the escapes are after: a file, a variable, two servers, this process. */
class Loot {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'wirekata-loot-'));
  readonly mark = `wirekata-${process.pid}-${Date.now()}`;
  readonly #servers: Server[] = [];
  #port = 0;
  /** Connections that the servers were made. */
  visits = 0;

  async plant(): Promise<void> {
    writeFileSync(path.join(this.folder, 'secret'), this.mark, { mode: 0o644 });
    process.env.WIREKATA_SECRET = this.mark;
    this.#port = await this.#serve({ port: 0, host: '127.0.0.1' });
    // Node’s older versions have no abstract sockets: then there is nothing to be found.
    await this.#serve({ path: `\0${this.mark}` }).catch(() => {});
  }

  async #serve(where: { port?: number; host?: string; path?: string }): Promise<number> {
    const server = createServer((socket) => {
      this.visits++;
      socket.destroy();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(where, resolve);
    });
    this.#servers.push(server);
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  /** An escape, told what it is after. */
  aim(name: string): string {
    const facts: Record<string, string> = {
      SECRET_FILE: path.join(this.folder, 'secret'),
      SECRET: this.mark,
      MARK: this.mark,
      ABSTRACT: this.mark,
      ROOT: root.replace(/\/$/, ''),
      PORT: String(this.#port),
      PARENT: String(process.pid),
    };
    const text = readFileSync(path.join(ESCAPES, `${name}.ts`), 'utf8');
    const file = path.join(this.folder, name, 'ring-buffer.ts');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(
      file,
      text.replace(/%([A-Z_]+)%/g, (_, fact: string) => facts[fact] as string),
    );
    return file;
  }

  /** Command lines of processes that an escape has started. */
  get left(): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(commandLine)
      .filter((line) => line.includes(this.mark));
  }

  remove(): void {
    for (const server of this.#servers) server.close();
    rmSync(this.folder, { recursive: true });
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const loot = new Loot();
beforeAll(() => loot.plant());
afterAll(() => loot.remove());

async function attempt(runner: Runner, name: string): Promise<string> {
  const subject = readSubject(lifted, { name, file: loot.aim(name) });
  const events = await runner.run({ exercise: lifted, subject, suite: 'conformance', seed: 1, only: [firstCase] });
  return events.map(tellEvent).join('\n');
}

/** What it printed, and how it ended. */
function tellEvent(event: RunEvent): string {
  switch (event.type) {
    case 'output':
      return event.text + (event.cut > 0 ? '[output was cut]' : '');
    case 'killed':
      return `[killed ${event.reason}]`;
    case 'exited':
      return `[exited ${event.signal ?? event.code}]`;
    case 'import-failed':
      return `[import failed: ${event.error.message}]`;
    case 'refused':
      return `[refused ${event.what}]`;
    default:
      return `[${event.type}]`;
  }
}

/** Any program, in the sandbox as it is or changed. */
function runInside(argv: string[], change: (line: string[]) => string[] = (line) => line) {
  const { command, descriptors, identity } = jail as Sandbox;
  const [program = '', ...args] = change(command(argv));
  const opened = descriptors();
  const stdio = ['ignore', 'pipe', 'pipe', 'ignore', 'ignore', ...opened] as const;
  const ran = spawnSync(program, args, { ...identity, cwd: '/', env: {}, stdio: [...stdio], encoding: 'utf8' });
  closeAll(opened);
  return ran;
}

test('there are enough of them, and every file says what it is', () => {
  expect(escapes.length).toBeGreaterThanOrEqual(20);
  for (const { name, does } of escapes) expect(does, name).toBeDefined();
});

describe.skipIf(!jail)('in the sandbox', () => {
  const runner = new Runner({ ...(jail && { sandbox: jail }) });
  afterAll(() => runner.close());

  test.each(escapes)('$name: $does', async ({ name, outcomes }) => {
    const told = await attempt(runner, name);
    expect(told).not.toContain('ESCAPED');
    expect(
      outcomes.some((outcome) => told.includes(outcome)),
      told,
    ).toBe(true);
    await expect.poll(() => loot.left).toEqual([]);
    expect(loot.visits).toBe(0);
  });

  test.each(['ring-buffer', 'connection-pool'])(
    'a correct %s is still correct there, sockets and all',
    async (slug) => {
      const exercise = findExercise(loadManifest(), slug);
      const subject = readSubject(exercise, { name: 'reference', file: exercise.reference });
      const only = plannedCases(exercise)
        .map(({ id }) => id)
        .slice(-12);
      const events = await runner.run({ exercise, subject, suite: 'conformance', seed: 1, only });
      expect(events.filter((event) => event.type === 'case-ended' && event.status !== 'passed')).toEqual([]);
      expect(events.at(-1)).toEqual({ type: 'done' });
    },
  );

  test('localhost has its addresses there', () => {
    const script =
      "require('node:dns').lookup('localhost', { all: true }, (_, all) => console.log(JSON.stringify(all)))";
    expect(JSON.parse(runInside([process.execPath, '--eval', script]).stdout)).toContainEqual({
      address: '127.0.0.1',
      family: 4,
    });
  });

  test('there are no further user namespaces, in which one would be root', () => {
    const argv = ['/usr/bin/unshare', '--user', '/usr/bin/prlimit', '--version'];
    // The program is not there, so it is put there.
    const more = ['--ro-bind', argv[0] as string, argv[0] as string];
    expect(runInside(argv, (line) => line.toSpliced(1, 0, ...more)).status).not.toBe(0);
    const allowed = (line: string[]) => line.toSpliced(1, 0, ...more).filter((one) => one !== '--disable-userns');
    expect(runInside(argv, allowed)).toMatchObject({ status: 0, stderr: '' });
  });
});

/** Else the tests above would prove nothing. */
describe.skipIf(!jail)('outside of it', () => {
  const runner = new Runner({ sandbox: open });
  afterAll(() => runner.close());
  afterAll(() => {
    loot.visits = 0;
  });

  test.each([
    'reads-another-submission',
    'reads-the-environment',
    'reads-the-suite',
    'reads-the-users',
    'connects-to-the-host',
    'finds-the-parent',
    'runs-programs',
    'lists-other-submissions',
  ])('%s succeeds', async (name) => expect(await attempt(runner, name)).toContain('ESCAPED'));
});
