/** Fitting text that may be coloured, wide or combining into columns of a terminal. */
import { stripVTControlCharacters } from 'node:util';

/** Colours (SGR), or one code point. */
const PIECE = /\x1b\[[\d;]*m|./gsu;
const NO_COLUMNS = /^(?:\p{Mn}|\p{Me}|\p{Cf}|\x1b)/u;
/** East Asian wide and full-width forms, and what is drawn as an emoji. */
const TWO_COLUMNS =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u;

function columnsOf(piece: string): number {
  if (NO_COLUMNS.test(piece)) return 0;
  return TWO_COLUMNS.test(piece) ? 2 : 1;
}

const ASCII = /^[\x20-\x7e]*$/;

export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const [piece] of stripVTControlCharacters(text).matchAll(PIECE)) width += columnsOf(piece);
  return width;
}

/** As much as fits into `width` columns, the last of them `…` if something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return '…'.slice(0, width);
  const [head = ''] = fold(text, width - 1);
  return `${head.replace(/\s+(\x1b\[[\d;]*m)*$/, '$1')}…`;
}

/** Breaks a line into rows of at most `width` columns, at a space if one is near. A colour goes on in the next row. */
export function fold(text: string, width: number): string[] {
  if (text.length <= width && ASCII.test(text)) return [text];
  const rows: string[] = [];
  let row: string[] = [];
  let used = 0;
  let colors = '';
  for (const [piece] of text.matchAll(PIECE)) {
    const isColor = piece.startsWith('\x1b[');
    const columns = isColor ? 0 : columnsOf(piece);
    if (used + columns > width) {
      const rest = row.splice(breakOf(row));
      rows.push(close(row.join(''), colors));
      row = [colors, ...rest];
      used = widthOf(rest.join(''));
    }
    if (isColor) colors += piece;
    row.push(piece);
    used += columns;
  }
  return [...rows, close(row.join(''), colors)];
}

/** Behind the last space between words, unless that lies far left: then it is no prose, and is cut where it must. */
function breakOf(row: string[]): number {
  const space = row.lastIndexOf(' ');
  const word = row.findIndex((piece) => /^[^ \x1b]/.test(piece));
  return space > row.length / 3 && word !== -1 && word < space ? space + 1 : row.length;
}

function close(row: string, colors: string): string {
  return colors === '' ? row : `${row}\x1b[0m`;
}

/** Text at the left and at the right edge; the right one gives way. */
export function spread(left: string, right: string, width: number): string {
  const gap = width - widthOf(left) - widthOf(right);
  return gap >= 2 ? left + ' '.repeat(gap) + right : cut(left, width);
}
