/** A Redis of a test's own: on a socket in a folder that is gone with it, keeping nothing on disk. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export class RedisServer {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'wirekata-redis-'));
  #process: ChildProcess | undefined;

  get url(): string {
    return `unix://${path.join(this.#folder, 'socket')}`;
  }

  async start(): Promise<void> {
    const nothingKept = ['--save', '', '--appendonly', 'no', '--dir', this.#folder];
    const socket = ['--port', '0', '--unixsocket', path.join(this.#folder, 'socket')];
    const server = spawn('redis-server', [...socket, ...nothingKept], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = server;
    const log: string[] = [];
    for await (const line of createInterface({ input: server.stdout })) {
      if (/ready to accept connections/i.test(line)) {
        server.stdout.resume();
        return;
      }
      log.push(line);
    }
    throw new Error(`redis-server did not start:\n${log.join('\n')}`);
  }

  async stop(): Promise<void> {
    const server = this.#process;
    if (server && server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
