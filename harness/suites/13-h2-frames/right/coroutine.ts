/**
 * Also right: a generator that asks for so many octets and is resumed when they are there.
 *
 * Differs from the reference in that the grammar is written down in one piece, from the preface to the last frame, as if
 * reading could block; a list of chunks serves it. Every payload is one copy of its own through DataView, whatever its
 * size, and the flags are named in a table from which both directions are made.
 */
import type * as h2 from '../../../../solutions/13-h2-frames/h2-frames.ts';

export type * from '../../../../solutions/13-h2-frames/h2-frames.ts';

export const CLIENT_PREFACE: Uint8Array = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (c) => c.charCodeAt(0));

const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;
const SETTINGS = [
  'HEADER_TABLE_SIZE',
  'ENABLE_PUSH',
  'MAX_CONCURRENT_STREAMS',
  'INITIAL_WINDOW_SIZE',
  'MAX_FRAME_SIZE',
  'MAX_HEADER_LIST_SIZE',
] as const;

export const ErrorCode = Object.fromEntries(CODES.map((name, i) => [name, i])) as Record<
  (typeof CODES)[number],
  number
>;
export const Setting = Object.fromEntries(SETTINGS.map((name, i) => [name, i + 1])) as Record<
  (typeof SETTINGS)[number],
  number
>;

const TYPES = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];
const FLAGS: Record<string, Record<string, number>> = {
  DATA: { endStream: 1, padded: 8 },
  HEADERS: { endStream: 1, endHeaders: 4, padded: 8, priority: 0x20 },
  SETTINGS: { ack: 1 },
  PUSH_PROMISE: { endHeaders: 4, padded: 8 },
  PING: { ack: 1 },
  CONTINUATION: { endHeaders: 4 },
};
const LENGTH: Record<string, [least: number, most: number, step: number]> = {
  PRIORITY: [5, 5, 1],
  RST_STREAM: [4, 4, 1],
  SETTINGS: [0, 2 ** 24, 6],
  PING: [8, 8, 1],
  GOAWAY: [8, 2 ** 24, 1],
  WINDOW_UPDATE: [4, 4, 1],
};

type Failure = { stream?: number; code: (typeof CODES)[number]; reason: string };
const isFailure = (value: object): value is Failure => 'code' in value && 'reason' in value;

/** What the generator asks for: so many octets; or what it has found. */
type Step = number | h2.FrameEvent;

export class FrameDecoder {
  readonly #limits: { size: number; block: number; continuations: number };
  readonly #grammar: Generator<Step, unknown, Uint8Array>;
  #step: IteratorResult<Step, unknown>;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor({
    preface = 'none',
    maxFrameSize = 16_384,
    maxFieldBlock = 65_536,
    maxContinuations = 8,
  }: h2.FrameDecoderOptions = {}) {
    this.#limits = { size: 0, block: maxFieldBlock, continuations: maxContinuations };
    this.maxFrameSize = maxFrameSize;
    this.#grammar = grammar(preface, this.#limits);
    this.#step = this.#grammar.next();
  }

  get maxFrameSize(): number {
    return this.#limits.size;
  }

  set maxFrameSize(size: number) {
    if (!Number.isSafeInteger(size) || size < 16_384 || size > 16_777_215) throw new RangeError(`maxFrameSize ${size}`);
    this.#limits.size = size;
  }

  push(chunk: Uint8Array): h2.FrameEvent[] {
    const events: h2.FrameEvent[] = [];
    if (chunk.length > 0) {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    }
    while (!this.#step.done) {
      const wanted = this.#step.value;
      if (typeof wanted !== 'number') events.push(wanted);
      else if (this.#length < wanted) break;
      this.#step = this.#grammar.next(typeof wanted === 'number' ? this.#take(wanted) : new Uint8Array(0));
    }
    // The caller may overwrite its chunk now, and a thousand small ones are dearer than one.
    const kept = this.#step.done ? 0 : this.#length;
    this.#chunks = kept === 0 ? [] : this.#tidy(chunk);
    this.#length = kept;
    return events;
  }

  /** `wanted` octets in memory of their own. */
  #take(wanted: number): Uint8Array {
    const out = new Uint8Array(wanted);
    for (let at = 0; at < wanted; ) {
      const first = this.#chunks[0] as Uint8Array;
      const part = first.subarray(0, wanted - at);
      out.set(part, at);
      at += part.length;
      if (part.length === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part.length);
    }
    this.#length -= wanted;
    return out;
  }

  /** Copies what is left of the caller's chunk; joins the last pieces as long as they are about equally long. */
  #tidy(chunk: Uint8Array): Uint8Array[] {
    const list = this.#chunks;
    const last = list.at(-1);
    if (last && last.buffer === chunk.buffer) list[list.length - 1] = Uint8Array.from(last);
    while (list.length > 1 && list.at(-2)!.length <= 2 * list.at(-1)!.length) {
      const [a, b] = list.splice(-2) as [Uint8Array, Uint8Array];
      const both = new Uint8Array(a.length + b.length);
      both.set(a);
      both.set(b, a.length);
      list.push(both);
    }
    return list;
  }
}

