/** A queue of this machine's own: a Redis and two workers, of which one is killed in the middle of its work. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root } from '../../harness/manifest.ts';
import { RedisServer } from '../../harness/test/cohort/redis.ts';

export class OwnQueue {
  readonly #server = new RedisServer();
  readonly #workers: ChildProcess[] = [];

  async open(sandbox: string): Promise<string> {
    await this.#server.start();
    const args = [path.join(root, 'harness/bin.mjs'), 'grade:worker', this.#server.url];
    for (let i = 0; i < 2; i++) {
      const options = ['--jobs', '1', '--sandbox', sandbox];
      this.#workers.push(
        spawn(process.execPath, [...args, ...options], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }),
      );
    }
    return this.#server.url;
  }

  killOne(): void {
    this.#workers[0]?.kill('SIGKILL');
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) {
      if (worker.exitCode !== null || worker.signalCode !== null) continue;
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    }
    await this.#server.remove();
  }
}
