/**
 * The ring where it belongs: between a socket whose sender is fast and an application that is slow.
 *
 *     sender ──TCP──▶ Receiver ──write──▶ ring ──read──▶ the case, as slowly as it likes
 *
 * The receiver is as simple as one can be: what the ring does not accept waits, and while something
 * waits the socket is left alone. Everything else follows from what `write` answers: the kernel's
 * buffers fill, TCP closes the window, and the sender stands still.
 */
import { createServer, type Socket } from 'node:net';
import { RingBuffer } from '#subject/03-ring-buffer/ring-buffer.ts';
import { type CaseContext, testCase } from '../../../kit/case.ts';
import { bytes, equal, ok, within } from '../../../kit/check.ts';
import { before, turn } from '../../../kit/deadline.ts';
import { loopback } from '../../../kit/loopback.ts';
import { pattern } from './support.ts';

const group = 'on a socket';
const MB = 1_000_000;
/** The most that libuv reads from a socket at once. */
const CHUNK = 65_536;

testCase(
  {
    id: 'ring-socket-intact',
    title: 'between a fast sender and a slow reader no byte is lost, and the end comes last',
    clause: 'RFC 9293 §2.2',
    why: 'this is the whole purpose: a reliable, ordered stream in spite of different speeds',
    group,
  },
  async (t) => {
    const ring = new RingBuffer(10_007);
    const { receiver } = await connect(t, ring, MB);
    equal(await readSlowly(receiver, ring, 3_001), MB, 'bytes read before the end of the stream');
  },
);

testCase(
  {
    id: 'ring-socket-sender-stops',
    title: 'while the reader stalls, the sender stops',
    clause: 'RFC 9293 §3.8.6',
    why: 'backpressure: without it a single slow reader makes the server buffer all that anybody sends',
    group,
  },
  async (t) => {
    const ring = new RingBuffer(16_384);
    const { sender, receiver } = await connect(t, ring, 48 * MB);
    await standstill(sender, receiver);
    // The kernel's own buffers take about 4 MB on Linux (tcp_wmem, tcp_rmem); the ring takes 16 KiB.
    within(sender.sent, 1, 24 * MB, 'bytes sent of 48,000,000, when nothing moves any more');
    equal(ring.free, 0, 'free: the window is closed');
  },
);

testCase(
  {
    id: 'ring-socket-memory',
    title: 'while the reader stalls, the receiver holds a ring full of bytes and no more than one chunk besides',
    clause: 'RFC 9293 §3.8.6',
    why: 'what one connection may cost must be known before ten thousand of them come',
    group,
  },
  async (t) => {
    const ring = new RingBuffer(16_384);
    const before = process.memoryUsage().arrayBuffers;
    const { sender, receiver } = await connect(t, ring, 48 * MB);
    await standstill(sender, receiver);
    equal(ring.length, 16_384, 'bytes in the ring');
    within(receiver.received, 16_384, 16_384 + CHUNK, 'bytes taken from the socket');
    const grown = process.memoryUsage().arrayBuffers - before;
    ok(grown < 4 * MB, 'memory of the process: less than 4 MB more than before', `it grew by ${grown} bytes`);
  },
);

testCase(
  {
    id: 'ring-socket-goes-on',
    title: 'when the reader goes on, so does the sender, to the last byte',
    clause: 'RFC 9293 §3.8.6.1',
    why: 'a window that closes and never opens again is a connection that hangs',
    group,
  },
  async (t) => {
    const ring = new RingBuffer(16_384);
    const { sender, receiver } = await connect(t, ring, 3 * MB);
    await standstill(sender, receiver);
    equal(await readSlowly(receiver, ring, 10_000), 3 * MB, 'bytes read before the end of the stream');
  },
);

