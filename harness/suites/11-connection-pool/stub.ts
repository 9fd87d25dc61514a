/**
 * 11 connection-pool: a keep-alive connection pool for an HTTP/1.1 client.
 *
 * Four parts, to be built in this order; each is tested without the next:
 *
 *     originKey        which requests may share a connection
 *     ResponseReader   bytes in, parts of a response out, and whether the connection can live on
 *     PoolCore         decides: events and the time in, actions out; no socket, no timer, no promise
 *     Pool             acts: owns the sockets, reports what happens to the core, does what the core says
 *
 * All times are in milliseconds. Errors are `Error`s with a `code`:
 *
 *     ECONNRESET   the connection ended before the response was complete
 *     EPROTO       the server sent something that is no response
 *     ETIMEDOUT    the request waited longer than `waitTimeout` for a connection
 *     ESHUTDOWN    the pool is closed, or was destroyed
 *
 * An error of the socket (ECONNREFUSED, ECONNRESET …) is passed on as it is.
 *
 * The statement, with pictures, is README.md next to this file.
 */
import type { Socket } from 'node:net';
import { NotImplemented } from 'wirekata';

/** One header field. Received names are in lower case; fields stand in the order of the wire, duplicates stay apart. */
export type Header = [name: string, value: string];

/** Who the client is to the server, and whom it takes the server for. `ca`, `cert` and `key` are PEM text. */
export interface TlsIdentity {
  /** The name asked for (SNI) and verified. Default: the host. */
  servername?: string;
  /** The authority that is trusted. Default: Node's list. */
  ca?: string;
  /** The client's certificate and its key. */
  cert?: string;
  key?: string;
  /** Whether a server that cannot prove its name is refused. Default true. */
  rejectUnauthorized?: boolean;
}

/** What a connection is made to. */
export interface Target {
  scheme: 'http' | 'https';
  /** Name or address. An IPv6 address is without brackets. */
  host: string;
  /** Always given: 80 or 443 if the URL names none. */
  port: number;
  /** Given if the scheme is https. */
  tls?: TlsIdentity;
}

/**
 * Which connections a request may use: two requests may share a connection if, and only if, their keys
 * are equal. The key is a string of any form; only its equality counts.
 *
 * Equal are two URLs of the same scheme, host and port (the host in any case of letters; an absent port is the
 * scheme's default), whatever their paths, and with https also the same TLS identity (whatever the order of its
 * properties; `rejectUnauthorized` absent is `true`). With http, `tls` does not matter.
 *
 * @throws TypeError if `url` is no URL, or neither http nor https.
 */
export function originKey(url: string, tls: TlsIdentity = {}): string {
  throw new NotImplemented('originKey');
}

/** What a response consists of, in this order: one head, any number of data, one end. An error ends it at any point. */
export type ResponsePart =
  | { type: 'head'; status: number; headers: Header[] }
  /** Never empty. May be a view of the bytes that were pushed. */
  | { type: 'data'; bytes: Uint8Array }
  | { type: 'end' }
  | { type: 'error'; error: Error };

/** Reads one response from the bytes that a server sends, however they are cut. */
export class ResponseReader {
  /** @param method that of the request: the response to HEAD has no body (RFC 9112 §6.3). */
  constructor(method: string) {
    throw new NotImplemented('new ResponseReader');
  }

  /**
   * The next bytes from the server.
   *
   * Interim responses (1xx, RFC 9110 §15.2) are skipped. After the end or an error nothing more is returned, but
   * bytes after the end make the connection unusable (see `reusable`).
   *
   * @returns the parts that have become complete; what is returned is the same however the bytes were cut, except
   *   for the boundaries of data.
   */
  push(bytes: Uint8Array): ResponsePart[] {
    throw new NotImplemented('ResponseReader.push');
  }

  /**
   * The server has closed its side of the connection (FIN).
   *
   * @returns `end` if the response is one that nothing but the close delimits, an `error` with code ECONNRESET
   *   if it was not complete (RFC 9112 §8), nothing if it was over already.
   */
  end(): ResponsePart[] {
    throw new NotImplemented('ResponseReader.end');
  }

