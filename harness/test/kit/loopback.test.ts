/** Scripted peers on real sockets. */
import { expect, test } from 'vitest';
import { runCase } from '../../kit/case.ts';
import type { CaseFailure } from '../../kit/failure.ts';
import { hasUnix, loopback, sourceAddress } from '../../kit/loopback.ts';

for (const family of [4, 6, ...(hasUnix ? ['unix' as const] : [])] as const) {
  test(`a conversation over ${family}`, () =>
    runCase('any', async (t) => {
      const [client, server] = await loopback(t).pair({ family });
      await client.send('hello\r\nwor');
      await server.expect('hello\r\n');
      await client.drip('ld');
      expect((await server.read(5)).toString()).toBe('world');
      client.end();
      await server.ended();
      await server.send('bye');
      server.end();
      expect((await client.rest()).toString()).toBe('bye');
    }));
}

test('a reset is no end of stream', () =>
  runCase('any', async (t) => {
    const [client, server] = await loopback(t).pair();
    client.reset();
    await server.wasReset();
    const error = await server.ended().catch((e: CaseFailure) => e);
    expect((error as CaseFailure).failure.actual).toBe('server got nothing, then a reset');
  }));

test('a thousand clients of a thousand addresses', () =>
  runCase('any', async (t) => {
    const net = loopback(t);
    const listener = await net.listen();
    const clients = await net.swarm(listener.address, 1000, { from: sourceAddress });
    const sources = new Set<string | undefined>();
    for (const _ of clients) sources.add((await listener.accept()).socket.remoteAddress);
    expect(sources.size).toBe(1000);
  }));
