/** Connections: a tuple is found if all four parts are the same, and only then. */

import { equal } from '../../../kit/check.ts';
import { demuxCase, ip, listenAt, refuses, tuple, verdict } from './support.ts';

const group = 'connections';
const clause = 'RFC 9293 §4 (connection)';

demuxCase(
  {
    id: 'demux-unknown-is-reset',
    title: 'a segment for nobody gets the verdict RST',
    clause: 'RFC 9293 §3.10.7.1',
    why: 'without an answer the sender would try again for minutes',
    group,
  },
  (make) => {
    verdict(make(), ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'a segment that arrives at an empty table');
  },
);

demuxCase(
  {
    id: 'demux-connection-is-found',
    title: 'a segment of a connection goes to its socket',
    clause,
    why: 'this is what the table is for',
    group,
  },
  (make) => {
    const table = make();
    equal(table.establish(7, tuple('10.0.0.1:80', '10.9.9.9:51000')), 80, 'the local port');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 7, 'the socket of the connection');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 7, 'and again for the next segment');
  },
);

demuxCase(
  {
    id: 'demux-socket-zero',
    title: 'socket 0 is a socket like any other',
    clause: 'statement: sockets',
    why: '0 is false: `if (socket)` and `find() || …` lose it',
    group,
  },
  (make) => {
    const table = make();
    table.establish(0, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    table.establish(2 ** 31 - 1, tuple('10.0.0.1:80', '10.9.9.9:51001'));
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 0, 'the connection of socket 0');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51001'], 2 ** 31 - 1, 'the connection of the largest socket number');
    listenAt(table, 0, '10.0.0.1:443');
    verdict(table, ['10.0.0.1:443', '10.9.9.9:51000'], 0, 'socket 0 as a listener');
  },
);

const DIFFERENCES = [
  ['local-address', 'local address', '10.0.0.2:80', '10.9.9.9:51000', '10.0.0.3:80', '10.9.9.9:51000'],
  ['local-port', 'local port', '10.0.0.1:443', '10.9.9.9:51000', '10.0.0.1:444', '10.9.9.9:51000'],
  ['remote-address', 'remote address', '10.0.0.1:80', '10.9.9.8:51000', '10.0.0.1:80', '10.9.9.7:51000'],
  ['remote-port', 'remote port', '10.0.0.1:80', '10.9.9.9:51001', '10.0.0.1:80', '10.9.9.9:51002'],
] as const;

for (const [slug, part, local, remote, noLocal, noRemote] of DIFFERENCES) {
  demuxCase(
    {
      id: `demux-differs-in-${slug}`,
      title: `connections that differ only in the ${part} are two`,
      clause,
      why: 'two users behind one address, or two services of one host, must not get each other’s bytes',
      group,
    },
    (make) => {
      const table = make();
      table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'));
      table.establish(2, tuple(local, remote));
      verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'the first connection');
      verdict(table, [local, remote], 2, `the one with another ${part}`);
      verdict(table, [noLocal, noRemote], 'RST', `one with a ${part} that neither has`);
    },
  );
}

demuxCase(
  {
    id: 'demux-ends-are-not-swapped',
    title: 'local and remote end are not interchangeable',
    clause,
    why: 'over loopback both directions of a connection reach the same table, and each end has its own socket',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('127.0.0.1:80', '127.0.0.2:51000'));
    verdict(table, ['127.0.0.2:51000', '127.0.0.1:80'], 'RST', 'a segment in the other direction');
    table.establish(2, tuple('127.0.0.2:51000', '127.0.0.1:80'));
    verdict(table, ['127.0.0.1:80', '127.0.0.2:51000'], 1, 'the server’s end');
    verdict(table, ['127.0.0.2:51000', '127.0.0.1:80'], 2, 'the client’s end');
  },
);

/** Pairs of ends that read the same when their numbers are written one after the other. */
const LOOKALIKES = [
  ['1.1.1.1:11', '1.1.1.11:1'],
  ['1.11.1.1:5', '11.1.1.1:5'],
  ['1.1.11.1:5', '1.11.1.1:5'],
  ['1.2.3.4:56', '1.2.3.45:6'],
  ['12.3.4.5:6', '1.23.4.5:6'],
] as const;

demuxCase(
  {
    id: 'demux-lookalikes',
    title: 'tuples whose numbers read the same in a row are two',
    clause,
    why: '1.1.1.1 port 11 and 1.1.1.11 port 1 are the same text once the separators are gone',
    group,
  },
  (make) => {
    for (const [one, other] of LOOKALIKES) {
      const table = make();
      table.establish(1, tuple('10.0.0.1:80', one));
      verdict(table, ['10.0.0.1:80', other], 'RST', `${other}, where only ${one} is connected`);
      const mirrored = make();
      mirrored.establish(1, tuple(one, '10.0.0.1:8080'));
      verdict(mirrored, [other, '10.0.0.1:8080'], 'RST', `${other} as local end, where only ${one} is connected`);
    }
    const table = make();
    table.establish(1, tuple('10.0.0.1:1', '12.0.0.1:5'));
    verdict(table, ['10.0.0.1:11', '2.0.0.1:5'], 'RST', 'a digit moved from the remote address to the local port');
  },
);

