/**
 * A server on real sockets around the parser, as small as it can be: it answers each request with what it saw of it,
 * in JSON, and each fault with its status. Of upgrades it takes up `echo`, and tunnels CONNECT into the same.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type ParserEvent, type Request, RequestParser } from '#subject/08-http1-parser/http1-parser.ts';
import { before } from '../../../kit/deadline.ts';

export interface Report {
  method: string;
  target: string;
  version: string;
  headers: [string, string][];
  body: string;
  trailers: [string, string][];
}

/** What a subject threw that was no ParseError: it belongs to the case, not to the process. */
export interface Echo {
  server: Server;
  crash: unknown;
  /** Ends every connection that is still open, and waits until the clients have done the same. */
  hangUp(): Promise<void>;
}

export function echoServer(): Echo {
  const open = new Set<Socket>();
  const echo: Echo = {
    crash: undefined,
    hangUp: async () => {
      const closing = [...open].map((socket) => once(socket.end(), 'close'));
      await before(Promise.all(closing), { what: 'the clients close their connections after the server' });
    },
    server: createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      const guard = (act: () => void): void => {
        try {
          act();
        } catch (error) {
          echo.crash ??= error;
          socket.destroy();
        }
      };
      guard(() => {
        const connection = new Connection(socket);
        socket.on('data', (data: Buffer) => guard(() => connection.got(data)));
        socket.on('end', () => guard(() => connection.ended()));
      });
      socket.on('error', () => {});
    }),
  };
  return echo;
}

class Connection {
  readonly #socket: Socket;
  readonly #parser = new RequestParser();
  #request: Request | undefined;
  #body: Uint8Array[] = [];
  #over = false;
  #switched = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  got(data: Buffer): void {
    if (this.#switched) return void this.#socket.write(data);
    if (this.#over) return;
    this.#parser.push(data);
    this.#drain();
  }

  ended(): void {
    if (!this.#switched && !this.#over) {
      this.#parser.end();
      this.#drain();
    }
    this.#socket.end();
  }

  #drain(): void {
    for (;;) {
      const event = this.#next();
      if (event === undefined || event.type === 'need-more') return;
      if (event.type === 'closed') {
        this.#over = true;
        return void this.#socket.end();
      }
      if (event.type === 'paused') {
        if (this.#switch()) return;
      } else this.#take(event);
    }
  }

  #next(): ParserEvent | undefined {
    try {
      return this.#parser.next();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ParseError') throw error;
      const { status, code } = error as Error & { status: number; code: string };
      this.#over = true;
      this.#answer(status, code, ['Connection: close']);
      this.#socket.end();
      return undefined;
    }
  }

  #take(event: ParserEvent): void {
    if (event.type === 'request') {
      this.#request = event;
      this.#body = [];
      if (event.expectContinue) this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    } else if (event.type === 'data') this.#body.push(event.bytes);
    else if (event.type === 'end' && !this.#switches()) this.#report(event.trailers);
  }

  #report(trailers: Request['headers']): void {
    const { method, target, version, headers, keepAlive } = this.#request!;
    const plain = (fields: Request['headers']): [string, string][] => fields.map(({ name, value }) => [name, value]);
    const body = Buffer.concat(this.#body).toString('latin1');
    const report: Report = { method, target, version, headers: plain(headers), body, trailers: plain(trailers) };
    this.#answer(200, JSON.stringify(report), keepAlive ? [] : ['Connection: close']);
  }

  #switches(): boolean {
    const { method, upgrade } = this.#request!;
    return method === 'CONNECT' || upgrade === 'echo';
  }

  /** Whether another protocol begins; else the request is answered and HTTP goes on. */
  #switch(): boolean {
    if (!this.#switches()) {
      this.#parser.resume();
      return false;
    }
    this.#switched = true;
    const isTunnel = this.#request!.method === 'CONNECT';
    this.#socket.write(
      isTunnel
        ? 'HTTP/1.1 200 OK\r\n\r\n'
        : 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    this.#socket.write(this.#parser.rest());
    return true;
  }

  #answer(status: number, body: string, fields: string[]): void {
    const head = [`HTTP/1.1 ${status} -`, `Content-Length: ${Buffer.byteLength(body)}`, ...fields].join('\r\n');
    this.#socket.write(`${head}\r\n\r\n${body}`);
  }
}
