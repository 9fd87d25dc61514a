/** Records to measure with: here, and against other libraries (scripts/bench/07-ndjson.ts). */
import type { Random } from '../../../kit/random.ts';

/** Whole records of about 150 bytes, as a web shop may have them, a line each, up to `size` bytes. */
export function recordLines(random: Random, size: number): Buffer {
  const lines: string[] = [];
  for (let length = 0; ; ) {
    const record = {
      id: random.u32(),
      name: letters(random, random.int(5, 20)),
      tags: [letters(random, 4), letters(random, 7)],
      price: random.int(1, 99_999) / 100,
      stock: { count: random.int(0, 500), reserved: random.pick([true, false]), shelf: null },
    };
    const line = `${JSON.stringify(record)}\n`;
    length += line.length;
    if (length > size) return Buffer.from(lines.join(''));
    lines.push(line);
  }
}

export function letters(random: Random, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(random.int(97, 122));
  return text;
}

export function cut(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}
