/**
 * One direction of an HTTP/2 connection, frame by frame with its fields named (RFC 9113 §4.1, §6). For people who look
 * for a mistake: it never throws, and it is no judge of what is valid. Header blocks stay compressed.
 *
 * `frameFields` names the parts of one frame, for `bytes(actual, expected, what, frameFields(expected))`.
 */
import type { Field } from '../failure.ts';
import { type Unit, visible } from './unit.ts';

/** RFC 9113 §3.4. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** RFC 9113 §4.1. */
const HEADER = 9;

/** RFC 9113 §6, RFC 7838 §4, RFC 9218 §7.1. */
const TYPES: Record<number, string> = {
  0: 'DATA',
  1: 'HEADERS',
  2: 'PRIORITY',
  3: 'RST_STREAM',
  4: 'SETTINGS',
  5: 'PUSH_PROMISE',
  6: 'PING',
  7: 'GOAWAY',
  8: 'WINDOW_UPDATE',
  9: 'CONTINUATION',
  10: 'ALTSVC',
  16: 'PRIORITY_UPDATE',
};

/** RFC 9113 §6: which bits mean something depends on the type. */
const FLAGS: Record<string, [bit: number, name: string][]> = {
  DATA: [
    [0x1, 'END_STREAM'],
    [0x8, 'PADDED'],
  ],
  HEADERS: [
    [0x1, 'END_STREAM'],
    [0x4, 'END_HEADERS'],
    [0x8, 'PADDED'],
    [0x20, 'PRIORITY'],
  ],
  SETTINGS: [[0x1, 'ACK']],
  PUSH_PROMISE: [
    [0x4, 'END_HEADERS'],
    [0x8, 'PADDED'],
  ],
  PING: [[0x1, 'ACK']],
  CONTINUATION: [[0x4, 'END_HEADERS']],
};

/** RFC 9113 §7. */
const ERRORS = [
  ...['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED'],
  ...['FRAME_SIZE_ERROR', 'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM'],
  ...['INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'],
];

/** RFC 9113 §6.5.2; RFC 8441 §3; RFC 9218 §2.1. */
const SETTINGS: Record<number, string> = {
  1: 'HEADER_TABLE_SIZE',
  2: 'ENABLE_PUSH',
  3: 'MAX_CONCURRENT_STREAMS',
  4: 'INITIAL_WINDOW_SIZE',
  5: 'MAX_FRAME_SIZE',
  6: 'MAX_HEADER_LIST_SIZE',
  8: 'ENABLE_CONNECT_PROTOCOL',
  9: 'NO_RFC7540_PRIORITIES',
};

export function decodeHttp2(data: Buffer): Unit[] {
  const units: Unit[] = [];
  let at = 0;
  const preface = data.subarray(0, PREFACE.length);
  if (preface.length > 0 && PREFACE.subarray(0, preface.length).equals(preface)) {
    at = preface.length;
    const summary =
      at === PREFACE.length ? 'connection preface' : `connection preface, ${at} of ${PREFACE.length} bytes`;
    units.push({ from: 0, to: at, summary, fields: [] });
  }
  while (at < data.length) {
    const frame = frameAt(data, at);
    units.push(frame);
    at = frame.to;
  }
  return units;
}

/** The named parts of the frame that begins at `at`. */
export function frameFields(data: Uint8Array, at = 0): Field[] {
  return frameAt(Buffer.from(data.buffer, data.byteOffset, data.byteLength), at).fields;
}

function frameAt(data: Buffer, at: number): Unit {
  if (data.length - at < HEADER) {
    const summary = `frame header, ${data.length - at} of ${HEADER} bytes`;
    return { from: at, to: data.length, summary, fields: headerFields(at).filter(({ to }) => to <= data.length) };
  }
  const length = data.readUIntBE(at, 3);
  const type = TYPES[data[at + 3]!] ?? `unknown type 0x${data[at + 3]!.toString(16)}`;
  const stream = data.readUInt32BE(at + 5);
  const to = Math.min(data.length, at + HEADER + length);
  const { said, fields } = payloadOf(type, data[at + 4]!, data.subarray(0, to), at + HEADER);
  const unfinished = to - at - HEADER < length ? `, unfinished: ${to - at - HEADER} bytes of it` : '';
  // §4.1: the high bit of the stream identifier is reserved.
  const reserved = stream >= 2 ** 31 ? ' (reserved bit set)' : '';
  const parts = [
    type,
    flagNames(type, data[at + 4]!),
    `stream ${stream % 2 ** 31}${reserved}`,
    `length ${length}${unfinished}`,
    said,
  ];
  return { from: at, to, summary: parts.filter(Boolean).join(', '), fields: [...headerFields(at), ...fields] };
}

