/** IPv6, IPv4 in IPv6's clothes, and sockets that take both. */
import { equal } from '../../../kit/check.ts';
import { bindAt, demuxCase, ip, listenAt, outcome, refuses, tuple, verdict } from './support.ts';

const group = 'IPv6';

demuxCase(
  {
    id: 'demux-ipv6-connection',
    title: 'IPv6 connections are found, and told apart by every byte of both addresses',
    clause: 'RFC 4291 §2',
    why: 'hosts of one network share their first eight bytes, hosts of one vendor parts of the last',
    group,
  },
  (make) => {
    const table = make();
    const [local, remote] = [ip('2001:db8::1'), ip('fe80::ffff:0:1')];
    table.establish(1, { localAddress: local, localPort: 80, remoteAddress: remote, remotePort: 51000 });
    verdict(table, ['[2001:db8::1]:80', '[fe80::ffff:0:1]:51000'], 1, 'the connection');
    for (let i = 0; i < 16; i++) {
      const [otherLocal, otherRemote] = [Uint8Array.from(local), Uint8Array.from(remote)];
      otherLocal[i]! ^= 0x80;
      otherRemote[i]! ^= 0x01;
      const here = { localPort: 80, remotePort: 51000 };
      const atLocal = table.lookup({ localAddress: otherLocal, remoteAddress: remote, ...here });
      equal<unknown>(atLocal, 'RST', `byte ${i} of the local address differs in its highest bit`);
      const atRemote = table.lookup({ localAddress: local, remoteAddress: otherRemote, ...here });
      equal<unknown>(atRemote, 'RST', `byte ${i} of the remote address differs in its lowest bit`);
    }
  },
);

demuxCase(
  {
    id: 'demux-ipv6-lifecycle',
    title: 'an IPv6 connection is refused twice, waits, expires and can be removed like any other',
    clause: 'RFC 9293 §3.6.1',
    why: 'the second address family is where the copied code was not adapted',
    group,
  },
  (make) => {
    const table = make();
    const one = () => tuple('[2001:db8::1]:80', '[2001:db8::2]:51000');
    table.establish(1, one());
    refuses(() => table.establish(2, one()), 'EADDRINUSE', 'the same tuple again');
    refuses(() => bindAt(table, 3, '[2001:db8::1]:80'), 'EADDRINUSE', 'a socket at its local end');
    table.timeWait(one(), 0);
    equal<unknown>(table.lookup(one()), 'TIME_WAIT', 'a late segment');
    equal(table.expire(60_000), 1, 'tuples freed after 60 s');
    equal(bindAt(table, 3, '[2001:db8::1]:80'), 80, 'a socket at its local end afterwards');
    table.establish(4, one());
    equal(table.remove(one()), true, 'whether it could be removed');
    equal<unknown>(table.lookup(one()), 'RST', 'a segment after the removal');
  },
);

demuxCase(
  {
    id: 'demux-ipv6-ephemeral',
    title: 'an IPv6 connection gets an ephemeral port too',
    clause: 'ip(7) ip_local_port_range',
    why: 'ipv6(7): both families share one range',
    group,
  },
  (make) => {
    const table = make({ firstPort: 40_000, lastPort: 40_001 });
    const connect = (): number => table.establish(1, tuple('[2001:db8::1]:0', '[2001:db8::2]:80'));
    equal([connect(), connect()].sort(), [40_000, 40_001], 'the ports of two connections');
    refuses(connect, 'EADDRNOTAVAIL', 'the third');
    verdict(table, ['[2001:db8::1]:40001', '[2001:db8::2]:80'], 1, 'a segment of one of them');
  },
);

demuxCase(
  {
    id: 'demux-ipv6-wildcard',
    title: 'a listener at :: receives at every IPv6 address',
    clause: 'ipv6(7) in6addr_any',
    why: 'it is IPv6’s 0.0.0.0',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '[::]:80', { ipv6Only: true });
    verdict(table, ['[::1]:80', '[::1]:51000'], 3, 'a segment for ::1');
    verdict(table, ['[2001:db8::1]:80', '[2001:db8::2]:51000'], 3, 'a segment for 2001:db8::1');
    verdict(table, ['[::1]:81', '[::1]:51000'], 'RST', 'a segment for another port');
  },
);

demuxCase(
  {
    id: 'demux-ipv6-specific',
    title: 'a listener at ::1 beats the one at ::, whichever came first',
    clause: 'statement: lookup, 2 before 3',
    why: 'the rule is the same in both families',
    group,
  },
  (make) => {
    for (const order of [
      ['[::]:80', '[::1]:80'],
      ['[::1]:80', '[::]:80'],
    ] as const) {
      const table = make();
      order.forEach((at, socket) => {
        listenAt(table, socket, at, { reusePort: true });
      });
      const specific = order.indexOf('[::1]:80');
      for (let port = 51_000; port < 51_020; port++) {
        verdict(table, ['[::1]:80', `[::1]:${port}`], specific, 'a segment for ::1');
        verdict(table, ['[::2]:80', `[::1]:${port}`], 1 - specific, 'a segment for ::2');
      }
    }
  },
);

