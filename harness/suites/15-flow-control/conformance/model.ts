/**
 * Random streams, credit, settings and resets, each step compared with books that are kept the slow and obvious way.
 *
 * The books do not say which frame must come next: that is free, within what is fair. They say whether a frame that
 * came was allowed, and whether one had to come.
 */
import { ReceiveWindows, SendWindows } from '#subject/15-flow-control/flow-control.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import { show } from '../../../kit/show.ts';
import { DEFAULT, FRAME, isFine, MAX, plain } from './support.ts';

const group = 'model';

/** The streams of a test: few, so that things happen to one and the same. */
const IDS = [1, 2, 3, 5];

interface Step {
  act: string;
  id: number;
  n: number;
}

/** The calls that steps stand for, as a report shows them. */
function named({ act, id, n }: Step): string {
  const length = n % (FRAME + 1);
  const calls: Record<string, string> = {
    open: `open(${id})`,
    close: `close(${id})`,
    want: `want(${id}, ${n})`,
    end: `want(${id}, ${n}, true)`,
    next: 'next()',
    creditConnection: `credit(0, ${n})`,
    setInitialWindow: `setInitialWindow(${n})`,
    receive: `receive(${id}, ${length})`,
    receiveEnd: `receive(${id}, ${length}, { endStream: true })`,
    receivePadded: `receive(${id}, ${length}, { padding: ${Math.min(length, 256)} })`,
    consume: `consume(${id}, ${n} or what is unread)`,
    updates: 'nextUpdate() until there is none',
  };
  return calls[act] ?? `${act}(${id}, ${n})`;
}

/** What happens between two ends. */
function told({ act, id, n }: Step): string {
  const events: Record<string, string> = {
    open: `stream ${id} opens`,
    want: `the application wants to send ${n} octets on stream ${id}`,
    end: `the application ends stream ${id}`,
    write: 'the sender writes a frame, if it may',
    forth: 'a frame of the sender arrives',
    back: 'a frame of the receiver arrives',
    read: `the reader takes up to ${n} octets of stream ${id}`,
    credit: 'the receiver writes a WINDOW_UPDATE, if one is due',
    settings: `the receiver writes SETTINGS_INITIAL_WINDOW_SIZE = ${n}`,
  };
  return events[act] ?? act;
}

/** Any number of octets that is interesting: few, about a frame, about a window, about the limit. */
function numbers(fc: typeof import('../../../kit/property.ts')['fc']) {
  return fc.oneof(
    { weight: 6, arbitrary: fc.nat(200) },
    { weight: 6, arbitrary: fc.nat(40_000) },
    { weight: 3, arbitrary: fc.nat(140_000) },
    { weight: 1, arbitrary: fc.integer({ min: MAX - 150_000, max: MAX }) },
  );
}

interface SendBook {
  window: number;
  wanted: number;
  ends: boolean;
  ended: boolean;
}

class SendBooks {
  readonly streams = new Map<number, SendBook>();
  readonly highest = [0, 0];
  connection = DEFAULT;
  initial = DEFAULT;

  isIdle(id: number): boolean {
    return id > (this.highest[id % 2] as number);
  }

  /** Whether some frame may be sent. */
  maySend(): boolean {
    return [...this.streams.values()].some(({ wanted, window, ends, ended }) =>
      wanted > 0 ? window > 0 && this.connection > 0 : ends && !ended,
    );
  }

  credit(id: number, n: number): unknown {
    const error = (errorCode: string): unknown =>
      id === 0 ? { type: 'CONNECTION_ERROR', errorCode } : { type: 'STREAM_ERROR', streamId: id, errorCode };
    const stream = this.streams.get(id);
    if (id !== 0 && !stream)
      return this.isIdle(id) ? { type: 'CONNECTION_ERROR', errorCode: 'PROTOCOL_ERROR' } : undefined;
    if (n === 0) return error('PROTOCOL_ERROR');
    if ((stream ? stream.window : this.connection) + n > MAX) return error('FLOW_CONTROL_ERROR');
    if (stream) stream.window += n;
    else this.connection += n;
    return undefined;
  }

  setInitialWindow(n: number): unknown {
    const moved = [...this.streams.values()].map((stream) => stream.window + n - this.initial);
    if (moved.some((window) => window > MAX)) return { type: 'CONNECTION_ERROR', errorCode: 'FLOW_CONTROL_ERROR' };
    for (const stream of this.streams.values()) stream.window += n - this.initial;
    this.initial = n;
    return undefined;
  }
}