  /**
   * Whether another request may be sent on this connection (RFC 9112 §9.3): the response is complete, was not
   * delimited by the close, not a byte has come after it, and version and Connection field allow it. False until `end`.
   */
  get reusable(): boolean {
    throw new NotImplemented('ResponseReader.reusable');
  }

  /** `timeout` of the response's Keep-Alive field, in ms; Infinity if there is none, or it is not all digits. */
  get idleHint(): number {
    throw new NotImplemented('ResponseReader.idleHint');
  }
}

export interface PoolOptions {
  /** Most connections to one origin, dials in progress included. Default 8. */
  maxPerOrigin?: number;
  /** Most idle connections that are kept to one origin. Default: maxPerOrigin. */
  maxIdlePerOrigin?: number;
  /** How long a connection may be idle. Default 4,000: Node's servers close after 5,000. */
  idleTimeout?: number;
  /** How long a request may wait for a connection. Default Infinity. */
  waitTimeout?: number;
}

/**
 * What is to be done. `connection` is a number that the core gives to each dial, never the same twice;
 * `request` is the id that the caller gave.
 */
export type Action =
  /** Open a connection; then report `connected`, or `lost` if it fails. */
  | { type: 'dial'; connection: number; key: string }
  /** Write the request to the connection. */
  | { type: 'send'; request: number; connection: number }
  /** The request has failed; the core has forgotten it. */
  | { type: 'fail'; request: number; error: Error }
  /** Close the connection, or give up its dial; the core has forgotten it. */
  | { type: 'close'; connection: number };

/**
 * Decides which request goes to which connection, when to dial, retry, give up and close.
 *
 * Every method is an event. It returns what is to be done, in any order, possibly nothing. `now` is the time of a
 * clock that never goes back. An event about a request or connection that the core has forgotten or does not know, or
 * that is not in a state for it (a second `release`), changes nothing and returns `[]`.
 *
 * After every event two rules hold:
 *   1. no request waits for a connection while one to its origin is idle;
 *   2. as many dials are in progress as requests wait, as far as the maximum allows.
 */
export class PoolCore {
  constructor(options: PoolOptions = {}) {
    throw new NotImplemented('new PoolCore');
  }

  /**
   * When `tick` is due at the latest; Infinity if never. It may be too early, never too late, and after `tick(now)`
   * it is later than `now`.
   */
  get wakeAt(): number {
    throw new NotImplemented('PoolCore.wakeAt');
  }

  /**
   * A request wants a connection to `key`: the idle one that was used last, unless its time is over; else the
   * request waits, behind those that came before it.
   *
   * @param request `id`: a number that no other request has or had. `idempotent`: whether it may be sent twice.
   */
  request(request: { id: number; key: string; idempotent: boolean }, now: number): Action[] {
    throw new NotImplemented('PoolCore.request');
  }

  /**
   * The caller gives the request up. If it is on a connection, that is closed. If it waits, it leaves the queue;
   * a dial that was made for it goes on.
   */
  cancel(request: number): Action[] {
    throw new NotImplemented('PoolCore.cancel');
  }

  /** A dial has succeeded: the connection goes to the request that has waited longest (a retry before others), else is idle. */
  connected(connection: number, now: number): Action[] {
    throw new NotImplemented('PoolCore.connected');
  }

  /** Bytes have come on a connection. On an idle one they answer nothing: it is closed (RFC 9112 §9.2). */
  received(connection: number): Action[] {
    throw new NotImplemented('PoolCore.received');
  }

  /**
   * The response to the request on this connection is complete.
   *
   * @param response `reusable`: whether the connection may be used again; if not, it is closed. `idleHint`: how long
   *   the server keeps an idle connection. It may be idle until `now + min(idleTimeout, idleHint − 1000)`.
   */
  release(connection: number, response: { reusable: boolean; idleHint: number }, now: number): Action[] {
    throw new NotImplemented('PoolCore.release');
  }

