/**
 * Packets as a pcapng file: draft-ietf-opsawg-pcapng, link type 1 (Ethernet), made-up Ethernet headers, IP and TCP
 * headers with right lengths and checksums. Pure: packets in, bytes out.
 */

/** RFC 9293 §3.1. */
export const FLAGS = { FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10 } as const;

export interface End {
  /** `127.0.0.1` or `::1`. */
  host: string;
  port: number;
}

export interface Packet {
  /** Since the epoch. */
  ms: number;
  from: End;
  to: End;
  flags: number;
  seq: number;
  ack: number;
  data: Uint8Array;
  comment?: string;
}

export function pcapng(packets: Iterable<Packet>): Buffer {
  const blocks = [sectionHeader(), interfaceDescription()];
  for (const packet of packets) blocks.push(enhancedPacket(packet));
  return Buffer.concat(blocks);
}

/** Section 4.1: byte-order magic, version 1.0, section length unknown. */
function sectionHeader(): Buffer {
  const body = Buffer.alloc(16, 0xff);
  body.writeUInt32LE(0x1a2b3c4d, 0);
  body.writeUInt16LE(1, 4);
  body.writeUInt16LE(0, 6);
  return block(0x0a0d0d0a, body);
}

/** Section 4.2: Ethernet, no limit to the length of a packet; timestamps are in microseconds by default. */
function interfaceDescription(): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(1, 0);
  return block(1, body);
}

/** Section 4.3. */
function enhancedPacket(packet: Packet): Buffer {
  const data = ethernet(packet);
  const head = Buffer.alloc(20);
  const micros = BigInt(Math.round(packet.ms * 1000));
  head.writeUInt32LE(Number(micros >> 32n), 4);
  head.writeUInt32LE(Number(micros & 0xffff_ffffn), 8);
  head.writeUInt32LE(data.length, 12);
  head.writeUInt32LE(data.length, 16);
  const comment = packet.comment === undefined ? [] : [option(1, Buffer.from(packet.comment)), option(0)];
  return block(6, Buffer.concat([head, padded(data), ...comment]));
}

/** Section 3.1: type and total length around a body of whole words. */
function block(type: number, body: Buffer): Buffer {
  const out = Buffer.alloc(body.length + 12);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(out.length, 4);
  body.copy(out, 8);
  out.writeUInt32LE(out.length, out.length - 4);
  return out;
}

/** Section 3.5: 0 ends the options, 1 is a comment. */
function option(code: number, value = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
}

/** Locally administered addresses that nobody has. */
const MAC = Buffer.from('020000000002020000000001', 'hex');

function ethernet(packet: Packet): Buffer {
  const v6 = packet.from.host.includes(':');
  const type = Buffer.from(v6 ? '86dd' : '0800', 'hex');
  return Buffer.concat([MAC, type, v6 ? ipv6(packet) : ipv4(packet)]);
}

/** RFC 791 §3.1. */
function ipv4(packet: Packet): Buffer {
  const segment = tcp(packet);
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + segment.length, 2);
  head.writeUInt16BE(0x4000, 6); // don't fragment
  head[8] = 64;
  head[9] = 6;
  address(packet.from).copy(head, 12);
  address(packet.to).copy(head, 16);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, segment]);
}

/** RFC 8200 §3. */
function ipv6(packet: Packet): Buffer {
  const segment = tcp(packet);
  const head = Buffer.alloc(8);
  head[0] = 0x60;
  head.writeUInt16BE(segment.length, 4);
  head[6] = 6;
  head[7] = 64;
  return Buffer.concat([head, address(packet.from), address(packet.to), segment]);
}

/** RFC 9293 §3.1, without options. */
function tcp({ from, to, seq, ack, flags, data }: Packet): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt16BE(from.port, 0);
  head.writeUInt16BE(to.port, 2);
  head.writeUInt32BE(seq % 2 ** 32, 4);
  head.writeUInt32BE(ack % 2 ** 32, 8);
  head[12] = 5 << 4;
  head[13] = flags;
  head.writeUInt16BE(0xffff, 14);
  const segment = Buffer.concat([head, data]);
  // The pseudo-header of IPv4 and that of IPv6 (RFC 8200 §8.1) add up to the same sum.
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(segment.length, 0);
  pseudo[7] = 6;
  segment.writeUInt16BE(checksum(Buffer.concat([address(from), address(to), pseudo, segment])), 16);
  return segment;
}

function address({ host }: End): Buffer {
  return host.includes(':') ? addressV6(host) : Buffer.from(host.split('.').map(Number));
}

/** RFC 4291 §2.2, without embedded IPv4: what `socket.localAddress` gives on loopback. */
function addressV6(host: string): Buffer {
  const [before = '', after = ''] = host.split('::');
  const words = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [head, tail] = [words(before), words(after)];
  const out = Buffer.alloc(16);
  for (const [i, word] of head.entries()) out.writeUInt16BE(word, i * 2);
  for (const [i, word] of tail.entries()) out.writeUInt16BE(word, 16 - (tail.length - i) * 2);
  return out;
}

/** RFC 1071. */
function checksum(data: Buffer): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += (data[i]! << 8) + (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
