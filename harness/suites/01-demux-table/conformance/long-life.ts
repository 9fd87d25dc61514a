/** Tables that have grown, shrunk, lived long, or been attacked. */
import { DemuxTable, type Tuple } from '#subject/01-demux-table/demux-table.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok } from '../../../kit/check.ts';
import type { Random } from '../../../kit/random.ts';
import { inUse } from '../support/memory.ts';
import { collisionFamilies } from './collisions.ts';
import { ip, listenAt, showTuple, tuple } from './support.ts';

const group = 'long life';

/** Different connections of a server with many clients, every fourth by IPv6. */
function connections(random: Random, count: number): Tuple[] {
  const salt = random.u32();
  return Array.from({ length: count }, (_, i) => {
    // Multiplying by an odd number modulo 2^32 gives every client another address.
    const word = (Math.imul(i, 0x9e37_79b1) ^ salt) >>> 0;
    const client = [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255];
    const ends = { localPort: random.pick([80, 443]), remotePort: random.int(1, 65_535) };
    if (i % 4 > 0) return { localAddress: SERVER4, remoteAddress: Uint8Array.from(client), ...ends };
    const remoteAddress = Uint8Array.from(SERVER6);
    remoteAddress.set(client, 9);
    return { localAddress: SERVER6, remoteAddress, ...ends };
  });
}

const SERVER4 = ip('10.0.0.1');
const SERVER6 = ip('2001:db8::1');
const CLIENT4 = ip('10.9.9.9');

/** Looks all of them up; `expected` says what must come out for connection `i`. */
function lookAll(table: DemuxTable, all: readonly Tuple[], expected: (i: number) => unknown, when: string): void {
  for (const [i, one] of all.entries()) {
    const seen = table.lookup(one);
    if (seen !== expected(i)) equal<unknown>(seen, expected(i), `${when}, connection ${i} (${showTuple(one)})`);
  }
}

testCase(
  {
    id: 'demux-ten-thousand',
    title: '10,000 connections are all found, while the table grows and afterwards',
    clause: 'statement: lookup',
    why: 'growing moves every entry: one that is left behind is a connection that hangs',
    group,
  },
  ({ random, seed }) => {
    const table = new DemuxTable({ seed });
    const all = connections(random, 10_000);
    for (const [i, one] of all.entries()) {
      table.establish(i, one);
      const earlier = random.int(0, i);
      equal<unknown>(
        table.lookup(all[earlier]!),
        earlier,
        `with ${i + 1} connections, the socket of connection ${earlier}`,
      );
    }
    lookAll(table, all, (i) => i, 'with all of them');
    equal<unknown>(table.lookup(tuple('0.0.0.0:0', '0.0.0.0:0')), 'RST', 'a tuple of zeros, which nobody has entered');
    equal<unknown>(table.lookup(tuple('[::]:0', '[::]:0')), 'RST', 'the same in IPv6');
  },
);

testCase(
  {
    id: 'demux-removal-leaves-others',
    title: 'removing half of 10,000 connections leaves the other half findable',
    clause: 'Knuth, TAOCP vol. 3, §6.4, Algorithm R',
    why: 'an emptied slot must not end the search for an entry that had been pushed on behind it',
    group,
  },
  ({ random, seed }) => {
    const table = new DemuxTable({ seed });
    const all = connections(random, 10_000);
    for (const [i, one] of all.entries()) table.establish(i, one);
    for (const [i, one] of all.entries())
      if (i % 2 === 1) equal(table.remove(one), true, `whether connection ${i} was there`);
    lookAll(table, all, (i) => (i % 2 === 1 ? 'RST' : i), 'after the removal of every other one');
    for (const [i, one] of all.entries()) if (i % 2 === 1) table.establish(i + 100_000, one);
    lookAll(table, all, (i) => (i % 2 === 1 ? i + 100_000 : i), 'after they have come back');
  },
);

testCase(
  {
    id: 'demux-removal-small-tables',
    title: 'in small tables every order of removal leaves the others findable',
    clause: 'Knuth, TAOCP vol. 3, §6.4, Algorithm R',
    why: 'in a small table chains run round the end of the memory, where the comparison of places is not that of numbers',
    group,
  },
  ({ random, seed }) => {
    for (let round = 0; round < 150; round++) {
      const table = new DemuxTable({ seed: seed ^ round });
      const all = connections(random, 14);
      for (const [i, one] of all.entries()) table.establish(i, one);
      const gone = new Set<number>();
      for (const i of random.shuffle([...all.keys()])) {
        equal(table.remove(all[i]!), true, `round ${round}: whether connection ${i} was there`);
        gone.add(i);
        lookAll(table, all, (j) => (gone.has(j) ? 'RST' : j), `round ${round}, after ${gone.size} removals`);
      }
    }
  },
);