function* grammar(
  preface: 'client' | 'server' | 'none',
  limits: { size: number; block: number; continuations: number },
): Generator<Step, unknown, Uint8Array> {
  let due = preface !== 'none';
  let block: { stream: number; octets: number; left: number } | undefined;
  if (preface === 'client') {
    for (const expected of CLIENT_PREFACE) {
      if ((yield 1)[0] !== expected) return yield failed({ code: 'PROTOCOL_ERROR', reason: 'no HTTP/2 client' });
    }
  }
  for (;;) {
    const head = new DataView((yield 9).buffer);
    const [word, flags, stream] = [head.getUint32(0), head.getUint8(4), head.getUint32(5) & 0x7fff_ffff];
    const [length, type] = [word >>> 8, word & 0xff];
    const name = TYPES[type] ?? 'UNKNOWN';
    const continues = name === 'CONTINUATION';
    if (due && (name !== 'SETTINGS' || (flags & 1) === 1))
      return yield failed({ code: 'PROTOCOL_ERROR', reason: 'no SETTINGS' });
    due = false;
    if (length > limits.size) return yield failed({ code: 'FRAME_SIZE_ERROR', reason: `${length} octets` });
    if (block ? !continues || block.stream !== stream : continues) {
      return yield failed({ code: 'PROTOCOL_ERROR', reason: `${name} at the wrong time` });
    }
    if (block && (block.left === 0 || block.octets + length > limits.block)) {
      return yield failed({ code: 'ENHANCE_YOUR_CALM', reason: 'a field block too long' });
    }
    const payload = length === 0 ? new Uint8Array(0) : yield length;
    const frame =
      name === 'UNKNOWN'
        ? { type: name, typeCode: type, flags, streamId: stream, payload }
        : parse(name, flags, stream, payload);
    if (isFailure(frame)) {
      yield failed(frame);
      if (frame.stream === undefined) return;
      continue;
    }
    if ('fragment' in frame) {
      const octets: number = frame.fragment.length + (block?.octets ?? 0);
      if (octets > limits.block) return yield failed({ code: 'ENHANCE_YOUR_CALM', reason: 'a field block too long' });
      const left: number = block ? block.left - 1 : limits.continuations;
      block = frame.endHeaders ? undefined : { stream, octets, left };
    }
    yield frame as h2.Frame;
  }
}

function failed({ stream, code, reason }: Failure): h2.FrameEvent {
  const errorCode = ErrorCode[code];
  if (stream === undefined) return { type: 'CONNECTION_ERROR', errorCode, reason };
  return { type: 'STREAM_ERROR', streamId: stream, errorCode, reason };
}

