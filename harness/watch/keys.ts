/** Bytes of a terminal in raw mode → names of keys. Pure; one chunk may hold several keys. */

/** CSI and SS3 sequences (ECMA-48 §8.3, xterm's ctlseqs): what follows ESC [ or ESC O. */
const SEQUENCES: Record<string, string> = {
  A: 'up',
  B: 'down',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '4~': 'end',
  '5~': 'page-up',
  '6~': 'page-down',
};

const CONTROLS: Record<string, string> = {
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x1a': 'ctrl-z',
  '\x1b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  ' ': 'space',
};

const KEY = /\x1b[[O]([\d;]*[A-Za-z~])|\x1b|./gsu;

export function keysIn(text: string): string[] {
  return [...text.matchAll(KEY)].flatMap(([whole, sequence]) => {
    if (sequence !== undefined) return SEQUENCES[sequence] ?? [];
    return CONTROLS[whole] ?? (whole < ' ' || whole === '\x7f' ? [] : whole);
  });
}