demuxCase(
  {
    id: 'demux-ipv6-only',
    title: 'a listener at :: with ipv6Only receives no IPv4',
    clause: 'ipv6(7) IPV6_V6ONLY',
    why: 'this is how one service can have an IPv4 and an IPv6 server',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '[::]:80', { ipv6Only: true });
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'an IPv4 segment');
    verdict(table, ['[::ffff:10.0.0.1]:80', '[::ffff:10.9.9.9]:51000'], 'RST', 'the same, its addresses mapped');
    listenAt(table, 4, '0.0.0.0:80');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 4, 'an IPv4 segment beside an IPv4 listener');
    verdict(table, ['[::1]:80', '[::1]:51000'], 3, 'an IPv6 segment');
  },
);

demuxCase(
  {
    id: 'demux-ipv4-wildcard-takes-no-ipv6',
    title: 'a listener at 0.0.0.0 receives no IPv6',
    clause: 'ip(7)',
    why: 'all its bytes are zero, like those of ::, but it is no IPv6 address',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '0.0.0.0:80');
    verdict(table, ['[::1]:80', '[::1]:51000'], 'RST', 'an IPv6 segment');
  },
);

demuxCase(
  {
    id: 'demux-dual-stack',
    title: 'a listener at :: without ipv6Only receives IPv4 as well',
    clause: 'ipv6(7) IPV6_V6ONLY',
    why: 'Node listens like this unless told otherwise, and most of its clients come by IPv4',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '[::]:80');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 3, 'an IPv4 segment');
    verdict(table, ['[2001:db8::1]:80', '[2001:db8::2]:51000'], 3, 'an IPv6 segment');
    table.unbind(3);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'an IPv4 segment when it is gone');
  },
);

demuxCase(
  {
    id: 'demux-dual-stack-comes-last',
    title: 'IPv4 goes to a listener at 0.0.0.0 before the one at ::',
    clause: 'statement: lookup, 3 before 4',
    why: 'Linux prefers the socket of the packet’s own family',
    group,
  },
  (make) => {
    for (const order of [
      ['[::]:80', '0.0.0.0:80'],
      ['0.0.0.0:80', '[::]:80'],
    ] as const) {
      const table = make();
      order.forEach((at, socket) => {
        listenAt(table, socket, at, { reusePort: true });
      });
      for (let port = 51_000; port < 51_020; port++) {
        verdict(table, ['10.0.0.1:80', `10.9.9.9:${port}`], order.indexOf('0.0.0.0:80'), 'an IPv4 segment');
        verdict(table, ['[::1]:80', `[::1]:${port}`], order.indexOf('[::]:80'), 'an IPv6 segment');
      }
    }
  },
);

demuxCase(
  {
    id: 'demux-dual-stack-group',
    title: 'in a group at :: only the members without ipv6Only receive IPv4',
    clause: 'ipv6(7) IPV6_V6ONLY',
    why: 'the option belongs to each socket, not to the address',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 1, '[::]:80', { reusePort: true, ipv6Only: true });
    listenAt(table, 2, '[::]:80', { reusePort: true });
    const seen = new Set<unknown>();
    for (let port = 51_000; port < 51_050; port++) {
      verdict(table, ['10.0.0.1:80', `10.9.9.9:${port}`], 2, 'an IPv4 segment');
      seen.add(table.lookup(tuple('[::1]:80', `[::1]:${port}`)));
    }
    equal([...seen].sort(), [1, 2], 'who gets IPv6 segments');
  },
);

/** What Linux 6.18 says when the second listens where the first does. Both have reuseAddress, as in Node. */
export const PLACES = [
  { name: '0.0.0.0', host: '0.0.0.0' },
  { name: '127.0.0.1', host: '127.0.0.1' },
  { name: '127.0.0.2', host: '127.0.0.2' },
  { name: ':: (dual stack)', host: '::' },
  { name: ':: (ipv6Only)', host: '::', ipv6Only: true },
  { name: '::1', host: '::1' },
  { name: '::ffff:127.0.0.1', host: '::ffff:127.0.0.1' },
];
/** x: EADDRINUSE. Rows and columns as in PLACES; the relation is symmetric. */
export const CONFLICTS = ['xxxx..x', 'xx.x..x', 'x.xx...', 'xxxxxxx', '...xxx.', '...xxx.', 'xx.x..x'];

