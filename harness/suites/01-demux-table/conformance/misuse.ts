/** What the caller must not do, and what it is told. */
import type { DemuxTable } from '#subject/01-demux-table/demux-table.ts';
import { equal } from '../../../kit/check.ts';
import { bindAt, demuxCase, ip, listenAt, refuses, tuple, verdict } from './support.ts';

const group = 'misuse';
const clause = 'statement: errors';
const good = () => tuple('10.0.0.1:80', '10.9.9.9:51000');

/** Each method that takes a tuple. */
function withTuple(table: DemuxTable): [string, (tuple: ReturnType<typeof good>) => unknown][] {
  return [
    ['establish', (tuple) => table.establish(1, tuple)],
    ['lookup', (tuple) => table.lookup(tuple)],
    ['remove', (tuple) => table.remove(tuple)],
    ['timeWait', (tuple) => table.timeWait(tuple, 0)],
  ];
}

demuxCase(
  {
    id: 'demux-bad-address',
    title: 'an address has 4 bytes or 16',
    clause,
    why: 'a missing byte would read as undefined, then as 0, then as somebody else’s address',
    group,
  },
  (make) => {
    const table = make();
    for (const length of [0, 3, 5, 8, 15, 17]) {
      const address = new Uint8Array(length).fill(10);
      refuses(() => table.bind(1, address, 80), 'EINVAL', `bind with an address of ${length} bytes`);
      for (const [name, act] of withTuple(table)) {
        refuses(() => act({ ...good(), localAddress: address }), 'EINVAL', `${name}, local address of ${length} bytes`);
        refuses(
          () => act({ ...good(), remoteAddress: address }),
          'EINVAL',
          `${name}, remote address of ${length} bytes`,
        );
      }
    }
  },
);

demuxCase(
  {
    id: 'demux-bad-port',
    title: 'a port is a whole number from 0 to 65535',
    clause,
    why: '65616 is 80 if only its lower half is kept, and "80" is another key than 80',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 9, '10.0.0.1:80');
    for (const port of [-1, 65_536, 65_616, 80.5, Number.NaN, 2 ** 32 + 80, '80' as unknown as number]) {
      refuses(() => table.bind(1, ip('10.0.0.2'), port), 'EINVAL', `bind to port ${port}`);
      for (const [name, act] of withTuple(table)) {
        refuses(() => act({ ...good(), localPort: port }), 'EINVAL', `${name}, local port ${port}`);
        refuses(() => act({ ...good(), remotePort: port }), 'EINVAL', `${name}, remote port ${port}`);
      }
    }
  },
);

demuxCase(
  {
    id: 'demux-bad-socket',
    title: 'a socket is a whole number from 0 to 2^31 − 1',
    clause,
    why: 'what is stored as a 32-bit number must fit into one, or it comes out as another socket',
    group,
  },
  (make) => {
    const table = make();
    for (const socket of [-1, 2 ** 31, 2 ** 32, 1.5, Number.NaN, '1' as unknown as number]) {
      refuses(() => table.bind(socket, ip('10.0.0.1'), 80), 'EINVAL', `bind socket ${socket}`);
      refuses(() => table.establish(socket, good()), 'EINVAL', `establish socket ${socket}`);
    }
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'a segment afterwards');
  },
);

demuxCase(
  {
    id: 'demux-mixed-families',
    title: 'both ends of a tuple are of one family',
    clause,
    why: 'no packet has one IPv4 and one IPv6 address',
    group,
  },
  (make) => {
    const table = make();
    for (const [name, act] of withTuple(table)) {
      refuses(() => act(tuple('10.0.0.1:80', '[2001:db8::1]:51000')), 'EINVAL', `${name}, IPv4 with IPv6`);
      refuses(() => act(tuple('[2001:db8::1]:80', '10.9.9.9:51000')), 'EINVAL', `${name}, IPv6 with IPv4`);
    }
  },
);

demuxCase(
  {
    id: 'demux-remote-port-zero',
    title: 'there is no connection to port 0',
    clause: 'RFC 6335 §6',
    why: 'port 0 is reserved; here it means “choose one”, and nobody can choose for the peer',
    group,
  },
  (make) => {
    const table = make();
    refuses(() => table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:0')), 'EINVAL', 'a connection to port 0');
    refuses(() => table.establish(1, tuple('10.0.0.1:0', '10.9.9.9:0')), 'EINVAL', 'from any port to port 0');
    listenAt(table, 3, '0.0.0.0:80');
    verdict(
      table,
      ['10.0.0.1:80', '10.9.9.9:0'],
      3,
      'a segment from port 0: what strangers send is no mistake of ours',
    );
  },
);

demuxCase(
  {
    id: 'demux-bind-twice',
    title: 'a socket is bound once',
    clause: 'bind(2) EINVAL',
    why: 'otherwise its first place would stay taken with nobody to give it back',
    group,
  },
  (make) => {
    const table = make();
    bindAt(table, 1, '10.0.0.1:80');
    refuses(() => bindAt(table, 1, '10.0.0.1:81'), 'EINVAL', 'the same socket at another port');
    table.listen(1);
    refuses(() => bindAt(table, 1, '10.0.0.1:82'), 'EINVAL', 'the same socket while it listens');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'a segment for its place');
    table.unbind(1);
    equal(bindAt(table, 1, '10.0.0.1:81'), 81, 'once it was unbound');
  },
);

demuxCase(
  {
    id: 'demux-listen-unbound',
    title: 'a socket must be bound before it can listen',
    clause: 'statement: listen',
    why: 'there would be no place to listen at',
    group,
  },
  (make) => {
    const table = make();
    refuses(() => table.listen(1), 'EINVAL', 'a socket that was never bound');
    bindAt(table, 1, '10.0.0.1:80');
    table.unbind(1);
    refuses(() => table.listen(1), 'EINVAL', 'a socket that is bound no more');
    table.establish(2, good());
    refuses(() => table.listen(2), 'EINVAL', 'a socket that is connected');
  },
);