demuxCase(
  {
    id: 'demux-high-addresses',
    title: 'addresses from 128.0.0.0 up are addresses like any other',
    clause: 'RFC 791 §2.3',
    why: 'half of the Internet has the top bit set, and `<<` makes it a sign',
    group,
  },
  (make) => {
    const table = make();
    const hosts = ['127.255.255.255', '128.0.0.0', '128.0.0.1', '192.168.0.1', '200.1.2.3', '255.255.255.254'];
    hosts.forEach((local, i) => {
      hosts.forEach((remote, j) => {
        table.establish(10 * i + j, tuple(`${local}:80`, `${remote}:51000`));
      });
    });
    hosts.forEach((local, i) => {
      hosts.forEach((remote, j) => {
        verdict(table, [`${local}:80`, `${remote}:51000`], 10 * i + j, `the connection of ${local} with ${remote}`);
      });
    });
    verdict(table, ['0.0.0.1:80', '192.168.0.1:51000'], 'RST', '128.0.0.1 without its top bit');
  },
);

demuxCase(
  {
    id: 'demux-high-ports',
    title: 'ports up to 65535 are told apart, at both ends',
    clause: 'RFC 9293 §3.1',
    why: 'from 32768 up a port in the upper half of a word is a negative number',
    group,
  },
  (make) => {
    const table = make();
    const ports = [1, 255, 256, 32767, 32768, 32769, 65280, 65535];
    ports.forEach((local, i) => {
      ports.forEach((remote, j) => {
        table.establish(10 * i + j, tuple(`10.0.0.1:${local}`, `10.9.9.9:${remote}`));
      });
    });
    ports.forEach((local, i) => {
      ports.forEach((remote, j) => {
        verdict(table, [`10.0.0.1:${local}`, `10.9.9.9:${remote}`], 10 * i + j, `port ${local} with port ${remote}`);
      });
    });
  },
);

demuxCase(
  {
    id: 'demux-duplicate-tuple',
    title: 'a second connection with the same tuple is refused',
    clause: 'connect(2) EADDRINUSE',
    why: 'nobody could say which of the two a segment belongs to',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    refuses(() => table.establish(2, tuple('10.0.0.1:80', '10.9.9.9:51000')), 'EADDRINUSE', 'the same tuple again');
    refuses(
      () => table.establish(3, tuple('10.0.0.1:80', '10.9.9.9:51000'), { reuseAddress: true, reusePort: true }),
      'EADDRINUSE',
      'with both options set: they are about ports, not about tuples',
    );
  },
);

demuxCase(
  {
    id: 'demux-duplicate-changes-nothing',
    title: 'the connection that was there first keeps its tuple',
    clause: 'connect(2) EADDRINUSE',
    why: 'otherwise a refused call has stolen somebody’s bytes',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    refuses(() => table.establish(2, tuple('10.0.0.1:80', '10.9.9.9:51000')), 'EADDRINUSE', 'the same tuple again');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'who has the tuple');
    equal(table.remove(tuple('10.0.0.1:80', '10.9.9.9:51000')), true, 'whether it could be removed');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'after its removal');
  },
);

demuxCase(
  {
    id: 'demux-remove',
    title: 'a connection that was removed is gone, and only that one',
    clause: 'statement: remove',
    why: 'a segment that comes too late must not reach whoever has the socket number now',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    table.establish(2, tuple('10.0.0.1:80', '10.9.9.9:51001'));
    equal(table.remove(tuple('10.0.0.1:80', '10.9.9.9:51000')), true, 'whether there was one');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'the removed connection');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51001'], 2, 'the other one');
    equal(table.remove(tuple('10.0.0.1:80', '10.9.9.9:51000')), false, 'whether there was one the second time');
  },
);

demuxCase(
  {
    id: 'demux-tuple-can-return',
    title: 'a tuple that was removed can be used again, by another socket',
    clause: 'statement: remove',
    why: 'a client behind NAT gets the same port again sooner or later',
    group,
  },
  (make) => {
    const table = make();
    for (const socket of [1, 2, 3]) {
      table.establish(socket, tuple('10.0.0.1:80', '10.9.9.9:51000'));
      verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], socket, 'who has the tuple');
      equal(table.remove(tuple('10.0.0.1:80', '10.9.9.9:51000')), true, 'whether it could be removed');
    }
  },
);

demuxCase(
  {
    id: 'demux-memory-is-the-callers',
    title: 'the caller may overwrite its tuple as soon as the call returns',
    clause: 'statement: the rule for memory',
    why: 'the next packet is read into the same buffer',
    group,
  },
  (make) => {
    const table = make();
    const packet = tuple('10.0.0.1:80', '10.9.9.9:51000');
    table.establish(1, packet);
    packet.localAddress.fill(0);
    packet.remoteAddress.fill(0);
    packet.remotePort = 1;
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'the connection, its tuple having been overwritten');
    const address = ip('10.0.0.2');
    table.bind(2, address, 80);
    address.fill(9);
    table.listen(2);
    verdict(table, ['10.0.0.2:80', '10.9.9.9:51000'], 2, 'the listener, its address having been overwritten');
  },
);

demuxCase(
  {
    id: 'demux-views-of-a-packet',
    title: 'addresses may be views of a larger buffer',
    clause: 'RFC 791 §3.1',
    why: '`address.buffer` is the whole packet, and `byteOffset` says where in it the address stands',
    group,
  },
  (make) => {
    const table = make();
    // An IPv4 header: bytes 12 to 15 are the source, 16 to 19 the destination.
    const header = Buffer.concat([Buffer.alloc(12, 0xaa), ip('10.9.9.9'), ip('10.0.0.1')]);
    const [remoteAddress, localAddress] = [header.subarray(12, 16), header.subarray(16, 20)];
    table.establish(1, { localAddress, localPort: 80, remoteAddress, remotePort: 51000 });
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'the connection, looked up with arrays of its own');
    table.establish(2, tuple('10.0.0.1:80', '10.9.9.9:51001'));
    equal(table.lookup({ localAddress, localPort: 80, remoteAddress, remotePort: 51001 }), 2, 'looked up with views');
  },
);
