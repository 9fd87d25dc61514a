/**
 * One end of an HTTP/2 connection whose every octet of DATA goes through the subject's windows.
 *
 * It is as simple as one can be: what `next` permits is written, what arrives is told to `receive`, what `nextUpdate` says
 * is written, and nothing else. So a mistake in the windows is a stall or an overrun. A quick peer notices an overrun only
 * sometimes, since its credit is on its way already; so every DATA frame is also counted against the credit that has come.
 * Contents are the octets of one endless pattern, and each of them is compared.
 */
import { DEFAULT_WINDOW, type FlowError, ReceiveWindows, SendWindows } from '#subject/15-flow-control/flow-control.ts';
import { fail } from '../../../kit/check.ts';
import { before } from '../../../kit/deadline.ts';
import type { Peer } from '../../../kit/peer.ts';
import { show } from '../../../kit/show.ts';
import {
  Flag,
  FrameReader,
  frame,
  frameOf,
  type Head,
  headOf,
  OK,
  PREFACE,
  request,
  settings,
  Type,
  windowUpdate,
} from './frames.ts';

/** Longer than any frame here, and a prime: frames and pattern never fall into step. */
const PERIOD = 65_521;
const PATTERN = Buffer.from(
  Uint8Array.from({ length: 2 * PERIOD }, (_, i) => {
    const at = i % PERIOD;
    return (at ^ (at >> 8) ^ Math.imul(at, 0x9e3779b1)) & 0xff;
  }),
);

/** Octets [from, from + length) of every content; length ≤ 65,521. */
export function pattern(from: number, length: number): Buffer {
  const at = from % PERIOD;
  return PATTERN.subarray(at, at + length);
}

/** Fails unless these are the octets of a content from `from` on. */
export function comparePattern(piece: Buffer, from: number, what: string): void {
  for (let at = 0; at < piece.length; at += PERIOD) {
    const part = piece.subarray(at, at + PERIOD);
    if (part.equals(pattern(from + at, part.length))) continue;
    fail({ expected: `${what}: the octets from ${from + at} on`, actual: 'others arrived' });
  }
}

const [INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE] = [4, 5];
/** So many streams are told one by one. */
const FEW = 4;
/** Nothing has moved for so long: nothing will. */
const STILL_MS = 2_000;

export interface EndpointOptions {
  role: 'client' | 'server';
  /** Our SETTINGS_INITIAL_WINDOW_SIZE. */
  initialWindow?: number;
  /** Streams that the application does not read. */
  neglected?: number[];
}

export class Endpoint {
  readonly send = new SendWindows();
  readonly receive = new ReceiveWindows();
  /** Octets of content that have arrived and were sent, for each stream. */
  readonly got = new Map<number, number>();
  readonly sent = new Map<number, number>();
  /** Streams whose other side has ended. */
  readonly ended = new Set<number>();
  /** WINDOW_UPDATE frames written. */
  updates = 0;
  /** Octets of the longest DATA frame, in either direction. */
  longest = 0;
  /** The other side’s SETTINGS have come, and its ACK of ours. */
  #greeted = { theirs: false, ours: false };
  readonly #peer: Peer;
  readonly #options: EndpointOptions;
  /** What the other end has allowed, from the first octet on: on each stream beyond its initial window, and in all (0). */
  readonly #credit = new Map([[0, DEFAULT_WINDOW]]);
  #initial = DEFAULT_WINDOW;
  #error: unknown;
  #wake: () => void = () => {};

