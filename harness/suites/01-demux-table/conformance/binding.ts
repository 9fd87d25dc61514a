/** Who may bind where. The tables were recorded from Linux 6.18; sockets.ts asks the kernel again. */
import type { ReuseOptions } from '#subject/01-demux-table/demux-table.ts';
import { equal } from '../../../kit/check.ts';
import { bindAt, demuxCase, listenAt, outcome, refuses, tuple, verdict } from './support.ts';

const group = 'binding';
const clause = 'bind(2) EADDRINUSE';

demuxCase(
  {
    id: 'demux-bind-same',
    title: 'the same address and port cannot be bound twice',
    clause,
    why: 'a second server would take half of the first one’s clients',
    group,
  },
  (make) => {
    const table = make();
    bindAt(table, 1, '10.0.0.1:80');
    refuses(() => bindAt(table, 2, '10.0.0.1:80'), 'EADDRINUSE', 'the same once more');
    table.listen(1);
    refuses(() => bindAt(table, 2, '10.0.0.1:80'), 'EADDRINUSE', 'the same beside a listener');
  },
);

demuxCase(
  {
    id: 'demux-bind-elsewhere',
    title: 'the same port at another address, and another port at the same address, are free',
    clause: 'bind(2)',
    why: 'a conflict that is none keeps a server from starting',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 1, '10.0.0.1:80');
    equal(bindAt(table, 2, '10.0.0.2:80'), 80, 'another address');
    equal(bindAt(table, 3, '10.0.0.1:81'), 81, 'another port');
    equal(bindAt(table, 4, '0.0.0.0:82'), 82, 'the wildcard at a port of its own');
  },
);

for (const [slug, first, second] of [
  ['wildcard-after-specific', '10.0.0.1:80', '0.0.0.0:80'],
  ['specific-after-wildcard', '0.0.0.0:80', '10.0.0.1:80'],
  ['wildcard-twice', '0.0.0.0:80', '0.0.0.0:80'],
] as const) {
  demuxCase(
    {
      id: `demux-bind-${slug}`,
      title: `${first} and then ${second} is a conflict`,
      clause: 'socket(7) SO_REUSEADDR',
      why: 'the wildcard contains every address: the newcomer would steal from whoever is there',
      group,
    },
    (make) => {
      for (const listening of [false, true]) {
        const table = make();
        bindAt(table, 1, first);
        if (listening) table.listen(1);
        refuses(() => bindAt(table, 2, second), 'EADDRINUSE', `${second} beside ${first}`);
      }
    },
  );
}

demuxCase(
  {
    id: 'demux-bind-refused-leaves-nothing',
    title: 'a refused bind leaves nothing behind',
    clause: 'statement: errors',
    why: 'half a binding would block the port until the process ends',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 1, '10.0.0.1:80');
    refuses(() => bindAt(table, 2, '10.0.0.1:80'), 'EADDRINUSE', 'the taken port');
    equal(table.unbind(2), false, 'whether the refused socket was bound');
    equal(bindAt(table, 2, '10.0.0.1:81'), 81, 'another port for the same socket');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'a segment for the taken port');
    table.unbind(1);
    equal(bindAt(table, 3, '10.0.0.1:80'), 80, 'the port, once its owner is gone');
  },
);

demuxCase(
  {
    id: 'demux-unbind-frees-port',
    title: 'an unbound port can be bound again, by itself or under a wildcard',
    clause: 'statement: unbind',
    why: 'what was bound must be forgotten, not only hidden from lookups',
    group,
  },
  (make) => {
    const table = make();
    for (const at of ['10.0.0.1:80', '0.0.0.0:80', '10.0.0.2:80', '0.0.0.0:80']) {
      listenAt(table, 1, at);
      equal(table.unbind(1), true, `whether ${at} could be unbound`);
    }
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'a segment when all are gone');
  },
);

