/** Listening sockets: what gets a segment of no connection. */
import { DemuxTable } from '#subject/01-demux-table/demux-table.ts';
import { testCase } from '../../../kit/case.ts';
import { equal } from '../../../kit/check.ts';
import { bindAt, demuxCase, ip, listenAt, tuple, verdict } from './support.ts';

const group = 'listeners';
const clause = 'statement: lookup';

demuxCase(
  {
    id: 'demux-listener',
    title: 'a segment of no connection goes to the socket that listens there',
    clause,
    why: 'this is how the first segment of a connection gets in',
    group,
  },
  (make) => {
    const table = make();
    equal(table.bind(3, ip('10.0.0.1'), 80), 80, 'what bind returns');
    table.listen(3);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 3, 'a first segment');
    verdict(table, ['10.0.0.1:80', '10.8.8.8:1'], 3, 'a first segment from elsewhere');
  },
);

demuxCase(
  {
    id: 'demux-bound-is-not-listening',
    title: 'a socket that is only bound receives nothing',
    clause: 'listen(2)',
    why: 'between bind and listen clients are refused, not left waiting',
    group,
  },
  (make) => {
    const table = make();
    bindAt(table, 3, '10.0.0.1:80');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'a segment before listen');
    table.listen(3);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 3, 'a segment after listen');
  },
);

demuxCase(
  {
    id: 'demux-listener-other-port',
    title: 'a listener receives at its own port only',
    clause,
    why: 'another port is another service',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '10.0.0.1:80');
    listenAt(table, 4, '0.0.0.0:8080');
    verdict(table, ['10.0.0.1:81', '10.9.9.9:51000'], 'RST', 'a segment for port 81');
    verdict(table, ['10.0.0.1:8080', '10.9.9.9:51000'], 4, 'a segment for port 8080');
  },
);

demuxCase(
  {
    id: 'demux-listener-other-address',
    title: 'a listener at one address receives at no other',
    clause,
    why: 'what listens on 127.0.0.1 must not be reachable from outside',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '127.0.0.1:80');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'a segment from outside');
    verdict(table, ['127.0.0.2:80', '127.0.0.1:51000'], 'RST', 'a segment for the next address');
  },
);

demuxCase(
  {
    id: 'demux-wildcard',
    title: 'a listener at 0.0.0.0 receives at every address',
    clause: 'ip(7) INADDR_ANY',
    why: 'a server seldom knows all of its addresses',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '0.0.0.0:80');
    for (const local of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '255.255.255.254']) {
      verdict(table, [`${local}:80`, '10.9.9.9:51000'], 3, `a segment for ${local}`);
    }
  },
);

demuxCase(
  {
    id: 'demux-connection-before-listener',
    title: 'a connection comes before the listener it came through',
    clause: 'RFC 9293 §3.10.7',
    why: 'otherwise every segment of a connection would look like the beginning of a new one',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '10.0.0.1:80');
    table.establish(7, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    listenAt(table, 4, '0.0.0.0:443');
    table.establish(8, tuple('10.0.0.1:443', '10.9.9.9:51000'));
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 7, 'a segment of the connection');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51001'], 3, 'a segment from the next port');
    verdict(table, ['10.0.0.1:443', '10.9.9.9:51000'], 8, 'a segment of the connection beside a wildcard');
    verdict(table, ['10.0.0.1:443', '10.9.9.9:51001'], 4, 'a segment from the next port beside a wildcard');
  },
);

demuxCase(
  {
    id: 'demux-removed-falls-to-listener',
    title: 'once a connection is removed, its tuple belongs to the listener again',
    clause,
    why: 'the same client may come back from the same port',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '0.0.0.0:80');
    table.establish(7, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    table.remove(tuple('10.0.0.1:80', '10.9.9.9:51000'));
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 3, 'a segment after the removal');
  },
);

for (const [slug, first, second] of [
  ['later', '0.0.0.0', '10.0.0.1'],
  ['earlier', '10.0.0.1', '0.0.0.0'],
] as const) {
  demuxCase(
    {
      id: `demux-specific-${slug}`,
      title: `a listener at the exact address beats the wildcard, also if it came ${slug}`,
      clause: 'statement: lookup, 2 before 3',
      why: 'the order in which services were started must not decide who answers',
      group,
    },
    (make) => {
      const table = make();
      listenAt(table, 1, `${first}:80`, { reusePort: true });
      listenAt(table, 2, `${second}:80`, { reusePort: true });
      const [exact, wildcard] = first === '0.0.0.0' ? [2, 1] : [1, 2];
      for (let port = 51000; port < 51020; port++) {
        verdict(table, ['10.0.0.1:80', `10.9.9.9:${port}`], exact, 'a segment for the exact address');
        verdict(table, ['10.0.0.2:80', `10.9.9.9:${port}`], wildcard, 'a segment for another address');
      }
    },
  );
}

demuxCase(
  {
    id: 'demux-specific-only-bound',
    title: 'a socket bound to the exact address that does not listen leaves the segment to the wildcard',
    clause: 'statement: lookup, 2 before 3',
    why: 'only who listens can take a connection',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 1, '0.0.0.0:80', { reusePort: true });
    bindAt(table, 2, '10.0.0.1:80', { reusePort: true });
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'a segment for the address that is only bound');
    table.listen(2);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 2, 'once it listens');
    table.unbind(2);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'once it is gone');
  },
);

demuxCase(
  {
    id: 'demux-unbind',
    title: 'a listener that was unbound receives no more',
    clause: 'statement: unbind',
    why: 'clients must be refused at once when the server has stopped',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '10.0.0.1:80');
    listenAt(table, 4, '10.0.0.2:80');
    equal(table.unbind(3), true, 'whether there was one');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'a segment for the unbound listener');
    verdict(table, ['10.0.0.2:80', '10.9.9.9:51000'], 4, 'a segment for the other one');
    equal(table.unbind(3), false, 'whether there was one the second time');
    equal(table.unbind(99), false, 'whether there was a socket 99');
  },
);

demuxCase(
  {
    id: 'demux-listener-closes-connections-stay',
    title: 'the connections stay when the listener they came through is gone',
    clause: 'statement: unbind',
    why: 'a server that shuts down gracefully stops listening first and finishes its requests then',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '0.0.0.0:80');
    for (let i = 0; i < 5; i++) table.establish(10 + i, tuple('10.0.0.1:80', `10.9.9.9:${51000 + i}`));
    table.unbind(3);
    for (let i = 0; i < 5; i++) {
      verdict(table, ['10.0.0.1:80', `10.9.9.9:${51000 + i}`], 10 + i, `connection ${i} after its listener`);
    }
    verdict(table, ['10.0.0.1:80', '10.9.9.9:52000'], 'RST', 'a new client');
  },
);

testCase(
  {
    id: 'demux-many-listeners',
    title: 'a thousand listeners, at many addresses and ports, each get their own',
    clause,
    why: 'a proxy host listens at as many addresses as it has customers',
    group,
  },
  (t) => {
    const table = new DemuxTable({ seed: t.seed });
    const places = Array.from({ length: 1_000 }, (_, i) => {
      return i < 500 ? `10.1.${i >> 8}.${i & 255}:443` : `10.0.0.1:${i}`;
    });
    for (const [i, at] of places.entries()) listenAt(table, i, at);
    for (const [i, at] of places.entries()) {
      verdict(table, [at, '10.9.9.9:51000'], i, `a segment for listener ${i}`);
    }
  },
);