function headerFields(at: number): Field[] {
  return [
    { name: 'length', from: at, to: at + 3 },
    { name: 'type', from: at + 3, to: at + 4 },
    { name: 'flags', from: at + 4, to: at + 5 },
    { name: 'stream identifier', from: at + 5, to: at + 9 },
  ];
}

function flagNames(type: string, flags: number): string {
  const known = (FLAGS[type] ?? []).filter(([bit]) => flags & bit);
  const rest = known.reduce((left, [bit]) => left & ~bit, flags);
  const names = known.map(([, name]) => name);
  return [...names, ...(rest ? [`unknown flags 0x${rest.toString(16)}`] : [])].join('+');
}

/** A part of a payload: its name, its size in bytes, and how to say it. */
type Part = [name: string, size: number, say?: (value: number) => string];

const plain = (value: number): string => String(value);
const streamId = (value: number): string => String(value % 2 ** 31);
const errorName = (code: number): string => ERRORS[code] ?? `error 0x${code.toString(16)}`;

/** What follows the optional pad length and priority, in fixed sizes. */
const PARTS: Record<string, Part[]> = {
  PRIORITY: [
    ['stream dependency', 4, streamId],
    ['weight', 1, (value) => String(value + 1)],
  ],
  RST_STREAM: [['error code', 4, errorName]],
  PUSH_PROMISE: [['promised stream', 4, streamId]],
  GOAWAY: [
    ['last stream', 4, streamId],
    ['error code', 4, errorName],
  ],
  WINDOW_UPDATE: [['increment', 4, streamId]],
};

/** What the rest of the payload is called. */
const REST: Record<string, string> = {
  DATA: 'data',
  HEADERS: 'header block fragment',
  PUSH_PROMISE: 'header block fragment',
  CONTINUATION: 'header block fragment',
  PING: 'opaque data',
  GOAWAY: 'debug data',
};

interface Payload {
  said: string;
  fields: Field[];
}

function payloadOf(type: string, flags: number, data: Buffer, start: number): Payload {
  if (type === 'SETTINGS') return settingsOf(data, start);
  const has = (name: string): boolean => (FLAGS[type] ?? []).some(([bit, known]) => known === name && flags & bit);
  const parts: Part[] = [
    ...(has('PADDED') ? [['pad length', 1, plain] satisfies Part] : []),
    ...(has('PRIORITY') ? PARTS.PRIORITY! : []),
    ...(PARTS[type] ?? []),
  ];
  const fields: Field[] = [];
  const said: string[] = [];
  let at = start;
  for (const [name, size, say = plain] of parts) {
    if (at + size > data.length) break;
    fields.push({ name, from: at, to: at + size });
    said.push(`${name} ${say(data.readUIntBE(at, size))}`);
    at += size;
  }
  const padding = has('PADDED') && start < data.length ? data[start]! : 0;
  const end = Math.max(at, data.length - padding);
  const rest = REST[type] ?? 'payload';
  if (end > at) {
    fields.push({ name: rest, from: at, to: end });
    said.push(
      `${rest} ${end - at} bytes${rest.startsWith('header') ? '' : ` “${visible(data.subarray(at, end), 24)}”`}`,
    );
  }
  if (data.length > end) fields.push({ name: 'padding', from: end, to: data.length });
  return { said: said.join(', '), fields };
}

function settingsOf(data: Buffer, start: number): Payload {
  const fields: Field[] = [];
  const said: string[] = [];
  for (let at = start; at + 6 <= data.length; at += 6) {
    const id = data.readUInt16BE(at);
    const name = SETTINGS[id] ?? `unknown setting 0x${id.toString(16)}`;
    fields.push(
      { name: 'setting identifier', from: at, to: at + 2 },
      { name: `value of ${name}`, from: at + 2, to: at + 6 },
    );
    said.push(`${name}=${data.readUInt32BE(at + 2)}`);
  }
  return { said: said.join(', '), fields };
}