testCase(
  {
    id: 'demux-churn',
    title: 'a table through which 100,000 connections have passed still answers at once',
    clause: 'statement: remove',
    why: 'marks left by removals fill a table that was never full, until a search for nothing never ends',
    group,
  },
  ({ seed }) => {
    const table = new DemuxTable({ seed });
    listenAt(table, 3, '10.0.0.1:80');
    const one = tuple('10.0.0.1:80', '10.9.9.9:1');
    const remoteAddress = one.remoteAddress;
    for (let i = 0; i < 100_000; i++) {
      remoteAddress[2] = i >> 8;
      remoteAddress[3] = i;
      one.remotePort = 1024 + (i >> 4);
      table.establish(7, one);
      if (i >= 50) {
        remoteAddress[2] = (i - 50) >> 8;
        remoteAddress[3] = i - 50;
        one.remotePort = 1024 + ((i - 50) >> 4);
        if (!table.remove(one)) ok(false, `connection ${i - 50} can be removed`);
      }
    }
    one.remotePort = 1;
    for (let i = 0; i < 1_000; i++) {
      remoteAddress[3] = i;
      equal<unknown>(table.lookup(one), 3, 'who gets a new client');
    }
  },
);

testCase(
  {
    id: 'demux-churn-memory',
    title: 'what has passed through a table takes no memory when it is gone',
    clause: 'statement: remove, expire, unbind',
    why: 'a hundred bytes forgotten with each connection are a restart every night',
    group,
  },
  async ({ seed }) => {
    const table = new DemuxTable({ seed, timeWait: 0 });
    pass(table, 1_000);
    const before = await inUse();
    pass(table, 25_000);
    const grown = (await inUse()) - before;
    const seen = `${(grown / 1e6).toFixed(1)} MB`;
    ok(grown < 2e6, 'less than 2 MB more in use after 25,000 of everything than before', seen);
    equal<unknown>(table.lookup(tuple('10.0.0.1:5', '10.9.9.9:5')), 'RST', 'a segment at the end');
  },
);

/** Each port in turn is bound and listened to, has a connection that is removed and one that waits, and is let go. */
function pass(table: DemuxTable, count: number): void {
  for (let port = 1; port <= count; port++) {
    table.bind(port, SERVER4, port, { reuseAddress: true });
    table.listen(port);
    const one = { localAddress: SERVER4, localPort: port, remoteAddress: CLIENT4, remotePort: port };
    const other = { ...one, remotePort: 65_535 };
    table.establish(port, one, { reuseAddress: true });
    table.establish(port, other, { reuseAddress: true });
    table.unbind(port);
    table.remove(one);
    table.timeWait(other, port);
    table.expire(port);
  }
}

testCase(
  {
    id: 'demux-time-wait-many',
    title: '10,000 tuples wait and are freed in ten portions',
    clause: 'RFC 9293 §3.6.1',
    why: 'a server that closes first has a minute’s worth of them; to look at all of them each time is too slow',
    group,
  },
  ({ random, seed }) => {
    const table = new DemuxTable({ seed });
    const all = connections(random, 10_000);
    for (const [i, one] of all.entries()) {
      table.establish(i, one);
      table.timeWait(one, i);
    }
    for (let portion = 1; portion <= 10; portion++) {
      equal(table.expire(60_000 + 1_000 * portion - 1), 1_000, `tuples freed in portion ${portion}`);
    }
    lookAll(table, all, () => 'RST', 'after all portions');
  },
);

const KEYS = 6_000;
/** One place for all means 6,000 steps to the last; at most half full means two or three. */
const MOST = 8;

/** As many tuples of the same family, which nobody has chosen. */
function likeThese(chosen: readonly Tuple[], random: Random): Tuple[] {
  const salt = random.u32();
  return chosen.map((one, i) => {
    const word = (Math.imul(i, 0x9e37_79b1) ^ salt) >>> 0;
    const remoteAddress = Uint8Array.from(one.remoteAddress);
    remoteAddress.set([word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255], remoteAddress.length - 4);
    return { ...one, remoteAddress, remotePort: 1 + (i % 60_000) };
  });
}

/** CPU time in ms of entering these tuples and finding them again. */
function cost(seed: number, tuples: readonly Tuple[]): number {
  const from = process.cpuUsage();
  const table = new DemuxTable({ seed });
  for (const [i, one] of tuples.entries()) table.establish(i, one);
  lookAll(table, tuples, (i) => i, 'of the chosen ones');
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

for (const { slug, name, tuples } of collisionFamilies) {
  testCase(
    {
      id: `demux-chosen-${slug}`,
      title: `${KEYS.toLocaleString('en')} tuples chosen against ${name} cost no more than any others`,
      clause: 'Crosby and Wallach, 2003, §2',
      why: 'whoever knows the hash can make every lookup walk through all of the attacker’s connections',
      group,
    },
    ({ random, seed }) => {
      const chosen = tuples(KEYS, random);
      const others = likeThese(chosen, random);
      // The least of several runs: the first ones compile, and whatever else disturbs a run makes it longer.
      const usual = Math.min(...[1, 2, 3, 4].map(() => cost(seed, others)));
      let attacked = cost(seed, chosen);
      for (let again = 0; again < 3 && attacked > MOST * usual; again++)
        attacked = Math.min(attacked, cost(seed, chosen));
      const seen = `${Math.round(attacked / usual)} times as much`;
      ok(attacked <= MOST * usual, `the chosen ones cost at most ${MOST} times as much as others`, seen);
    },
  );
}
