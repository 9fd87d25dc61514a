/**
 * 15 flow-control: the windows of an HTTP/2 connection (RFC 9113 §5.2, §6.9).
 *
 * Every octet of DATA takes room in two windows, its stream's and the connection's, and a WINDOW_UPDATE of the receiver
 * makes room again. There are two accounts, one for each direction, and neither of them touches a socket or an octet of
 * content: numbers come in, numbers go out.
 *
 *     SendWindows      what the peer lets us send: which DATA frame may be written next, and how long it may be
 *     ReceiveWindows   what we let the peer send: what has arrived, and which WINDOW_UPDATE is to be written next
 *
 * What the peer does wrong is returned as a value. What the caller does wrong is thrown.
 *
 * The statement, with pictures, is README.md next to this file. The types and constants below are given; write the
 * two classes.
 */
import { NotImplemented } from 'wirekata';

/** No window may ever be larger: 2^31 − 1 octets (RFC 9113 §6.9.1). */
export const MAX_WINDOW = 0x7fff_ffff;

/** What every window begins with, in both directions, the connection's as well (RFC 9113 §6.9.2). */
export const DEFAULT_WINDOW = 65_535;

/** The two codes that flow control needs (RFC 9113 §7). */
export const ErrorCode = {
  PROTOCOL_ERROR: 0x1,
  FLOW_CONTROL_ERROR: 0x3,
} as const;

/** The connection is lost: the caller sends GOAWAY with this code and closes it (RFC 9113 §5.4.1). */
export interface ConnectionError {
  type: 'CONNECTION_ERROR';
  errorCode: number;
  /** For people; not empty. */
  reason: string;
}

/** One stream is lost: the caller sends RST_STREAM with this code and calls `close` (RFC 9113 §5.4.2). */
export interface StreamError {
  type: 'STREAM_ERROR';
  streamId: number;
  errorCode: number;
  /** For people; not empty. */
  reason: string;
}

export type FlowError = ConnectionError | StreamError;

/** A DATA frame that may be written now. Its octets are taken from both windows already. */
export interface Permit {
  streamId: number;
  /** Octets of payload; 0 only for a frame that carries nothing but END_STREAM. */
  length: number;
  endStream: boolean;
}

/** A WINDOW_UPDATE frame that is to be written now. */
export interface WindowUpdate {
  type: 'WINDOW_UPDATE';
  /** 0: the connection's window. */
  streamId: number;
  /** 1 to 2^31 − 1 octets. */
  increment: number;
}

/** How much the peer lets us send. */
export class SendWindows {
  constructor() {
    throw new NotImplemented('new SendWindows');
  }

  /** Room in the connection's window, in octets. */
  get connectionWindow(): number {
    throw new NotImplemented('SendWindows.connectionWindow');
  }

  /** Room in a stream's own window: may be negative (RFC 9113 §6.9.2). `undefined` if the stream is not open. */
  streamWindow(streamId: number): number | undefined {
    throw new NotImplemented('SendWindows.streamWindow');
  }

  /**
   * A stream begins, whoever opened it. Its window is what SETTINGS_INITIAL_WINDOW_SIZE says now. Identifiers that
   * are lower and of the same parity are idle no more (RFC 9113 §5.1.1).
   *
   * @throws RangeError if no idle stream has this identifier: see the statement.
   */
  open(streamId: number): void {
    throw new NotImplemented('SendWindows.open');
  }

  /**
   * A stream is over: ended in both directions, or reset by one side. What it still wanted is forgotten. The octets
   * that it has taken stay taken. Nothing happens if the stream is not open.
   */
  close(streamId: number): void {
    throw new NotImplemented('SendWindows.close');
  }

  /**
   * Takes the payload of one DATA frame of this stream from both windows, padding included, or as much of it as may be
   * sent. For a caller who decides for themselves whose turn it is.
   *
   * @returns how many octets were taken: the least of `octets`, the two windows and the maximum frame size; 0 if a
   *   window is 0 or negative.
   * @throws RangeError if `octets` is no whole number ≥ 0; Error with `code: 'STREAM_CLOSED'` if the stream is not open.
   */
  take(streamId: number, octets: number): number {
    throw new NotImplemented('SendWindows.take');
  }

  /**
   * The application has so many octets (more) to send on this stream, and with `endStream` no others ever. `next`
   * says when they may go.
   *
   * @throws RangeError if `octets` is no whole number ≥ 0; Error with `code: 'STREAM_CLOSED'` if the stream is not open
   *   or its end was announced before.
   */
  want(streamId: number, octets: number, endStream: boolean = false): void {
    throw new NotImplemented('SendWindows.want');
  }

  /**
   * The DATA frame to be written next, of those that are wanted: its octets are taken from both windows. Call it only
   * when the socket can take a frame. The streams have fair shares: see the statement.
   *
   * @returns `undefined` if nothing may be sent now.
   */
  next(): Permit | undefined {
    throw new NotImplemented('SendWindows.next');
  }

