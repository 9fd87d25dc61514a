/** Thousands of random calls, each compared with a model that keeps everything in lists and looks at all of it. */
import { type BindOptions, DemuxTable, type Tuple } from '#subject/01-demux-table/demux-table.ts';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { ip, outcome, showAddress, showTuple } from './support.ts';

interface Bind {
  do: 'bind';
  socket: number;
  host: string;
  port: number;
  options: BindOptions;
}

interface Establish {
  do: 'establish';
  socket: number;
  tuple: Tuple;
  options: BindOptions;
}

type Step =
  | Bind
  | Establish
  | { do: 'listen'; socket: number }
  | { do: 'unbind'; socket: number }
  | { do: 'remove'; tuple: Tuple }
  | { do: 'timeWait'; tuple: Tuple }
  | { do: 'pass'; ms: number };

interface Held {
  socket: number;
  host: string;
  port: number;
  options: BindOptions;
  listening: boolean;
}

interface Flow {
  socket: number;
  tuple: Tuple;
  options: BindOptions;
  until?: number;
}

const SERVERS = ['10.0.0.1', '10.0.0.2', '::ffff:10.0.0.1', '2001:db8::1'];
const CLIENTS4 = ['10.9.9.9', '::ffff:10.9.9.9', '200.1.1.1'];
const CLIENTS6 = ['2001:db8::2', '2001:db8::3'];
const PLACES = [...SERVERS, '0.0.0.0', '::'];
const PORTS = [80, 443];

/** Every tuple that a step can name. */
const TUPLES: readonly Tuple[] = SERVERS.flatMap((server) =>
  (server.startsWith('2') ? CLIENTS6 : CLIENTS4).flatMap((client) =>
    PORTS.flatMap((localPort) =>
      [80, 50_000].map((remotePort) => {
        return { localAddress: ip(server), localPort, remoteAddress: ip(client), remotePort };
      }),
    ),
  ),
);

const plain = (host: string): string => host.replace('::ffff:', '');

/** The same text for the same connection. Tuples are asked for often, and only those of TUPLES. */
const KEYS = new Map(
  TUPLES.map((tuple) => {
    const { localAddress, localPort, remoteAddress, remotePort } = tuple;
    return [tuple, [plainOf(localAddress), localPort, plainOf(remoteAddress), remotePort].join(' ')] as const;
  }),
);

function plainOf(address: Uint8Array): string {
  return plain(showAddress(address));
}

class Model {
  #held: Held[] = [];
  #flows: Flow[] = [];
  now = 0;

  bind(socket: number, host: string, port: number, options: BindOptions): number {
    if (this.#held.some((held) => held.socket === socket)) throw { code: 'EINVAL' };
    if (host.startsWith('::ffff:') && options.ipv6Only) throw { code: 'EINVAL' };
    const wanted = { socket, host: plain(host), port, options, listening: false };
    this.#refuseConflict(wanted);
    this.#held.push(wanted);
    return port;
  }

  listen(socket: number): void {
    const held = this.#held.find((held) => held.socket === socket);
    if (!held) throw { code: 'EINVAL' };
    if (held.listening) return;
    this.#refuseConflict(held);
    held.listening = true;
  }

  unbind(socket: number): boolean {
    const before = this.#held.length;
    this.#held = this.#held.filter((held) => held.socket !== socket);
    return this.#held.length < before;
  }

  establish(socket: number, tuple: Tuple, options: BindOptions): number {
    if (this.#find(tuple)) throw { code: 'EADDRINUSE' };
    this.#flows.push({ socket, tuple, options });
    return tuple.localPort;
  }

  remove(tuple: Tuple): boolean {
    const flow = this.#find(tuple);
    if (!flow || flow.until !== undefined) return false;
    this.#flows.splice(this.#flows.indexOf(flow), 1);
    return true;
  }

  timeWait(tuple: Tuple): boolean {
    const flow = this.#find(tuple);
    if (!flow || flow.until !== undefined) return false;
    flow.until = this.now + 60_000;
    return true;
  }

  expire(): number {
    const before = this.#flows.length;
    this.#flows = this.#flows.filter(({ until }) => until === undefined || until > this.now);
    return before - this.#flows.length;
  }

  /** The socket or sockets that may get the segment; the verdict otherwise. */
  lookup(tuple: Tuple): (number | string)[] {
    const flow = this.#find(tuple);
    if (flow) return [flow.until === undefined ? flow.socket : 'TIME_WAIT'];
    const host = plainOf(tuple.localAddress);
    const at = (place: string): Held[] =>
      this.#held.filter((held) => held.listening && held.port === tuple.localPort && held.host === place);
    const dual = at('::').filter(({ options }) => !options.ipv6Only);
    const places = host.includes(':') ? [at(host), at('::')] : [at(host), at('0.0.0.0'), dual];
    return places.find((found) => found.length > 0)?.map(({ socket }) => socket) ?? ['RST'];
  }

  #find(tuple: Tuple): Flow | undefined {
    return this.#flows.find((flow) => KEYS.get(flow.tuple) === KEYS.get(tuple));
  }

  #refuseConflict(wanted: Held): void {
    const flows = this.#flows.map(({ tuple, options }) => {
      return { host: plainOf(tuple.localAddress), port: tuple.localPort, options, listening: false };
    });
    for (const held of [...this.#held.filter((held) => held !== wanted), ...flows]) {
      const both = (option: 'reuseAddress' | 'reusePort'): boolean =>
        Boolean(held.options[option] && wanted.options[option]);
      const share = both('reusePort') || (both('reuseAddress') && !held.listening);
      const meet = covers(held.host, held.options, wanted.host) || covers(wanted.host, wanted.options, held.host);
      if (held.port === wanted.port && meet && !share) throw { code: 'EADDRINUSE' };
    }
  }
}

