/**
 * vitest's custom pool: hands each run a child that was forked ahead.
 *
 * `PoolWorker` is marked experimental in vitest 4, so the exact version is pinned, and this file is
 * the only one that knows the interface.
 */
import type { PoolWorker } from 'vitest/node';
import type { Child } from './child-process.ts';

const NAME = 'wirekata';

const STOPPED = { __vitest_worker_response__: true, type: 'stopped' };

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
    // vitest waits for an answer to “stop”, which a child that was killed no longer gives.
    if (event === 'message') this.#child?.process.once('exit', () => callback(STOPPED));
  }

  off(event: string, callback: (arg: unknown) => void): void {
    this.#child?.process.off(event, callback);
  }

  send(message: unknown): void {
    if (this.#child?.alive) this.#child.process.send(message as object, () => {});
    else this.#child?.process.emit('message', STOPPED, undefined);
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
