/**
 * Where such streams come from: a socket whose sender is as fast as it can be, and a consumer who is not.
 *
 *     sender ──TCP──▶ socket ──readNdjson──▶ for await, as slowly as the case likes
 *
 * Nothing between the two may grow: what the consumer does not take stays in the kernel, and then with the sender.
 */
import { createServer, type Socket } from 'node:net';
import { readJsonArray, readNdjson } from '#subject/07-ndjson/ndjson.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { equal, ok, rejects, within } from '../../../kit/check.ts';
import { before, turn } from '../../../kit/deadline.ts';
import { loopback, type Peer } from '../../../kit/loopback.ts';
import { collect, MB, memory, nextValue, utf8 } from './support.ts';

const group = 'on a socket';

testCase(
  {
    id: 'ndjson-socket-records',
    title: 'records come over a connection, byte by byte and all at once',
    clause: 'RFC 9293 §2.2',
    why: 'a connection is a stream of bytes: lines are not messages to it',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    const done = t.track('the loop', collect(readNdjson(socket)));
    await client.drip(utf8('{"a":"é"}\r\n\n2'));
    await client.send(utf8('3\n"x"\n[4'));
    await client.send(utf8(']\n'));
    client.end();
    const expected = { values: [{ a: 'é' }, 23, 'x', [4]], last: 'end' as const };
    equal(await before(done, { what: 'the loop ends with the connection' }), expected, 'what comes out');
  },
);

testCase(
  {
    id: 'ndjson-socket-live',
    title: 'a record is out while the connection stays open',
    clause: 'statement: readNdjson and readJsonArray',
    why: 'events of a live feed are wanted now, not when the feed ends',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    const records = readNdjson(socket);
    for (const n of [1, 2, 3]) {
      await client.send(`{"n":${n}}\n{"half`);
      equal(await before(nextValue(records, 'next'), { what: 'the record comes out' }), { n }, 'the record');
      await client.send('":0}\n');
      equal(await before(nextValue(records, 'next'), { what: 'the other comes out' }), { half: 0 }, 'the other');
    }
    await records.return?.();
  },
);

testCase(
  {
    id: 'ndjson-socket-early-return',
    title: 'leaving the loop early closes the connection',
    clause: 'statement: readNdjson and readJsonArray',
    why: 'the sender learns of it, and the descriptor is free again',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    await client.send('1\n');
    const values: unknown[] = [];
    const first = async (): Promise<void> => {
      for await (const value of readNdjson(socket)) {
        values.push(value);
        break;
      }
    };
    await before(first(), { what: 'the first record comes out, and the loop ends' });
    equal(values, [1], 'the values of the loop');
    equal(socket.destroyed, true, 'the socket is destroyed');
    await client.ended();
  },
);

testCase(
  {
    id: 'ndjson-socket-fault-closes',
    title: 'so does a bad line',
    clause: 'statement: readNdjson and readJsonArray',
    why: 'a sender of nonsense is not worth a connection',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    await client.send('1\nnonsense\n');
    const done = before(collect(readNdjson(socket)), { what: 'the bad line is thrown' });
    equal(await done, { values: [1], last: ['bad-json', 2] }, 'what comes out');
    equal(socket.destroyed, true, 'the socket is destroyed');
    await client.ended();
  },
);

testCase(
  {
    id: 'ndjson-socket-reset',
    title: 'a reset is an error, and no end of the stream',
    clause: 'RFC 9293 §3.5.2',
    why: 'a sender that died has not sent everything',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    const records = readNdjson(socket);
    await client.send('1\n2\n');
    equal(await before(nextValue(records, 'next'), { what: 'the first record comes out' }), 1, 'the first record');
    equal(await before(nextValue(records, 'next'), { what: 'the second record comes out' }), 2, 'the second');
    const third = rejects(records.next(), { code: 'ECONNRESET' }, 'next');
    client.reset();
    await before(third, { what: 'the reset is thrown' });
  },
);

testCase(
  {
    id: 'ndjson-socket-sender-stops',
    title: 'while the consumer takes no record, the sender stops',
    clause: 'RFC 9293 §3.8.6',
    why: 'backpressure: whoever reads on without being asked buffers all that anybody sends',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    const sender = new Sender(client, 64);
    const records = readNdjson(socket);
    await before(nextValue(records, 'next'), { what: 'the first record comes out' });
    await standstill(sender);
    // The kernel's own buffers take about 4 MB on Linux (tcp_wmem, tcp_rmem).
    within(sender.sent, 1, 24 * MB, `bytes sent of ${64 * MB}, when nothing moves any more`);
    await records.return?.();
  },
);

