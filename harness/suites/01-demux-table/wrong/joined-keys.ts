/**
 * wrong: joined-keys
 * bug: the key is the numbers of the tuple in a row, without separators: 1.1.1.1 port 11 is 1.1.1.11 port 1
 * caught by: demux-lookalikes
 *
 * The first version that many write: a Map with strings as keys, and lists of everything else.
 */

interface Tuple {
  localAddress: Uint8Array;
  localPort: number;
  remoteAddress: Uint8Array;
  remotePort: number;
}

interface Options {
  reuseAddress?: boolean;
  reusePort?: boolean;
  ipv6Only?: boolean;
}

interface Bound {
  socket: number;
  host: string;
  port: number;
  options: Options;
  listening: boolean;
}

interface Connection extends Bound {
  until: number;
}

export class DemuxTable {
  readonly #connections = new Map<string, Connection>();
  #bound: Bound[] = [];
  readonly #options: { seed: number; firstPort: number; lastPort: number; timeWait: number };

  constructor(options: { seed: number; firstPort?: number; lastPort?: number; timeWait?: number }) {
    this.#options = { firstPort: 32_768, lastPort: 60_999, timeWait: 60_000, ...options };
  }

  bind(socket: number, address: Uint8Array, port: number, options: Options = {}): number {
    const wanted = { socket, host: textOf(address), port, options, listening: false };
    if (port === 0) wanted.port = this.#choose((port) => !this.#collides({ ...wanted, port, options: {} }));
    if (wanted.port === 0 || this.#collides(wanted)) throw failure('EADDRINUSE');
    this.#bound.push(wanted);
    return wanted.port;
  }

  listen(socket: number): void {
    const bound = this.#bound.find((one) => one.socket === socket);
    if (!bound) throw failure('EINVAL');
    if (!bound.listening && this.#collides(bound)) throw failure('EADDRINUSE');
    bound.listening = true;
  }

  unbind(socket: number): boolean {
    const before = this.#bound.length;
    this.#bound = this.#bound.filter((one) => one.socket !== socket);
    return this.#bound.length < before;
  }

  establish(socket: number, tuple: Tuple, options: Options = {}): number {
    const port =
      tuple.localPort || this.#choose((port) => !this.#connections.has(keyOf({ ...tuple, localPort: port })));
    if (port === 0) throw failure('EADDRNOTAVAIL');
    const key = keyOf({ ...tuple, localPort: port });
    if (this.#connections.has(key)) throw failure('EADDRINUSE');
    const host = textOf(tuple.localAddress);
    this.#connections.set(key, { socket, host, port, options, listening: false, until: Number.POSITIVE_INFINITY });
    return port;
  }

  lookup(tuple: Tuple): number | 'TIME_WAIT' | 'RST' {
    const connection = this.#connections.get(keyOf(tuple));
    if (connection) return connection.until < Number.POSITIVE_INFINITY ? 'TIME_WAIT' : connection.socket;
    const host = textOf(tuple.localAddress);
    const listening = this.#bound.filter((one) => one.listening && one.port === tuple.localPort);
    for (const place of [host, host.includes(':') ? '::' : '0.0.0.0', '::']) {
      const found = listening.find((one) => one.host === place && covers(one, host));
      if (found) return found.socket;
    }
    return 'RST';
  }

  remove(tuple: Tuple): boolean {
    return this.lookup(tuple) !== 'TIME_WAIT' && this.#connections.delete(keyOf(tuple));
  }

  timeWait(tuple: Tuple, now: number): boolean {
    const connection = this.#connections.get(keyOf(tuple));
    if (connection?.until !== Number.POSITIVE_INFINITY) return false;
    connection.until = now + this.#options.timeWait;
    return true;
  }

  expire(now: number): number {
    const due = [...this.#connections].filter(([, connection]) => connection.until <= now);
    for (const [key] of due) this.#connections.delete(key);
    return due.length;
  }

  #collides(wanted: Bound): boolean {
    return [...this.#bound, ...this.#connections.values()].some((held) => {
      if (held === wanted || held.port !== wanted.port) return false;
      const both = (option: 'reuseAddress' | 'reusePort') => held.options[option] && wanted.options[option];
      const share = both('reusePort') || (both('reuseAddress') && !held.listening);
      return !share && (covers(held, wanted.host) || covers(wanted, held.host));
    });
  }

  #choose(isFree: (port: number) => boolean): number {
    const { seed, firstPort, lastPort } = this.#options;
    const count = lastPort - firstPort + 1;
    for (let i = 0; i < count; i++) {
      const port = firstPort + ((seed + i) % count);
      if (isFree(port)) return port;
    }
    return 0;
  }
}

function covers({ host, options }: Bound, other: string): boolean {
  if (host === other) return true;
  if (host === '0.0.0.0') return !other.includes(':');
  return host === '::' && !(options.ipv6Only && !other.includes(':'));
}

function keyOf({ localAddress, localPort, remoteAddress, remotePort }: Tuple): string {
  return [...localAddress, localPort, ...remoteAddress, remotePort].join('');
}

function textOf(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  return address.every((byte) => byte === 0)
    ? '::'
    : Buffer.from(address)
        .toString('hex')
        .replace(/....\B/g, '$&:');
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
