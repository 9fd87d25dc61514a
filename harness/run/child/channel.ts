/**
 * The child's end of the marker channel: one request in, event lines out, on descriptor 4.
 *
 * Everything is synchronous: a blocked event loop sends no IPC, and after a hang the parent must
 * still know which case was under way and what had passed before. Each line out begins with the
 * run's token, which only this module has seen.
 */
import { readSync, writeSync } from 'node:fs';
import type { ChildEvent, ChildRequest } from '../events.ts';

const DESCRIPTOR = 4;
const stringify = JSON.stringify;

function readRequest(): ChildRequest {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(4096);
  for (;;) {
    const count = readSync(DESCRIPTOR, chunk);
    if (count === 0) throw new Error('the parent closed the channel before it sent a request');
    chunks.push(Buffer.from(chunk.subarray(0, count)));
    if (chunk[count - 1] === 0x0a) return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  }
}

let token = '';

/** The request without its token; empty until it was received. */
export const request = {} as Omit<ChildRequest, 'token'>;

/** Waits for the request with the thread blocked: an idle spare costs no processor time. */
export function receive(): void {
  const { token: secret, ...rest } = readRequest();
  token = secret;
  Object.assign(request, rest);
}

export function tell(event: ChildEvent): void {
  let data = Buffer.from(`${token} ${stringify(event)}\n`);
  while (data.length > 0) data = data.subarray(writeSync(DESCRIPTOR, data));
}