/** Neither option, reuseAddress, reusePort, both. */
const REUSE: readonly ReuseOptions[] = [
  {},
  { reuseAddress: true },
  { reusePort: true },
  { reuseAddress: true, reusePort: true },
];
const NAMES = ['neither', 'reuseAddress', 'reusePort', 'both'];

const IN_USE = 'EADDRINUSE';
/** Row: the options of who is there. Column: those of who comes. */
const NOT_LISTENING = [
  [IN_USE, IN_USE, IN_USE, IN_USE],
  [IN_USE, 'ok', IN_USE, 'ok'],
  [IN_USE, IN_USE, 'ok', 'ok'],
  [IN_USE, 'ok', 'ok', 'ok'],
];
const LISTENING = [
  [IN_USE, IN_USE, IN_USE, IN_USE],
  [IN_USE, IN_USE, IN_USE, IN_USE],
  [IN_USE, IN_USE, 'ok', 'ok'],
  [IN_USE, IN_USE, 'ok', 'ok'],
];

/** Four by four: every set of options beside every other. `prepare` puts the first one there. */
function matrix(
  facts: { id: string; title: string; why: string },
  expected: string[][],
  prepare: (table: ReturnType<Parameters<Parameters<typeof demuxCase>[1]>[0]>, options: ReuseOptions) => void,
): void {
  demuxCase({ ...facts, clause: 'socket(7) SO_REUSEADDR, SO_REUSEPORT', group }, (make) => {
    REUSE.forEach((held, i) => {
      REUSE.forEach((wanted, j) => {
        const table = make();
        prepare(table, held);
        const seen = outcome(() => bindAt(table, 2, '10.0.0.1:80', wanted));
        equal(seen, expected[i]?.[j], `there: ${NAMES[i]}; newcomer: ${NAMES[j]}`);
      });
    });
  });
}

matrix(
  {
    id: 'demux-reuse-beside-bound',
    title: 'sharing with a socket that is bound and does not listen: all sixteen combinations',
    why: 'both must have asked for the same thing: one alone cannot force its way in',
  },
  NOT_LISTENING,
  (table, options) => bindAt(table, 1, '10.0.0.1:80', options),
);

matrix(
  {
    id: 'demux-reuse-beside-listener',
    title: 'sharing with a listener: all sixteen combinations',
    why: 'on Linux reuseAddress never shares with a listener, unlike on BSD: two servers at one port stay an error',
  },
  LISTENING,
  (table, options) => listenAt(table, 1, '10.0.0.1:80', options),
);

matrix(
  {
    id: 'demux-reuse-beside-connection',
    title: 'binding beside a connection whose listener is gone: all sixteen combinations',
    why: 'a server that crashed and left its children serving cannot restart without reuseAddress',
  },
  NOT_LISTENING,
  (table, options) => table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'), options),
);

matrix(
  {
    id: 'demux-reuse-beside-time-wait',
    title: 'binding beside a tuple in TIME_WAIT: all sixteen combinations',
    why: 'this is the “address already in use” after a restart, and why servers set SO_REUSEADDR',
  },
  NOT_LISTENING,
  (table, options) => {
    table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'), options);
    table.timeWait(tuple('10.0.0.1:80', '10.9.9.9:51000'), 0);
  },
);

demuxCase(
  {
    id: 'demux-reuse-needs-all',
    title: 'everybody at the port must have agreed to share, not only the first or the last',
    clause: 'socket(7) SO_REUSEPORT',
    why: 'the third one in must not be let in by the second alone',
    group,
  },
  (make) => {
    const table = make();
    bindAt(table, 1, '10.0.0.1:80', { reuseAddress: true });
    bindAt(table, 2, '10.0.0.1:80', { reuseAddress: true, reusePort: true });
    refuses(() => bindAt(table, 3, '10.0.0.1:80', { reusePort: true }), 'EADDRINUSE', 'with 2 agreed, with 1 not');
    equal(bindAt(table, 3, '10.0.0.1:80', { reuseAddress: true }), 80, 'what both have agreed to');
  },
);