function covers(place: string, options: BindOptions, host: string): boolean {
  if (place === host) return true;
  if (place === '0.0.0.0') return !host.includes(':');
  return place === '::' && (host.includes(':') || !options.ipv6Only);
}

/** Does the step on a table or on a model. Both answer with a value or a code. */
function apply(subject: DemuxTable | Model, step: Step, now: number): unknown {
  let value: unknown;
  const code = outcome(() => {
    value = act(subject, step, now);
  });
  return code === 'ok' ? value : code;
}

function act(subject: DemuxTable | Model, step: Step, now: number): unknown {
  switch (step.do) {
    case 'bind':
      return bind(subject, step);
    case 'listen':
      return subject.listen(step.socket);
    case 'unbind':
      return subject.unbind(step.socket);
    case 'establish':
      return subject.establish(step.socket, step.tuple, step.options);
    case 'remove':
      return subject.remove(step.tuple);
    case 'timeWait':
      return subject.timeWait(step.tuple, now);
    case 'pass':
      return subject.expire(now);
  }
}

function bind(subject: DemuxTable | Model, { socket, host, port, options }: Bind): number {
  if (subject instanceof Model) return subject.bind(socket, host, port, options);
  return subject.bind(socket, ip(host), port, options);
}

function show(step: Step): string {
  if (step.do === 'pass') return `${step.ms} ms pass`;
  if (step.do === 'bind') return `bind(${step.socket}, ${step.host}, ${step.port}, ${JSON.stringify(step.options)})`;
  if (step.do === 'listen' || step.do === 'unbind') return `${step.do}(${step.socket})`;
  if (step.do !== 'establish') return `${step.do}(${showTuple(step.tuple)})`;
  return `establish(${step.socket}, ${showTuple(step.tuple)}, ${JSON.stringify(step.options)})`;
}

testCase(
  {
    id: 'demux-model',
    title: 'thousands of random calls do what a model does that looks at everything each time',
    clause: 'statement: every method',
    why: 'the combination that nobody thought of is the one that fails in production',
    group: 'model',
  },
  async (t) => {
    new DemuxTable({ seed: t.seed }).expire(0);
    // fast-check takes a while to load, and every other case does without it.
    const { fc, modelTest } = await import('../../../kit/property.ts');
    const socket = fc.nat(5);
    const flag = fc.boolean();
    const options = fc.record({ reuseAddress: flag, reusePort: flag, ipv6Only: flag }, { requiredKeys: [] });
    const tuple = fc.constantFrom(...TUPLES);
    const steps = fc.oneof(
      fc.record({
        do: fc.constant('bind' as const),
        socket,
        host: fc.constantFrom(...PLACES),
        port: fc.constantFrom(...PORTS),
        options,
      }),
      fc.record({ do: fc.constantFrom('listen' as const, 'listen' as const, 'unbind' as const), socket }),
      fc.record({ do: fc.constant('establish' as const), socket, tuple, options }),
      fc.record({ do: fc.constantFrom('remove' as const, 'timeWait' as const), tuple }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 20_000, 60_000) }),
    );
    modelTest<{ table: DemuxTable; model: Model }, Step>(t, {
      what: 'the table beside its model',
      steps,
      start: () => ({ table: new DemuxTable({ seed: t.seed }), model: new Model() }),
      run: ({ table, model }, step) => {
        if (step.do === 'pass') model.now += step.ms;
        equal(apply(table, step, model.now), apply(model, step, model.now), show(step));
        for (const one of TUPLES) {
          const [seen, allowed] = [table.lookup(one), model.lookup(one)];
          if (!allowed.includes(seen)) equal<unknown>(seen, allowed[0], `a segment ${showTuple(one)}`);
        }
      },
      show,
      runs: 20,
      length: 60,
    });
  },
);
