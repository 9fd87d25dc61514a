/**
 * Bytes for people: hex and ASCII side by side, a caret under the first wrong byte, and the name of the field it is in.
 *
 *     expected  0010  00 00 00 01 82 86 84 41  8a                       .......A.
 *     got       0010  00 00 00 03 82 86 84 41  8a                       .......A.
 *                              ^^                                          ^
 *                     byte 19 is 03, not 01, in the stream identifier (bytes 16 to 19)
 *
 * Pure, and plain text: nothing depends on colour.
 */
import type { ByteDifference, Field } from '../kit/failure.ts';

const PER_ROW = 16;
/** Rows of context above and below the row with the first wrong byte. */
const CONTEXT = 1;

/** One row of a dump, without its label: `0010  00 01 …  ..`. */
function hexRow(data: Uint8Array, from: number): string {
  const row = [...data.subarray(from, from + PER_ROW)];
  const cells = row.map((byte) => byte.toString(16).padStart(2, '0'));
  const hex = [cells.slice(0, 8).join(' '), cells.slice(8).join(' ')].filter(Boolean).join('  ');
  const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${offset(from)}  ${hex.padEnd(PER_ROW * 3)}  ${text}`.trimEnd();
}

/** The whole of `data`, or its first `most` rows. */
export function hexDump(data: Uint8Array, most = Number.POSITIVE_INFINITY): string[] {
  if (most === 0) return [];
  const rows = Array.from({ length: Math.ceil(data.length / PER_ROW) }, (_, i) => i * PER_ROW);
  const lines = rows.slice(0, most).map((from) => hexRow(data, from));
  return rows.length > most ? [...lines, `      … ${data.length - most * PER_ROW} more bytes`] : lines;
}

/** Both sides around the first wrong byte, a caret under it, and what it is. */
export function differenceLines({ expected, actual, at, fields = [] }: ByteDifference): string[] {
  const want = Buffer.from(expected, 'hex');
  const got = Buffer.from(actual, 'hex');
  const row = at - (at % PER_ROW);
  const first = Math.max(0, row - CONTEXT * PER_ROW);
  const lines: string[] = [];
  for (let from = first; from <= row + CONTEXT * PER_ROW; from += PER_ROW) {
    if (from >= want.length && from >= got.length && from !== row) continue;
    lines.push(...rowPair(want, got, from));
    if (from === row) lines.push(caret(at), `${' '.repeat(16)}${said(want, got, at, fields)}`);
  }
  const rest = Math.max(want.length, got.length) - (row + (CONTEXT + 1) * PER_ROW);
  return rest > 0 ? [...lines, `${' '.repeat(10)}… up to byte ${Math.max(want.length, got.length) - 1}`] : lines;
}

/** Rows that are alike are shown once. */
function rowPair(want: Buffer, got: Buffer, from: number): string[] {
  const [a, b] = [hexRow(want, from), hexRow(got, from)];
  return a === b ? [`both      ${a}`] : [`expected  ${a}`, `got       ${b}`];
}

function caret(at: number): string {
  const i = at % PER_ROW;
  const hex = 'expected  0000  '.length + i * 3 + (i >= 8 ? 1 : 0);
  const text = 'expected  0000  '.length + PER_ROW * 3 + 2 + i;
  return `${' '.repeat(hex)}^^${' '.repeat(text - hex - 2)}^`;
}

function said(want: Buffer, got: Buffer, at: number, fields: Field[]): string {
  const hex = (data: Buffer): string => data.subarray(at, at + 1).toString('hex');
  const where = `byte ${at}`;
  const field = fields.filter(({ from, to }) => from <= at && at < to).at(-1);
  const inField = field ? `, in the ${field.name} (${span(field)})` : '';
  if (at >= got.length) return `${where}: nothing, where ${hex(want)} should be${inField}`;
  if (at >= want.length) return `${where}: ${hex(got)}, where nothing should be`;
  return `${where} is ${hex(got)}, not ${hex(want)}${inField}`;
}

function span({ from, to }: Field): string {
  return to - from === 1 ? `byte ${from}` : `bytes ${from} to ${to - 1}`;
}

function offset(from: number): string {
  return from.toString(16).padStart(4, '0');
}