function sendStep({ send, books }: { send: SendWindows; books: SendBooks }, { act, id, n }: Step): void {
  const stream = books.streams.get(id);
  if (act === 'open' && books.isIdle(id)) {
    send.open(id);
    books.highest[id % 2] = id;
    books.streams.set(id, { window: books.initial, wanted: 0, ends: false, ended: false });
  } else if (act === 'close') {
    send.close(id);
    books.streams.delete(id);
  } else if (act === 'credit') {
    // 0 on a closed stream may be an error or ignored.
    if (n > 0 || stream || books.isIdle(id))
      equal(plain(send.credit(id, n)), books.credit(id, n), named({ act, id, n }));
  } else if (act === 'creditConnection') {
    equal(plain(send.credit(0, n)), books.credit(0, n), `credit(0, ${n})`);
  } else if (act === 'setInitialWindow') {
    equal(plain(send.setInitialWindow(n)), books.setInitialWindow(n), `setInitialWindow(${n})`);
  } else if (act === 'take' && stream) {
    const expected = Math.max(0, Math.min(n, stream.window, books.connection, FRAME));
    equal(send.take(id, n), expected, 'octets taken');
    stream.window -= expected;
    books.connection -= expected;
  } else if ((act === 'want' || act === 'end') && stream && !stream.ends) {
    send.want(id, n, act === 'end');
    stream.wanted += n;
    stream.ends = act === 'end';
  } else if (act === 'next') {
    nextStep(send, books);
  }
  equal(send.connectionWindow, books.connection, 'connectionWindow');
  for (const one of IDS) equal(send.streamWindow(one), books.streams.get(one)?.window, `streamWindow(${one})`);
}

function nextStep(send: SendWindows, books: SendBooks): void {
  const permit = send.next();
  if (permit === undefined) return ok(!books.maySend(), 'next gives a frame: there is one that may be sent');
  const { streamId, length, endStream } = permit;
  const stream = books.streams.get(streamId);
  ok(stream !== undefined, 'a frame of an open stream', `it is ${show(permit)}`);
  ok(!stream.ended, 'no frame after END_STREAM', `it is ${show(permit)}`);
  const most = Math.max(0, Math.min(stream.wanted, stream.window, books.connection, FRAME));
  ok(length <= most, `a frame of stream ${streamId} of at most ${most} octets`, `it is ${show(permit)}`);
  stream.wanted -= length;
  stream.window -= length;
  books.connection -= length;
  equal(endStream, stream.ends && stream.wanted === 0, `endStream of ${show(permit)}`);
  ok(length > 0 || endStream, 'no empty frame without END_STREAM', `it is ${show(permit)}`);
  stream.ended = endStream;
}

testCase(
  {
    id: 'window-model-sender',
    title: 'thousands of random events: the sender’s windows are right after each of them',
    clause: 'RFC 9113 §6.9',
    why: 'the order that nobody thought of is the one that fails in production',
    group,
  },
  async (t) => {
    new SendWindows();
    const { fc, modelTest } = await import('../../../kit/property.ts');
    const acts = ['open', 'open', 'want', 'want', 'next', 'next', 'next', 'take', 'end', 'close', 'credit', 'credit'];
    modelTest<{ send: SendWindows; books: SendBooks }, Step>(t, {
      what: 'the sender’s windows',
      steps: fc.record({
        act: fc.constantFrom(...acts, 'creditConnection', 'setInitialWindow'),
        id: fc.constantFrom(...IDS),
        n: numbers(fc),
      }),
      start: () => ({ send: new SendWindows(), books: new SendBooks() }),
      run: sendStep,
      show: named,
      runs: 120,
      length: 80,
    });
  },
);

interface ReceiveBook {
  window: number;
  unread: number;
  ended: boolean;
}

/** Small enough to be reached. */
const LIMIT = 150_000;

class ReceiveBooks {
  readonly streams = new Map<number, ReceiveBook>();
  readonly highest = [0, 0];
  connection = DEFAULT;
  initial = DEFAULT;

  get unread(): number {
    return [...this.streams.values()].reduce((sum, stream) => sum + stream.unread, 0);
  }

  isIdle(id: number): boolean {
    return id > (this.highest[id % 2] as number);
  }

  /** What could be given back on stream 0 or another. */
  owed(id: number): number {
    if (id === 0) return Math.min(DEFAULT, LIMIT - this.unread) - this.connection;
    const stream = this.streams.get(id);
    return !stream || stream.ended ? 0 : this.initial - stream.unread - stream.window;
  }

  size(id: number): number {
    return id === 0 ? DEFAULT : this.initial;
  }