demuxCase(
  {
    id: 'demux-bind-addresses',
    title: 'which of seven places can be listened at together: all 49 pairs',
    clause: 'ipv6(7) IPV6_V6ONLY',
    why: 'IPv4 and IPv6 share one space of ports, and :: is in both unless told otherwise',
    group,
  },
  (make) => {
    PLACES.forEach((one, i) => {
      PLACES.forEach((other, j) => {
        const table = make();
        const listen = (socket: number, { host, ipv6Only = false }: { host: string; ipv6Only?: boolean }): void => {
          table.bind(socket, ip(host), 80, { reuseAddress: true, ipv6Only });
          table.listen(socket);
        };
        listen(1, one);
        const expected = CONFLICTS[i]?.[j] === 'x' ? 'EADDRINUSE' : 'ok';
        equal(
          outcome(() => listen(2, other)),
          expected,
          `${other.name} where ${one.name} listens`,
        );
      });
    });
  },
);

demuxCase(
  {
    id: 'demux-mapped-is-ipv4',
    title: 'an IPv4-mapped address is the IPv4 address',
    clause: 'RFC 4291 §2.5.5.2',
    why: 'a dual-stack socket reports ::ffff:10.9.9.9, and the packet says 10.9.9.9',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('[::ffff:10.0.0.1]:80', '[::ffff:10.9.9.9]:51000'));
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'the IPv4 segment of a connection entered as mapped');
    refuses(() => table.establish(2, tuple('10.0.0.1:80', '10.9.9.9:51000')), 'EADDRINUSE', 'the same as IPv4');
    verdict(table, ['10.0.0.1:80', '[::ffff:10.9.9.9]:51000'], 1, 'one end written in each way');
    equal(table.remove(tuple('10.0.0.1:80', '10.9.9.9:51000')), true, 'whether it could be removed as IPv4');
    table.establish(3, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    verdict(table, ['[::ffff:10.0.0.1]:80', '[::ffff:10.9.9.9]:51000'], 3, 'the other way round');
  },
);

demuxCase(
  {
    id: 'demux-mapped-listener',
    title: 'a listener at a mapped address is a listener at the IPv4 address',
    clause: 'RFC 4291 §2.5.5.2',
    why: '::ffff:127.0.0.1 beside 127.0.0.1 would be two servers at one place',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 1, '[::ffff:10.0.0.1]:80');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'an IPv4 segment');
    refuses(() => bindAt(table, 2, '10.0.0.1:80'), 'EADDRINUSE', 'the same address as IPv4');
    listenAt(table, 3, '[::ffff:0.0.0.0]:81');
    verdict(table, ['10.0.0.1:81', '10.9.9.9:51000'], 3, 'an IPv4 segment for the mapped wildcard');
    verdict(table, ['[::1]:81', '[::1]:51000'], 'RST', 'an IPv6 segment for the mapped wildcard');
  },
);

demuxCase(
  {
    id: 'demux-mapped-only',
    title: 'a socket with ipv6Only cannot be bound to a mapped address',
    clause: 'ipv6(7) IPV6_V6ONLY',
    why: 'it would be bound where it may not receive',
    group,
  },
  (make) => {
    const table = make();
    refuses(() => bindAt(table, 1, '[::ffff:10.0.0.1]:80', { ipv6Only: true }), 'EINVAL', 'ipv6Only and mapped');
    equal(bindAt(table, 1, '10.0.0.1:80', { ipv6Only: true }), 80, 'for IPv4 proper the option means nothing');
  },
);

demuxCase(
  {
    id: 'demux-almost-mapped',
    title: 'only ::ffff:0:0/96 is mapped',
    clause: 'RFC 4291 §2.5.5',
    why: '::10.0.0.1 and 64:ff9b::10.0.0.1 end in the same four bytes and are IPv6',
    group,
  },
  (make) => {
    for (const prefix of ['::', '::fffe:', '::1:ffff:', '1::ffff:', '64:ff9b::', '::ffff:0:', '0:0:0:1:0:ffff:']) {
      const table = make();
      table.establish(1, tuple(`[${prefix}10.0.0.1]:80`, `[${prefix}10.9.9.9]:51000`));
      verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', `IPv4, where only ${prefix}10.0.0.1 is connected`);
      verdict(table, [`[${prefix}10.0.0.1]:80`, `[${prefix}10.9.9.9]:51000`], 1, 'the IPv6 connection');
    }
  },
);

demuxCase(
  {
    id: 'demux-families-apart',
    title: 'an IPv6 address that begins with the bytes of an IPv4 address is another one',
    clause: 'RFC 4291 §2',
    why: 'four bytes of sixteen are not the address',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    verdict(table, ['[a00:1::]:80', '[a09:909::]:51000'], 'RST', 'IPv6, where only IPv4 is connected');
    table.establish(2, tuple('[a00:1::]:80', '[a09:909::]:51000'));
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'the IPv4 connection');
    verdict(table, ['[a00:1::]:80', '[a09:909::]:51000'], 2, 'the IPv6 connection');
  },
);
