/**
 * What the cases of the frame codec share: frames written down octet by octet, events as plain data, and the two
 * shapes that most cases have: "these octets give these events, however they are cut" and "this must be refused".
 *
 * Nothing here knows more of HTTP/2 than the 9 octets of a header: expectations are written by hand.
 */
import { createHash } from 'node:crypto';
import { ErrorCode, FrameDecoder, type FrameDecoderOptions, type FrameEvent } from '#subject/13-h2-frames/h2-frames.ts';
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { everySplit, type Mark } from '../../../kit/splits.ts';

/** An event as plain data: octets as hex, a Map as sorted pairs, nothing undefined, no `reason`. */
export type Plain = Record<string, unknown>;

/** Octets in hex, spaces and `|` between them for the eye: `hex('000008 06 00 00000000 | 0102030405060708')`. */
export function hex(text: string): Buffer {
  const digits = text.replace(/[\s|]/g, '');
  const octets = Buffer.from(digits, 'hex');
  if (2 * octets.length !== digits.length) throw new Error(`not hex: ${text}`);
  return octets;
}

/** A frame as it stands on the wire; `payload` in hex or as octets. `length` is what the header says, true or not. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: string | Uint8Array = '',
  length?: number,
): Buffer {
  const body = typeof payload === 'string' ? hex(payload) : payload;
  const header = Buffer.alloc(9);
  header.writeUIntBE(length ?? body.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, body]);
}

export const Type = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** A frame that is always fine outside a field block, to see whether decoding goes on. */
export const PROBE = frame(Type.PING, 0, 0, '70726f6265202020');
export const PROBED: Plain = { type: 'PING', ack: false, opaqueData: '70726f6265202020' };

export function plain(event: FrameEvent): Plain {
  if (typeof event !== 'object' || event === null) return { notAnEvent: event };
  const { reason: _, ...fields } = event as unknown as Plain;
  const isError = event.type === 'CONNECTION_ERROR' || event.type === 'STREAM_ERROR';
  if (isError) fields.errorCode = codeName(event.errorCode);
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, flat(value)]])),
  );
}

function flat(value: unknown): unknown {
  if (value instanceof Uint8Array) return octets(value);
  if (value instanceof Map) return [...value].sort(([a], [b]) => a - b);
  return typeof value === 'object' && value !== null ? { ...value } : value;
}

/** Octets as plain data: hex, or for many of them their number and hash. */
export function octets(value: Uint8Array): string {
  const view = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (view.length <= 512) return view.toString('hex');
  return `${view.length} octets, sha1 ${createHash('sha1').update(view).digest('hex')}`;
}

/** `PROTOCOL_ERROR` reads better than 1; what has no name stays a number. */
function codeName(code: number): string | number {
  return Object.entries(ErrorCode).find(([, value]) => value === code)?.[0] ?? code;
}

/** Feeds a new decoder; the outcome is everything it returned. */
export function decode(chunks: Iterable<Uint8Array>, options?: FrameDecoderOptions): Plain[] {
  const decoder = new FrameDecoder(options);
  const events: FrameEvent[] = [];
  for (const chunk of chunks) events.push(...decoder.push(chunk));
  return events.map(plain);
}

/** For what is too long to be cut everywhere: whole, in segments as Ethernet carries them, and cut in the first header. */
export function readsLong(wire: Uint8Array, expected: Plain[], options?: FrameDecoderOptions): void {
  for (const [how, size] of [
    ['whole', wire.length],
    ['in segments of 1,448', 1_448],
    ['in pieces of 5', 5],
  ] as const) {
    const pieces = Array.from({ length: Math.ceil(wire.length / size) }, (_, i) =>
      wire.subarray(i * size, (i + 1) * size),
    );
    equal(decode(pieces, options), expected, `the events of ${wire.length} octets ${how}`);
  }
}

export interface Reading {
  /** What the octets are, as a noun phrase. */
  what?: string;
  input: Uint8Array | Uint8Array[];
  expected: Plain[];
  options?: FrameDecoderOptions;
  marks?: Mark[];
  /** The field block is still open at the end: a frame of another kind may not follow. */
  open?: boolean;
}