function parse(name: string, flags: number, streamId: number, payload: Uint8Array): h2.Frame | Failure {
  const wrongStream = badStream(name, streamId);
  if (wrongStream) return { code: 'PROTOCOL_ERROR', reason: wrongStream };
  const [least, most, step] = LENGTH[name] ?? [0, 2 ** 24, 1];
  if (payload.length < least || payload.length > most || payload.length % step !== 0) {
    const failure: Failure = { code: 'FRAME_SIZE_ERROR', reason: `${name} of ${payload.length}` };
    return name === 'PRIORITY' ? { ...failure, stream: streamId } : failure;
  }
  const set: Record<string, boolean> = {};
  for (const [flag, bit] of Object.entries(FLAGS[name] ?? {})) set[flag] = (flags & bit) !== 0;
  return fill(name, streamId, set, payload);
}

function badStream(name: string, streamId: number): string | undefined {
  if (name === 'WINDOW_UPDATE' || name === 'UNKNOWN') return undefined;
  const ofConnection = name === 'SETTINGS' || name === 'PING' || name === 'GOAWAY';
  return ofConnection === (streamId === 0) ? undefined : `${name} on stream ${streamId}`;
}

function fill(name: string, streamId: number, set: Record<string, boolean>, payload: Uint8Array): h2.Frame | Failure {
  const view = new DataView(payload.buffer);
  const { padded, priority: prioritised, endStream = false, endHeaders = false, ack = false } = set;
  const fields = name === 'PUSH_PROMISE' ? 4 : prioritised ? 5 : 0;
  const start = padded ? 1 : 0;
  if (payload.length < start + fields) return { code: 'FRAME_SIZE_ERROR', reason: `${name} is too short` };
  const padLength = padded ? payload[0]! : 0;
  const end = payload.length - padLength;
  if (end < start + fields) return { code: 'PROTOCOL_ERROR', reason: `${name} is all padding` };
  const rest = payload.slice(start + fields, end);
  const padding = padded ? { padLength } : {};
  if (name === 'DATA') return { type: name, streamId, endStream, data: rest, ...padding };
  if (name === 'HEADERS') {
    const more = prioritised ? { priority: priorityAt(view, start) } : {};
    return { type: name, streamId, endStream, endHeaders, fragment: rest, ...more, ...padding };
  }
  if (name === 'CONTINUATION') return { type: name, streamId, endHeaders, fragment: rest };
  if (name === 'PRIORITY') return { type: name, streamId, priority: priorityAt(view, 0) };
  if (name === 'RST_STREAM') return { type: name, streamId, errorCode: view.getUint32(0) };
  if (name === 'SETTINGS') return settings(ack, view);
  if (name === 'PING') return { type: name, ack, opaqueData: rest };
  const first = view.getUint32(start) & 0x7fff_ffff;
  if (name === 'GOAWAY')
    return { type: name, lastStreamId: first, errorCode: view.getUint32(4), debugData: payload.slice(8) };
  if (first === 0) {
    const failure: Failure = { code: 'PROTOCOL_ERROR', reason: `${name} of 0` };
    return name === 'WINDOW_UPDATE' && streamId > 0 ? { ...failure, stream: streamId } : failure;
  }
  if (name === 'PUSH_PROMISE')
    return { type: name, streamId, endHeaders, promisedStreamId: first, fragment: rest, ...padding };
  return { type: 'WINDOW_UPDATE', streamId, increment: first };
}

function priorityAt(view: DataView, at: number): h2.Priority {
  const word = view.getUint32(at);
  return { exclusive: word >>> 31 === 1, streamDependency: word & 0x7fff_ffff, weight: view.getUint8(at + 4) };
}

function settings(ack: boolean, view: DataView): h2.Frame | Failure {
  if (ack && view.byteLength > 0) return { code: 'FRAME_SIZE_ERROR', reason: 'an ACK with settings' };
  const found = new Map<number, number>();
  for (let at = 0; at < view.byteLength; at += 6) {
    const [identifier, value] = [view.getUint16(at), view.getUint32(at + 2)];
    const code = settingFault(identifier, value);
    if (code) return { code, reason: `setting ${identifier} of ${value}` };
    found.set(identifier, value);
  }
  return { type: 'SETTINGS', ack, settings: found };
}