  /**
   * A connection has ended or a dial has failed, with `error`.
   *
   * A failed dial fails one request: the one that `connected` would have served. A request that was on the connection
   * is retried on a connection dialled for it, if it is idempotent, nothing had been `received` for it and the connection
   * was a reused one, which could have been closed while idle; else it fails.
   */
  lost(connection: number, error: Error, now: number): Action[] {
    throw new NotImplemented('PoolCore.lost');
  }

  /** The time is `now`: what has waited or been idle for its full time is given up. */
  tick(now: number): Action[] {
    throw new NotImplemented('PoolCore.tick');
  }

  /** No further requests (ESHUTDOWN). Those accepted are served as ever; every connection closes as soon as nobody needs it. */
  close(): Action[] {
    throw new NotImplemented('PoolCore.close');
  }

  /** Fails every request with `error` and closes every connection. No further requests (ESHUTDOWN). */
  destroy(error: Error): Action[] {
    throw new NotImplemented('PoolCore.destroy');
  }
}

/** The clock and the timers of a shell. `setTimer` calls `act` once, after `ms`, and returns what `clearTimer` takes. */
export interface Timers {
  now(): number;
  setTimer(act: () => void, ms: number): unknown;
  clearTimer(handle: unknown): void;
}

export interface ShellOptions extends PoolOptions {
  /** Default: the real ones. */
  timers?: Timers;
  /** Opens a connection. Default: node:net's or node:tls's `connect`. If it throws, the dial has failed. */
  connect?: (target: Target) => Socket;
}

export interface PoolRequest {
  /** Absolute, http or https. A fragment or user name in it is not sent. */
  url: string;
  /** Default GET. Case-sensitive. */
  method?: string;
  /** Sent after Host, in this order. */
  headers?: Header[];
  /** A string is sent as UTF-8. */
  body?: string | Uint8Array;
  /** Gives the request up, or the body of its response. */
  signal?: AbortSignal;
  tls?: TlsIdentity;
}

export interface PoolResponse {
  status: number;
  headers: Header[];
  /**
   * The body as it arrives; can be gone through once. To stop early (`break`) gives the rest up. Rejects if
   * the connection is lost, or with the signal's reason.
   */
  body: AsyncIterable<Uint8Array>;
  /** What is left of the body, as UTF-8. */
  text(): Promise<string>;
  /** Gives the rest of the body up. No effect if all of it has arrived. */
  discard(): void;
}

/** An HTTP/1.1 client with kept connections: `PoolCore` with sockets. */
export class Pool {
  constructor(options: ShellOptions = {}) {
    throw new NotImplemented('new Pool');
  }

  /**
   * Sends a request, as
   *
   *     METHOD path?query HTTP/1.1        the path of the URL; never with a fragment
   *     Host: host:port                   the port only if it is not the scheme's default
   *     Name: value                       the caller's fields
   *     Content-Length: n                 with a body, or the methods POST, PUT and PATCH
   *
   * GET, HEAD, OPTIONS, TRACE, PUT and DELETE are idempotent (RFC 9110 §9.2.2).
   *
   * @returns as soon as the head of the response is there. Rejects with a TypeError, and opens no connection, if the
   *   URL is not http(s), the method no token or CONNECT, a header's name no token or one of Host, Connection,
   *   Content-Length, Transfer-Encoding, Upgrade, Expect (in any case), or a header's value has a character
   *   that is neither HTAB nor U+0020-7E nor U+0080-FF (RFC 9110 §5.5). Rejects with the signal's reason if aborted.
   */
  request(request: PoolRequest): Promise<PoolResponse> {
    throw new NotImplemented('Pool.request');
  }

  /** Accepts no further requests (ESHUTDOWN). Resolves once those accepted are over and every socket is closed. */
  close(): Promise<void> {
    throw new NotImplemented('Pool.close');
  }

  /** Rejects everything under way with `error` (default: one with ESHUTDOWN). Resolves once every socket is closed. */
  destroy(error?: Error): Promise<void> {
    throw new NotImplemented('Pool.destroy');
  }
}