  receive(id: number, n: number, padding: number, endStream: boolean): unknown {
    const stream = this.streams.get(id);
    if (!stream && this.isIdle(id)) return { type: 'CONNECTION_ERROR', errorCode: 'PROTOCOL_ERROR' };
    if (n > this.connection) return { type: 'CONNECTION_ERROR', errorCode: 'FLOW_CONTROL_ERROR' };
    this.connection -= n;
    if (!stream || stream.ended) return undefined;
    if (n > 0 && n > stream.window) return { type: 'STREAM_ERROR', streamId: id, errorCode: 'FLOW_CONTROL_ERROR' };
    stream.window -= n;
    stream.unread += n - padding;
    stream.ended = endStream;
    return undefined;
  }
}

interface Receiving {
  receive: ReceiveWindows;
  books: ReceiveBooks;
}

function receiveStep({ receive, books }: Receiving, { act, id, n }: Step): void {
  const stream = books.streams.get(id);
  if (act === 'open' && books.isIdle(id)) {
    receive.open(id);
    books.highest[id % 2] = id;
    books.streams.set(id, { window: books.initial, unread: 0, ended: false });
  } else if (act === 'close') {
    receive.close(id);
    books.streams.delete(id);
  } else if (act === 'receive' || act === 'receiveEnd' || act === 'receivePadded') {
    const length = n % (FRAME + 1);
    const padding = act === 'receivePadded' ? Math.min(length, 256) : 0;
    const endStream = act === 'receiveEnd';
    const result = receive.receive(id, length, { padding, endStream });
    equal(plain(result), books.receive(id, length, padding, endStream), `receive(${id}, ${length})`);
  } else if (act === 'consume' && (stream || !books.isIdle(id))) {
    const octets = stream ? Math.min(n, stream.unread) : n;
    receive.consume(id, octets);
    if (stream) stream.unread -= octets;
  } else if (act === 'setInitialWindow') {
    receive.setInitialWindow(n);
    for (const one of books.streams.values()) one.window += n - books.initial;
    books.initial = n;
  } else if (act === 'updates') {
    updatesStep(receive, books);
  }
  equal(receive.connectionWindow, books.connection, 'connectionWindow');
  equal(receive.unread, books.unread, 'unread');
  for (const one of IDS) equal(receive.streamWindow(one), books.streams.get(one)?.window, `streamWindow(${one})`);
}

/** Every update gives all that is owed, is worth a frame, and none that is worth one is missing. */
function updatesStep(receive: ReceiveWindows, books: ReceiveBooks): void {
  for (let update = receive.nextUpdate(); update !== undefined; update = receive.nextUpdate()) {
    const { streamId, increment } = update;
    equal(update, { type: 'WINDOW_UPDATE', streamId, increment: books.owed(streamId) }, 'the update: all that is owed');
    const least = Math.max(1, books.size(streamId) / 4);
    ok(increment >= least, `an increment of a quarter of ${books.size(streamId)} at least`, `it is ${increment}`);
    const stream = books.streams.get(streamId);
    if (stream) stream.window += increment;
    else books.connection += increment;
  }
  for (const id of [0, ...books.streams.keys()]) {
    const [owed, size] = [books.owed(id), books.size(id)];
    ok(owed < Math.max(1, size / 2), `an update of stream ${id}, with ${owed} of ${size} owed`, 'there was none');
  }
}

testCase(
  {
    id: 'window-model-receiver',
    title: 'thousands of random events: the receiver’s windows are right, and so is its credit',
    clause: 'RFC 9113 §6.9',
    why: 'an octet that is lost from the books at each reset stops the connection after a week',
    group,
  },
  async (t) => {
    new ReceiveWindows();
    const { fc, modelTest } = await import('../../../kit/property.ts');
    const arrivals = ['receive', 'receive', 'receive', 'receivePadded', 'receiveEnd'];
    modelTest<Receiving, Step>(t, {
      what: 'the receiver’s windows',
      steps: fc.record({
        act: fc.constantFrom(
          ...['open', 'open', ...arrivals, 'consume', 'consume', 'updates', 'updates', 'close', 'setInitialWindow'],
        ),
        id: fc.constantFrom(...IDS),
        n: numbers(fc),
      }),
      start: () => ({ receive: new ReceiveWindows({ maxUnread: LIMIT }), books: new ReceiveBooks() }),
      run: receiveStep,
      show: named,
      runs: 120,
      length: 80,
    });
  },
);

