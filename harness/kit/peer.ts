/**
 * A scripted peer: one end of a real connection that does exactly what a case says, and writes down what happened.
 *
 *     const client = await net.connect(server.address);
 *     await client.send('GET / HTTP/1.1\r\n');      // resolves when the kernel has taken it
 *     await client.drip('Host: a\r\n\r\n');         // one byte per turn of the event loop
 *     await client.expect('HTTP/1.1 200 OK\r\n');   // exactly these bytes come next
 *     const head = await client.until('\r\n\r\n');  // … up to and with the delimiter
 *     const body = await client.read(5);            // … exactly five
 *     client.end();                                 // half-close: FIN, goes on reading
 *     await client.ended();                         // the other side's FIN, and nothing before it
 *     client.reset();                               // RST (TCP only)
 *     await client.wasReset();                      // the other side's RST
 *     await client.flow((chunk) => …);              // megabytes, without keeping them
 *     client.stall(); client.resume();              // stops reading: the other side's buffers fill
 *
 * Every wait has a deadline and fails with what was waited for and what had arrived. Bytes that arrived and were
 * not asked for stay in the buffer: `ended()` fails on them.
 */
import type { Socket } from 'node:net';
import { byteDifference, fail } from './check.ts';
import { before, turn } from './deadline.ts';
import { CaseFailure } from './failure.ts';
import { show } from './show.ts';
import type { Side, Transcript } from './transcript.ts';

type Bytes = Uint8Array | string;

/** What is sent at once. Of something longer, each piece shows that the other side still reads. */
const PIECE = 256 * 1024;

export interface PeerOptions {
  who: string;
  transcript: Transcript;
  protocol?: 'http1' | 'http2';
}

export class Peer {
  readonly socket: Socket;
  readonly who: string;
  readonly #transcript: Transcript;
  readonly #side: Side;
  #consume: ((chunk: Buffer) => void) | undefined;
  #buffered: Buffer[] = [];
  #length = 0;
  /** `end`: FIN came. Otherwise the error code that ended the connection. */
  #over: string | undefined;
  #wake: (() => void)[] = [];
  /** Long sends go out piece by piece, one after another. */
  #sending: Promise<void> | undefined;

  constructor(socket: Socket, { who, transcript, protocol }: PeerOptions) {
    this.socket = socket;
    this.who = who;
    this.#transcript = transcript;
    this.#side = { who, ...addresses(socket), ...(protocol ? { protocol } : {}) };
    if (socket.destroyed) this.#over = 'closed';
    socket.on('data', (data: Buffer) => this.#got(data));
    socket.on('end', () => this.#finish('end', 'got end'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#finish(error.code ?? error.message, 'got error'));
    socket.on('close', () => this.#finish('closed'));
  }

  /** Writes down how the connection came to be: `connected` or `accepted`. */
  begun(how: 'connected' | 'accepted'): this {
    this.#transcript.note(this.#side, how);
    return this;
  }

  /**
   * Sends, and resolves when the kernel has taken all of it. Towards one who does not read that may be never: do not
   * await it then. Who does not await does not hear of an error either. The deadline is for each piece, not for all.
   */
  send(data: Bytes): Promise<void> {
    const bytes = toBuffer(data);
    this.#transcript.bytes(this.#side, 'sent', bytes);
    const whole = bytes.length <= PIECE && this.#sending === undefined;
    const done = whole ? this.#write(bytes) : this.#enqueue(bytes);
    done.catch(() => {});
    return done;
  }

  #enqueue(bytes: Buffer): Promise<void> {
    const before = this.#sending ?? Promise.resolve();
    const mine = before.then(async () => {
      for (let at = 0; at < bytes.length; at += PIECE) await this.#write(bytes.subarray(at, at + PIECE));
    });
    this.#sending = mine;
    const over = (): void => {
      if (this.#sending === mine) this.#sending = undefined;
    };
    mine.then(over, over);
    return mine;
  }

  #write(bytes: Buffer): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.socket.write(bytes, (error) => (error ? reject(this.#cannotSend(bytes, error)) : resolve()));
    });
    return this.#before(written, `${this.who} can send ${bytes.length} bytes`);
  }

