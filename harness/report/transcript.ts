/**
 * The transcript of a failing case as a timeline: who did what and when, the bytes decoded where the protocol is known
 * and dumped where it is not.
 *
 *      0.412 ms  client  127.0.0.1:40312 → 127.0.0.1:41877
 *      0.530 ms  client  sent 27 bytes
 *                          request line: GET / HTTP/1.1␍␊
 *                          header: Host: a␍␊
 *
 * A line or frame that spans two chunks is decoded where it begins, and mentioned where it goes on.
 * Pure.
 */
import { decodeHttp1 } from '../kit/decode/http1.ts';
import { decodeHttp2 } from '../kit/decode/http2.ts';
import type { Unit } from '../kit/decode/unit.ts';
import type { TranscriptEntry } from '../kit/failure.ts';
import { CUT } from '../kit/transcript.ts';
import { hexDump } from './bytes.ts';

/** Entries shown: the first few set the scene, the last are where it went wrong. */
const FIRST = 6;
const LAST = 24;
/** Lines of one entry. */
const LINES = 12;
/** Rows of hex below the names of frames. */
const FRAME_ROWS = 4;

const DECODERS = { http1: decodeHttp1, http2: decodeHttp2 };

export function transcriptLines(entries: TranscriptEntry[]): string[] {
  const decoded = decodeEntries(entries);
  const lines = entries.map((entry, i) => entryLines(entry, decoded[i]!, i === 0 || isNew(entries, i)));
  const hidden = lines.length - FIRST - LAST;
  if (hidden <= 0) return lines.flat();
  return [...lines.slice(0, FIRST).flat(), `… ${hidden} entries …`, ...lines.slice(-LAST).flat()];
}

/** For each entry the lines that say what its bytes were. */
function decodeEntries(entries: TranscriptEntry[]): string[][] {
  const out: string[][] = entries.map(() => []);
  for (const { protocol, data, pieces, known } of streams(entries)) {
    const units = protocol ? DECODERS[protocol](data.subarray(0, known)) : [];
    for (const { index, from, to } of pieces) {
      const bytes = data.subarray(from, to);
      const named = unitLines(units, from, to);
      // HTTP/1 is text, and is shown as such; of binary frames one wants to see the bytes too.
      const rows = named.length === 0 ? LINES : protocol === 'http2' ? FRAME_ROWS : 0;
      out[index] = [...named, ...hexDump(bytes, rows)];
    }
  }
  return out;
}

/** What one side sent, or got, over one connection. */
interface Stream {
  protocol: TranscriptEntry['protocol'];
  data: Buffer;
  pieces: { index: number; from: number; to: number }[];
  /** So many bytes are there without a gap; what is decoded after a gap would be nonsense. */
  known: number;
}

function streams(entries: TranscriptEntry[]): Stream[] {
  const found = new Map<string, Stream & { chunks: Buffer[]; length: number; whole: boolean }>();
  const gap = entries.findIndex(({ what }) => what === CUT);
  for (const [index, entry] of entries.entries()) {
    if (entry.hex === undefined) continue;
    const key = [entry.who, entry.what, entry.local, entry.remote].join('|');
    const fresh = { protocol: entry.protocol, data: Buffer.alloc(0), pieces: [], known: 0 };
    const stream = found.get(key) ?? { ...fresh, chunks: [], length: 0, whole: true };
    found.set(key, stream);
    const chunk = Buffer.from(entry.hex, 'hex');
    stream.whole &&= gap === -1 || index < gap;
    stream.pieces.push({ index, from: stream.length, to: stream.length + chunk.length });
    stream.chunks.push(chunk);
    stream.length += chunk.length;
    if (stream.whole) stream.known = stream.length;
    stream.whole &&= entry.length === undefined;
  }
  return [...found.values()].map(({ chunks, ...stream }) => ({ ...stream, data: Buffer.concat(chunks) }));
}

function unitLines(units: Unit[], from: number, to: number): string[] {
  const lines = units
    .filter((unit) => unit.from < to && unit.to > from)
    .map((unit) => (unit.from < from ? `… ${unit.summary}` : unit.summary) + (unit.to > to ? ' …' : ''));
  return lines.length > LINES ? [...lines.slice(0, LINES), `… ${lines.length - LINES} more`] : lines;
}

/** Addresses are shown once for each side of a connection. */
function isNew(entries: TranscriptEntry[], index: number): boolean {
  const { who, local, remote } = entries[index]!;
  return !entries.slice(0, index).some((e) => e.who === who && e.local === local && e.remote === remote);
}

function entryLines(entry: TranscriptEntry, decoded: string[], introduce: boolean): string[] {
  const { who, what, hex, length, note, local, remote, ms } = entry;
  const at = ms === undefined ? '' : `${ms.toFixed(3)} ms`;
  const head = `${at.padStart(12)}  ${who}  `;
  const size = hex === undefined ? '' : ` ${count(length ?? hex.length / 2)}`;
  const place = introduce && local && remote ? [`${head}${local} → ${remote}`] : [];
  const lines = decoded.map((line) => `${' '.repeat(16)}${line}`);
  return [...place, `${head}${what}${size}${note === undefined ? '' : `: ${note}`}`, ...lines];
}

function count(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}