/** Two ends and what is under way between them, in order, as in TCP. */
class Pair {
  readonly send = new SendWindows();
  readonly receive = new ReceiveWindows();
  readonly forth: (() => void)[] = [];
  readonly back: (() => void)[] = [];
  wanted = 0;
  arrived = 0;
  readonly open = new Set<number>();
  readonly ended = new Set<number>();
  /** Octets that have arrived on a stream and were not read. */
  readonly unread = new Map<number, number>();

  /** The sender writes a frame, if it may. */
  write(): boolean {
    const permit = this.send.next();
    if (!permit) return false;
    const { streamId, length, endStream } = permit;
    this.forth.push(() => {
      isFine(this.receive.receive(streamId, length, { endStream }), `DATA of ${length} on stream ${streamId} arrives`);
      this.arrived += length;
      this.unread.set(streamId, (this.unread.get(streamId) ?? 0) + length);
    });
    return true;
  }

  /** The receiver writes the credit that is due. */
  credit(): boolean {
    const update = this.receive.nextUpdate();
    if (!update) return false;
    const { streamId, increment } = update;
    const what = `WINDOW_UPDATE of ${increment} on stream ${streamId} arrives`;
    this.back.push(() => isFine(this.send.credit(streamId, increment), what));
    return true;
  }

  /** The receiver sends SETTINGS; the sender applies and acknowledges them, and then they hold. */
  settings(size: number): void {
    this.back.push(() => {
      isFine(this.send.setInitialWindow(size), `SETTINGS_INITIAL_WINDOW_SIZE of ${size} arrives`);
      this.forth.push(() => this.receive.setInitialWindow(size));
    });
  }

  read(streamId: number, octets = Number.POSITIVE_INFINITY): boolean {
    const unread = this.unread.get(streamId) ?? 0;
    const count = Math.min(unread, octets);
    if (count === 0) return false;
    this.receive.consume(streamId, count);
    this.unread.set(streamId, unread - count);
    return true;
  }

  deliver(queue: (() => void)[]): boolean {
    const frame = queue.shift();
    frame?.();
    return frame !== undefined;
  }

  /** Everything moves until nothing does. */
  settle(): void {
    for (let moved = true; moved; ) {
      moved = this.write();
      while (this.deliver(this.forth)) moved = true;
      for (const id of this.unread.keys()) moved = this.read(id) || moved;
      while (this.credit()) moved = true;
      while (this.deliver(this.back)) moved = true;
    }
  }
}

function pairStep(pair: Pair, { act, id, n }: Step): void {
  if (act === 'open' && !pair.open.has(id) && [...pair.open].every((other) => other < id || (other - id) % 2 !== 0)) {
    pair.send.open(id);
    pair.receive.open(id);
    pair.open.add(id);
  } else if (act === 'want' && pair.open.has(id) && !pair.ended.has(id)) {
    pair.send.want(id, n);
    pair.wanted += n;
  } else if (act === 'end' && pair.open.has(id) && !pair.ended.has(id)) {
    pair.send.want(id, 0, true);
    pair.ended.add(id);
  } else if (act === 'write') pair.write();
  else if (act === 'forth') pair.deliver(pair.forth);
  else if (act === 'back') pair.deliver(pair.back);
  else if (act === 'read') pair.read(id, n);
  else if (act === 'credit') pair.credit();
  else if (act === 'settings') pair.settings(n);
}

testCase(
  {
    id: 'window-model-pair',
    title: 'two ends with a slow wire between them: never an overrun, and everything arrives',
    clause: 'RFC 9113 §6.9, §6.9.3',
    why: 'SETTINGS, credit and data cross each other on the wire; both ends must come to the same sums',
    group,
  },
  async (t) => {
    new SendWindows();
    const { fc, property } = await import('../../../kit/property.ts');
    const acts = ['want', 'want', 'write', 'write', 'write', 'forth', 'forth', 'forth', 'back', 'back', 'read', 'read'];
    const step = fc.record({
      act: fc.constantFrom('open', ...acts, 'credit', 'settings', 'end'),
      id: fc.constantFrom(...IDS),
      n: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100_000 })),
    });
    property(
      t,
      'two ends with a wire between them',
      fc.array(step, { maxLength: 80, size: 'max' }),
      (steps) => {
        const pair = new Pair();
        for (const one of steps) pairStep(pair, one);
        // A window that is large enough to be done in a few rounds.
        pair.settings(50_000);
        pair.settle();
        equal(pair.arrived, pair.wanted, 'octets that have arrived in the end, of those that were wanted');
        equal(pair.receive.unread, 0, 'unread in the end');
      },
      { runs: 100, show: (steps) => steps.map(told) },
    );
  },
);
