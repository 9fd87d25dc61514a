import type { Field } from '../failure.ts';

/** One element of a protocol in a stream of bytes: a line, a frame, a body. `[from, to)`, offsets in the stream. */
export interface Unit {
  from: number;
  to: number;
  /** In one line, for a person. */
  summary: string;
  /** Its named parts, in the same offsets. */
  fields: Field[];
}

/** Shows bytes as text with what cannot be printed made visible: `GET / HTTP/1.1␍␊`. */
export function visible(data: Uint8Array, longest = 96): string {
  const text = Buffer.from(data.subarray(0, longest))
    .toString('latin1')
    .replace(/\r/g, '␍')
    .replace(/\n/g, '␊')
    .replace(/\0/g, '␀')
    .replace(/\t/g, '␉')
    .replace(/[^\x20-\x7e␍␊␀␉]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return data.length > longest ? `${text}…` : text;
}
