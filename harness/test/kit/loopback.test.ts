/** Scripted peers on real sockets. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type CaseContext, runCase } from '../../kit/case.ts';
import { fail } from '../../kit/check.ts';
import { turn } from '../../kit/deadline.ts';
import type { CaseFailure, Failure } from '../../kit/failure.ts';
import { descriptorLimit, hasUnix, loopback, type Peer, sourceAddress } from '../../kit/loopback.ts';
import { session } from '../../kit/session.ts';

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

async function failureOf(body: (t: CaseContext) => Promise<void>): Promise<Failure> {
  return runCase('any', body).then(
    () => expect.unreachable('it passed'),
    (error: CaseFailure) => error.failure,
  );
}

afterEach(() => {
  session.deadline = 1500;
});

interface Disappointment {
  name: string;
  script: (client: Peer, server: Peer) => Promise<unknown>;
  expected: string;
  actual: string;
}

const disappointments: Disappointment[] = [
  {
    name: 'bytes that never come',
    script: async (client, server) => {
      await client.send('hel');
      await server.expect('hello');
    },
    expected: 'server gets the bytes: 5 bytes <68 65 6c 6c 6f>, 2 of them after the first 3',
    actual: '60 ms later it had not: server got nothing',
  },
  {
    name: 'other bytes, at once',
    script: async (client, server) => {
      await client.send('help');
      await server.expect('hello, world');
    },
    expected: 'server gets the bytes: 12 bytes <68 65 6c 6c 6f 2c 20 77 6f 72 6c 64>',
    actual: 'got 4 bytes <68 65 6c 70>',
  },
  {
    name: 'the end of the stream instead of bytes',
    script: async (client, server) => {
      await client.send('abc');
      client.end();
      await server.read(4, 'a head');
    },
    expected: 'server gets a head',
    actual: 'server got 3 bytes <61 62 63>, then the end of the stream',
  },
  {
    name: 'a delimiter that never comes',
    script: async (client, server) => {
      await client.send('abc');
      await server.until('\r\n');
    },
    expected: "server gets bytes up to '\\r\\n'",
    actual: '60 ms later it had not: server got 3 bytes <61 62 63>',
  },
  {
    name: 'bytes where the end was expected',
    script: async (client, server) => {
      await client.send('abc');
      client.end();
      await server.ended();
    },
    expected: 'server gets the end of the stream, and nothing before it',
    actual: 'got 3 bytes <61 62 63>',
  },
  {
    name: 'a reset where the end was expected',
    script: async (client, server) => {
      client.reset();
      await server.ended();
    },
    expected: 'server gets the end of the stream, and nothing before it',
    actual: 'server got nothing, then a reset',
  },
  {
    name: 'the end where a reset was expected',
    script: async (client, server) => {
      client.end();
      await server.wasReset();
    },
    expected: 'server gets a reset',
    actual: 'server got nothing, then the end of the stream',
  },
  {
    name: 'a connection that stays open',
    script: (_client, server) => server.closed(),
    expected: 'the connection of server is closed',
    actual: '60 ms later it had not: server got nothing',
  },
  {
    name: 'sending into a connection that is over',
    script: async (client, server) => {
      server.reset();
      await client.wasReset();
      await client.send('abc');
    },
    expected: 'client can send 3 bytes',
    actual: 'the connection was over (ERR_STREAM_DESTROYED)',
  },
];

for (const { name, script, expected, actual } of disappointments) {
  test(`tells of ${name}`, async () => {
    const failure = await failureOf(async (t) => {
      const [client, server] = await loopback(t).pair();
      // Short only where the deadline is what the test is about.
      if (actual.startsWith('60 ms')) session.deadline = 60;
      await script(client, server);
    });
    expect([failure.expected, failure.actual]).toEqual([expected, actual]);
    expect(failure.transcript!.map(({ who, what }) => `${who} ${what}`)).toContain('client connected');
  });
}

test('wrong bytes are pointed at, also after many right ones', async () => {
  const failure = await failureOf(async (t) => {
    const [client, server] = await loopback(t).pair();
    await client.send(Buffer.alloc(1_000_000, 'a'));
    await client.send('b');
    await server.expect(Buffer.alloc(1_000_001, 'a'));
  });
  expect(failure.bytes!.at).toBe(1_000_000);
});

test('tells who could not connect', async () => {
  const failure = await failureOf(async (t) => {
    const net = loopback(t);
    const server = await net.listen();
    server.server.close();
    await net.connect(server.address, { who: 'the pool' });
  });
  expect(failure.expected).toMatch(/^the pool connects to 127\.0\.0\.1 port \d+$/);
  expect(failure.actual).toBe('it got ECONNREFUSED');
});

test('tells that nobody came', async () => {
  const failure = await failureOf(async (t) => {
    const listener = await loopback(t).listen();
    session.deadline = 60;
    await listener.accept('the second connection of the pool');
  });
  expect([failure.expected, failure.actual]).toEqual(['the second connection of the pool', '60 ms later it had not']);
});

test('a peer that does not read stops one that writes', () =>
  runCase('any', async (t) => {
    const [client, server] = await loopback(t).pair();
    server.stall();
    let taken = false;
    const sent = client.send(Buffer.alloc(32 << 20)).then(() => {
      taken = true;
    });
    for (let i = 0; i < 50; i++) await turn();
    expect(taken).toBe(false);
    server.resume();
    const flowed = server.flow(() => {});
    client.end();
    expect(await flowed).toBe(32 << 20);
    await sent;
  }));

test('a drip arrives in pieces', () =>
  runCase('any', async (t) => {
    const [client, server] = await loopback(t).pair();
    let chunks = 0;
    server.socket.on('data', () => chunks++);
    await client.drip('0123456789');
    await server.expect('0123456789');
    // TCP promises nothing about pieces; on an idle loopback every byte is its own.
    expect(chunks).toBeGreaterThan(2);
  }));

test('everything that was opened is closed, whatever became of the case', async () => {
  const opened: (Socket | Server)[] = [];
  await failureOf(async (t) => {
    const net = loopback(t);
    const listener = await net.listen();
    const client = await net.connect(listener.address);
    const server = await listener.accept();
    opened.push(listener.server, client.socket, server.socket);
    fail({ expected: 'a', actual: 'b' });
  });
  expect(opened.map((one) => ('listening' in one ? one.listening : !one.closed))).toEqual([false, false, false]);
});

test('a server of the subject’s is driven and closed', () =>
  runCase('any', async (t) => {
    const net = loopback(t);
    const echo = createServer((socket) => void socket.pipe(socket));
    const client = await net.connect(await net.serve(echo));
    await client.send('hello');
    await client.expect('hello');
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

test('source addresses are all different, and all of 127/8', () => {
  const all = Array.from({ length: 100_000 }, (_, i) => sourceAddress(i));
  expect(new Set(all).size).toBe(100_000);
  expect(all.every((address) => /^127\.\d+\.\d+\.([1-9]|\d\d|1\d\d|2[0-4]\d|25[0-4])$/.test(address))).toBe(true);
});

test('the limit of descriptors is known', () => {
  expect(descriptorLimit()).toBeGreaterThanOrEqual(256);
});
