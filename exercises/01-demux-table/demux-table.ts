/**
 * 01 demux-table: which socket does this segment belong to?
 *
 * A segment arrives with two addresses and two ports. The table says which socket gets it: the connection that has
 * exactly these four, else a socket that listens at its destination, else none (and the stack answers with a reset).
 * It also keeps the books: who may bind where, which ports are free, which tuples still wait.
 *
 * Nothing here touches the network. A socket is a number that the caller has chosen, an address is its bytes as they
 * stand in the packet, time is passed in as `now`, and randomness as `seed`.
 *
 * The rule for memory: the table keeps no reference to the addresses and tuples that it is given. The caller parses
 * the next packet into the same memory.
 *
 * Errors are `Error` objects with a `code` property, like those of Node's own sockets. There are three:
 *   - `EINVAL`: the caller's mistake. Every method that takes the thing in question throws it for a socket number that
 *     is no whole number from 0 to 2^31 − 1, a port that is no whole number from 0 to 65535, an address of a length
 *     other than 4 or 16, and a tuple of which one address is IPv4 and the other IPv6.
 *   - `EADDRINUSE`: somebody else has it.
 *   - `EADDRNOTAVAIL`: no port is left for an outgoing connection.
 * A call that throws leaves the table as it was.
 *
 * The statement, with pictures, is README.md next to this file.
 */
import { NotImplemented } from 'wirekata';

/**
 * An IP address as it stands in a packet, in network byte order: 4 bytes for IPv4, 16 for IPv6. 127.0.0.1 is
 * `7f 00 00 01`. An IPv4-mapped address, `::ffff:a.b.c.d`, is the same address as a.b.c.d, wherever it appears
 * (RFC 4291 §2.5.5.2).
 */
export type Address = Uint8Array;

/** A connection as seen from this host: `local` is what a segment that arrives calls its destination. */
export interface Tuple {
  localAddress: Address;
  localPort: number;
  remoteAddress: Address;
  remotePort: number;
}

export interface DemuxOptions {
  /** A secret random number, 0 ≤ seed < 2^32. The same seed and the same calls give the same results. */
  seed: number;
  /** The first and the last ephemeral port. 32768 and 60999 unless given, as on Linux (ip(7)). */
  firstPort?: number;
  lastPort?: number;
  /** How long a tuple stays in TIME_WAIT, in ms. 60,000 unless given, as on Linux. */
  timeWait?: number;
}

/** With whom a socket will share its port: SO_REUSEADDR and SO_REUSEPORT (socket(7)). Both false unless given. */
export interface ReuseOptions {
  reuseAddress?: boolean;
  reusePort?: boolean;
}

export interface BindOptions extends ReuseOptions {
  /** IPV6_V6ONLY (ipv6(7)): a socket bound to `::` takes in no IPv4. False unless given. Of no effect for IPv4. */
  ipv6Only?: boolean;
}

/** The socket that gets the segment; or TIME_WAIT, if its tuple still waits; or RST, if it is nobody's. */
export type Verdict = number | 'TIME_WAIT' | 'RST';

export class DemuxTable {
  constructor(options: DemuxOptions) {
    throw new NotImplemented('new DemuxTable');
  }

  /**
   * Binds a socket to a local address and port, like bind(2). It does not receive anything yet.
   *
   * Two sockets collide if their ports are equal and their addresses overlap, unless they agreed to share. Addresses
   * overlap if they are equal, or if one is a wildcard that takes in the other: `0.0.0.0` takes in all of IPv4, `::`
   * all of IPv6, and IPv4 too unless `ipv6Only` is set. They agreed to share if both have `reusePort`, or if both have
   * `reuseAddress` and the one that is there already does not listen.
   *
   * A connection, in TIME_WAIT too, counts as somebody who is there and does not listen, with its own local address
   * and the options given to `establish`.
   *
   * @param port 0 asks for an ephemeral port: one at which no socket and no connection is there already with an
   *   address that overlaps, whatever the options say.
   * @returns the port.
   * @throws EADDRINUSE if the socket collides with another or with a connection, or if no ephemeral port is free.
   * @throws EINVAL if the socket is bound already; if `ipv6Only` is set and the address is IPv4-mapped.
   */
  bind(socket: number, address: Address, port: number, options: BindOptions = {}): number {
    throw new NotImplemented('DemuxTable.bind');
  }

  /**
   * From now on the bound socket takes in new connections, like listen(2). On one that listens already: no effect.
   *
   * @throws EADDRINUSE if by the rule of `bind` it collides with what is there now: sockets that share a port by
   *   `reuseAddress` can be bound together, but only one of them can listen.
   * @throws EINVAL if the socket is not bound.
   */
  listen(socket: number): void {
    throw new NotImplemented('DemuxTable.listen');
  }

  /**
   * Takes away a socket that is bound or listens. The connections that came through it stay.
   *
   * @returns whether there was one.
   */
  unbind(socket: number): boolean {
    throw new NotImplemented('DemuxTable.unbind');
  }

  /**
   * Enters a connection, accepted or outgoing. It needs no bound socket. One socket number may stand for many.
   *
   * @param tuple `localPort` 0 asks for an ephemeral port: one that makes the tuple a new one, and to which no socket
   *   is bound at an overlapping address. Connections to other destinations may have the same port. Where the search
   *   for a port begins depends on `seed` (RFC 6056 §3.3.3).
   * @param options what an accepted connection inherits from its listener. They only matter to `bind` and `listen`.
   * @returns the local port.
   * @throws EADDRINUSE if there is a connection with this tuple, in TIME_WAIT or not.
   * @throws EADDRNOTAVAIL if no ephemeral port is free.
   * @throws EINVAL if `remotePort` is 0.
   */
  establish(socket: number, tuple: Tuple, options: ReuseOptions = {}): number {
    throw new NotImplemented('DemuxTable.establish');
  }

  /**
   * Says who gets a segment. The first of these that there is:
   *   1. the connection with exactly this tuple: its socket, or `'TIME_WAIT'`;
   *   2. a socket that listens at `localPort` and exactly `localAddress`;
   *   3. one that listens there at the wildcard of the address's own family, `0.0.0.0` or `::`;
   *   4. for IPv4, one that listens there at `::` without `ipv6Only`;
   *   5. `'RST'` (RFC 9293 §3.10.7.1).
   *
   * If several sockets listen at the same place, as `reusePort` allows, the tuple and the seed decide: the same tuple
   * always gets the same one while the group stays as it is, and over many tuples each gets its share, ± 20 %.
   */
  lookup(tuple: Tuple): Verdict {
    throw new NotImplemented('DemuxTable.lookup');
  }

  /**
   * Takes away a connection that is over and needs no TIME_WAIT: the peer closed first, or there was a reset.
   *
   * @returns whether there was one. A tuple in TIME_WAIT is none: it stays (RFC 1337).
   */
  remove(tuple: Tuple): boolean {
    throw new NotImplemented('DemuxTable.remove');
  }

  /**
   * The connection was closed from this side first: its socket is gone, its tuple stays taken for a while
   * (RFC 9293 §3.6.1).
   *
   * @param now in ms; never less than in the call before.
   * @returns whether there was a connection. One in TIME_WAIT is none, and does not wait longer for it.
   */
  timeWait(tuple: Tuple, now: number): boolean {
    throw new NotImplemented('DemuxTable.timeWait');
  }

  /**
   * Frees the tuples whose time is over: those that came into TIME_WAIT at `now − timeWait` or before.
   *
   * @param now in ms; never less than in the call before.
   * @returns how many.
   */
  expire(now: number): number {
    throw new NotImplemented('DemuxTable.expire');
  }
}
