/**
 * The transcript of a case: what each side did, in order, as plain data for the report and the packet capture.
 *
 * It is kept during every case and thrown away when the case passes, so it must be cheap: bytes are copied, not
 * encoded, and no more than `BYTES_KEPT` of them. A case that moves 64 MB keeps its beginning; the rest is counted.
 */
import type { TranscriptEntry } from './failure.ts';

/** Enough for any conversation a person will read; small enough to cross a process boundary as JSON. */
const BYTES_KEPT = 64 * 1024;
/** Entries after these are counted in one line: nobody reads further. */
const ENTRIES_KEPT = 2000;

export interface Side {
  who: string;
  local?: string;
  remote?: string;
  protocol?: 'http1' | 'http2';
}

interface Kept {
  side: Side;
  what: string;
  ms: number;
  data?: Buffer;
  length?: number;
  note?: string;
}

export class Transcript {
  readonly #kept: Kept[] = [];
  readonly #start = performance.now();
  #bytes = 0;
  #dropped = 0;

  /** Bytes moved. Copies them: their owner may reuse the memory. */
  bytes(side: Side, what: 'sent' | 'got', data: Uint8Array): void {
    const room = Math.max(0, Math.min(data.length, BYTES_KEPT - this.#bytes));
    this.#bytes += room;
    const entry = { side, what, data: Buffer.from(data.subarray(0, room)), ms: this.#now() };
    this.#add(room < data.length ? { ...entry, length: data.length } : entry);
  }

  /** Something happened without bytes: `ended`, `got reset`, `called` … */
  note(side: Side, what: string, note?: string): void {
    this.#add({ side, what, ms: this.#now(), ...(note === undefined ? {} : { note }) });
  }

  get entries(): TranscriptEntry[] {
    const list = this.#kept.map(plain);
    if (this.#dropped > 0) list.push({ who: 'transcript', what: 'cut', note: `${this.#dropped} further entries` });
    return list;
  }

  #add(entry: Kept): void {
    if (this.#kept.length < ENTRIES_KEPT) this.#kept.push(entry);
    else this.#dropped++;
  }

  #now(): number {
    return Math.round((performance.now() - this.#start) * 1000) / 1000;
  }
}

function plain({ side, data, ...rest }: Kept): TranscriptEntry {
  const { who, ...place } = side;
  return { who, ...rest, ...(data ? { hex: data.toString('hex') } : {}), ...place };
}
