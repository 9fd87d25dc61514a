/** The scripted server at the other end of a pool's connections. */
import type { CaseContext } from '../../../kit/case.ts';
import { ok } from '../../../kit/check.ts';
import { before, turn } from '../../../kit/deadline.ts';
import { type Family, type Listener, loopback, type Peer } from '../../../kit/loopback.ts';

/** A scripted HTTP/1 server. */
export function listen(t: CaseContext, family: Family = 4): Promise<Listener> {
  return loopback(t).listen({ family, protocol: 'http1', allowHalfOpen: false });
}

export function urlOf(listener: Listener, path = '/', scheme = 'http'): string {
  const { host, port } = listener.address as { host: string; port: number };
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A response with this body. */
export function ok200(body: string, fields = ''): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The next request's head at the server; returns its first line. */
export async function requestLine(peer: Peer): Promise<string> {
  const head = await peer.until('\r\n\r\n', 'a request');
  return head.toString('latin1').split('\r\n', 1)[0]!;
}

/** The client has closed this connection, with or without unread bytes left in it. */
export function closedByClient({ socket }: Peer, what = 'the client closes the connection'): Promise<void> {
  if (socket.readableEnded || socket.closed) return Promise.resolve();
  const closed = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve());
  });
  return before(closed, { what });
}

/** No connection but those accepted has come to the server. */
export async function noMore(server: Listener, what: string): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
  ok(server.backlog === 0, `${what}: no further connection`, `${server.backlog} more were opened`);
}

/** A body of `total` bytes on its way, as fast as the other side takes it. */
export class Sending {
  /** What the kernel has taken. */
  sent = 0;
  readonly #total: number;

  constructor(peer: Peer, total: number) {
    this.#total = total;
    const block = Buffer.alloc(64 * 1024, 'x');
    const more = () => {
      peer.socket.write(block, () => {
        this.sent += block.length;
        if (this.sent < total) more();
      });
    };
    more();
  }

  /**
   * Loopback is the kernel of this machine: what has not moved for so many turns of the other side's event loop does
   * not move.
   */
  async hasStopped(when: string, next: () => Promise<unknown> = turn): Promise<void> {
    for (let last = -1, still = 0; still < 200; still = this.sent === last ? still + 1 : 0) {
      last = this.sent;
      await next();
    }
    ok(
      this.sent < this.#total / 2,
      `${when}, the server has stopped long before all is sent: TCP’s buffers are full`,
      `it has sent ${this.sent} of ${this.#total} bytes`,
    );
  }
}