/** Reads to the end of the stream, once in each turn of the event loop, and checks every byte. Resolves to their number. */
async function readSlowly(receiver: Receiver, ring: RingBuffer, max: number): Promise<number> {
  let read = 0;
  while (!ring.ended) {
    await receiver.readable();
    const out = receiver.read(max);
    bytes(out, pattern(read, out.length), `the bytes of the stream from ${read} on`);
    read += out.length;
    await turn();
  }
  return read;
}

/** Sends the pattern as fast as its socket takes it, then FIN. */
class Sender {
  readonly #socket: Socket;
  readonly #total: number;
  #written = 0;

  constructor(socket: Socket, total: number) {
    this.#socket = socket;
    this.#total = total;
    socket.on('drain', () => this.#send());
    // The case ends with the connection still open: what the sender notices of that is of no interest.
    socket.on('error', () => {});
    this.#send();
  }

  /** Bytes that the kernel has taken. */
  get sent(): number {
    return this.#written - this.#socket.writableLength;
  }

  #send(): void {
    while (this.#written < this.#total) {
      const chunk = pattern(this.#written, Math.min(CHUNK - 15, this.#total - this.#written));
      this.#written += chunk.length;
      if (!this.#socket.write(chunk)) return;
    }
    if (!this.#socket.writableEnded) this.#socket.end();
  }
}

/** Moves bytes from a socket into the ring, and leaves the socket alone while they do not fit. */
class Receiver {
  readonly #socket: Socket;
  readonly #ring: RingBuffer;
  #waiting: Uint8Array = new Uint8Array(0);
  #finished = false;
  #wake: () => void = () => {};
  /** What the subject threw inside an event: the case must see it. */
  #error: unknown;
  /** Bytes taken from the socket. */
  received = 0;

  constructor(socket: Socket, ring: RingBuffer) {
    this.#socket = socket;
    this.#ring = ring;
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#guard(() => this.#take(chunk)));
    socket.on('end', () => this.#guard(() => this.#end()));
  }

  /** Resolves when there is something to read, or the end. */
  async readable(): Promise<void> {
    while (this.#error === undefined && this.#ring.length === 0 && !this.#ring.ended) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await before(woken, { what: 'bytes reach the reader', seen: () => `${this.received} came from the socket` });
    }
    this.rethrow();
  }

  rethrow(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** The application reads, and what waited for room moves up. */
  read(max: number): Uint8Array {
    const out = this.#ring.read(max);
    if (this.#waiting.length > 0) this.#offer(this.#waiting);
    return out;
  }

  #take(chunk: Buffer): void {
    this.received += chunk.length;
    this.#offer(chunk);
  }

  #offer(chunk: Uint8Array): void {
    this.#waiting = chunk.subarray(this.#ring.write(chunk));
    if (this.#waiting.length > 0) this.#socket.pause();
    else if (this.#finished) this.#ring.close();
    else this.#socket.resume();
  }

  /** FIN may arrive while bytes before it still wait for room. */
  #end(): void {
    this.#finished = true;
    if (this.#waiting.length === 0) this.#ring.close();
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#error ??= error;
    }
    this.#wake();
  }
}

async function connect(t: CaseContext, ring: RingBuffer, total: number) {
  const net = loopback(t);
  const server = createServer();
  const accepted = new Promise<Receiver>((resolve) => {
    server.once('connection', (socket) => resolve(new Receiver(socket, ring)));
  });
  const client = await net.connect(await net.serve(server));
  const receiver = await before(accepted, { what: 'a connection arrives at the server' });
  return { sender: new Sender(client.socket, total), receiver };
}

/** Turns of the event loop without any progress after which nothing will move by itself. */
const QUIET_TURNS = 50;

/**
 * Resolves when neither end has moved a byte for a while. Loopback delivers within the sending call, so
 * bytes that can move do so in the next turn or two; an endless ring moves some in each of them.
 */
async function standstill(sender: Sender, receiver: Receiver): Promise<void> {
  let seen = -1;
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    const now = sender.sent + receiver.received;
    if (now !== seen) quiet = 0;
    seen = now;
    await turn();
    receiver.rethrow();
  }
}
