/**
 * Colours and symbols, decided once. Nothing depends on colour alone: every state has a symbol or a
 * word of its own.
 */
import pc from 'picocolors';

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
  accent(text: string): string;
  /** Columns to write in. */
  width: number;
  /** Whether figures may be drawn as bars; yes if absent. Read aloud, a bar is noise. */
  bars?: boolean;
}

export function makePaint(color: boolean, width: number): Paint {
  const c = pc.createColors(color);
  return {
    good: c.green,
    bad: c.red,
    warn: c.yellow,
    dim: c.dim,
    bold: c.bold,
    accent: c.cyan,
    width: Math.max(20, width),
  };
}

type Env = Record<string, string | undefined>;

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, both over what the stream is. */
export function paintFor(stream: { isTTY?: boolean; columns?: number }, env: Env = process.env): Paint {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const color = !env.NO_COLOR && (forced || (stream.isTTY === true && env.TERM !== 'dumb'));
  return makePaint(color, stream.columns ?? 100);
}

/** Breaks text at spaces to `width` columns; the lines after the first are indented. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      const room = width - (lines.length === 0 ? 0 : indent.length);
      if (line !== '' && line.length + 1 + word.length > Math.max(room, 10)) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.map((line, i) => (i === 0 ? line : indent + line));
}

/** Control characters, and those that turn the direction of reading (Unicode TR9 §2.1 to §2.6). */
const TREACHEROUS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Makes what a subject printed harmless to a terminal and a reader: such characters become visible. */
export function harmless(text: string): string {
  return text.replace(TREACHEROUS, (c) => {
    const code = c.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
