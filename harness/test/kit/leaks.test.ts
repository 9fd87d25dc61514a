/** Each way to leave something behind is named with its line; what is tidy, or closes by itself, passes. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as namedSetTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { type CaseContext, runCase } from '../../kit/case.ts';
import { fail } from '../../kit/check.ts';
import type { CaseFailure, Failure } from '../../kit/failure.ts';
import { listenersStay } from '../../kit/leaks.ts';
import { loopback } from '../../kit/loopback.ts';

type Body = (t: CaseContext) => void | Promise<void>;

async function leakOf(body: Body): Promise<Failure> {
  return runCase('any', body).then(
    () => expect.unreachable('it passed'),
    (error: CaseFailure) => error.failure,
  );
}

/** The line of this file that the caller stands on. */
const line = (): number => Number(/leaks\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2]!)![1]);

interface Leak {
  name: string;
  /** Leaves something behind and returns the line that made it. */
  leave: (t: CaseContext) => Promise<number> | number;
  said: RegExp;
}

const leaks: Leak[] = [
  {
    name: 'a server',
    said: /^a server on 127\.0\.0\.1 port \d+ is open, made at /,
    leave: () => {
      createServer().listen(0, '127.0.0.1');
      return line() - 1;
    },
  },
  {
    name: 'an unref’d server',
    said: /^a server on 127\.0\.0\.1 port \d+ is open, made at /,
    leave: () => {
      createServer().listen(0, '127.0.0.1').unref();
      return line() - 1;
    },
  },
  {
    name: 'a client socket, though the kit closes the other end',
    said: /^a socket from 127\.0\.0\.1 port \d+ to 127\.0\.0\.1 port \d+ is open, made at /,
    leave: async (t) => {
      const server = await loopback(t).listen();
      connect(server.address as { host: string; port: number });
      const at = line() - 1;
      await server.accept();
      return at;
    },
  },
  {
    name: 'a client socket that was only half closed',
    said: /^a socket .* is open, made at /,
    leave: async (t) => {
      const net = loopback(t);
      const server = await net.listen();
      const { host, port } = server.address as { host: string; port: number };
      const client = connect({ host, port, allowHalfOpen: true });
      const at = line() - 1;
      (await server.accept()).end();
      client.resume();
      await once(client, 'end');
      return at;
    },
  },
  {
    name: 'an accepted socket, by the line of its server',
    said: /^a socket .* is open, accepted by the server that was made at /,
    leave: async (t) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
      server.listen(0, '127.0.0.1');
      const at = line() - 1;
      await once(server, 'listening');
      const client = await loopback(t).connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
      client.end();
      server.close();
      return at;
    },
  },
  {
    name: 'a timer',
    said: /^a timer of 60000 ms is set, made at /,
    leave: () => {
      setTimeout(() => {}, 60_000);
      return line() - 1;
    },
  },
  {
    name: 'an unref’d timer',
    said: /^a timer of 60000 ms is set, made at /,
    leave: () => {
      setTimeout(() => {}, 60_000).unref();
      return line() - 1;
    },
  },
  {
    name: 'a timer by named import',
    said: /^a timer of 60000 ms is set, made at /,
    leave: () => {
      namedSetTimeout(() => {}, 60_000);
      return line() - 1;
    },
  },
  {
    name: 'a promised timer',
    said: /^a timer of 60000 ms is set, made at /,
    leave: () => {
      void sleep(60_000, undefined, { ref: false });
      return line() - 1;
    },
  },
  {
    name: 'a promisified timer',
    said: /^a timer of 60000 ms is set, made at /,
    leave: () => {
      void promisify(setTimeout)(60_000, undefined, { ref: false });
      return line() - 1;
    },
  },
  {
    name: 'an interval',
    said: /^an interval of 1 ms is set, made at /,
    leave: () => {
      setInterval(() => {}, 1);
      return line() - 1;
    },
  },
  {
    name: 'a listener on process',
    said: /^a listener for “exit” is on process, made at /,
    leave: () => {
      process.on('exit', () => {});
      return line() - 1;
    },
  },
  {
    name: 'a listener on an emitter that outlives its user',
    said: /^1 more for “drain”, the last added at /,
    leave: (t) => {
      const socket = new EventEmitter();
      listenersStay(t, socket, 'the pooled socket');
      socket.on('drain', () => {});
      return line() - 1;
    },
  },
  {
    name: 'a child process',
    said: /^a child process \(sleep\) is open, made at /,
    leave: () => {
      spawn('sleep', ['60']);
      return line() - 1;
    },
  },
];

for (const { name, leave, said } of leaks) {
  test(`names ${name}`, async () => {
    let at = 0;
    const failure = await leakOf(async (t) => {
      at = await leave(t);
    });
    expect(failure.actual).toMatch(said);
    expect(failure.actual).toContain(`leaks.test.ts:${at}:`);
    // One leak fails one case.
    await runCase('next', () => {});
  });
}

const tidy: { name: string; body: Body }[] = [
  { name: 'nothing', body: () => {} },
  {
    name: 'timers that fired or were cleared, by object and by number',
    body: async () => {
      clearTimeout(setTimeout(() => {}, 60_000));
      clearTimeout(Number(setTimeout(() => {}, 60_000)));
      clearInterval(setInterval(() => {}, 1000));
      setTimeout(() => {}, 60_000).close();
      setTimeout(() => {}, 5);
      await sleep(1);
    },
  },
  {
    name: 'a conversation between scripted peers',
    body: async (t) => {
      const [client, server] = await loopback(t).pair();
      await client.send('x');
      await server.expect('x');
    },
  },
  {
    name: 'a client that ended, whose peer has not answered yet',
    body: async (t) => {
      const server = await loopback(t).listen();
      connect(server.address as { host: string; port: number }).end('bye');
      await server.accept();
    },
  },
  {
    name: 'an HTTP server and client that were closed',
    body: async () => {
      const server = createHttpServer((_request, response) => response.end('hi')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const request = get({ agent: false, host: '127.0.0.1', port: (server.address() as AddressInfo).port });
      const [response] = await once(request, 'response');
      for await (const _ of response);
      server.close();
      server.closeAllConnections();
    },
  },
  {
    name: 'a server that is closed by a deferred act',
    body: (t) => {
      const server = createServer().listen(0, '127.0.0.1');
      t.defer(() => void server.close());
    },
  },
  {
    name: 'a timer of a library',
    // A stack with nothing but a library in it: what vitest does for itself is not the subject's.
    body: () => {
      const source = '(set) => new Promise((done) => setImmediate(() => done(set(() => {}, 60_000).unref())))';
      return runInThisContext(source, { filename: 'node:library' })(setTimeout);
    },
  },
];

for (const { name, body } of tidy) test(`accepts ${name}`, () => runCase('any', body));

test('a case that failed is not asked about leaks, but they are closed', async () => {
  const server = createServer();
  const failure = await leakOf(() => {
    server.listen(0, '127.0.0.1');
    fail({ expected: 'something else', actual: 'this' });
  });
  expect(failure.expected).toBe('something else');
  expect(server.listening).toBe(false);
});

test('costs less than 0.2 ms a case', async () => {
  for (let i = 0; i < 200; i++) await runCase('warm', () => {});
  const start = process.cpuUsage();
  for (let i = 0; i < 500; i++) await runCase('any', () => {});
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 500).toBeLessThan(200);
});
