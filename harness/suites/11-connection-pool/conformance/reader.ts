/** Runs a `ResponseReader` over chunks, and what is compared of it: nothing that depends on how they were cut. */
import { type Header, ResponseReader } from '#subject/11-connection-pool/connection-pool.ts';
import { ok } from '../../../kit/check.ts';
import { show } from '../../../kit/show.ts';

export interface Outcome {
  status?: number;
  headers?: Header[] | string[][];
  body: string;
  /** How it ended: `end`, an error's code, or `no` if more must come. */
  over: string;
  reusable: boolean;
  idleHint?: number;
}

/** `close`: the server closes after the last chunk. */
export function read(method: string, chunks: Iterable<Uint8Array>, { close = false, headers = false } = {}): Outcome {
  const reader = new ResponseReader(method);
  const outcome: Outcome = { body: '', over: 'no', reusable: false };
  for (const chunk of chunks) take(outcome, reader.push(chunk), headers);
  if (close) take(outcome, reader.end(), headers);
  outcome.reusable = reader.reusable;
  return outcome;
}

export function readWhole(method: string, input: string): Outcome & { idleHint: number } {
  const reader = new ResponseReader(method);
  const outcome: Outcome = { body: '', over: 'no', reusable: false };
  take(outcome, reader.push(Buffer.from(input, 'latin1')), true);
  return { ...outcome, reusable: reader.reusable, idleHint: reader.idleHint };
}

function take(outcome: Outcome, parts: ReturnType<ResponseReader['push']>, headers: boolean): void {
  ok(Array.isArray(parts), 'push returns a list of parts', `it returned ${show(parts)}`);
  for (const part of parts) {
    const late = outcome.over === 'no' ? '' : ` after ${outcome.over}`;
    const early =
      part.type === 'head' || outcome.status !== undefined || part.type === 'error' ? '' : ' before the head';
    ok(late === '' && early === '', 'parts come in order: head, data, end', `${part.type} came${late}${early}`);
    if (part.type === 'head') {
      ok(outcome.status === undefined, 'one head', 'a second head came');
      outcome.status = part.status;
      if (headers) outcome.headers = part.headers;
    } else if (part.type === 'data') {
      ok(part.bytes.length > 0, 'data are never empty');
      outcome.body += Buffer.from(part.bytes).toString('latin1');
    } else {
      outcome.over = part.type === 'end' ? 'end' : String((part.error as { code?: unknown }).code);
    }
  }
}
