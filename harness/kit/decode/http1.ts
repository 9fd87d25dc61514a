/**
 * One direction of an HTTP/1 connection, named line by line (RFC 9112). For people who look for a mistake: it never
 * throws, it takes what it is given for what it most likely was meant to be, and it is no judge of what is valid.
 */
import type { Field } from '../failure.ts';
import { type Unit, visible } from './unit.ts';

/** How the body of a message ends. */
type Body = { until: 'length'; length: number } | { until: 'last chunk' } | { until: 'close' };

export function decodeHttp1(data: Buffer): Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at < data.length; ) {
    const head = headUnits(data, at);
    units.push(...head.units);
    const body = head.complete ? bodyUnits(data, head.to, bodyOf(head.units, data)) : [];
    units.push(...body);
    at = (body.at(-1) ?? head).to;
  }
  return units;
}

interface Head {
  units: Unit[];
  to: number;
  complete: boolean;
}

/** Start line, header lines and the empty line. */
function headUnits(data: Buffer, start: number): Head {
  const units: Unit[] = [];
  let at = start;
  while (at < data.length) {
    const line = lineAt(data, at);
    at = line.to;
    if (!line.ended) units.push(unit(line, 'unfinished line', data));
    else if (line.text > line.from)
      units.push(units.some(isStartLine) ? headerUnit(line, data) : startUnit(line, data));
    else if (units.some(isStartLine))
      return { units: [...units, unit(line, 'end of head', data)], to: at, complete: true };
    else units.push(unit(line, 'empty line before a message', data));
  }
  return { units, to: at, complete: false };
}

interface Line {
  from: number;
  /** Where its text ends: before CR LF, or before a bare LF. */
  text: number;
  to: number;
  ended: boolean;
}

function lineAt(data: Buffer, from: number): Line {
  const lf = data.indexOf(0x0a, from);
  if (lf === -1) return { from, text: data.length, to: data.length, ended: false };
  const text = lf > from && data[lf - 1] === 0x0d ? lf - 1 : lf;
  return { from, text, to: lf + 1, ended: true };
}

const isStartLine = ({ summary }: Unit): boolean => /^(request|status) line/.test(summary);

function startUnit(line: Line, data: Buffer): Unit {
  const text = data.toString('latin1', line.from, line.text);
  const status = /^HTTP\//.test(text);
  const names = status ? ['version', 'status', 'reason'] : ['method', 'target', 'version'];
  const words = text.split(' ', 2);
  const at = [0, words[0]!.length + 1, words.join(' ').length + 1];
  const fields = names.flatMap((name, i): Field[] => {
    const [from, to] = [line.from + at[i]!, i < 2 ? line.from + at[i + 1]! - 1 : line.text];
    return to <= line.text ? [{ name, from, to }] : [];
  });
  return unit(line, status ? 'status line' : 'request line', data, fields);
}

function headerUnit(line: Line, data: Buffer): Unit {
  const colon = data.indexOf(0x3a, line.from);
  if (colon === -1 || colon >= line.text) return unit(line, 'header line without a colon', data);
  const fields = [
    { name: 'field name', from: line.from, to: colon },
    { name: 'field value', from: colon + 1, to: line.text },
  ];
  return unit(line, 'header', data, fields);
}

/** RFC 9112 §6.3, as far as one direction alone tells. */
function bodyOf(units: Unit[], data: Buffer): Body {
  const text = (from: number, to: number): string => data.toString('latin1', from, to).trim().toLowerCase();
  const start = units.find(isStartLine)!;
  const [, status] = /^http\/\S+ (\d{3})/.exec(text(start.from, start.to)) ?? [];
  if (status === '101') return { until: 'close' };
  if (status && /^(1..|204|304)$/.test(status)) return { until: 'length', length: 0 };
  let length: number | undefined;
  for (const { fields } of units) {
    const [name, value] = fields;
    if (name?.name !== 'field name' || !value) continue;
    const key = text(name.from, name.to);
    if (key === 'transfer-encoding' && /chunked$/.test(text(value.from, value.to))) return { until: 'last chunk' };
    if (key === 'content-length' && /^\d{1,15}$/.test(text(value.from, value.to))) {
      length ??= Number(text(value.from, value.to));
    }
  }
  if (length !== undefined) return { until: 'length', length };
  return status ? { until: 'close' } : { until: 'length', length: 0 };
}

function bodyUnits(data: Buffer, at: number, body: Body): Unit[] {
  if (body.until === 'last chunk') return chunkUnits(data, at);
  const to = body.until === 'close' ? data.length : Math.min(data.length, at + body.length);
  if (to === at) return [];
  const of = body.until === 'close' ? 'body, up to the end of the stream' : `body, ${to - at} of ${body.length} bytes`;
  return [unit({ from: at, text: to, to, ended: true }, of, data)];
}

function chunkUnits(data: Buffer, start: number): Unit[] {
  const units: Unit[] = [];
  for (let at = start; at < data.length; ) {
    const line = lineAt(data, at);
    const [digits] = /^[0-9a-fA-F]{1,13}/.exec(data.toString('latin1', line.from, line.text)) ?? [];
    if (!line.ended || digits === undefined) return [...units, unit(line, 'chunk size, unfinished or wrong', data)];
    const size = Number.parseInt(digits, 16);
    const field = { name: 'chunk size', from: line.from, to: line.from + digits.length };
    units.push(unit(line, size === 0 ? 'last chunk' : `chunk of ${size} bytes`, data, [field]));
    if (size === 0) return [...units, ...trailerUnits(data, line.to)];
    const to = Math.min(data.length, line.to + size);
    if (to > line.to) units.push(unit({ from: line.to, text: to, to, ended: true }, 'chunk data', data));
    const end = lineAt(data, to);
    if (to < data.length) units.push(unit(end, 'end of chunk', data));
    at = to < data.length ? end.to : to;
  }
  return units;
}

function trailerUnits(data: Buffer, start: number): Unit[] {
  const units: Unit[] = [];
  for (let at = start; at < data.length; ) {
    const line = lineAt(data, at);
    at = line.to;
    if (line.ended && line.text === line.from) return [...units, unit(line, 'end of trailers', data)];
    units.push(
      line.ended
        ? { ...headerUnit(line, data), summary: `trailer: ${visible(data.subarray(line.from, line.to))}` }
        : unit(line, 'unfinished line', data),
    );
  }
  return units;
}

function unit({ from, to }: Line, name: string, data: Buffer, fields: Field[] = []): Unit {
  const summary = `${name}: ${visible(data.subarray(from, to))}`;
  return { from, to, summary, fields: fields.filter((field) => field.from < field.to) };
}