  constructor(peer: Peer, options: EndpointOptions) {
    this.#peer = peer;
    this.#options = options;
    const reader = new FrameReader(
      {
        onPiece: (head, piece) => this.#piece(head, piece),
        onFrame: (head, payload) => this.#frame(head, payload),
      },
      options.role === 'server',
    );
    const take = (chunk: Buffer): void => {
      reader.push(chunk);
      this.#write();
    };
    // Ends with the connection, which may be closed in any way.
    peer.flow((chunk) => this.#guard(() => take(chunk))).catch(() => {});
    peer.socket.on('drain', () => this.#guard(() => this.#write()));
    if (options.role === 'client') void peer.send(PREFACE);
    const { initialWindow } = options;
    void peer.send(initialWindow === undefined ? settings() : settings([INITIAL_WINDOW_SIZE, initialWindow]));
  }

  /** Both sides’ SETTINGS hold. Before that, a sender may use the default windows. */
  async ready(): Promise<void> {
    await this.until(() => this.#greeted.theirs && this.#greeted.ours, 'SETTINGS and their ACK arrive');
  }

  /** A client begins a request; its content, if any, follows as the windows permit. */
  request(streamId: number, path: string, octets = 0): void {
    this.#open(streamId);
    const flags = octets === 0 ? Flag.END_STREAM | Flag.END_HEADERS : Flag.END_HEADERS;
    void this.#peer.send(frameOf(Type.HEADERS, flags, streamId, request(octets === 0 ? 'GET' : 'POST', path)));
    if (octets > 0) this.content(streamId, octets);
  }

  /** A server answers. */
  respond(streamId: number, octets: number): void {
    void this.#peer.send(frameOf(Type.HEADERS, Flag.END_HEADERS, streamId, OK));
    this.content(streamId, octets);
  }

  content(streamId: number, octets: number): void {
    this.send.want(streamId, octets, true);
    this.#write();
  }

  /** The application begins to read a stream that it has neglected. */
  attend(streamId: number): void {
    this.#options.neglected = (this.#options.neglected ?? []).filter((id) => id !== streamId);
    this.receive.consume(streamId, this.got.get(streamId) ?? 0);
    this.#write();
  }

  /** The other side has sent its END_STREAM on this stream. */
  async finished(streamId: number, what: string): Promise<void> {
    await this.until(() => this.ended.has(streamId), what);
  }

  /** Something has happened that a wait may be about. */
  poke(): void {
    this.#wake();
  }

  /** However long it takes in all: what must not happen is that nothing moves. */
  async until(done: () => boolean, what: string): Promise<void> {
    while (!done()) {
      if (this.#error !== undefined) throw this.#error;
      const moved = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await before(moved, { what, seen: () => `nothing moved any more: ${this.#describe()}`, within: STILL_MS });
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #describe(): string {
    const list = (octets: Map<number, number>): string => {
      if (octets.size > FEW)
        return `${[...octets.values()].reduce((sum, count) => sum + count)} on ${octets.size} streams`;
      return [...octets].map(([id, count]) => `${count} on stream ${id}`).join(', ') || 'none';
    };
    const { connectionWindow: mine } = this.send;
    return (
      `sent ${list(this.sent)}, got ${list(this.got)} octets; connectionWindow is ${show(mine)} for sending ` +
      `and ${show(this.receive.connectionWindow)} for receiving`
    );
  }

  #open(streamId: number): void {
    this.send.open(streamId);
    this.receive.open(streamId);
  }

  /** Writes what is due, as long as the socket takes it. */
  #write(): void {
    const { socket } = this.#peer;
    socket.cork();
    while (!socket.writableNeedDrain && !socket.destroyed && (this.#writeUpdate() || this.#writeData()));
    socket.uncork();
  }

  #writeUpdate(): boolean {
    const update = this.receive.nextUpdate();
    if (!update) return false;
    this.updates += 1;
    this.#peer.socket.write(windowUpdate(update.streamId, update.increment));
    return true;
  }

  #writeData(): boolean {
    const permit = this.send.next();
    if (!permit) return false;
    const { streamId, length, endStream } = permit;
    this.longest = Math.max(this.longest, length);
    const from = this.sent.get(streamId) ?? 0;
    this.sent.set(streamId, from + length);
    if (length > 0) this.#audit(streamId);
    this.#peer.socket.write(headOf({ length, type: Type.DATA, flags: endStream ? Flag.END_STREAM : 0, streamId }));
    this.#peer.socket.write(pattern(from, length));
    return true;
  }

  /** RFC 9113 §6.9.1: no more than what was allowed, at either level. */
  #audit(streamId: number): void {
    const credit = (id: number): number => this.#credit.get(id) ?? 0;
    const all = [...this.sent.values()].reduce((sum, octets) => sum + octets);
    const [sent, allowed] = [this.sent.get(streamId) ?? 0, this.#initial + credit(streamId)];
    if (all > credit(0)) {
      fail({
        expected: `at most ${credit(0)} octets on the connection, which its window allows`,
        actual: `sent ${all}`,
      });
    }
    if (sent > allowed) {
      fail({
        expected: `at most ${allowed} octets on stream ${streamId}, which its window allows`,
        actual: `sent ${sent}`,
      });
    }
  }

  #windowUpdate(streamId: number, increment: number): void {
    this.#credit.set(streamId, (this.#credit.get(streamId) ?? 0) + increment);
    this.#fine(this.send.credit(streamId, increment));
  }

  #piece({ streamId }: Head, piece: Buffer): void {
    const from = this.got.get(streamId) ?? 0;
    comparePattern(piece, from, `stream ${streamId}`);
    this.got.set(streamId, from + piece.length);
  }

  #frame({ type, flags, streamId, length }: Head, payload: Buffer): void {
    const endStream = (flags & Flag.END_STREAM) !== 0;
    if (type === Type.DATA) this.#data(streamId, length, endStream);
    else if (type === Type.HEADERS) this.#headers(streamId, endStream);
    else if (type === Type.SETTINGS) this.#settings(flags, payload);
    else if (type === Type.WINDOW_UPDATE) this.#windowUpdate(streamId, payload.readUInt32BE(0) & 0x7fff_ffff);
    else if (type === Type.PING && flags === 0) void this.#peer.send(frameOf(Type.PING, Flag.ACK, 0, payload));
    else if (type === Type.GOAWAY || type === Type.RST_STREAM) this.#farewell(type, payload);
  }

