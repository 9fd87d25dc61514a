/** Known-wrong demultiplexers: small edits of the reference, most of them bugs that somebody has shipped. */
import type { WrongEdit } from '../../kit/wrong.ts';

export default [
  {
    id: 'remote-port-forgotten',
    bug: 'the remote port is no part of the key: two tabs of one browser share a connection',
    caughtBy: 'demux-differs-in-remote-port',
    find: 'this.#key[2 * width] = (localPort << 16) | remotePort;',
    replace: 'this.#key[2 * width] = localPort << 16;',
  },
  {
    id: 'ports-overlap',
    bug: 'the local port is shifted by 8 bits instead of 16: the ports run into each other',
    caughtBy: 'demux-high-ports',
    find: 'this.#key[2 * width] = (localPort << 16) | remotePort;',
    replace: 'this.#key[2 * width] = (localPort << 8) ^ remotePort;',
  },
  {
    id: 'both-directions',
    bug: 'if nothing is found the ends are swapped, as in a connection tracker: the client’s segments reach the server twice',
    caughtBy: 'demux-ends-are-not-swapped',
    find: "    if (row === MISSING) return this.#listenerFor(flows, tuple.localPort) ?? 'RST'; // RFC 9293 §3.10.7.1",
    replace: `    if (row === MISSING) {
      const { localAddress, localPort, remoteAddress, remotePort } = tuple;
      this.#read({ localAddress: remoteAddress, localPort: remotePort, remoteAddress: localAddress, remotePort: localPort });
      const back = flows.find(this.#key);
      if (back !== MISSING) return flows.socketAt(back);
      this.#read(tuple);
      return this.#listenerFor(flows, tuple.localPort) ?? 'RST';
    }`,
  },
  {
    id: 'listener-first',
    bug: 'listeners are asked before connections: every segment looks like a new client',
    caughtBy: 'demux-connection-before-listener',
    find: "    if (row === MISSING) return this.#listenerFor(flows, tuple.localPort) ?? 'RST'; // RFC 9293 §3.10.7.1",
    replace: `    const listener = this.#listenerFor(flows, tuple.localPort);
    if (listener !== undefined || row === MISSING) return listener ?? 'RST';`,
  },
  {
    id: 'wildcard-first',
    bug: 'the wildcard listener is asked before the one at the exact address',
    caughtBy: 'demux-specific-earlier',
    find: 'const exact = pick(endpoints.get(addressId(this.#key, flows.addressWords))?.listeners, hash);',
    replace:
      'const exact = pick((endpoints.get(ANY4) ?? endpoints.get(addressId(this.#key, flows.addressWords)))?.listeners, hash);',
  },
  {
    id: 'socket-zero-is-false',
    bug: '`if (exact)`: socket 0 counts as none',
    caughtBy: 'demux-socket-zero',
    find: 'if (exact !== undefined) return exact;',
    replace: 'if (exact) return exact;',
  },
  {
    id: 'bound-receives',
    bug: 'a socket receives as soon as it is bound',
    caughtBy: 'demux-bound-is-not-listening',
    find: '    this.#endpoint(binding.port, binding.address).bound.push(binding);',
    replace: `    this.#endpoint(binding.port, binding.address).bound.push(binding);
    binding.listening = true;
    this.#endpoint(binding.port, binding.address).refresh();`,
  },
  {
    id: 'duplicate-replaces',
    bug: 'a second connection with the same tuple takes the place of the first',
    caughtBy: 'demux-duplicate-tuple',
    find: "if (flows.find(this.#key) !== MISSING) throw demuxError('EADDRINUSE', 'the tuple is in use');",
    replace: 'if (flows.find(this.#key) !== MISSING) this.remove({ ...tuple, localPort: port });',
  },
  {
    id: 'hole-ends-search',
    bug: 'a removed entry leaves a hole in its chain, and what lies behind it is never found again',
    caughtBy: 'demux-removal-leaves-others',
    find: '      this.#copy(rows, next, hole);\n      hole = next;',
    replace: '      break;',
  },
  {
    id: 'chain-round-the-end',
    bug: 'the places of a chain are compared as numbers, also where the chain runs round the end of the memory',
    caughtBy: 'demux-removal-small-tables',
    find: 'if (hole < next ? hole < home && home <= next : hole < home || home <= next) continue;',
    replace: 'if (hole < home && home <= next) continue;',
  },
  {
    id: 'grows-in-place',
    bug: 'when the table grows the entries keep the places they had under the old mask',
    caughtBy: 'demux-ten-thousand',
    find: 'this.#copy(old, row, this.#freeRow(old, row));',
    replace: 'this.#copy(old, row, row);',
  },
  {
    id: 'signed-hash',
    bug: 'the hash is a signed number: half of the clients are dealt to a listener of negative index',
    caughtBy: 'demux-group-only-members',
    find: '    return hash >>> 0;\n  }',
    replace: '    return hash;\n  }',
  },
  {
    id: 'unseeded-xor',
    bug: 'the hash is the ^ of all words, well mixed afterwards: an attacker fills one chain',
    caughtBy: 'demux-chosen-xor',
    find: '    const random = this.#random;\n',
    replace: `    const random = this.#random;
    let folded = random[0]!;
    for (let i = 0; i < this.keyWords; i++) folded ^= words[at + i]!;
    folded = Math.imul(folded ^ (folded >>> 16), 0x85ebca6b);
    if (this.keyWords > 0) return (folded ^ (folded >>> 13)) >>> 0;
`,
  },
  {
    id: 'unseeded-fnv',
    bug: 'the hash is FNV-1a: fast, well spread, public',
    caughtBy: 'demux-chosen-fnv',
    find: '    const random = this.#random;\n',
    replace: `    const random = this.#random;
    if (this.keyWords === 3) {
      const ports = words[at + 2]!;
      const bytes = [words[at]! >>> 24, words[at]! >>> 16, words[at]! >>> 8, words[at]!, ports >>> 24, ports >>> 16];
      bytes.push(words[at + 1]! >>> 24, words[at + 1]! >>> 16, words[at + 1]! >>> 8, words[at + 1]!, ports >>> 8, ports);
      return bytes.reduce((hash, byte) => Math.imul(hash ^ (byte & 255), 0x01000193), 0x811c9dc5) >>> 0;
    }
`,
  },
  {
    id: 'time-wait-is-gone',
    bug: 'a tuple in TIME_WAIT goes to the listener: an old duplicate opens a new connection',
    caughtBy: 'demux-time-wait-verdict',
    find: "return socket === TIME_WAIT ? 'TIME_WAIT' : socket;",
    replace: "return socket === TIME_WAIT ? (this.#listenerFor(flows, tuple.localPort) ?? 'RST') : socket;",
  },
  {
    id: 'time-wait-too-long',
    bug: '`>=` where `>` is right: TIME_WAIT lasts one tick longer',
    caughtBy: 'demux-time-wait-ends',
    find: 'if (until > now) break;',
    replace: 'if (until >= now) break;',
  },
  {
    id: 'time-wait-assassinated',
    bug: 'remove ends TIME_WAIT (RFC 1337)',
    caughtBy: 'demux-time-wait-is-not-removed',
    find: '    if (row === MISSING || flows.socketAt(row) === TIME_WAIT) return false;\n    this.#forget(',
    replace: '    if (row === MISSING) return false;\n    this.#forget(',
  },
  {
    id: 'time-wait-twice',
    bug: 'a tuple that waits already is queued again: its second turn frees somebody’s new connection',
    caughtBy: 'demux-time-wait-not-prolonged',
    find: '    if (row === MISSING || flows.socketAt(row) === TIME_WAIT) return false;\n    flows.setSocketAt(',
    replace: '    if (row === MISSING) return false;\n    flows.setSocketAt(',
  },
  {
    id: 'expire-all-or-nothing',
    bug: 'when the oldest tuple has waited long enough, all are freed',
    caughtBy: 'demux-time-wait-each-its-own',
    find: 'if (until > now) break;',
    replace: 'if (until > now && freed === 0) break;',
  },
  {
    id: 'port-freed-with-listener',
    bug: 'when the listener goes its port counts as free, connections or not',
    caughtBy: 'demux-time-wait-holds-port',
    find: 'if (bound.length > 0 || flows.some((count) => count > 0)) return;',
    replace: 'if (bound.length > 0) return;',
  },
  {
    id: 'reuse-as-on-bsd',
    bug: 'reuseAddress shares with a listener, so that a second server starts beside the first',
    caughtBy: 'demux-reuse-beside-listener',
    find: 'return (both & REUSE_PORT) !== 0 || ((both & REUSE_ADDRESS) !== 0 && !held.listening);',
    replace: 'return both !== 0;',
  },
  {
    id: 'reuse-of-newcomer-only',
    bug: 'only the newcomer must have asked to share: port hijacking',
    caughtBy: 'demux-reuse-beside-bound',
    find: 'const both = held.reuse & wanted.reuse;',
    replace: 'const both = wanted.reuse;',
  },
  {
    id: 'wildcard-conflict-missed',
    bug: 'only equal addresses collide: 0.0.0.0 can be bound beside 10.0.0.1',
    caughtBy: 'demux-bind-wildcard-after-specific',
    find: 'if (typeof a.address === typeof b.address) return isAny(a.address) || isAny(b.address);',
    replace: 'if (typeof a.address === typeof b.address) return false;',
  },
  {
    id: 'dual-stack-conflict-missed',
    bug: 'IPv4 and IPv6 are taken for separate spaces of ports',
    caughtBy: 'demux-bind-addresses',
    find: 'return isAny(six.address) && !six.ipv6Only; // `::` takes in all of IPv4 unless told not to',
    replace: 'return isAny(six.address) && six.ipv6Only && false;',
  },
  {
    id: 'ipv6-only-ignored',
    bug: 'a listener at :: receives IPv4 even with ipv6Only',
    caughtBy: 'demux-ipv6-only',
    find: '?? pick(endpoints.get(ANY6)?.dualStack, hash);',
    replace: '?? pick(endpoints.get(ANY6)?.listeners, hash);',
  },
  {
    id: 'mapped-by-its-end',
    bug: 'any address with ffff before its last four bytes is taken for IPv4-mapped',
    caughtBy: 'demux-almost-mapped',
    find: 'if (words[at] !== 0 || words[at + 1] !== 0 || words[at + 2] !== 0xffff) return 4;',
    replace: 'if ((words[at + 2]! & 0xffff) !== 0xffff) return 4;',
  },
  {
    id: 'mapped-not-unfolded',
    bug: 'an IPv4-mapped address is kept as IPv6: the segments of a dual-stack socket’s clients are reset',
    caughtBy: 'demux-mapped-is-ipv4',
    find: 'if (words[at] !== 0 || words[at + 1] !== 0 || words[at + 2] !== 0xffff) return 4;',
    replace: 'if (words[at] !== 0 || words[at + 1] !== 0 || words[at + 2] !== 0xffff || at >= 0) return 4;',
  },
  {
    id: 'second-listen-unasked',
    bug: 'listen does not look for conflicts: two sockets bound with reuseAddress both listen',
    caughtBy: 'demux-second-listen',
    find: '    if (this.#isTaken(binding)) throw',
    replace: '    if (binding.listening && this.#isTaken(binding)) throw',
  },
  {
    id: 'last-port-unused',
    bug: 'the last port of the range is never given out',
    caughtBy: 'demux-ephemeral-bounds',
    find: 'this.#portCount = lastPort - firstPort + 1;',
    replace: 'this.#portCount = Math.max(1, lastPort - firstPort);',
  },
  {
    id: 'ports-are-global',
    bug: 'an ephemeral port serves one connection, whatever its destination: 28,232 for the whole host',
    caughtBy: 'demux-ephemeral-per-destination',
    find: 'if (flows.find(this.#key) !== MISSING) return false;',
    replace: 'if (this.#ports.has(port)) return false;',
  },
  {
    id: 'ports-count-up',
    bug: 'ephemeral ports are given out from the first one up: anybody can guess the next',
    caughtBy: 'demux-ephemeral-seed',
    find: 'const port = this.#firstPort + ((start + this.#tried++) % this.#portCount);',
    replace: 'const port = this.#firstPort + ((start * 0 + this.#tried++) % this.#portCount);',
  },
  {
    id: 'one-error-for-exhaustion',
    bug: 'connect says EADDRINUSE when no port is left, as bind does',
    caughtBy: 'demux-ephemeral-exhausted',
    find: "if (port === 0) throw demuxError('EADDRNOTAVAIL', 'no ephemeral port is free'); // connect(2)",
    replace: "if (port === 0) throw demuxError('EADDRINUSE', 'no ephemeral port is free');",
  },
  {
    id: 'group-by-turns',
    bug: 'clients are dealt to the listeners in turn: the second segment of a handshake meets another socket',
    caughtBy: 'demux-group-is-stable',
    find: 'return sockets?.[Math.floor((hash / 0x1_0000_0000) * sockets.length)];',
    replace: 'const first = sockets?.shift();\n  if (first !== undefined) sockets?.push(first);\n  return first;',
  },
  {
    id: 'group-by-port',
    bug: 'clients are dealt by their port alone: those behind one kind of NAT all meet the same worker',
    caughtBy: 'demux-group-is-even',
    find: '    const hash = flows.hash(this.#key, 0);\n    const exact',
    replace: '    const hash = (this.#key[flows.keyWords - 1]! << 16) >>> 0;\n    const exact',
  },
  {
    id: 'port-cut-to-16-bits',
    bug: 'the upper half of a port is cut off: 65616 is 80',
    caughtBy: 'demux-bad-port',
    find: 'if ((port & 0xffff) !== port) throw',
    replace: 'if (!Number.isInteger(port) || port < 0) throw',
  },
  {
    id: 'places-kept-for-ever',
    bug: 'a port at which nobody is any more keeps its empty Map: a hundred bytes for each port ever used',
    caughtBy: 'demux-churn-memory',
    find: 'if (endpoints.size === 0) this.#ports.delete(port);',
    replace: '',
  },
  {
    id: 'text-for-the-log',
    bug: 'each lookup makes a text of the tuple, for a log that is switched off',
    caughtBy: 'demux-lookup-rate',
    find: '  lookup(tuple: Tuple): Verdict {\n',
    replace: `  lookup(tuple: Tuple): Verdict {
    const line = JSON.stringify(tuple);
    if (line === 'log') throw new Error(line);
`,
  },
  {
    id: 'listeners-in-a-row',
    bug: 'the listeners are looked through one after the other',
    caughtBy: 'demux-listener-growth',
    find: '    const endpoints = this.#ports.get(port);\n    if (!endpoints) return undefined;\n',
    replace: `    const endpoints = [...this.#ports].find(([other]) => other === port)?.[1];
    if (!endpoints) return undefined;
`,
  },
  {
    id: 'waiting-sorted-anew',
    bug: 'expire sorts everything that waits at each call',
    caughtBy: 'demux-time-wait-growth',
    find: '    let freed = 0;\n',
    replace: '    this.#waiting.sort((a, b) => a.until - b.until);\n    let freed = 0;\n',
  },
] satisfies WrongEdit[];
