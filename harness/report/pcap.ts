/**
 * Transcripts as packets, for Wireshark and tshark.
 *
 * What was recorded is bytes at the two ends of connections, not packets. The handshake, the sequence numbers and the
 * acknowledgements are made up here so that they add up; addresses, bytes and times are the real ones. Where both
 * ends of a connection were recorded, what each sent is taken; where one was, what it sent and got. Bytes that were
 * fed to a subject without a socket get a connection of documentation addresses (RFC 5737).
 *
 * Three things bend to Wireshark, which knows a protocol by its port or by a first segment that looks like it:
 * - the server's port is written as 80 if HTTP is spoken; the real one is in the comment of the first packet;
 * - HTTP/2's connection preface is one segment, though it may have been dripped;
 * - a server's frames that were sent before it come after it.
 * A connection of HTTP/2 that has no preface needs `-d tcp.port==80,http2`; the comment says so.
 *
 * Pure: entries in, bytes out.
 */
import { PREFACE } from '../kit/decode/http2.ts';
import type { TranscriptEntry } from '../kit/failure.ts';
import { CUT } from '../kit/transcript.ts';
import { type End, FLAGS, type Packet, pcapng } from './pcapng.ts';

export interface Exchange {
  /** Becomes a comment on each connection's first packet. */
  title: string;
  entries: TranscriptEntry[];
}

/** Payload of one segment: what fits into an IP packet, in round numbers. */
const SEGMENT = 16_384;
/** Bytes that were not kept are a hole of this size in the sequence numbers. */
const HOLE = 1 << 20;
/** Ports that Wireshark takes for HTTP; more than one, since two servers may have had clients of the same port. */
const HTTP_PORTS = [80, 8080, 8088, 3128];

const { FIN, SYN, RST, PSH, ACK } = FLAGS;

/** One capture of several exchanges, a second apart; `epoch` is when the first began. */
export function captureOf(exchanges: Exchange[], epoch = 0): Buffer {
  const packets: Packet[] = [];
  for (const { title, entries } of exchanges) {
    const start = packets.length === 0 ? epoch : packets.at(-1)!.ms + 1000;
    const conversations = conversationsOf(entries);
    const exchange = conversations.flatMap((conversation) => packetsOf(conversation, title, start));
    // Stable: what happened in the same moment stays in the order of its conversation.
    packets.push(...exchange.sort((a, b) => a.ms - b.ms));
  }
  return pcapng(packets);
}

/** What one side of a connection did at a moment. */
interface Act {
  by: 'client' | 'server';
  ms: number;
  flags: number;
  data: Buffer;
  /** Bytes that moved but were not kept. */
  missing: number;
}

interface Conversation {
  client: End;
  server: End;
  /** The server's port in the capture. */
  port: number;
  http2: boolean;
  acts: Act[];
}

function conversationsOf(entries: TranscriptEntry[]): Conversation[] {
  const found = new Map<string, Conversation>();
  const recorded = new Set(entries.map(({ local }) => local));
  for (const entry of entries) {
    if (entry.what === CUT) {
      for (const { acts } of found.values()) acts.push(hole('client', acts), hole('server', acts));
    }
    const ends = endsOf(entry);
    if (!ends) continue;
    const key = ends.map(show).sort().join(' ');
    const conversation = found.get(key) ?? begin(ends, entries, [...found.values()]);
    found.set(key, conversation);
    const act = actOf(entry, conversation, recorded);
    if (act) conversation.acts.push(act);
  }
  return [...found.values()];
}

function hole(by: Act['by'], acts: Act[]): Act {
  return { by, ms: acts.at(-1)?.ms ?? 0, flags: 0, data: Buffer.alloc(0), missing: HOLE };
}

function begin([local, remote]: Ends, entries: TranscriptEntry[], others: Conversation[]): Conversation {
  const here = [show(local), show(remote)];
  const mine = entries.filter(
    (e) => e.local === undefined || (here.includes(e.local) && here.includes(e.remote ?? '')),
  );
  const accepted = mine.find(({ what }) => what === 'accepted')?.local;
  const [client, server] = accepted === show(local) ? [remote, local] : [local, remote];
  const protocol = mine.find((entry) => entry.protocol)?.protocol;
  const taken = others.filter((other) => show(other.client) === show(client)).map(({ port }) => port);
  const free = HTTP_PORTS.find((port) => !taken.includes(port));
  return { client, server, port: (protocol && free) ?? server.port, http2: protocol === 'http2', acts: [] };
}

