/**
 * Cases whose subject runs in a process of its own and is driven over loopback: for subjects that are clients or
 * servers on sockets.
 *
 *     remoteCase(facts, async (t, start) => {
 *       const gateway = await start({ origin: urlOf(origin), maxPerOrigin: 3 });
 *       const client = await loopback(t).connect(gateway.address);
 *       …
 *     });
 *
 * `start` runs the suite's `remote/program.ts`, with the subject in it, and resolves when it listens. Nothing of the
 * subject is in this process: what it says is taken for an answer, never for a result. Each case has processes of its
 * own, so that a hang, a crash and whatever is left behind is that case's alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type CaseContext, type CaseFacts, testCase } from './case.ts';
import { before } from './deadline.ts';
import { CaseFailure } from './failure.ts';
import type { Address } from './loopback.ts';
import { type HostEvent, session } from './session.ts';

/** A process that was asked for a sign of life and gives none for so long (share of the time for a case) hangs. */
const SILENCE = 0.15;

/** What a suite sends to the process of its subject (run/child/host.ts). */
export type ToHost = { type: 'start'; options: unknown } | { type: 'ping' } | { type: 'close' };

/** What it gets from there. */
export type FromHost =
  | { type: 'listening'; port: number }
  | { type: 'pong' }
  | { type: 'closed' }
  | { type: 'error'; name: string; message: string; stack: string }
  | HostEvent;

/** The subject at work, in its own process. */
export interface Running {
  /** On 127.0.0.1. */
  port: number;
  /** Ends what can be ended in good order. Afterwards nothing should keep the process alive. */
  close(): Promise<void>;
}

/** Default export of a suite's `remote/program.ts`. */
export type Program<Options> = (options: Options) => Promise<Running>;

export type Start = (options: object) => Promise<Remote>;

export function remoteCase(facts: CaseFacts, body: (t: CaseContext, start: Start) => Promise<void>): void {
  testCase({ ...facts, remote: true }, async (t) => {
    const remotes: Remote[] = [];
    let fail: (error: unknown) => void;
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const start: Start = async (options) => {
      const remote = new Remote(t);
      remotes.push(remote);
      remote.failed.catch(fail);
      await remote.start(options);
      return remote;
    };
    try {
      await Promise.race([body(t, start), failed]);
    } catch (error) {
      throw (await silent(error, remotes)) ?? error;
    }
  });
}

/** What did not happen in time did not because of an endless loop, perhaps. */
async function silent(error: unknown, remotes: Remote[]): Promise<Error | undefined> {
  if (!(error instanceof CaseFailure)) return undefined;
  for (const remote of remotes) if (!(await remote.answers())) return new TimedOut();
  return undefined;
}

class TimedOut extends Error {
  override readonly name = 'TimedOut';
  constructor() {
    super('the process of the subject does not answer any more: an endless loop');
  }
}

/** A process with the subject in it. */
export class Remote {
  /** Where it listens. */
  address!: Address;
  /** Rejects when the process ends or fails before it was told to. */
  readonly failed: Promise<never>;
  readonly #process: ChildProcess;
  #isClosing = false;

  constructor(t: CaseContext) {
    this.#process = spawn(process.execPath, [...process.execArgv.filter(isForHosts), '--input-type=module', '-'], {
      stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
      env: {},
    });
    // It may end before it has read all of it; that it ended is told below.
    this.#process.stdin?.on('error', () => {}).end(session.program?.text);
    this.failed = this.#failure();
    // Whoever waits for nothing of it will not be told.
    this.failed.catch(() => {});
    t.release(() => this.#kill());
  }

  async start(options: object): Promise<void> {
    this.#send({ type: 'start', options });
    const { port } = await before(Promise.race([this.#message('listening'), this.failed]), {
      what: 'the program that uses the subject listens',
    });
    this.address = { host: '127.0.0.1', port };
  }

  /** Asks the program to end in good order; resolves when the process has ended, of itself. */
  async close(what = 'nothing keeps the process alive: it ends'): Promise<void> {
    this.#isClosing = true;
    const closed = this.#message('closed');
    const exit = once(this.#process, 'exit') as Promise<[number | null]>;
    this.#send({ type: 'close' });
    await before(Promise.race([closed, this.failed]), { what: 'the program closes what it uses' });
    const [code] = await before(exit, { what });
    if (code !== 0)
      throw new CaseFailure({ expected: 'the process ends with code 0', actual: `it ended with ${code}` });
  }

  /** Whether its event loop goes round. One that has ended does not hang. */
  async answers(): Promise<boolean> {
    if (!this.#process.connected) return true;
    const pong = this.#message('pong');
    this.#send({ type: 'ping' });
    const within = SILENCE * session.deadline;
    return Promise.race([before(pong, { what: 'a sign of life', within }), this.failed]).then(
      () => true,
      (error) => !(error instanceof CaseFailure),
    );
  }

  #send(message: ToHost): void {
    // What cannot be sent was sent to a process that has ended, which is noticed elsewhere.
    this.#process.send(message, () => {});
  }

  #message<T extends FromHost['type']>(type: T): Promise<Extract<FromHost, { type: T }>> {
    return new Promise((resolve) => {
      const hear = (message: FromHost) => {
        if (message.type !== type) return;
        this.#process.off('message', hear);
        resolve(message as Extract<FromHost, { type: T }>);
      };
      this.#process.on('message', hear);
    });
  }

  #failure(): Promise<never> {
    return new Promise((_, reject) => {
      this.#process.on('message', (message: FromHost) => {
        if (message.type === 'error') reject(revived(message));
        if (message.type === 'refused' || message.type === 'ticking') session.program?.heard(message);
      });
      this.#process.once('error', reject);
      this.#process.once('exit', (code, signal) => {
        if (this.#isClosing) return;
        const how = signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
        reject(new CaseFailure({ expected: 'the process of the subject goes on', actual: how }));
      });
    });
  }

  async #kill(): Promise<void> {
    this.#isClosing = true;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }
}

/** The subject's process is started as this one was, but may start none itself. */
function isForHosts(flag: string): boolean {
  return flag !== '--allow-child-process';
}

function revived({ name, message, stack }: Extract<FromHost, { type: 'error' }>): Error {
  return Object.defineProperties(new Error(message), { name: { value: name }, stack: { value: stack } });
}