  #cannotSend(bytes: Buffer, error: NodeJS.ErrnoException): CaseFailure {
    const expected = `${this.who} can send ${bytes.length} bytes`;
    return new CaseFailure({ expected, actual: `the connection was over (${error.code ?? error.message})` }, error);
  }

  /** One byte per turn of the event loop, each in a segment of its own as far as the kernel allows. */
  async drip(data: Bytes): Promise<void> {
    this.socket.setNoDelay(true);
    for (const byte of toBuffer(data)) {
      await this.send(Buffer.of(byte));
      await turn();
    }
  }

  /** The next `length` bytes. */
  async read(length: number, what = `${length} bytes`): Promise<Buffer> {
    await this.#arrived(() => this.#length >= length, `${this.who} gets ${what}`);
    return this.#take(length);
  }

  /** The next bytes must be these. Fails at the first that differs, without waiting for the rest. */
  async expect(expected: Bytes, what = 'the bytes'): Promise<void> {
    const want = toBuffer(expected);
    const said = `${this.who} gets ${what}: ${show(want)}`;
    for (let done = 0; done < want.length; ) {
      await this.#arrived(
        () => this.#length > 0,
        `${said}${done > 0 ? `, ${want.length - done} of them after the first ${done}` : ''}`,
      );
      const piece = this.#take(Math.min(want.length - done, this.#length));
      if (!piece.equals(want.subarray(done, done + piece.length))) {
        const got = Buffer.concat([want.subarray(0, done), piece]);
        fail({ expected: said, actual: `got ${show(got)}`, bytes: byteDifference(got, want)! });
      }
      done += piece.length;
    }
  }

  /** Everything up to and including `delimiter`. */
  async until(delimiter: Bytes, what = `bytes up to ${show(delimiter)}`): Promise<Buffer> {
    const mark = toBuffer(delimiter);
    await this.#arrived(() => this.#peek().includes(mark), `${this.who} gets ${what}`);
    return this.#take(this.#peek().indexOf(mark) + mark.length);
  }

  /** Everything up to the other side's FIN. */
  async rest(what = 'the rest and the end of the stream'): Promise<Buffer> {
    await this.#ending(`${this.who} gets ${what}`, ['end']);
    return this.#take(this.#length);
  }

  /**
   * From now on, `consume` gets what arrives (and what has), up to the other side's FIN: for megabytes that nobody
   * wants to keep. Resolves at the FIN, with how many bytes came.
   */
  async flow(consume: (chunk: Buffer) => void, what = 'the rest and the end of the stream'): Promise<number> {
    let count = 0;
    this.#consume = (chunk) => {
      count += chunk.length;
      consume(chunk);
    };
    if (this.#length > 0) this.#consume(this.#take(this.#length));
    const said = `${this.who} gets ${what}`;
    // However long it takes in all: what must not happen is that nothing comes.
    while (this.#over === undefined) await this.#before(this.#change(), said);
    await this.#ending(said, ['end']);
    return count;
  }

  /** What has arrived and was not asked for, now. */
  get unread(): Buffer {
    return this.#peek();
  }

  /** The other side has sent its FIN and nothing else before it. */
  async ended(what = 'the end of the stream, and nothing before it'): Promise<void> {
    await this.#ending(`${this.who} gets ${what}`, ['end']);
    if (this.#length > 0) fail({ expected: `${this.who} gets ${what}`, actual: `got ${show(this.#peek())}` });
  }

  /** The other side has reset the connection. What arrived before stays readable with `unread`. */
  async wasReset(what = 'a reset'): Promise<void> {
    // Who writes into a connection that was reset gets EPIPE instead (write(2)).
    await this.#ending(`${this.who} gets ${what}`, ['ECONNRESET', 'EPIPE']);
  }

  /** The connection is gone for both sides, whichever way. */
  async closed(what = 'is closed'): Promise<void> {
    const gone = this.socket.closed
      ? Promise.resolve()
      : new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
    await this.#before(gone, `the connection of ${this.who} ${what}`);
  }

  /** Half-close, after what is being sent: nothing more will come (FIN); reading goes on. */
  end(): void {
    const finish = (): void => {
      this.#transcript.note(this.#side, 'ended');
      this.socket.end();
    };
    if (this.#sending) this.#sending.then(finish, () => {});
    else finish();
  }

  /** Resets a TCP connection (RST): what is under way in either direction is lost. */
  reset(): void {
    this.#transcript.note(this.#side, 'reset');
    this.socket.resetAndDestroy();
  }

  /** Stops reading: the kernel's buffers fill, then the other side's window closes. */
  stall(): void {
    this.#transcript.note(this.#side, 'stopped reading');
    this.socket.pause();
  }

  resume(): void {
    this.#transcript.note(this.#side, 'went on reading');
    this.socket.resume();
  }

  #got(data: Buffer): void {
    this.#transcript.bytes(this.#side, 'got', data);
    if (this.#consume) this.#consume(data);
    else {
      this.#buffered.push(data);
      this.#length += data.length;
    }
    this.#awake();
  }

  #finish(how: string, note?: string): void {
    if (note)
      this.#transcript.note(this.#side, how === 'ECONNRESET' ? 'got reset' : note, how === 'end' ? undefined : how);
    // An error after FIN (a reset on close) is the later and stronger ending; a plain close adds nothing.
    if (this.#over === undefined || (how !== 'closed' && this.#over === 'end')) this.#over = how;
    this.#awake();
  }

  #awake(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Waits until enough has arrived. An ending before that fails at once. */
  async #arrived(enough: () => boolean, what: string): Promise<void> {
    const done = async (): Promise<void> => {
      while (!enough()) {
        if (this.#over !== undefined) fail({ expected: what, actual: `${this.#describe()}, then ${this.#overAs()}` });
        await this.#change();
      }
    };
    await this.#before(done(), what);
  }

  async #ending(what: string, how: string[]): Promise<void> {
    const done = async (): Promise<void> => {
      while (this.#over === undefined) await this.#change();
    };
    await this.#before(done(), what);
    if (!how.includes(this.#over!)) fail({ expected: what, actual: `${this.#describe()}, then ${this.#overAs()}` });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => void this.#wake.push(resolve));
  }

  #before<T>(event: Promise<T>, what: string): Promise<T> {
    return before(event, { what, seen: () => this.#describe() });
  }

  #describe(): string {
    return this.#length === 0 ? `${this.who} got nothing` : `${this.who} got ${show(this.#peek())}`;
  }

  #overAs(): string {
    if (this.#over === 'end') return 'the end of the stream';
    return this.#over === 'ECONNRESET' ? 'a reset' : `the connection was over (${this.#over})`;
  }

  #peek(): Buffer {
    if (this.#buffered.length > 1) this.#buffered = [Buffer.concat(this.#buffered)];
    return this.#buffered[0] ?? Buffer.alloc(0);
  }

  #take(length: number): Buffer {
    const all = this.#peek();
    this.#buffered = length < all.length ? [all.subarray(length)] : [];
    this.#length = all.length - length;
    return all.subarray(0, length);
  }
}

function addresses(socket: Socket): { local?: string; remote?: string } {
  const local = hostPort(socket.localAddress, socket.localPort);
  const remote = hostPort(socket.remoteAddress, socket.remotePort);
  return { ...(local ? { local } : {}), ...(remote ? { remote } : {}) };
}

function hostPort(address?: string, port?: number): string | undefined {
  if (address === undefined || port === undefined) return undefined;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function toBuffer(data: Bytes): Buffer {
  return typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data);
}
