/**
 * The queue itself: BullMQ on Redis, both loaded only here. They are optional dependencies; a kit without them grades
 * on its own machine.
 *
 * A queue's Redis is trusted: who can write to it can have workers run anything, in their sandbox.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Redis } from 'ioredis';
import { UsageError } from '../../errors.ts';
import { root } from '../../manifest.ts';

/** As BullMQ is told of it: `wirekata:grading:…` are its keys in Redis. */
export const QUEUE = 'grading';
export const PREFIX = 'wirekata';

type BullMq = typeof import('bullmq');

export interface Connection {
  bullmq: BullMq;
  redis: Redis;
  /** Rejects, with what to do, when the connection is lost for good. */
  lost: Promise<never>;
  close(): void;
}

const RETRY_MS = 500;

/** `retries`: how often a connection that was there before is tried again before it is lost for good. */
export async function connect(url: string, retries: number): Promise<Connection> {
  const name = withoutPassword(url);
  const { bullmq, Redis } = await load();
  let wasThere = false;
  let closed = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    // BullMQ's blocking calls wait for ever.
    maxRetriesPerRequest: null,
    // BullMQ's copies of the connection ask this one, too.
    retryStrategy: (times) => (wasThere && !closed && times <= retries ? RETRY_MS : null),
  });
  let reason = 'it was closed';
  redis.on('error', (error: Error) => {
    reason = error.message || String(error);
  });
  const lost = new Promise<never>((_, reject) => {
    redis.once('end', () => {
      reject(new UsageError(`The connection to ${name} is lost: ${reason}. The same command goes on from there.`));
    });
  });
  // Somebody may only come to wait for it later.
  lost.catch(() => {});
  await redis.connect().catch((error: Error) => {
    throw new UsageError(
      `There is no Redis at ${name}: ${reason || error.message}. Is it running, and reachable from here?`,
    );
  });
  wasThere = true;
  const close = () => {
    closed = true;
    redis.disconnect();
  };
  return { bullmq, redis, lost, close };
}

async function load(): Promise<{ bullmq: BullMq; Redis: typeof Redis }> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis: ioredis.Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const { optionalDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const wanted = Object.entries(optionalDependencies).map(([name, version]) => `${name}@${String(version)}`);
    throw new UsageError(`A queue needs BullMQ, which is not installed here: \`npm i --no-save ${wanted.join(' ')}\`.`);
  }
}

/** For messages. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/)[^@/]*@/, '$1');
}