demuxCase(
  {
    id: 'demux-second-listen',
    title: 'of sockets that share a port by reuseAddress only one can listen',
    clause: 'listen(2) EADDRINUSE',
    why: 'binding together is harmless; two listeners would split the clients by chance',
    group,
  },
  (make) => {
    const table = make();
    bindAt(table, 1, '10.0.0.1:80', { reuseAddress: true });
    bindAt(table, 2, '10.0.0.1:80', { reuseAddress: true });
    table.listen(2);
    refuses(() => table.listen(1), 'EADDRINUSE', 'the second one to listen');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 2, 'who gets a segment');
    table.unbind(2);
    table.listen(1);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'who gets one when the first is gone');
  },
);

demuxCase(
  {
    id: 'demux-listen-twice',
    title: 'listening twice is no conflict with oneself, nor with one’s own connections',
    clause: 'statement: listen',
    why: 'programs call listen again to change the backlog',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 1, '10.0.0.1:80');
    table.listen(1);
    table.establish(7, tuple('10.0.0.1:80', '10.8.8.8:51000'));
    table.listen(1);
    listenAt(table, 2, '0.0.0.0:81', { reuseAddress: true });
    table.listen(2);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 1, 'who gets a segment');
    verdict(table, ['10.0.0.1:81', '10.9.9.9:51000'], 2, 'who gets a segment at the wildcard');
    table.unbind(1);
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51000'], 'RST', 'after one unbind');
  },
);

demuxCase(
  {
    id: 'demux-connection-holds-its-address',
    title: 'a connection stands in the way at its own address and under the wildcard, nowhere else',
    clause: 'socket(7) SO_REUSEADDR',
    why: 'it holds the local port too, not only its tuple',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'));
    refuses(() => bindAt(table, 2, '10.0.0.1:80'), 'EADDRINUSE', 'its own address');
    refuses(() => bindAt(table, 2, '0.0.0.0:80'), 'EADDRINUSE', 'the wildcard');
    equal(bindAt(table, 2, '10.0.0.2:80'), 80, 'another address');
    equal(bindAt(table, 3, '10.0.0.1:51000'), 51000, 'the number that is its remote port');
  },
);

demuxCase(
  {
    id: 'demux-connection-lets-go',
    title: 'the port is free when the last of its connections is gone',
    clause: 'statement: remove',
    why: 'connections are counted, and a count that is off by one blocks the port for ever or frees it too early',
    group,
  },
  (make) => {
    const table = make();
    const connections = [51000, 51001, 51002].map((port) => tuple('10.0.0.1:80', `10.9.9.9:${port}`));
    for (const connection of connections) table.establish(1, connection);
    for (const connection of connections) {
      refuses(() => bindAt(table, 2, '10.0.0.1:80'), 'EADDRINUSE', 'while a connection is left');
      table.remove(connection);
    }
    equal(bindAt(table, 2, '10.0.0.1:80'), 80, 'when all are gone');
  },
);

demuxCase(
  {
    id: 'demux-connection-options-are-its-own',
    title: 'of two connections at a port, the one without reuseAddress still stands in the way',
    clause: 'socket(7) SO_REUSEADDR',
    why: 'the options belong to each connection, not to the port',
    group,
  },
  (make) => {
    const table = make();
    table.establish(1, tuple('10.0.0.1:80', '10.9.9.9:51000'), { reuseAddress: true });
    table.establish(2, tuple('10.0.0.1:80', '10.9.9.9:51001'));
    refuses(() => bindAt(table, 3, '10.0.0.1:80', { reuseAddress: true }), 'EADDRINUSE', 'beside the one without');
    table.remove(tuple('10.0.0.1:80', '10.9.9.9:51001'));
    equal(bindAt(table, 3, '10.0.0.1:80', { reuseAddress: true }), 80, 'beside the one with it');
  },
);