/** These octets give these events, however they are cut and whatever follows. */
export function reads(t: CaseContext, { what = 'the events', input, expected, options, marks, open }: Reading): void {
  const bytes = input instanceof Uint8Array ? input : Buffer.concat(input);
  everySplit(t, {
    what,
    input: bytes,
    expected,
    run: (chunks) => decode(chunks, options),
    marks: marks ?? frameMarks(bytes, options),
    trailing: [{ input: PROBE.subarray(0, 8) }, { input: PROBE.subarray(0, 12) }].slice(0, open ? 1 : 2),
    ...(open ? {} : { next: { input: PROBE, expected: isFinal(expected) ? expected : [...expected, PROBED] } }),
    reuse: true,
    limit: bytes.length > 4_096 ? 32 : 256,
    protocol: 'http2',
  });
}

/** A case that reads. */
export function readCase(facts: CaseFacts, reading: Reading | (() => Reading)): void {
  testCase(facts, (t) => reads(t, typeof reading === 'function' ? reading() : reading));
}

export interface Violation extends Omit<Reading, 'expected'> {
  /** Events before it, which are delivered. */
  before?: Plain[];
  errorCode: string;
  /** Present: a stream error of this stream; else a connection error. */
  streamId?: number;
}

/**
 * Two cases for one rule. `…`: what is wrong is not delivered, and after a connection error nothing is. `…-code`: the
 * error is of the right kind and carries the RFC's code.
 */
export function violationCases(facts: CaseFacts, violation: Violation): void {
  const { before = [], errorCode, streamId, ...reading } = violation;
  const scope = streamId === undefined ? 'connection' : 'stream';
  const error: Plain =
    streamId === undefined ? { type: 'CONNECTION_ERROR', errorCode } : { type: 'STREAM_ERROR', streamId, errorCode };
  testCase({ ...facts, title: `${facts.title} is refused` }, (t) =>
    refuses(t, { ...reading, expected: before }, error),
  );
  const code = { ...facts, id: `${facts.id}-code`, title: `${facts.title}: ${scope} error ${errorCode}` };
  readCase(code, { ...reading, expected: [...before, error] });
}

/** Like `reads`, but any error will do for the one expected. */
function refuses(t: CaseContext, reading: Reading, error: Plain): void {
  const bytes = reading.input instanceof Uint8Array ? reading.input : Buffer.concat(reading.input);
  const refused = { refused: true };
  const goesOn = error.type === 'STREAM_ERROR';
  everySplit(t, {
    what: 'the events, any error as “refused”',
    input: bytes,
    expected: [...reading.expected, refused],
    run: (chunks) => decode(chunks, reading.options).map((event) => (isError(event) ? refused : event)),
    marks: reading.marks ?? frameMarks(bytes, reading.options),
    ...(reading.open
      ? {}
      : { next: { input: PROBE, expected: [...reading.expected, refused, ...(goesOn ? [PROBED] : [])] } }),
    reuse: true,
    limit: bytes.length > 4_096 ? 32 : 256,
    protocol: 'http2',
  });
}

function isError(event: Plain): boolean {
  return event.type === 'CONNECTION_ERROR' || event.type === 'STREAM_ERROR';
}

function isFinal(expected: Plain[]): boolean {
  return expected.at(-1)?.type === 'CONNECTION_ERROR';
}

/** Names the places between the fields, for "fails when split between …". */
export function frameMarks(octets: Uint8Array, options?: FrameDecoderOptions): Mark[] {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const marks: Mark[] = [];
  let at = options?.preface === 'client' ? PREFACE.length : 0;
  if (at > 0) marks.push({ at, name: 'after the preface' });
  for (let i = 1; at + 9 <= view.length && i <= 64; i++) {
    const end = at + 9 + view.readUIntBE(at, 3);
    marks.push({ at: at + 3, name: `between length and type of frame ${i}` });
    marks.push({ at: at + 5, name: `between flags and stream identifier of frame ${i}` });
    marks.push({ at: at + 9, name: `after the header of frame ${i}` });
    if (end < view.length) marks.push({ at: end, name: `after frame ${i}` });
    at = end;
  }
  return marks;
}
