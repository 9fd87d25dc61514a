/**
 * vitest's custom pool: hands each run a child that was forked ahead.
 *
 * `PoolWorker` is marked experimental in vitest 4, so the exact version is pinned, and this file is
 * the only one that knows the interface.
 */
import type { PoolWorker } from 'vitest/node';
import type { Child } from './child-process.ts';

const NAME = 'wirekata';

/** What vitest waits for (up to a minute each), and a child that was killed no longer answers. */
const ANSWERS = [
  { __vitest_worker_response__: true, type: 'started', error: new Error('the child ended before it had started') },
  { __vitest_worker_response__: true, type: 'stopped' },
];

/** Gives the child for the run that begins now. */
type Take = () => Child;

class SpareWorker implements PoolWorker {
  readonly name = NAME;
  // Transforms would otherwise travel through the temp folder, which the permission flags forbid.
  readonly cacheFs = false;
  readonly #take: Take;
  #child: Child | undefined;

  constructor(take: Take) {
    this.#take = take;
  }

  on(event: string, callback: (arg: unknown) => void): void {
    this.#child?.process.on(event, callback);
    if (event === 'message') this.#child?.process.once('exit', () => ANSWERS.forEach(callback));
  }

  off(event: string, callback: (arg: unknown) => void): void {
    this.#child?.process.off(event, callback);
  }

  send(message: unknown): void {
    if (this.#child?.alive) this.#child.process.send(message as object, () => {});
    else for (const answer of ANSWERS) this.#child?.process.emit('message', answer, undefined);
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  async start(): Promise<void> {
    this.#child = this.#take();
  }

  async stop(): Promise<void> {
    this.#child?.kill();
    await this.#child?.ended();
  }
}

export function sparePool(take: Take) {
  return { name: NAME, createPoolWorker: () => new SpareWorker(take) };
}