/** The acting side first. */
type Ends = [local: End, remote: End];

/** Where an entry happened; `undefined` for what has nothing to do with a connection. */
function endsOf({ what, hex, local, remote }: TranscriptEntry): Ends | undefined {
  if (local !== undefined && remote !== undefined) return [parse(local), parse(remote)];
  if (what !== 'sent' || hex === undefined) return undefined;
  return [
    { host: '192.0.2.1', port: 49152 },
    { host: '198.51.100.1', port: 50000 },
  ];
}

/** What an entry looks like on the wire; most are one segment, some are none. */
const WIRE: Record<string, { own: boolean; flags: number }> = {
  sent: { own: true, flags: PSH | ACK },
  ended: { own: true, flags: FIN | ACK },
  reset: { own: true, flags: RST | ACK },
  got: { own: false, flags: PSH | ACK },
  'got end': { own: false, flags: FIN | ACK },
  'got reset': { own: false, flags: RST | ACK },
};

function actOf(entry: TranscriptEntry, { client }: Conversation, recorded: Set<string | undefined>): Act | undefined {
  const wire = WIRE[entry.what];
  // What arrived was sent by the other side; if that one was recorded too, it has said so itself.
  if (!wire || (!wire.own && recorded.has(entry.remote))) return undefined;
  const byClient = entry.local === undefined || entry.local === show(client);
  const data = Buffer.from(entry.hex ?? '', 'hex');
  const missing = (entry.length ?? data.length) - data.length;
  return { by: byClient === wire.own ? 'client' : 'server', ms: entry.ms ?? 0, flags: wire.flags, data, missing };
}

function packetsOf(conversation: Conversation, title: string, start: number): Packet[] {
  const { client, server, port } = conversation;
  const ends = { client, server: { ...server, port } };
  const next = { client: 1000, server: 5000 };
  const packets: Packet[] = [];
  const add = (by: Act['by'], flags: number, ms: number, data: Uint8Array = Buffer.alloc(0)): void => {
    const other = by === 'client' ? 'server' : 'client';
    // Preface first may have reordered; a capture's clock does not go back.
    const at = Math.max(start + ms, packets.at(-1)?.ms ?? start);
    const ack = flags & ACK ? next[other] : 0;
    packets.push({ ms: at, from: ends[by], to: ends[other], flags, seq: next[by], ack, data });
    // SYN and FIN count as one in the sequence (RFC 9293 §3.4).
    next[by] += data.length + (flags & (SYN | FIN) ? 1 : 0);
  };
  const acts = conversation.http2 ? prefaceFirst(conversation.acts) : conversation.acts;
  const begun = conversation.acts[0]?.ms ?? 0;
  add('client', SYN, begun);
  add('server', SYN | ACK, begun);
  add('client', ACK, begun);
  const known = !conversation.http2 || acts !== conversation.acts;
  packets[0]!.comment = `${title}: ${show(client)} → ${show(server)}${known ? '' : `; open with -d tcp.port==${port},http2`}`;
  for (const { by, ms, flags, data, missing } of acts) {
    for (let at = 0; at < data.length; at += SEGMENT) add(by, flags, ms, data.subarray(at, at + SEGMENT));
    if (data.length === 0 && flags !== 0) add(by, flags, ms);
    next[by] += missing;
  }
  return packets;
}

/** Joins the client's first bytes until they hold the preface, and puts them first. The same list: there is none. */
function prefaceFirst(acts: Act[]): Act[] {
  let joined = Buffer.alloc(0);
  for (const [i, act] of acts.entries()) {
    if (act.by !== 'client') continue;
    joined = Buffer.concat([joined, act.data]);
    if (!joined.subarray(0, PREFACE.length).equals(PREFACE.subarray(0, joined.length))) return acts;
    if (joined.length < PREFACE.length) continue;
    const before = acts.slice(0, i).filter(({ by }) => by === 'server');
    return [{ ...act, data: joined }, ...before, ...acts.slice(i + 1)];
  }
  return acts;
}

function parse(address: string): End {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return { host, port: Number(port) };
}

function show({ host, port }: End): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
