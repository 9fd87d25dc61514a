/**
 * The transcript of a case: what each side did, in order, as plain data for the report and the packet capture.
 *
 * It is kept during every case and thrown away when the case passes, so it must be cheap: bytes are copied, not
 * encoded. Of what is very long the beginning and the end are kept, which set the scene and show where it went wrong; an
 * entry `cut` stands for the rest.
 */
import type { TranscriptEntry } from './failure.ts';

/** The beginning that is kept: enough for a handshake and a head or two. */
const FIRST = { entries: 100, bytes: 32 * 1024 };
/** The end that is kept, at least; at most twice as much, so that cutting costs next to nothing per entry. */
const LAST = { entries: 200, bytes: 32 * 1024 };
/** Of one entry. */
const LONGEST = 16 * 1024;

/** Marks a gap: entries that were not kept. */
export const CUT = 'cut';

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
  readonly #start = performance.now();
  readonly #first: Kept[] = [];
  #firstBytes = 0;
  #last: Kept[] = [];
  #lastBytes = 0;
  #dropped = 0;

  /** Bytes moved. Copies them: their owner may reuse the memory. */
  bytes(side: Side, what: 'sent' | 'got', data: Uint8Array): void {
    const kept = Buffer.from(data.subarray(0, LONGEST));
    const entry = { side, what, data: kept, ms: this.#now() };
    this.#add(kept.length < data.length ? { ...entry, length: data.length } : entry);
  }

  /** Something happened without bytes: `ended`, `got reset`, `called` … */
  note(side: Side, what: string, note?: string): void {
    this.#add({ side, what, ms: this.#now(), ...(note === undefined ? {} : { note }) });
  }

  get entries(): TranscriptEntry[] {
    const gap: TranscriptEntry[] =
      this.#dropped === 0 ? [] : [{ who: 'transcript', what: CUT, note: `${this.#dropped} entries are left out` }];
    return [...this.#first.map(plain), ...gap, ...this.#last.map(plain)];
  }

  #add(entry: Kept): void {
    const size = entry.data?.length ?? 0;
    // Once something went into the end, everything does: order is what a transcript is for.
    if (
      this.#last.length + this.#dropped === 0 &&
      this.#first.length < FIRST.entries &&
      this.#firstBytes < FIRST.bytes
    ) {
      this.#first.push(entry);
      this.#firstBytes += size;
      return;
    }
    this.#last.push(entry);
    this.#lastBytes += size;
    if (this.#last.length > 2 * LAST.entries || this.#lastBytes > 2 * LAST.bytes) this.#trim();
  }

  #trim(): void {
    let from = this.#last.length;
    let bytes = 0;
    while (from > 0 && this.#last.length - from < LAST.entries && bytes < LAST.bytes) {
      bytes += this.#last[--from]?.data?.length ?? 0;
    }
    this.#dropped += from;
    this.#last = this.#last.slice(from);
    this.#lastBytes = bytes;
  }

  #now(): number {
    return Math.round((performance.now() - this.#start) * 1000) / 1000;
  }
}

function plain({ side, data, ...rest }: Kept): TranscriptEntry {
  const { who, ...place } = side;
  return { who, ...rest, ...(data ? { hex: data.toString('hex') } : {}), ...place };
}
