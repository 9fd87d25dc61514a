/** TIME_WAIT: the tuple of a connection that was closed from this side stays taken for a while. */
import { equal } from '../../../kit/check.ts';
import { demuxCase, listenAt, refuses, tuple, verdict } from './support.ts';

const group = 'TIME_WAIT';
const clause = 'RFC 9293 §3.6.1';
const ends = ['10.0.0.1:80', '10.9.9.9:51000'] as const;
const connection = () => tuple(...ends);

demuxCase(
  {
    id: 'demux-time-wait-verdict',
    title: 'a segment for a tuple in TIME_WAIT reaches neither a socket nor the listener',
    clause,
    why: 'the peer’s last FIN may come twice: it needs an acknowledgment, not a reset and not a new connection',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '0.0.0.0:80');
    table.establish(7, connection());
    equal(table.timeWait(connection(), 1_000), true, 'whether there was a connection');
    verdict(table, [...ends], 'TIME_WAIT', 'a late segment');
    verdict(table, ['10.0.0.1:80', '10.9.9.9:51001'], 3, 'a segment from the next port');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-holds-tuple',
    title: 'a tuple in TIME_WAIT cannot be connected again',
    clause,
    why: 'segments of the old connection that are still under way would be taken for the new one’s',
    group,
  },
  (make) => {
    const table = make();
    table.establish(7, connection());
    table.timeWait(connection(), 1_000);
    refuses(() => table.establish(8, connection()), 'EADDRINUSE', 'the same tuple while it waits');
    equal(table.establish(8, tuple('10.0.0.1:80', '10.9.9.9:51001')), 80, 'another tuple');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-ends',
    title: 'TIME_WAIT lasts 60 s: not a millisecond less, nor one more',
    clause: `${clause}; 60 s on Linux`,
    why: 'each tuple that waits too long is a port that a client cannot use',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '0.0.0.0:80');
    table.establish(7, connection());
    table.timeWait(connection(), 1_000);
    equal(table.expire(60_999), 0, 'tuples freed 59.999 s later');
    verdict(table, [...ends], 'TIME_WAIT', 'a segment then');
    equal(table.expire(61_000), 1, 'tuples freed 60 s later');
    verdict(table, [...ends], 3, 'a segment then');
    equal(table.expire(61_000), 0, 'tuples freed when there are none');
    equal(table.establish(8, connection()), 80, 'the tuple can be connected again');
    verdict(table, [...ends], 8, 'a segment of the new connection');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-length',
    title: 'timeWait sets how long it lasts',
    clause: 'RFC 9293 §3.4.2 (MSL of 2 minutes)',
    why: 'the RFC asks for 4 minutes, Linux takes one, a test wants none',
    group,
  },
  (make) => {
    const table = make({ timeWait: 240_000 });
    table.establish(7, connection());
    table.timeWait(connection(), 0);
    equal(table.expire(239_999), 0, 'tuples freed just before 4 minutes');
    equal(table.expire(240_000), 1, 'tuples freed at 4 minutes');
    const brief = make({ timeWait: 0 });
    brief.establish(7, connection());
    brief.timeWait(connection(), 5);
    verdict(brief, [...ends], 'TIME_WAIT', 'a segment before anybody has called expire');
    equal(brief.expire(5), 1, 'tuples freed at once');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-each-its-own',
    title: 'each tuple waits from its own beginning',
    clause,
    why: 'one timer for all would free the latest too early or the first too late',
    group,
  },
  (make) => {
    const table = make();
    const remotes = [51000, 51001, 51002, 51003].map((port) => `10.9.9.9:${port}`);
    for (const remote of remotes) table.establish(7, tuple('10.0.0.1:80', remote));
    // Closed in another order than they were opened in, two of them at the same moment.
    [2, 0, 3, 1].forEach((i, order) => {
      table.timeWait(tuple('10.0.0.1:80', remotes[i]!), [100, 200, 200, 300][order]!);
    });
    equal(table.expire(60_100), 1, 'tuples freed at 60.1 s');
    verdict(table, ['10.0.0.1:80', remotes[2]!], 'RST', 'the one that was closed first');
    verdict(table, ['10.0.0.1:80', remotes[0]!], 'TIME_WAIT', 'one that was closed second');
    equal(table.expire(60_200), 2, 'tuples freed at 60.2 s');
    verdict(table, ['10.0.0.1:80', remotes[1]!], 'TIME_WAIT', 'the one that was closed last');
    equal(table.expire(1_000_000), 1, 'tuples freed much later');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-is-not-removed',
    title: 'remove does not end TIME_WAIT',
    clause: 'RFC 1337 §3',
    why: 'a stray reset must not cut the wait short: RFC 1337 calls it assassination',
    group,
  },
  (make) => {
    const table = make();
    table.establish(7, connection());
    table.timeWait(connection(), 0);
    equal(table.remove(connection()), false, 'whether there was a connection to remove');
    verdict(table, [...ends], 'TIME_WAIT', 'a segment afterwards');
    equal(table.expire(60_000), 1, 'tuples freed when the time is over');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-not-prolonged',
    title: 'a tuple that waits already does not wait longer, nor twice',
    clause,
    why: 'counted twice, it would be freed twice: the second time under somebody’s new connection',
    group,
  },
  (make) => {
    const table = make();
    table.establish(7, connection());
    table.timeWait(connection(), 0);
    equal(table.timeWait(connection(), 30_000), false, 'whether there was a connection the second time');
    equal(table.expire(60_000), 1, 'tuples freed 60 s after the first time');
    table.establish(8, connection());
    equal(table.expire(90_000), 0, 'tuples freed 60 s after the second time');
    verdict(table, [...ends], 8, 'a segment of the new connection');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-of-nothing',
    title: 'there is no TIME_WAIT without a connection',
    clause: 'statement: timeWait',
    why: 'a tuple that was never connected, or is no more, must not become taken',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '10.0.0.1:80');
    equal(table.timeWait(connection(), 0), false, 'whether there was a connection');
    verdict(table, [...ends], 3, 'a segment: the listener is no connection');
    table.establish(7, connection());
    table.remove(connection());
    equal(table.timeWait(connection(), 0), false, 'whether there was one after its removal');
    equal(table.expire(100_000), 0, 'tuples freed');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-holds-port',
    title: 'the port can be bound when the last tuple has waited long enough',
    clause: 'socket(7) SO_REUSEADDR',
    why: 'a server without reuseAddress can start again after a minute, and not never',
    group,
  },
  (make) => {
    const table = make();
    listenAt(table, 3, '10.0.0.1:80');
    table.establish(7, connection());
    table.establish(8, tuple('10.0.0.1:80', '10.9.9.9:51001'));
    table.unbind(3);
    table.timeWait(connection(), 0);
    table.timeWait(tuple('10.0.0.1:80', '10.9.9.9:51001'), 10_000);
    refuses(() => listenAt(table, 4, '10.0.0.1:80'), 'EADDRINUSE', 'a restart at once');
    table.expire(60_000);
    refuses(() => listenAt(table, 4, '10.0.0.1:80'), 'EADDRINUSE', 'a restart while one of the two waits');
    table.expire(70_000);
    listenAt(table, 4, '10.0.0.1:80');
    verdict(table, [...ends], 4, 'a segment after the restart');
  },
);

demuxCase(
  {
    id: 'demux-time-wait-frees-socket',
    title: 'the socket number is free at once: TIME_WAIT is about the tuple',
    clause: 'tcp(7)',
    why: 'a descriptor is closed and given to the next file; only the tuple must wait',
    group,
  },
  (make) => {
    const table = make();
    table.establish(7, connection());
    table.timeWait(connection(), 0);
    table.establish(7, tuple('10.0.0.1:80', '10.8.8.8:51000'));
    verdict(table, [...ends], 'TIME_WAIT', 'a late segment of the old connection');
    table.expire(60_000);
    verdict(table, ['10.0.0.1:80', '10.8.8.8:51000'], 7, 'a segment of the new connection of socket 7');
  },
);
