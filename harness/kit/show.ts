/** Values as one short line of text, for failure messages. Never throws, whatever the subject returned. */
import { inspect } from 'node:util';

const LONGEST = 120;

export function show(value: unknown): string {
  if (value instanceof Uint8Array) return showBytes(value);
  let text: string;
  try {
    text = inspect(value, {
      depth: 4,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 24,
      customInspect: false,
    });
  } catch {
    text = Object.prototype.toString.call(value);
  }
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function showBytes(value: Uint8Array): string {
  const head = Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, 16));
  const hex = head.toString('hex').replace(/../g, '$& ').trim();
  return `${value.byteLength} bytes${value.byteLength > 0 ? ` <${hex}${value.byteLength > 16 ? ' …' : ''}>` : ''}`;
}