  #data(streamId: number, length: number, endStream: boolean): void {
    this.longest = Math.max(this.longest, length);
    this.#fine(this.receive.receive(streamId, length, { endStream }));
    if (!this.#options.neglected?.includes(streamId)) this.receive.consume(streamId, length);
    if (endStream) this.ended.add(streamId);
  }

  #headers(streamId: number, endStream: boolean): void {
    if (this.#options.role === 'server' && this.receive.streamWindow(streamId) === undefined) this.#open(streamId);
    if (endStream) this.ended.add(streamId);
  }

  /** RFC 9113 §6.5.3: theirs hold at once, ours from their ACK on. */
  #settings(flags: number, payload: Buffer): void {
    if (flags & Flag.ACK) {
      const { initialWindow } = this.#options;
      this.#greeted.ours = true;
      if (initialWindow !== undefined) this.receive.setInitialWindow(initialWindow);
      return;
    }
    this.#greeted.theirs = true;
    for (let at = 0; at < payload.length; at += 6) {
      const [id, value] = [payload.readUInt16BE(at), payload.readUInt32BE(at + 2)];
      if (id === INITIAL_WINDOW_SIZE) {
        this.#initial = value;
        this.#fine(this.send.setInitialWindow(value));
      }
      if (id === MAX_FRAME_SIZE) this.#fine(this.send.setMaxFrameSize(value));
    }
    void this.#peer.send(frame(Type.SETTINGS, Flag.ACK, 0, 0));
  }

  #farewell(type: number, payload: Buffer): void {
    const code = payload.readUInt32BE(type === Type.GOAWAY ? 4 : 0);
    if (code === 0) return;
    const name = type === Type.GOAWAY ? 'GOAWAY' : 'RST_STREAM';
    fail({ expected: 'the other end is content', actual: `it sent ${name} with code ${code}` });
  }

  /** The other end makes no mistakes. */
  #fine(error: FlowError | undefined): void {
    if (error) fail({ expected: 'the windows find no fault with what node:http2 sends', actual: `${show(error)}` });
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
