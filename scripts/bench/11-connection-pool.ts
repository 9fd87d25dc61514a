/**
 * The pool beside others: how fast one gets a connection out of it, and what it does when servers misbehave.
 *
 * generic-pool and tarn pool anything; what they hand out are promises, so the reference's core is put behind
 * promises here, too. The table runs each HTTP client against the same scripted servers: no cell is from memory.
 */
import { PoolCore } from '../../solutions/11-connection-pool/connection-pool.ts';
import { contest } from './contest.ts';

export { behaviours as table } from './11-connection-pool/behaviours.ts';

const MAX = 4;
const CALLS = 200;

/** What all pools of things have in common. */
interface Resources {
  acquire(): Promise<number>;
  release(resource: number): void;
}

function reference(): Resources {
  const core = new PoolCore({ maxPerOrigin: MAX });
  const waiting = new Map<number, (connection: number) => void>();
  let id = 0;
  const act = (actions: ReturnType<PoolCore['tick']>): void => {
    for (const action of actions) {
      if (action.type === 'dial') act(core.connected(action.connection, 0));
      if (action.type !== 'send') continue;
      waiting.get(action.request)!(action.connection);
      waiting.delete(action.request);
    }
  };
  return {
    acquire: () =>
      new Promise((resolve) => {
        waiting.set(++id, resolve);
        act(core.request({ id, key: 'a', idempotent: true }, 0));
      }),
    release: (connection) => act(core.release(connection, { reusable: true, idleHint: Number.POSITIVE_INFINITY }, 0)),
  };
}

async function genericPool(): Promise<Resources> {
  const { default: generic } = await import('generic-pool');
  let made = 0;
  const pool = generic.createPool(
    { create: async () => ({ id: ++made }), destroy: async () => {} },
    { min: 0, max: MAX },
  );
  const out = new Map<number, { id: number }>();
  return {
    async acquire() {
      const resource = await pool.acquire();
      out.set(resource.id, resource);
      return resource.id;
    },
    release: (id) => void pool.release(out.get(id)!),
  };
}

async function tarn(): Promise<Resources> {
  const { Pool } = await import('tarn');
  let made = 0;
  const pool = new Pool<{ id: number }>({
    create: () => Promise.resolve({ id: ++made }),
    destroy: () => {},
    min: 0,
    max: MAX,
  });
  const out = new Map<number, { id: number }>();
  return {
    async acquire() {
      const resource = await pool.acquire().promise;
      out.set(resource.id, resource);
      return resource.id;
    },
    release: (id) => void pool.release(out.get(id)!),
  };
}

/** One after the other: an idle resource is always there. */
function sequential(pool: Resources) {
  return async (first: number): Promise<number> => {
    let done = first;
    for (let i = 0; i < CALLS; i++) {
      pool.release(await pool.acquire());
      done++;
    }
    return done;
  };
}

/** All at once: most of them wait. Their order must be kept. */
function crowded(pool: Resources) {
  return async (first: number): Promise<number[]> => {
    const order: number[] = [];
    const call = async (i: number): Promise<void> => {
      const resource = await pool.acquire();
      order.push(first + i);
      pool.release(resource);
    };
    await Promise.all(Array.from({ length: CALLS }, (_, i) => call(i)));
    return order;
  };
}

const PEERS = [
  {
    name: 'generic-pool',
    package: 'generic-pool',
    lacks: 'origins, retries, idle order by last use, cancelling one waiter (but it validates, and has priorities)',
    open: genericPool,
  },
  { name: 'tarn', package: 'tarn', lacks: 'origins, retries, last in first out among the idle', open: tarn },
];

export default [
  contest<number>({
    id: 'pool-sequential',
    title: `${CALLS} times acquire, then release, one after the other`,
    rate: { perCall: CALLS / 1e6, unit: 'M acquires/s' },
    prepare: (random) => random.int(0, 1_000),
    reference: () => sequential(reference()),
    peers: PEERS.map(({ open, ...peer }) => ({ ...peer, make: async () => sequential(await open()) })),
  }),
  contest<number>({
    id: 'pool-crowded',
    title: `${CALLS} acquires at once for ${MAX} resources`,
    rate: { perCall: CALLS / 1e6, unit: 'M acquires/s' },
    prepare: (random) => random.int(0, 1_000),
    reference: () => crowded(reference()),
    peers: PEERS.map(({ open, ...peer }) => ({ ...peer, make: async () => crowded(await open()) })),
  }),
];