function settingFault(identifier: number, value: number): 'PROTOCOL_ERROR' | 'FLOW_CONTROL_ERROR' | undefined {
  if (identifier === Setting.INITIAL_WINDOW_SIZE && value > 0x7fff_ffff) return 'FLOW_CONTROL_ERROR';
  if (identifier === Setting.ENABLE_PUSH && value > 1) return 'PROTOCOL_ERROR';
  const isSize = identifier === Setting.MAX_FRAME_SIZE;
  return isSize && (value < 16_384 || value > 16_777_215) ? 'PROTOCOL_ERROR' : undefined;
}

export function flowControlLength(frame: h2.DataFrame): number {
  return encodeFrame({ ...frame, streamId: 1 }, 16_777_215).length - 9;
}

export function encodeFrame(frame: h2.Frame, maxFrameSize = 16_384): Uint8Array {
  const given = frame as unknown as Record<string, unknown>;
  const streamId = 'streamId' in frame ? frame.streamId : 0;
  const wrong = badStream(frame.type, streamId);
  if (wrong) throw new RangeError(wrong);
  const padLength = given.padLength as number | undefined;
  let flags = frame.type === 'UNKNOWN' ? frame.flags : 0;
  for (const [flag, bit] of Object.entries(FLAGS[frame.type] ?? {})) {
    const set =
      flag === 'padded'
        ? padLength !== undefined
        : flag === 'priority'
          ? given.priority !== undefined
          : given[flag] === true;
    if (set) flags |= bit;
  }
  if (padLength !== undefined) within(padLength, 0, 255);
  const body = [...(padLength === undefined ? [] : [padLength]), ...fieldsOf(frame)];
  const tail = (given.data ??
    given.fragment ??
    given.opaqueData ??
    given.debugData ??
    given.payload ??
    []) as Uint8Array;
  const length = body.length + tail.length + (padLength ?? 0);
  if (length > maxFrameSize) throw new RangeError(`${length} octets for a peer that takes ${maxFrameSize}`);
  const out = new Uint8Array(9 + length);
  const type = frame.type === 'UNKNOWN' ? within(frame.typeCode, 10, 255) : TYPES.indexOf(frame.type);
  out.set([...big(length, 3), type, within(flags, 0, 255), ...u31(streamId), ...body]);
  out.set(tail, 9 + body.length);
  return out;
}

/** What stands between the Pad Length and the octets of variable number. */
function fieldsOf(frame: h2.Frame): number[] {
  switch (frame.type) {
    case 'HEADERS':
      return frame.priority ? priorityOctets(frame.priority) : [];
    case 'PRIORITY':
      return priorityOctets(frame.priority);
    case 'RST_STREAM':
      return u32(frame.errorCode);
    case 'PUSH_PROMISE':
      return u31(within(frame.promisedStreamId, 1, 2 ** 31));
    case 'GOAWAY':
      return [...u31(frame.lastStreamId), ...u32(frame.errorCode)];
    case 'WINDOW_UPDATE':
      return u31(within(frame.increment, 1, 2 ** 31));
    case 'PING':
      within(frame.opaqueData.length, 8, 8);
      return [];
    case 'SETTINGS':
      if (frame.ack && frame.settings.size > 0) throw new RangeError('an ACK with settings');
      return [...frame.settings].flatMap(settingOctets);
    default:
      return [];
  }
}

function settingOctets([identifier, value]: [number, number]): number[] {
  if (settingFault(identifier, value)) throw new RangeError(`setting ${identifier} of ${value}`);
  return [...big(within(identifier, 0, 0xffff), 2), ...u32(value)];
}

function priorityOctets({ exclusive, streamDependency, weight }: h2.Priority): number[] {
  const [first, ...rest] = u31(streamDependency) as [number, ...number[]];
  return [exclusive ? first + 0x80 : first, ...rest, within(weight, 0, 255)];
}

const u31 = (value: number): number[] => big(within(value, 0, 2 ** 31 - 1), 4);
const u32 = (value: number): number[] => big(within(value, 0, 2 ** 32 - 1), 4);

function big(value: number, octets: number): number[] {
  return Array.from({ length: octets }, (_, i) => Math.floor(value / 256 ** (octets - 1 - i)) % 256);
}

function within(value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${value} is not from ${low} to ${high}`);
  return value;
}
