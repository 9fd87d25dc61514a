/**
 * What the pool costs: connections opened, what waiting costs when many wait, and the core's and the reader's speed.
 * No sockets here: the time of a loopback exchange is the kernel's.
 */
import { type Action, PoolCore, ResponseReader } from '#subject/11-connection-pool/connection-pool.ts';
import { bytesAllocated, count, growth, ratio } from '../../kit/performance.ts';
import type { Random } from '../../kit/random.ts';

const KEY = 'a';
const FINE = { reusable: true, idleHint: Number.POSITIVE_INFINITY };

/** A core whose dials succeed at once, and the connections that carry something, in the order of their requests. */
class Line {
  readonly core: PoolCore;
  busy: number[] = [];
  dials = 0;

  constructor(maxPerOrigin: number) {
    this.core = new PoolCore({ maxPerOrigin });
  }

  request(id: number): void {
    this.act(this.core.request({ id, key: KEY, idempotent: true }, 0));
  }

  /** The oldest response comes. */
  answer(): void {
    const connection = this.busy.shift()!;
    this.core.received(connection);
    this.act(this.core.release(connection, FINE, 0));
  }

  act(actions: Action[]): void {
    for (const action of actions) {
      if (action.type === 'send') this.busy.push(action.connection);
      if (action.type !== 'dial') continue;
      this.dials++;
      this.act(this.core.connected(action.connection, 0));
    }
  }
}

/** One connection, and `n` requests that wait for it. */
function crowd(n: number): Line {
  const line = new Line(1);
  for (let id = 0; id <= n; id++) line.request(id);
  return line;
}

/** A response as servers send it: a dozen fields, a body in two chunks. */
function response(random: Random): Uint8Array {
  const fields = Array.from({ length: 10 }, (_, i) => `X-Field-${i}: ${random.u32().toString(36)}\r\n`).join('');
  const chunk = random.bytes(600).toString('hex');
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${fields}Keep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const size = chunk.length.toString(16);
  return Buffer.from(`${head}${size}\r\n${chunk}\r\n${size}\r\n${chunk}\r\n0\r\n\r\n`);
}

export default [
  count({
    id: 'pool-connections',
    title: 'connections opened for 100 bursts of 20 requests, with a maximum of 8',
    unit: 'connections',
    measure() {
      const line = new Line(8);
      for (let burst = 0; burst < 100; burst++) {
        for (let i = 0; i < 20; i++) line.request(burst * 20 + i);
        for (let i = 0; i < 20; i++) line.answer();
      }
      return line.dials;
    },
  }),

  count({
    id: 'pool-allocation',
    title: 'bytes allocated per request that finds an idle connection, and its release',
    unit: 'bytes',
    measure() {
      const line = new Line(1);
      let id = 0;
      line.request(id++);
      line.answer();
      return bytesAllocated(() => {
        line.request(id++);
        line.answer();
      });
    },
  }),

  growth({
    id: 'pool-waiters-growth',
    title: '4,000 requests served while n others wait',
    n: 12_500,
    prepare(n) {
      const line = crowd(n);
      let id = n + 1;
      return () => {
        for (let i = 0; i < 4_000; i++) {
          line.request(id++);
          line.answer();
        }
      };
    },
  }),

  growth({
    id: 'pool-serve-growth',
    title: 'n requests wait for one connection: serving them one after the other',
    n: 1_000,
    prepare(n) {
      const lines = Array.from({ length: 4 }, () => crowd(n));
      return () => {
        for (const line of lines) for (let i = 0; i <= n; i++) line.answer();
      };
    },
  }),

  growth({
    id: 'pool-cancel-growth',
    title: 'n requests wait for one connection: cancelling them, in any order',
    n: 2_500,
    prepare(n, random) {
      const line = crowd(n);
      const leaving = random.shuffle(Array.from({ length: n }, (_, i) => i + 1));
      return () => {
        for (const id of leaving) line.core.cancel(id);
        line.answer();
      };
    },
  }),

  growth({
    id: 'pool-origins-growth',
    title: '50,000 ticks after n origins have come and gone',
    n: 500,
    prepare(n) {
      const core = new PoolCore({ idleTimeout: 10 });
      for (let id = 0; id < n; id++) {
        for (const action of core.request({ id, key: `origin ${id}`, idempotent: true }, 0)) {
          if (action.type !== 'dial') continue;
          core.connected(action.connection, 0);
          core.release(action.connection, { reusable: false, idleHint: 0 }, 0);
        }
      }
      return () => {
        for (let now = 100; now < 50_100; now++) core.tick(now);
      };
    },
  }),

  growth({
    id: 'pool-drip-growth',
    title: 'a response of n bytes that comes byte by byte',
    n: 4_000,
    prepare(n) {
      const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${n}\r\n\r\n`);
      const byte = Uint8Array.of(120);
      return () => {
        const reader = new ResponseReader('GET');
        for (let i = 0; i < head.length; i++) reader.push(head.subarray(i, i + 1));
        for (let i = 0; i < n; i++) reader.push(byte);
      };
    },
  }),

  ratio({
    id: 'pool-acquire-rate',
    title: 'requests that find one of four idle connections, and their releases',
    rate: { perCall: 1e-3, unit: 'M requests/s' },
    prepare: (random: Random) => random.int(0, 1_000_000),
    work(first) {
      const line = new Line(4);
      let sum = 0;
      for (let id = first; id < first + 1_000; id += 4) {
        for (let i = 0; i < 4; i++) line.request(id + i);
        for (const connection of line.busy) sum = (Math.imul(sum, 31) + connection) >>> 0;
        for (let i = 0; i < 4; i++) line.answer();
      }
      return [sum, line.dials];
    },
  }),

  ratio({
    id: 'pool-read-rate',
    title: 'responses of 2.7 KB in two chunks, read',
    rate: { perCall: 20e-3, unit: 'k responses/s' },
    prepare: (random: Random) => response(random),
    work(bytes) {
      let sum = 0;
      for (let i = 0; i < 20; i++) {
        const reader = new ResponseReader('GET');
        for (const part of reader.push(bytes)) {
          if (part.type === 'head') sum += part.headers.length;
          if (part.type === 'data') sum += part.bytes.length + part.bytes[i]!;
        }
        if (reader.reusable) sum += reader.idleHint;
      }
      return sum;
    },
  }),
];