  /**
   * A WINDOW_UPDATE has arrived, for a stream or, with 0, for the connection (RFC 9113 §6.9).
   *
   * @returns the error that it is, in which case no window has changed; `undefined` if it is fine or must be ignored.
   * @throws RangeError if `increment` is no whole number from 0 to 2^31 − 1: a frame cannot hold it.
   */
  credit(streamId: number, increment: number): FlowError | undefined {
    throw new NotImplemented('SendWindows.credit');
  }

  /**
   * The peer’s SETTINGS_INITIAL_WINDOW_SIZE has arrived (RFC 9113 §6.9.2).
   *
   * @param size as it stood in the frame: a whole number from 0 to 2^32 − 1, else RangeError.
   * @returns the error that it is, in which case no window has changed.
   */
  setInitialWindow(size: number): ConnectionError | undefined {
    throw new NotImplemented('SendWindows.setInitialWindow');
  }

  /**
   * The peer’s SETTINGS_MAX_FRAME_SIZE has arrived: no later frame is longer. 16,384 before that (RFC 9113 §6.5.2).
   *
   * @param size as it stood in the frame: a whole number from 0 to 2^32 − 1, else RangeError.
   * @returns the error that it is, in which case nothing has changed.
   */
  setMaxFrameSize(size: number): ConnectionError | undefined {
    throw new NotImplemented('SendWindows.setMaxFrameSize');
  }
}

export interface ReceiveOptions {
  /**
   * The size of the connection's window: what the peer may send before it needs our credit, on all streams together.
   * A whole number from 65,535, the default, to 2^31 − 1.
   */
  connectionWindowSize?: number;
  /**
   * The most octets that may lie here unread, of all streams together: a promise that would exceed this is not made. A
   * whole number ≥ `connectionWindowSize`; 16 times that if absent.
   */
  maxUnread?: number;
}

export interface Arrival {
  /** Octets of the payload that nobody will read: the pad length octet and the padding. 0 if absent. */
  padding?: number;
  /** The frame has END_STREAM: nothing more will come on this stream. */
  endStream?: boolean;
}

/** How much we let the peer send. */
export class ReceiveWindows {
  /** @throws RangeError if an option is out of its bounds. */
  constructor(options: ReceiveOptions = {}) {
    throw new NotImplemented('new ReceiveWindows');
  }

  /** What the peer may still send on all streams together, as it knows from the frames that we have written. */
  get connectionWindow(): number {
    throw new NotImplemented('ReceiveWindows.connectionWindow');
  }

  /** What the peer may still send on this stream; may be negative. `undefined` if the stream is not open. */
  streamWindow(streamId: number): number | undefined {
    throw new NotImplemented('ReceiveWindows.streamWindow');
  }

  /** Octets that have arrived and that nobody has read yet, of all open streams together. */
  get unread(): number {
    throw new NotImplemented('ReceiveWindows.unread');
  }

  /**
   * A stream begins, whoever opened it; the rules are those of `SendWindows.open`.
   *
   * @throws RangeError if no idle stream has this identifier.
   */
  open(streamId: number): void {
    throw new NotImplemented('ReceiveWindows.open');
  }

  /**
   * A stream is over: reset by one side, or ended and of no interest any more. What lies unread is thrown away, and
   * its room on the connection given back. Nothing happens if the stream is not open.
   */
  close(streamId: number): void {
    throw new NotImplemented('ReceiveWindows.close');
  }

  /**
   * A DATA frame has arrived (RFC 9113 §6.9.1).
   *
   * @param length the whole payload, padding included: its flow-control length (RFC 9113 §6.1).
   * @returns the error that it is, if it is one. Unless that is a connection error, the frame counts on the connection.
   * @throws RangeError if `length` or `padding` is no whole number ≥ 0, or `padding` is more than `length`.
   */
  receive(streamId: number, length: number, arrival: Arrival = {}): FlowError | undefined {
    throw new NotImplemented('ReceiveWindows.receive');
  }

  /**
   * The application has read so many octets of a stream. Without effect if the stream is closed: `close` has given
   * them back.
   *
   * @throws RangeError if the stream is idle, or has fewer octets unread, or `octets` is no whole number ≥ 0.
   */
  consume(streamId: number, octets: number): void {
    throw new NotImplemented('ReceiveWindows.consume');
  }

  /**
   * The WINDOW_UPDATE to be written next: it gives back all that its window can be given now. Call it again until
   * there is none. When an update is due: see the statement.
   */
  nextUpdate(): WindowUpdate | undefined {
    throw new NotImplemented('ReceiveWindows.nextUpdate');
  }

  /**
   * Our SETTINGS_INITIAL_WINDOW_SIZE holds from now on: the peer has acknowledged it (RFC 9113 §6.5.3). 65,535 before
   * the first one.
   *
   * @throws RangeError if `size` is no whole number from 0 to 2^31 − 1.
   */
  setInitialWindow(size: number): void {
    throw new NotImplemented('ReceiveWindows.setInitialWindow');
  }
}
