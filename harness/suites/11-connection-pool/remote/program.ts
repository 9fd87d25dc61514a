/**
 * The subject's own process: a gateway, which passes each request on to one origin through the subject's pool, on the
 * real clock and real sockets, as the programs do that pools are made for.
 *
 * What the pool refuses is answered with a 502 whose body is the error's code; a body that breaks off breaks off.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Header, Pool, type PoolOptions, type PoolResponse } from '#subject/11-connection-pool/connection-pool.ts';
import type { Running } from '../../../kit/remote.ts';

export interface GatewayOptions extends PoolOptions {
  /** `http://127.0.0.1:80`, where all requests go. */
  origin: string;
}

/** Fields that concern one connection alone (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

export default async function gateway({ origin, ...options }: GatewayOptions): Promise<Running> {
  const pool = new Pool(options);
  const server = createServer((request, response) => void forward(pool, origin, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => end(server, pool) };
}

async function end(server: Server, pool: Pool): Promise<void> {
  server.close();
  await pool.close();
}

async function forward(pool: Pool, origin: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { method = 'GET', url = '/' } = request;
  const body = Buffer.concat(await request.toArray());
  const answer = await pool
    .request({ url: `${origin}${url}`, method, signal: gone.signal, ...(body.length > 0 && { body }) })
    .catch((error: unknown) => error as Error);
  if (answer instanceof Error) refuse(response, answer);
  else await passOn(answer, response, gone.signal);
}

function refuse(response: ServerResponse, error: Error & { code?: unknown }): void {
  // What is not written yet is no answer of a pool: nobody catches it here.
  if (error.name === 'NotImplemented') throw error;
  const text = typeof error.code === 'string' ? error.code : error.name;
  response.writeHead(502, { connection: 'close', 'content-length': text.length }).end(text);
}

async function passOn(answer: PoolResponse, response: ServerResponse, gone: AbortSignal): Promise<void> {
  const fields = answer.headers.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
  response.writeHead(answer.status, [...fields, ['connection', 'close'] satisfies Header].flat());
  response.flushHeaders();
  try {
    for await (const part of answer.body) {
      if (!response.write(part)) await once(response, 'drain', { signal: gone });
    }
    response.end();
  } catch {
    // Half a body must not look like a whole one.
    response.destroy();
  }
}
