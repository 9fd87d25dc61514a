/**
 * vitest's custom pool: hands each run a child that was forked ahead.
 *
 * `PoolWorker` is marked experimental in vitest 4, so the exact version is pinned, and this file is
 * the only one that knows the interface.
 */
import path from 'node:path';
import type { PoolWorker } from 'vitest/node';
import { root } from '../manifest.ts';
import type { Child } from './child-process.ts';

const NAME = 'wirekata';
const CHILD_FOLDER = path.join(root, 'harness/run/child/');

/** What vitest waits for (up to a minute each), and a child that was killed no longer answers. */
const ANSWERS = [
  { __vitest_worker_response__: true, type: 'started', error: new Error('the child ended before it had started') },
  { __vitest_worker_response__: true, type: 'stopped' },
];

/**
 * What a child of ours asks of vitest, by the names of birpc: type, method, arguments. Others of vitest's methods copy
 * files, or end other runs; whoever asks for those is not the kit.
 */
const QUESTIONS: Record<string, (args: unknown[]) => boolean> = {
  fetch: ([, , environment]) => environment === 'ssr',
  resolve: ([id, , environment]) => environment === 'ssr' && String(id).startsWith(CHILD_FOLDER),
  onQueued: () => true,
  onCollected: () => true,
  onTaskUpdate: () => true,
};

function onlyAllowed(callback: (arg: unknown) => void): (message: unknown) => void {
  return (message) => {
    const { t: type, m: method, a: args } = (message ?? {}) as { t?: string; m?: string; a?: unknown[] };
    const isAllowed = Object.hasOwn(QUESTIONS, String(method)) && QUESTIONS[String(method)]?.(args ?? []);
    if (type !== 'q' || isAllowed) callback(message);
  };
}

/** Gives the child for the run that begins now. */
type Take = () => Child;

class SpareWorker implements PoolWorker {
  readonly name = NAME;
  // Transforms would otherwise travel through the temp folder, which the permission flags forbid.
  readonly cacheFs = false;
  readonly #take: Take;
  readonly #heard = new Map<unknown, (arg: unknown) => void>();
  #child: Child | undefined;

  constructor(take: Take) {
    this.#take = take;
  }

  on(event: string, callback: (arg: unknown) => void): void {
    const heard = event === 'message' ? onlyAllowed(callback) : callback;
    this.#heard.set(callback, heard);
    this.#child?.process.on(event, heard);
    if (event === 'message') this.#child?.process.once('exit', () => ANSWERS.forEach(callback));
  }

  off(event: string, callback: (arg: unknown) => void): void {
    this.#child?.process.off(event, this.#heard.get(callback) ?? callback);
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
