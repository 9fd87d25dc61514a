/** One end of a connection that speaks HTTP/2 through the subject: its decoder reads, its encoder writes. */
import { encodeFrame, type Frame, FrameDecoder, type FrameEvent } from '#subject/13-h2-frames/h2-frames.ts';
import { fail } from '../../../kit/check.ts';
import { before, type Wait } from '../../../kit/deadline.ts';
import type { Peer } from '../../../kit/peer.ts';
import { plain } from './support.ts';

export class Talk {
  readonly #peer: Peer;
  readonly #decoder: FrameDecoder;
  readonly #events: FrameEvent[] = [];
  readonly #react: (event: FrameEvent, talk: Talk) => void;
  #next = 0;
  #thrown: unknown;
  #wake: () => void = () => {};

  /** `react` is called for every event at once, before anybody waits for it. */
  constructor(peer: Peer, preface: 'client' | 'server', react: (event: FrameEvent, talk: Talk) => void = () => {}) {
    this.#peer = peer;
    this.#decoder = new FrameDecoder({ preface });
    this.#react = react;
    peer.socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  write(...frames: Frame[]): void {
    for (const frame of frames) void this.#peer.send(encodeFrame(frame));
  }

  /** The next event of this type; those before it are passed over. */
  async next<T extends FrameEvent['type']>(type: T, what: string = type): Promise<Extract<FrameEvent, { type: T }>> {
    const seen = (): string =>
      `the subject read ${JSON.stringify(this.#events.slice(this.#next).map(plain)).slice(0, 400)}`;
    return await before(this.#search(type), { what: `${what} arrives`, seen });
  }

  /** Waits for something else than an event; what the subject throws meanwhile ends the wait. */
  async until(done: Promise<unknown>, wait: Wait): Promise<void> {
    await before(Promise.race([done, this.#broken()]), wait);
  }

  async #broken(): Promise<never> {
    for (;;) {
      if (this.#thrown !== undefined) throw this.#thrown;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The content of a stream, up to END_STREAM. */
  async content(streamId: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const frame = await this.next('DATA', `the content of stream ${streamId}`);
      if (frame.streamId !== streamId) continue;
      parts.push(frame.data);
      if (frame.endStream) return Buffer.concat(parts);
    }
  }

  async #search<T extends FrameEvent['type']>(type: T): Promise<Extract<FrameEvent, { type: T }>> {
    for (;;) {
      if (this.#thrown !== undefined) throw this.#thrown;
      while (this.#next < this.#events.length) {
        const event = this.#events[this.#next++]!;
        if (event.type === type) return event as Extract<FrameEvent, { type: T }>;
        if (event.type === 'CONNECTION_ERROR')
          fail({ expected: `${type} arrives`, actual: `${event.type}: ${event.reason}` });
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #read(chunk: Buffer): void {
    try {
      for (const event of this.#decoder.push(chunk)) {
        this.#events.push(event);
        this.#react(event, this);
      }
    } catch (error) {
      this.#thrown ??= error;
    }
    this.#wake();
  }
}

/** Acknowledges SETTINGS and answers PING, as everybody must (RFC 9113 §6.5.3, §6.7). */
export function polite(event: FrameEvent, talk: Talk): void {
  if (event.type === 'SETTINGS' && !event.ack) talk.write({ type: 'SETTINGS', ack: true, settings: new Map() });
  if (event.type === 'PING' && !event.ack) talk.write({ ...event, ack: true });
}

/** A field that HPACK leaves as it is: literal, never indexed, no Huffman code (RFC 7541 §6.2.3). */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0x10), prefixed(name), prefixed(value)]);
}

/** RFC 7541 §5.1, a prefix of 7 bits. */
function prefixed(text: string): Buffer {
  const octets = Buffer.from(text, 'latin1');
  if (octets.length < 127) return Buffer.concat([Buffer.of(octets.length), octets]);
  const more: number[] = [];
  for (let rest = octets.length - 127; ; rest >>>= 7) {
    more.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.of(127, ...more), octets]);
}

/** `:method`, `:scheme http`, `:path`, `:authority`, and more literal fields. */
export function request(method: 'GET' | 'POST', path: string, fields: Record<string, string> = {}): Buffer {
  const more = Object.entries(fields).map(([name, value]) => literal(name, value));
  const fixed = [
    Buffer.of(method === 'GET' ? 0x82 : 0x83, 0x86),
    literal(':path', path),
    literal(':authority', 'localhost'),
  ];
  return Buffer.concat([...fixed, ...more]);
}

/** `:status 200`, which is one octet. */
export const OK = Uint8Array.of(0x88);