testCase(
  {
    id: 'ndjson-socket-array',
    title: 'an array of 2 MB comes over a connection, element by element',
    clause: 'RFC 8259 §5',
    why: 'the export of a whole table, read by somebody who has memory for a row',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    const body = Array.from({ length: PER_BLOCK }, (_, n) => line(n).trimEnd()).join(',');
    let sent = 0;
    const pieces = [`[${body}`, `,${body}`, ']'];
    const sending = (async () => {
      for (const piece of pieces) await client.send(piece);
      client.end();
    })();
    t.track('the sender', sending).catch(() => {});
    for await (const value of readJsonArray(socket)) {
      check(value, sent++);
      if (sent > 2 * PER_BLOCK) break;
    }
    equal(sent, 2 * PER_BLOCK, 'elements');
    await sending;
  },
);

testCase(
  {
    id: 'ndjson-socket-flood',
    title: '256 MB pass to a slow consumer, and memory stays flat',
    clause: 'RFC 9293 §3.8.6',
    why: 'the file that is larger than the memory is what the format is for',
    group,
  },
  async (t) => {
    const { client, socket } = await connect(t);
    const start = memory();
    const sender = new Sender(client, 256);
    let [taken, ahead, grown] = [0, 0, 0];
    for await (const value of readNdjson(socket)) {
      check(value, taken++);
      if (taken % 32 !== 0) continue;
      // Slower than the sender: it may fill whatever can be filled before the next record is taken.
      await turn();
      ahead = Math.max(ahead, sender.sent - taken * LINE);
      grown = Math.max(grown, memory() - start);
      ok(ahead < 32 * MB, 'the sender is less than 32 MB ahead of the consumer', `it is ${ahead} bytes ahead`);
      ok(grown < 128 * MB, 'memory: less than 128 MB more than before', `it grew by ${grown} bytes`);
    }
    equal(taken * LINE, 256 * MB, 'bytes of the records that came');
  },
);

/** Bytes of a line of the flood, and lines of a block that is sent again and again. */
const LINE = 8_192;
const PER_BLOCK = MB / LINE;

/** Line `n` of a block: its number, and letters that differ from line to line. */
function line(n: number): string {
  const head = `{"n":${n},"text":"`;
  return `${head}${String.fromCharCode(97 + (n % 26)).repeat(LINE - head.length - 3)}"}\n`;
}

function check(value: unknown, count: number): void {
  const { n, text } = value as { n?: unknown; text?: string };
  const expected = count % PER_BLOCK;
  if (n !== expected) equal(n, expected, `n of record ${count}`);
  ok(text?.charCodeAt(0) === 97 + (expected % 26), `the text of record ${count} is its own`);
}

/** Sends a block of a MB so many times, as fast as the socket takes it, then FIN. */
class Sender {
  readonly #socket: Socket;
  readonly #block = utf8(Array.from({ length: PER_BLOCK }, (_, n) => line(n)).join(''));
  #left: number;
  #written = 0;

  constructor(client: Peer, blocks: number) {
    this.#socket = client.socket;
    this.#left = blocks;
    this.#socket.on('drain', () => this.#send());
    // A case may end with the connection open or reset: what the sender notices of that is of no interest.
    this.#socket.on('error', () => {});
    this.#send();
  }

  /** Bytes that the kernel has taken. */
  get sent(): number {
    return this.#written - this.#socket.writableLength;
  }

  #send(): void {
    while (this.#left > 0) {
      this.#left -= 1;
      this.#written += this.#block.length;
      if (!this.#socket.write(this.#block)) return;
    }
    if (!this.#socket.writableEnded) this.#socket.end();
  }
}

/** A sender, and the socket at the other end, for the subject. */
async function connect(t: CaseContext): Promise<{ client: Peer; socket: Socket }> {
  const net = loopback(t);
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => void server.once('connection', resolve));
  const client = await net.connect(await net.serve(server));
  return { client, socket: await before(accepted, { what: 'a connection arrives at the server' }) };
}

/** Turns of the event loop without any progress after which nothing will move by itself. */
const QUIET_TURNS = 50;

async function standstill(sender: Sender): Promise<void> {
  let seen = -1;
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    if (sender.sent !== seen) quiet = 0;
    seen = sender.sent;
    await turn();
  }
}
