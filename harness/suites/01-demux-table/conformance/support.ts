/** What the cases of the demultiplexer share: addresses written as text, and tables whose every call is written down. */
import {
  type Address,
  type BindOptions,
  type DemuxOptions,
  DemuxTable,
  type Tuple,
} from '#subject/01-demux-table/demux-table.ts';
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { equal, throws } from '../../../kit/check.ts';
import { explain } from '../../../kit/failure.ts';
import { show } from '../../../kit/show.ts';

export type Make = (options?: Partial<DemuxOptions>) => DemuxTable;

/** A case whose failure shows every call up to the wrong one. */
export function demuxCase(facts: CaseFacts, body: (make: Make, t: CaseContext) => void): void {
  testCase(facts, (t) => {
    const steps: string[] = [];
    try {
      body((options) => traced(steps, { seed: t.seed, ...options }), t);
    } catch (error) {
      throw steps.length > 0 ? explain(error, { steps: steps.slice(-MOST_STEPS) }) : error;
    }
  });
}

/** The bytes of an address: `ip('127.0.0.1')` is 7f 00 00 01, `ip('::1')` fifteen zeros and 01. */
export function ip(text: string): Address {
  if (!text.includes(':')) return Uint8Array.from(text.split('.'), Number);
  const [head = '', tail] = text.split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros = new Array<number>(16 - front.length - back.length).fill(0);
  return Uint8Array.from([...front, ...zeros, ...back]);
}

/** `tuple('10.0.0.1:80', '10.9.9.9:51000')`: local end first. IPv6 in brackets. */
export function tuple(local: string, remote: string): Tuple {
  const [localAddress, localPort] = endpoint(local);
  const [remoteAddress, remotePort] = endpoint(remote);
  return { localAddress, localPort, remoteAddress, remotePort };
}

/** Binds and listens: `listenAt(table, 3, '0.0.0.0:80')`. */
export function listenAt(table: DemuxTable, socket: number, at: string, options?: BindOptions): void {
  const [address, port] = endpoint(at);
  table.bind(socket, address, port, options);
  table.listen(socket);
}

export function bindAt(table: DemuxTable, socket: number, at: string, options?: BindOptions): number {
  const [address, port] = endpoint(at);
  return table.bind(socket, address, port, options);
}

/** `'EADDRINUSE'` and the like if the call fails, `'ok'` if it does not: for tables of who may do what. */
export function outcome(act: () => unknown): string {
  try {
    act();
    return 'ok';
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    if (name === 'NotImplemented' || code === undefined) throw error;
    return code;
  }
}

/** The call must throw an error with this code. */
export function refuses(act: () => unknown, code: string, what: string): void {
  throws(act, { code }, what);
}

/** The verdict on a segment, from the local and the remote end. */
export function verdict(table: DemuxTable, [local, remote]: [string, string], expected: unknown, what: string): void {
  equal<unknown>(table.lookup(tuple(local, remote)), expected, what);
}

export function showAddress(address: Address): string {
  if (address.length === 4) return address.join('.');
  if (MAPPED.every((byte, i) => byte === address[i])) return `::ffff:${address.slice(12).join('.')}`;
  const words = Array.from({ length: 8 }, (_, i) =>
    (((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0)).toString(16),
  );
  const text = words.join(':');
  const zeros = text.match(/(^|:)0(:0)+(:|$)/)?.[0];
  return zeros === undefined ? text : text.replace(zeros, '::');
}

export function showTuple({ localAddress, localPort, remoteAddress, remotePort }: Tuple): string {
  return `${showEnd(localAddress, localPort)} ← ${showEnd(remoteAddress, remotePort)}`;
}

/** How an IPv4-mapped address begins. */
const MAPPED = [...new Uint8Array(10), 0xff, 0xff];

/** A failure in a loop of thousands needs its end, not its beginning. */
const MOST_STEPS = 16;

function showEnd(address: Address, port: number): string {
  return address.length === 4 ? `${showAddress(address)}:${port}` : `[${showAddress(address)}]:${port}`;
}

function endpoint(text: string): [Address, number] {
  const at = text.lastIndexOf(':');
  return [ip(text.slice(0, at).replace(/[[\]]/g, '')), Number(text.slice(at + 1))];
}

/** Bytes of a colon-separated stretch of an IPv6 address; its last group may be dotted IPv4. */
function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const word = Number.parseInt(group, 16);
    return [word >> 8, word & 0xff];
  });
}

function traced(steps: string[], options: DemuxOptions): DemuxTable {
  steps.push(`table = new DemuxTable(${show(options)})`);
  const table = new DemuxTable(options);
  return new Proxy(table, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => call(steps, `table.${String(key)}`, () => value.apply(target, args), args);
    },
  });
}

function call(steps: string[], name: string, act: () => unknown, args: unknown[]): unknown {
  const at = steps.push(`${name}(${args.map(literal).join(', ')})`) - 1;
  try {
    const result = act();
    if (result !== undefined) steps[at] += ` → ${show(result)}`;
    return result;
  } catch (error) {
    steps[at] += ` threw ${(error as { code?: string }).code ?? error}`;
    throw error;
  }
}

function literal(value: unknown): string {
  if (value instanceof Uint8Array && (value.length === 4 || value.length === 16)) return showAddress(value);
  const isTuple = typeof value === 'object' && value !== null && 'remoteAddress' in value;
  return isTuple ? showTuple(value as Tuple) : show(value);
}
